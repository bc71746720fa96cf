"""Whether a flight keeps its rules, on every leg: volumes in space and time, ground, fuel, ceiling, windows.

The path as flown, wind drift and turns included, is cut in pieces of at most 2 km; each piece is decided
exactly on a plane of its own (see `kernels`), so that nothing between two samples is missed. Stated error of
the
horizontal decision: 0.1 m beside an edge, 1 part in 10^5 of a distance up to 15 km, 1 in 10^4 at the widest
buffer (50 km). Ground is the highest post of each cell passed over.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.errors import DatumError
from atalaya.earth.surface import Surface
from atalaya.plan.airspace import kernels
from atalaya.plan.airspace.conflict import Conflict, ConflictTerm, Place
from atalaya.plan.airspace.ground import Underfoot, bounds_of, underfoot
from atalaya.plan.airspace.pieces import LONGEST_M, Pieces, pieces_of
from atalaya.plan.airspace.prepared import Prepared, prepared
from atalaya.plan.airspace.volume import Atmosphere, Volume, VolumeKind, of_kind
from atalaya.plan.flight.fuel import reserve_of
from atalaya.plan.flight.windows import Windows
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.plane import TangentPlane
from atalaya.sensing.platform import Platform

Floats = NDArray[np.float64]
Stretch = tuple[int, float, int, float]
"""First piece and share of it, last piece and share of it."""

OVER_GROUND_M = 500.0
"""Longest piece where a volume is measured from the ground: shorter ones bound the ground closer."""

RUNWAY_M = 1_000.0
CLIMB_OUT_SLOPE = 0.03
"""About take-off and landing the clearance asked for grows with this slope from the runway's end."""


def check_path(
    path: FlightPath,
    volumes: Sequence[Volume],
    terrain: Surface | None,
    platform: Platform,
    *,
    clearance_m: float = 100.0,
    windows: Windows | None = None,
    atmosphere: Atmosphere | None = None,
    runways: tuple[bool, bool] = (True, True),
) -> list[Conflict]:
    """Everything that stands against a flight path, leg by leg; empty where nothing does.

    Args:
        path: as `fly` gives it, or read from a file; rows are joined by geodesics.
        volumes: each instant must be outside every keep-out and, where there are keep-ins, inside at least
            one, buffers included.
        terrain: None checks no ground (and refuses volumes measured from it).
        platform: its ceiling, tank and reserve.
        clearance_m: over the ground.
        windows: the path must lie in them; None for no such rule.
        atmosphere: turns flight levels into heights.
        runways: whether the path starts and whether it ends on a runway, about which less clearance is asked
            for.

    Raises:
        DatumError: FLT-012, a volume's limits cannot be compared with the path.
    """
    ready = prepared(volumes, atmosphere)
    if ready.needs_ground and terrain is None:
        raise DatumError("FLT-012", where=_agl_names(volumes), datum="agl")
    pieces = pieces_of(path, OVER_GROUND_M if ready.needs_ground else LONGEST_M)
    under = underfoot(terrain, pieces) if terrain is not None else None
    found = [*_volumes(pieces, ready, under)]
    if under is not None:
        found += _terrain(pieces, under, clearance_m, runways)
    found += [*_fuel(path, platform), *_ceiling(path, platform), *_windows(path, windows)]
    return sorted(found, key=lambda conflict: (conflict.leg, conflict.start.t_us, conflict.term))


def _agl_names(volumes: Sequence[Volume]) -> str:
    return ", ".join(v.name for v in volumes if any(x and x.datum == "agl" for x in (v.floor, v.ceiling)))


def met(pieces: Pieces, ready: Prepared, under: Underfoot | None) -> Floats:
    """(k, 4) piece, volume (-1: outside every keep-in), from, to: where pieces do not keep the volumes."""
    start, end = pieces.ends_m
    ground = np.zeros((len(start), 2)) if under is None else bounds_of(under, len(start))
    found = np.empty((64, 4))
    while True:
        count = kernels.meetings(
            start, end, pieces.height_msl_m, pieces.geoid_m, ground, pieces.t_us, ready.edges, ready.first,
            ready.limits, ready.buffers, ready.valid, ready.valid_first, ready.kinds, ready.caps, ready.spans,
            found,
        )  # fmt: skip
        if count <= len(found):
            return found[:count]
        found = np.empty((count, 4))


