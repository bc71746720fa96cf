"""A flight enters the register: its track is kept as received, its number follows without a gap."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.clock import iso, now_us
from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.base.finding import Finding
from atalaya.base.hashing import sha256_file
from atalaya.campaign.registers import Registers
from atalaya.law.records.record import Record, Span
from atalaya.law.records.register import Draft, Register
from atalaya.law.records.sortie import Sortie, Status, read_sortie, sortie_id
from atalaya.law.records.stated import exactly
from atalaya.store.file_lock import locked
from atalaya.store.record_store import open_record_store
from atalaya.store.workspace import Workspace

if TYPE_CHECKING:
    from atalaya.earth.track import Track


SILENCE_S = 3 * 3600.0
"""A silence longer than this ends a flight."""

A_DAY_US = 86_400_000_000


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


@dataclass(frozen=True, slots=True)
class Recorded:
    """A flight in the register: its row, whether it was there before, and what its reader should know."""

    record: Record
    known: bool
    findings: tuple[Finding, ...] = ()


def record_flights(
    registers: Registers,
    source: Path,
    new: NewSortie,
    aircraft: str | None = None,
    *,
    silence_s: float = SILENCE_S,
) -> list[Recorded]:
    """Record the flights in a file of one aircraft's track, cut where it is silent for long.

    The same flight recorded twice is one. Several processes may record at the same time.

    Args:
        aircraft: which one, where the file holds several.
        silence_s: a longer silence ends a flight.

    Raises:
        BadInput: LED-010 several aircraft and none named; LED-011 its number is taken; LED-012 fewer than two
            fixes; LED-036 recorded before under another number or airframe; LED-037 it lies in the future;
            ACC-002 no fix can be believed; and what reading the file raises.
        NotFound: the file, or that aircraft in it.
    """
    sha256 = sha256_file(source)
    whole = one_track(source, aircraft)
    parts = [part for part in whole.split(silence_s) if len(part) > 1]
    if not parts:
        raise BadInput("LED-012", where=str(source))
    for part in parts:
        _refuse_unbelievable(part, source)
    names = _track_names(sha256, aircraft, parts)
    made = []
    with locked(registers.workspace.root / "ledger.lock"):
        register = registers.register()
        number = new.number or next_number(register, new.airframe)
        for name, part in zip(names, parts, strict=True):
            known = _known(register, name, new, number if new.number else None, str(source))
            if known is None:
                known = _append(registers, source, sha256, part, replace(new, number=number), name)
                made.append(Recorded(known, False, whole.findings if name == names[0] else ()))
                number += 1
            else:
                made.append(Recorded(known, True))
    return made


def _append(
    registers: Registers, source: Path, sha256: str, track: "Track", new: NewSortie, name: str
) -> Record:
    number = new.number or 0
    body: dict[str, Any] = {
        "airframe": new.airframe,
        "number": number,
        "operator_state": new.operator_state,
        "sensors": list(new.sensors),
        "purpose": new.purpose,
        "call_sign": new.call_sign or (track.callsigns[0] if track.callsigns else ""),
        "tracks": [name],
        "flight_s": (int(track.t_us[-1]) - int(track.t_us[0])) / 1e6,
    }
    if new.clips:
        body["clips"] = list(new.clips)
    if new.video_s is not None:
        body["video_s"] = new.video_s
    read_sortie(body, str(source))
    _refuse_taken(registers.register(), new.airframe, number, str(source))
    registers.workspace.keep(source, sha256, "tracks")
    span = Span(exactly(int(track.t_us[0])), exactly(int(track.t_us[-1])))
    record = Record(sortie_id(new.airframe, number), "sortie", body, span, evidence=sha256)
    return registers.append([Draft(record)])[0]


def _track_names(sha256: str, aircraft: str | None, parts: "Sequence[Track]") -> list[str]:
    """`<sha256>`, `<sha256>#<aircraft>`, and `@<first>-<last>` (microseconds) for one part of several."""
    name = sha256 if aircraft is None else f"{sha256}#{aircraft}"
    if len(parts) == 1:
        return [name]
    return [f"{name}@{int(part.t_us[0])}-{int(part.t_us[-1])}" for part in parts]


def _refuse_unbelievable(track: "Track", source: Path) -> None:
    from atalaya.earth.track import integrity_of

    if int(track.t_us[-1]) > now_us() + A_DAY_US:
        raise BadInput("LED-037", where=str(source), at=iso(int(track.t_us[-1])))
    if not integrity_of(track).credible.any():
        raise BadInput("ACC-002", where=str(source), aircraft=track.aircraft or source.name)


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
    """A track that was recorded, by the name that its sortie has it under.

    Raises:
        NotFound: LED-013; BadInput: LED-014, as `check_track`.
    """
    place, _, part = name.partition("@")
    track = one_track(check_track(workspace, name), place.partition("#")[2] or None)
    if not part:
        return track
    first_us, last_us = (int(edge) for edge in part.split("-"))
    rows = (track.t_us >= first_us) & (track.t_us <= last_us)
    return track.rows(slice(int(rows.argmax()), int(len(rows) - rows[::-1].argmax())))


def check_track(workspace: Workspace, name: str) -> Path:
    """Where a recorded track lies; it must be there, byte for byte.

    Raises:
        NotFound: LED-013, the file is not in the workspace any more.
        BadInput: LED-014, it is not the file that was recorded.
    """
    sha256 = name.partition("@")[0].partition("#")[0]
    path = workspace.root / "tracks" / sha256
    if not path.is_file():
        raise NotFound("LED-013", where=str(path))
    if sha256_file(path) != sha256:
        raise BadInput("LED-014", where=str(path))
    return path


def check_tracks(root: Path) -> tuple[int, list[AtalayaError]]:
    """Hold the track of every sortie on record against its hash: how many agree, and what is wrong."""
    ledger = root / "ledger.sqlite"
    if not ledger.exists():
        return 0, []
    with open_record_store(ledger) as store:
        sorties = sorties_of(store.register())
    agree, wrong = 0, []
    for _, sortie in sorties:
        for name in sortie.tracks:
            try:
                check_track(Workspace(root), name)
                agree += 1
            except AtalayaError as error:
                wrong.append(error)
    return agree, wrong


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


def _known(register: Register, name: str, new: NewSortie, number: int | None, where: str) -> Record | None:
    """The sortie that has this track already; under another airframe or number it is refused."""
    for row, sortie in sorties_of(register):
        if name in sortie.tracks:
            if sortie.airframe != new.airframe or (number is not None and sortie.number != number):
                raise BadInput("LED-036", where=where, record=row.id)
            return row
    return None


def _refuse_taken(register: Register, airframe: str, number: int, where: str) -> None:
    taken = [row for row, sortie in sorties_of(register, airframe) if sortie.number == number]
    if taken:
        raise BadInput("LED-011", where=where, number=number, airframe=airframe, record=taken[0].id)
