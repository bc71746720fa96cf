"""Write sorties into a file, read the file again, compare item for item; only then put it in its place."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from atalaya.base.errors import AtalayaError, Usage, VerificationFailed
from atalaya.base.finding import Finding, Severity
from atalaya.base.hashing import sha256_bytes
from atalaya.plan.exports.compare import EXACT, Difference, differences
from atalaya.plan.exports.fence import Fence, RallyPoint, checked_fence
from atalaya.plan.exports.flight_plan import FlightPlanFields, flight_plan_of
from atalaya.plan.exports.flight_plan_read import read_flight_plan
from atalaya.plan.exports.flight_plan_text import flight_plan_text
from atalaya.plan.exports.formats import FLIGHT_PLAN, MapFormat, MissionFormat, format_named
from atalaya.plan.exports.mission import Home, Mission, checked_rally
from atalaya.plan.exports.route import RouteFile, Swath, route_differences, route_of
from atalaya.plan.exports.sortie_mission import AS_PLANNED, MissionOptions, mission_of
from atalaya.plan.exports.source import read_limited
from atalaya.plan.exports.wpl import without_nan
from atalaya.plan.sortie import Sortie


class HasSorties(Protocol):
    """A plan: anything with sorties."""

    @property
    def sorties(self) -> Sequence[Sortie]:
        """The flights, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written and found equal when read again.

    Args:
        path, format, sha256: of the file.
        items: mission items, waypoints or route points in it.
        findings: what the format cannot carry and was left out, and other things to know.
    """

    path: Path
    format: str
    sha256: str
    items: int
    findings: tuple[Finding, ...] = ()


def export(
    what: Sortie | HasSorties | Iterable[Sortie],
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002  what everyone calls it
    home: Home | None = None,
    fence: Fence | None = None,
    rally: Sequence[RallyPoint] = (),
    options: MissionOptions = AS_PLANNED,
    swaths: Iterable[tuple[str, Swath]] = (),
    flight_plan: FlightPlanFields | None = None,
) -> Exported:
    """Write one sortie, or a whole plan where the format holds several, and prove the file.

    Args:
        what: the sortie or sorties.
        path: the file; an older one is replaced only when the new one was found equal.
        format: "plan", "wpl", "kml", "kmz", "geojson", "gpx", "csv", "cmasi", "fpl"; None goes by suffix.
        home, options: for missions, see `mission_of`.
        fence, rally: written where the format carries them, else named in `findings`.
        swaths: (id of sortie, area) for maps, see `corridors_of` and `sensor_swaths`.
        flight_plan: what an ICAO flight plan asks of the operator; needed for "fpl".

    Raises:
        Usage: XPT-008, unknown format; XPT-009, several sorties in a format of one; XPT-027, no flight plan
            fields.
        BadInput, DatumError: XPT-004, XPT-007, XPT-012, XPT-014, XPT-015, XPT-025: it cannot be put into
            this format.
        VerificationFailed: XPT-010, the file read again is not what was planned; nothing is left behind.
        AtalayaError: XPT-011, the disk does not take it.
    """
    path = Path(path)
    sorties = _sorties(what)
    chosen = format_named(path, format)
    wall = fence or Fence()
    if isinstance(chosen, MapFormat):
        areas = list(swaths)
        content = RouteFile(
            tuple(
                route_of(sortie, [area for name, area in areas if name == sortie.id]) for sortie in sorties
            ),
            checked_fence(wall, where=path.name),
            checked_rally(tuple(rally), where=path.name),
        )
        return _map(content, path, chosen)
    if len(sorties) != 1:
        name = FLIGHT_PLAN if chosen is None else chosen.name
        raise Usage("XPT-009", where=path.name, format=name, count=len(sorties))
    if chosen is None:
        return _flight_plan(sorties[0], path, flight_plan)
    mission = mission_of(sorties[0], home, fence=wall, rally=tuple(rally), options=options)
    return export_mission(mission, path, chosen)


def export_mission(mission: Mission, path: Path | str, chosen: MissionFormat | str = "plan") -> Exported:
    """Write a mission that is one already (a resumed one, one downloaded from a vehicle) and prove the file.

    Raises:
        as `export`.
    """
    path = Path(path)
    format_ = format_named(path, chosen) if isinstance(chosen, str) else chosen
    if not isinstance(format_, MissionFormat):
        raise Usage("XPT-008", where=path.name, given=str(chosen), known="plan, wpl")
    said = without_nan(mission) if format_.name == "wpl" else mission
    data = format_.write(said)
    found = format_.read(data, path.name)
    _prove(differences(said, found, tolerance=EXACT, parts=format_.parts), path)
    left = [("fence", bool(mission.fence)), ("rally", bool(mission.rally))]
    findings = _left_out(format_.name, [name for name, given in left if given and name not in format_.parts])
    return _put(data, path, format_.name, len(mission.items), findings)


def _map(content: RouteFile, path: Path, format_: MapFormat) -> Exported:
    data = format_.write(content)
    found = format_.read(data, path.name)
    _prove(route_differences(content, found, format_.carries, format_.tolerance), path)
    given = {
        "fence": bool(content.fence),
        "rally": bool(content.rally),
        "swaths": any(route.swaths for route in content.routes),
    }
    findings = _left_out(
        format_.name, [n for n, there in given.items() if there and n not in format_.carries]
    )
    points = sum(len(route.waypoints) for route in content.routes)
    return _put(data, path, format_.name, points, findings)


def _flight_plan(sortie: Sortie, path: Path, fields: FlightPlanFields | None) -> Exported:
    if fields is None:
        raise Usage("XPT-027", where=path.name)
    planned, findings = flight_plan_of(sortie, fields)
    text = flight_plan_text(planned)
    found = read_flight_plan(text, where=path.name)
    if found != planned:
        changed = next(
            Difference(name, getattr(planned, name), getattr(found, name))
            for name in planned.__dataclass_fields__
            if getattr(planned, name) != getattr(found, name)
        )
        _prove(iter((changed,)), path)
    return _put(text.encode("ascii"), path, FLIGHT_PLAN, len(planned.route), tuple(findings))


def _sorties(what: Sortie | HasSorties | Iterable[Sortie]) -> tuple[Sortie, ...]:
    if isinstance(what, Sortie):
        return (what,)
    return tuple(what if isinstance(what, Iterable) else what.sorties)


def _prove(found: Iterator[Difference], path: Path) -> None:
    """Raise for the first difference."""
    for difference in found:
        raise VerificationFailed(
            "XPT-010",
            where=path.name,
            place=difference.place,
            expected=str(difference.expected)[:80],
            found=str(difference.found)[:80],
        )


def _left_out(format_: str, names: Iterable[str]) -> tuple[Finding, ...]:
    return tuple(
        Finding("XPT-022", Severity.WARNING, 1, details={"format": format_, "what": name}) for name in names
    )


def _put(data: bytes, path: Path, format_: str, items: int, findings: tuple[Finding, ...]) -> Exported:
    """Put the proved bytes in place at once: a reader, or a kill, finds the old file or the new one whole."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if partial.read_bytes() != data:
            raise OSError("read back")
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise AtalayaError("XPT-011", where=str(path), detail=error.strerror or str(error)) from error
    named = tuple(replace(finding, where=finding.where or path.name) for finding in findings)
    return Exported(path, format_, sha256_bytes(data), items, named)


def read_mission(path: Path | str, format: str | None = None) -> Mission:  # noqa: A002
    """A mission from a file of ours or of others.

    Raises:
        NotFound: XPT-026. Usage: XPT-008, not a format of missions.
        BadInput, DatumError: as its reader says.
    """
    path = Path(path)
    chosen = format_named(path, format)
    if not isinstance(chosen, MissionFormat):
        raise Usage("XPT-008", where=path.name, given=format or path.suffix, known="plan, wpl")
    return chosen.read(read_limited(path), path.name)


def read_routes(path: Path | str, format: str | None = None) -> RouteFile:  # noqa: A002
    """Routes from a map format of ours or of others.

    Raises:
        NotFound: XPT-026. Usage: XPT-008, not a map format.
        BadInput, DatumError: as its reader says.
    """
    path = Path(path)
    chosen = format_named(path, format)
    if not isinstance(chosen, MapFormat):
        raise Usage("XPT-008", where=path.name, given=format or path.suffix, known="kml, geojson, gpx, csv")
    return chosen.read(read_limited(path), path.name)
