"""Hypotheses: a value stopped and was sent on unchanged, while the others show that it moved.

Candidates are runs of exactly equal values, much longer than the usual hold of that column. A run is a freeze
when what the other columns require of the value moves far during it, and the residuals that do not depend on
the value stay quiet. A camera that stares, a hovering platform and a fixed mount also repeat values; there
the requirement does not move.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import boresight_ned, ecef_to_geodetic, geodetic_to_ecef, ned_basis
from atalaya.footage.audit.angles import angles_in
from atalaya.footage.audit.judge import independent, middle, spread
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import centre_from_sight, ground_level, residual, sight, wrapped
from atalaya.footage.audit.split import seconds
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]
Derive = Callable[[SensorTrack], SensorTrack]

_LEAST = (1.0, 0.5)
"""How far the required value must move, degrees at the sensor: angles and places, slant ranges (1 %)."""
_FEWEST, _LEAST_S, _HOLDS, _NOISES = 6, 2.0, 5.0, 10.0
_QUIET_DEG = 1.0

Run = tuple[int, int]
"""First and last row."""

_CENTRE, _SENSOR = ("centre_lon_deg", "centre_lat_deg"), ("sensor_lon_deg", "sensor_lat_deg")
_COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(name.split(", "))
    for name in (
        "rel_azimuth_deg",
        "heading_true_deg",
        "rel_elevation_deg",
        "slant_m",
        ", ".join(_CENTRE),
        ", ".join(_SENSOR),
        "rel_azimuth_deg, rel_elevation_deg",
        ", ".join((*_CENTRE, "slant_m")),
    )
}
"""What stops together, likelier first."""


@dataclass(frozen=True)
class Refill:
    """In runs of rows (first, last, inclusive) let the named columns follow from the others."""

    column: str
    runs: tuple[Run, ...]

    def apply(self, track: SensorTrack) -> SensorTrack:
        """The track with those rows computed from positions, angles and ranges; others untouched."""
        frozen = np.zeros(len(track), np.bool_)
        for first, last in self.runs:
            frozen[first : last + 1] = True
        rows = np.flatnonzero(frozen)
        changed = {}
        for name, value in _required(self.column, track.take(rows)).items():
            changed[name] = getattr(track, name).copy()
            changed[name][rows] = value
        return replace(track, **changed)


def find_frozen(stated: SensorTrack, derive: Derive) -> list[Proposal]:
    """The repair of each column that stopped.

    Args:
        stated: the record, whose repeated values count.
        derive: makes derived columns, earlier repairs applied, of some rows of it.
    """
    found: list[tuple[str, Run]] = []
    for column in _COLUMNS:
        for run in _runs(stated, column):
            near = np.arange(max(0, 2 * run[0] - run[1] - 1), min(len(stated), 2 * run[1] - run[0] + 2))
            if _stopped(derive(stated.take(near)), column, (run[0] - int(near[0]), run[1] - int(near[0]))):
                found.append((column, run))
    kept: dict[str, list[Run]] = {}
    for column, run in sorted(found, key=lambda one: one[1][1] - one[1][0]):  # the tightest run explains best
        if not any(run[0] <= last and first <= run[1] for runs in kept.values() for first, last in runs):
            kept.setdefault(column, []).append(run)
    return [_proposal(stated, derive, column, sorted(runs)) for column, runs in kept.items()]


def _proposal(stated: SensorTrack, derive: Derive, column: str, runs: list[Run]) -> Proposal:
    rows = np.concatenate([np.arange(first, last + 1) for first, last in runs])
    part = derive(stated.take(rows))
    before, after = residual(part), residual(Refill(column, ((0, len(rows) - 1),)).apply(part))
    clock = seconds(stated)
    lasted = sum(float(clock[last] - clock[first]) for first, last in runs)
    return Proposal(
        "AUD-060",
        Refill(column, tuple(runs)),
        {
            "column": column,
            "runs": len(runs),
            "rows": len(rows),
            "seconds": round(lasted, 2),
            "residual_before_deg": round(spread(before.off_deg), 5),
            "residual_after_deg": round(spread(after.off_deg), 5),
            "independent_samples": round(independent(before.off_deg), 1),
        },
        {"column": column, "seconds": f"{lasted:.1f}", "rows": len(rows)},
    )


def _runs(track: SensorTrack, column: str) -> list[Run]:
    """Runs of equal values far longer than the column's usual hold."""
    parts = [getattr(track, name) for name in _COLUMNS[column]]
    if len(track) < _FEWEST:
        return []
    same = np.logical_and.reduce([part[1:] == part[:-1] for part in parts])
    edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    holds = np.diff(np.concatenate(([0], np.flatnonzero(~same) + 1, [len(track)])))
    usual = float(np.median(holds)) if len(holds) > 2 else float(min(holds)) if len(holds) == 2 else 1.0
    clock = seconds(track)
    long = (ends - starts + 1 >= max(_FEWEST, _HOLDS * usual)) & (clock[ends] - clock[starts] >= _LEAST_S)
    return [(int(first), int(last)) for first, last in zip(starts[long], ends[long], strict=True)]


def _stopped(track: SensorTrack, column: str, run: tuple[int, int]) -> bool:
    """Whether the others show that the value moved during the run, and only it is to blame."""
    own, others = _channels(column, track.take(np.arange(run[0], run[1] + 1)))
    beside = _beside(track, run)
    calm_own, calm_others = _channels(column, track.take(beside)) if len(beside) >= _FEWEST else (None, [])
    if not _moved(own, _LEAST[column == "slant_m"], calm_own):
        return False
    usual = [middle(one) for one in calm_others] or [0.0] * len(others)
    if not all(_quiet(one - was) for one, was in zip(others, usual, strict=True)):
        return False
    return _heals(track, column, run) if _is_place(column) else True


