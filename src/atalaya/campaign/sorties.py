"""A flight enters the register: its track is kept as received, its number follows without a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.hashing import sha256_file
from atalaya.campaign.registers import Registers
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Draft, Register
from atalaya.law.records.sortie import Sortie, Status, read_sortie, sortie_id
from atalaya.law.records.stated import exactly
from atalaya.store.workspace import Workspace

if TYPE_CHECKING:
    from atalaya.earth.track import Track


@dataclass(frozen=True, slots=True)
class NewSortie:
    """What is known of a flight beside its track.

    Args:
        airframe: registration. number: None for the next of this airframe.
        operator_state: State that operates it, ISO 3166-1 alpha-3.
        sensors, purpose, call_sign: see `law.records.sortie.Sortie`.
        video_s: seconds of video recorded; None where not known.
        clips: SHA-256 of the recordings made on it.
    """

    airframe: str
    operator_state: str
    number: int | None = None
    sensors: tuple[str, ...] = ()
    purpose: str = ""
    call_sign: str = ""
    video_s: float | None = None
    clips: tuple[str, ...] = ()


def record_sortie(registers: Registers, source: Path, new: NewSortie, aircraft: str | None = None) -> Record:
    """Record one flight from the file of its track; the same file recorded twice is one flight.

    Args:
        aircraft: which one, where the file holds several.

    Raises:
        BadInput: LED-010 several aircraft and none named; LED-011 its number is taken; and what reading the
            file raises.
        NotFound: the file, or that aircraft in it.
    """
    track = one_track(source, aircraft)
    sha256 = sha256_file(source)
    number = new.number or next_number(registers.register(), new.airframe)
    body: dict[str, Any] = {
        "airframe": new.airframe,
        "number": number,
        "operator_state": new.operator_state,
        "sensors": list(new.sensors),
        "purpose": new.purpose,
        "call_sign": new.call_sign or (track.callsigns[0] if track.callsigns else ""),
        "tracks": [sha256 if aircraft is None else f"{sha256}#{aircraft}"],
        "flight_s": (int(track.t_us[-1]) - int(track.t_us[0])) / 1e6,
    }
    if new.clips:
        body["clips"] = list(new.clips)
    if new.video_s is not None:
        body["video_s"] = new.video_s
    read_sortie(body, str(source))
    known = _same(registers.register(), body)
    if known is not None:
        return known
    _refuse_taken(registers.register(), new.airframe, number, str(source))
    registers.workspace.keep(source, sha256, "tracks")
    span = Span(exactly(int(track.t_us[0])), exactly(int(track.t_us[-1])))
    record = Record(sortie_id(new.airframe, number), "sortie", body, span, evidence=sha256)
    return registers.append([Draft(record)])[0]


def one_track(source: Path, aircraft: str | None) -> "Track":
    """The one track of a file, or that of one aircraft in it.

    Raises:
        BadInput: LED-010, several aircraft and none named; LED-012, fewer than two fixes.
    """
    from atalaya.earth.track import read_tracks  # its readers cost a second to import

    tracks = read_tracks(source, aircraft=aircraft)
    if len(tracks) != 1:
        names = ", ".join(track.aircraft for track in tracks[:12])
        raise BadInput("LED-010", where=str(source), count=len(tracks), known=names)
    if len(tracks[0].t_us) < 2:
        raise BadInput("LED-012", where=str(source))
    return tracks[0]


def kept_track(workspace: Workspace, name: str) -> "Track":
    """A track that was recorded, by `<sha256>` or `<sha256>#<aircraft>`.

    Raises:
        NotFound: LED-013; BadInput: LED-014, as `check_track`.
    """
    return one_track(check_track(workspace, name), name.partition("#")[2] or None)


def check_track(workspace: Workspace, name: str) -> Path:
    """Where a recorded track lies; it must be there, byte for byte.

    Raises:
        NotFound: LED-013, the file is not in the workspace any more.
        BadInput: LED-014, it is not the file that was recorded.
    """
    sha256 = name.partition("#")[0]
    path = workspace.root / "tracks" / sha256
    if not path.is_file():
        raise NotFound("LED-013", where=str(path))
    if sha256_file(path) != sha256:
        raise BadInput("LED-014", where=str(path))
    return path


def next_number(register: Register, airframe: str) -> int:
    """The number after the highest of an airframe."""
    return max((sortie.number for _, sortie in sorties_of(register, airframe)), default=0) + 1


def sorties_of(
    register: Register, airframe: str | None = None, known_us: int | None = None
) -> list[tuple[Record, Sortie]]:
    """The sorties that stand, as known at an instant (default: now), by airframe and number."""
    at_us = register.last_recorded_us if known_us is None else known_us
    rows = [row for row in register.as_known(at_us, "sortie") if "withdrawn" not in row.body]
    found = [(row, read_sortie(row.body, row.id)) for row in rows]
    chosen = [pair for pair in found if airframe is None or pair[1].airframe == airframe]
    return sorted(chosen, key=lambda pair: (pair[1].airframe, pair[1].number, pair[0].row))


def flown(sorties: Sequence[tuple[Record, Sortie]]) -> list[tuple[Record, Sortie]]:
    """Those that took place."""
    return [pair for pair in sorties if pair[1].status is Status.FLOWN]


def _same(register: Register, body: dict[str, Any]) -> Record | None:
    for row, sortie in sorties_of(register, body["airframe"]):
        if set(sortie.tracks) & set(body["tracks"]):
            return row
    return None


def _refuse_taken(register: Register, airframe: str, number: int, where: str) -> None:
    taken = [row for row, sortie in sorties_of(register, airframe) if sortie.number == number]
    if taken:
        raise BadInput("LED-011", where=where, number=number, airframe=airframe, record=taken[0].id)