def _volumes(pieces: Pieces, ready: Prepared, under: Underfoot | None) -> Iterator[Conflict]:
    if not ready.volumes:
        return
    found = met(pieces, ready, under)
    for volume in np.unique(found[:, 1]).astype(np.int64):
        rows = found[found[:, 1] == volume]
        for stretch in _joined(rows[:, 0].astype(np.int64), rows[:, 2], rows[:, 3], pieces.leg):
            yield _of_volume(pieces, ready, int(volume), stretch)


def _of_volume(pieces: Pieces, ready: Prepared, volume: int, stretch: Stretch) -> Conflict:
    start, end = Place(*pieces.at(*stretch[:2])), Place(*pieces.at(*stretch[2:]))
    leg = int(pieces.leg[stretch[0]])
    line_ll = np.array(
        [(start.lon_deg, start.lat_deg)]
        + [(pieces.lon_deg[k, 1], pieces.lat_deg[k, 1]) for k in range(stretch[0], stretch[2])]
        + [(end.lon_deg, end.lat_deg)]
    )
    plane = TangentPlane(float(line_ll[len(line_ll) // 2, 0]), float(line_ll[len(line_ll) // 2, 1]))
    line = plane.to_plane(line_ll[:, 0], line_ll[:, 1])
    if volume >= 0:
        one = ready.volumes[volume]
        return Conflict(
            ConflictTerm.KEEP_OUT,
            leg,
            one.name,
            start,
            end,
            _least_m(line, one.polygon_on(plane)),
            one.buffer_m,
        )
    keep_ins = of_kind(ready.volumes, VolumeKind.KEEP_IN)
    least = [-_least_m(line, one.polygon_on(plane), greatest=True) for one in keep_ins]
    best = int(np.argmax(least))
    nearest = keep_ins[best]
    return Conflict(ConflictTerm.KEEP_IN, leg, nearest.name, start, end, least[best], nearest.buffer_m)


def _least_m(line: Floats, polygon: shapely.Polygon, *, greatest: bool = False) -> float:
    """Least (or greatest) signed distance of a line to a border, positive outside."""
    points = shapely.points(np.vstack((line, 0.5 * (line[:-1] + line[1:]))))
    signed = shapely.distance(points, polygon.boundary)
    signed = np.where(
        shapely.contains_xy(polygon, shapely.get_x(points), shapely.get_y(points)), -signed, signed
    )
    if greatest:
        return float(signed.max())
    outside = shapely.distance(shapely.LineString(line), polygon)
    return float(outside) if outside > 0.0 else float(min(signed.min(), 0.0))


def _joined(
    piece: NDArray[np.int64], start: Floats, end: Floats, leg: NDArray[np.int64]
) -> Iterator[Stretch]:
    """Stretches that follow each other on one leg made one. Rows in order of piece, then start."""
    first = 0
    for k in range(1, len(piece) + 1):
        if k < len(piece):
            same = piece[k] == piece[k - 1] and start[k] - end[k - 1] < 1e-6
            next_one = piece[k] == piece[k - 1] + 1 and end[k - 1] > 1.0 - 1e-6 and start[k] < 1e-6
            if (same or next_one) and leg[piece[k]] == leg[piece[first]]:
                continue
        yield int(piece[first]), float(start[first]), int(piece[k - 1]), float(end[k - 1])
        first = k


def asked_clearance_m(
    pieces: Pieces, under: Underfoot, clearance_m: float, runways: tuple[bool, bool]
) -> Floats:
    """(k,) clearance asked for over each stretch of ground; -inf over the runways of take-off and landing."""
    asked = np.full(len(under.piece), clearance_m)
    first, last = (end[under.piece] for end in pieces.ends_m)
    for base, runway in zip((pieces.ends_m[0][0], pieces.ends_m[1][-1]), runways, strict=True):
        if not runway:
            continue
        away = np.zeros(len(asked))
        for share in (under.start, under.end):
            away = np.maximum(away, np.linalg.norm(first + share[:, None] * (last - first) - base, axis=1))
        ramp = (away - RUNWAY_M) * CLIMB_OUT_SLOPE
        asked = np.minimum(asked, np.where(ramp > 0.0, ramp, -np.inf))
    return asked


def _terrain(
    pieces: Pieces, under: Underfoot, clearance_m: float, runways: tuple[bool, bool]
) -> Iterator[Conflict]:
    gap = clearance_of(pieces, under)
    asked = asked_clearance_m(pieces, under, clearance_m, runways)
    unknown = np.isnan(gap) & (asked > 0.0)
    for term, wrong in ((ConflictTerm.TERRAIN, gap < asked), (ConflictTerm.TERRAIN_UNKNOWN, unknown)):
        at = np.flatnonzero(wrong)
        if len(at) == 0:
            continue
        for stretch in _joined(under.piece[at], under.start[at], under.end[at], pieces.leg):
            start, end = Place(*pieces.at(*stretch[:2])), Place(*pieces.at(*stretch[2:]))
            part = at[(under.piece[at] >= stretch[0]) & (under.piece[at] <= stretch[2])]
            worst = part[np.argmin(np.nan_to_num(gap[part] - asked[part]))]
            least = float(np.nan_to_num(gap[worst]))
            yield Conflict(term, int(pieces.leg[stretch[0]]), "", start, end, least, float(asked[worst]))


def clearance_of(pieces: Pieces, under: Underfoot) -> Floats:
    """(k,) lowest height of the path over the highest ground of each stretch, metres; NaN where not known."""
    first, last = pieces.height_msl_m[under.piece].T
    lower = np.minimum(first + under.start * (last - first), first + under.end * (last - first))
    return np.asarray(lower - under.high_msl_m)


def _place(path: FlightPath, row: int) -> Place:
    return Place(
        int(path.t_us[row]), float(path.lon_deg[row]), float(path.lat_deg[row]), float(path.height_msl_m[row])
    )


def _fuel(path: FlightPath, platform: Platform) -> Iterator[Conflict]:
    reserve = reserve_of(platform.tank, float(path.fuel[0]))
    if path.fuel[-1] >= reserve:
        return
    row = int(np.argmax(path.fuel < reserve))
    yield Conflict(
        ConflictTerm.FUEL,
        int(path.waypoint[max(row - 1, 0)]),
        "",
        _place(path, row),
        _place(path, len(path.t_us) - 1),
        float(path.fuel[-1]),
        reserve,
        platform.tank.unit,
    )


def _ceiling(path: FlightPath, platform: Platform) -> Iterator[Conflict]:
    high = np.flatnonzero(path.height_msl_m > platform.ceiling_msl_m + 0.01)
    for leg in np.unique(path.waypoint[high]):
        rows = high[path.waypoint[high] == leg]
        most = float(path.height_msl_m[rows].max())
        start, end = _place(path, int(rows[0])), _place(path, int(rows[-1]))
        yield Conflict(ConflictTerm.CEILING, int(leg), "", start, end, most, platform.ceiling_msl_m)


def _windows(path: FlightPath, windows: Windows | None) -> Iterator[Conflict]:
    if windows is None:
        return
    for start_us, end_us in windows.gaps(int(path.t_us[0]), int(path.t_us[-1])):
        first = max(int(np.searchsorted(path.t_us, start_us, side="right")) - 1, 0)
        last = min(int(np.searchsorted(path.t_us, end_us, side="left")), len(path.t_us) - 1)
        seconds = (end_us - start_us) / 1e6
        yield Conflict(
            ConflictTerm.WINDOW, int(path.waypoint[first]), windows.name, _place(path, first), _place(path,
            last), seconds, 0.0, "s",
        )  # fmt: skip