def _is_place(column: str) -> bool:
    return _COLUMNS[column][:2] in (_CENTRE, _SENSOR)


def _channels(column: str, part: SensorTrack) -> tuple[Floats, list[Floats]]:
    """The residual that depends on a column, and those that do not, degrees."""
    left = residual(part)
    match column:
        case "rel_azimuth_deg":
            return left.across_deg, [left.along_deg, left.slant_deg]
        case "heading_true_deg":
            _, elevation, _ = angles_in(part, ("world", "world"))
            return left.across_deg, [elevation - sight(part).elevation_deg, left.slant_deg]
        case "rel_elevation_deg":
            return left.along_deg, [left.across_deg, left.slant_deg]
        case "slant_m":
            return left.slant_deg, [left.across_deg, left.along_deg]
        case "rel_azimuth_deg, rel_elevation_deg":
            return left.off_deg, [left.slant_deg]
    return left.off_deg, []


def _moved(values: Floats, least_deg: float, calm: Floats | None) -> bool:
    """Whether a residual wanders far within the run: well above its noise, beside it if possible."""
    known = values[np.isfinite(values)]
    if len(known) < _FEWEST:
        return False
    low, high = np.percentile(known, (5.0, 95.0))
    if calm is not None and np.isfinite(calm).sum() >= _FEWEST:
        return bool(high - low >= max(least_deg, _NOISES * spread(calm - middle(calm))))
    noise = spread(np.diff(known, 2)) / np.sqrt(6.0)
    return bool(high - low >= max(2.0 * least_deg, _NOISES * noise))


def _quiet(values: Floats) -> bool:
    """Whether a residual stays small in the run; one that is not known cannot disturb."""
    known = values[np.isfinite(values)]
    return len(known) == 0 or float(np.percentile(np.abs(known), 80.0)) <= _QUIET_DEG


def _beside(track: SensorTrack, run: tuple[int, int]) -> NDArray[np.intp]:
    """Rows before and after the run, as many as it has on either side."""
    count = run[1] - run[0] + 1
    before = np.arange(max(0, run[0] - count), run[0])
    return np.concatenate((before, np.arange(run[1] + 1, min(len(track), run[1] + 1 + count))))


def _heals(track: SensorTrack, column: str, run: tuple[int, int]) -> bool:
    """Whether the computed place joins the stated one at the ends of the run, still or again right there."""
    reach = middle(sight(track.take(np.arange(run[0], run[1] + 1))).range_m)
    values = _required(column, track)
    (name_lon, lon), (name_lat, lat) = list(values.items())[:2]
    metres = np.hypot(
        wrapped(lon - getattr(track, name_lon)) * np.cos(np.radians(getattr(track, name_lat))),
        lat - getattr(track, name_lat),
    ) * (np.pi / 180.0 * 6_378_137.0)
    span = max(3, (run[1] - run[0]) // 20)
    ends = []
    if run[0] > 0:
        ends.append(metres[run[0] : run[0] + 1])
    if run[1] < len(track) - 1:
        ends.append(metres[run[1] + 1 : run[1] + 1 + span])
    inside = metres[run[0] : run[1] + 1]
    away = float(np.nanmax(inside)) if np.isfinite(inside).any() else 0.0
    close = max(0.2 * away, np.radians(0.3) * reach)
    return bool(ends) and all(middle(end) <= close for end in ends)


def _required(column: str, track: SensorTrack) -> dict[str, Floats]:
    """What the other columns require of each column of a group, (n,) each."""
    names = _COLUMNS[column]
    if names[:2] == _CENTRE:
        lon, lat = centre_from_sight(track)
        moved = replace(track, centre_lon_deg=lon, centre_lat_deg=lat)
        places = {"centre_lon_deg": lon, "centre_lat_deg": lat}
        return {**places, "slant_m": sight(moved).range_m} if "slant_m" in names else places
    if names[:2] == _SENSOR:
        return dict(zip(_SENSOR, _sensor_from_sight(track), strict=True))
    line = sight(track)
    if names == ("heading_true_deg",):
        looked, _, _ = angles_in(track, ("world", "world"))
        return {"heading_true_deg": (track.heading_true_deg + line.bearing_deg - looked) % 360.0}
    every = {
        "rel_azimuth_deg": line.body_azimuth_deg,
        "rel_elevation_deg": line.body_elevation_deg,
        "slant_m": line.range_m,
    }
    return {name: every[name] for name in names}


def _sensor_from_sight(track: SensorTrack) -> tuple[Floats, Floats]:
    """Longitude and latitude from which the stated centre is seen along the stated direction.

    The distance is the slant range, else the one at which the line of sight falls from the sensor's height to
    the ground; the direction is taken in the frame of the stated place, which some kilometres hardly turn.
    """
    level = ground_level(track)
    centre = geodetic_to_ecef(track.centre_lon_deg, track.centre_lat_deg, level)
    look = boresight_ned(
        track.heading_true_deg,
        track.pitch_deg,
        track.roll_deg,
        track.rel_azimuth_deg,
        track.rel_elevation_deg,
    )
    ray = np.einsum("nij,nj->ni", ned_basis(track.sensor_lon_deg, track.sensor_lat_deg), look)
    with np.errstate(invalid="ignore", divide="ignore"):
        falling = np.where(look[:, 2] > 0.02, (track.sensor_height_m - level) / look[:, 2], np.nan)
    distance = np.where(np.isfinite(track.slant_m), track.slant_m, falling)
    lon, lat, _ = ecef_to_geodetic(centre - distance[:, None] * ray)
    return lon, lat
