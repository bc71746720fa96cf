"""The track an aircraft flies along way points: straight legs joined by turns begun before the corner."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.plan.search.problem import SearchSortie

Floats = NDArray[np.float64]

TURN_STEP_DEG = 10.0
"""A turn is shown as chords of at most this; chord and arc are 0.4 % of the radius apart at most."""


@dataclass(frozen=True, slots=True)
class FlownTrack:
    """The flown line as straight pieces.

    Args:
        x_m, y_m: (n,) float64, ends of the pieces; a turn's chords have their ends on its arc.
        t_s: (n,) float64, seconds since the start, by the wind triangle on each piece (on the arc's length).
        stretch: (n - 1,) float64, length of arc over length of chord; 1 on legs.
        turning: (n - 1,) bool, whether a piece belongs to a turn.
        waypoint: (n - 1,) int64, index of the way point whose leg or turn the piece is.
        overlap_m: how much the turns of the worst leg need beyond its length; at most 0 where all turns fit.
        outer: (m, 2) float64, corners of the tangent lines of the turns' chords: with the chords they enclose
            the arc.
    """

    x_m: Floats
    y_m: Floats
    t_s: Floats
    stretch: Floats
    turning: NDArray[np.bool_]
    waypoint: NDArray[np.int64]
    overlap_m: float
    outer: Floats


def ground_speed_ms(sortie: SearchSortie, east: Floats, north: Floats) -> Floats:
    """Ground speed along unit vectors: w_along + sqrt(v^2 - w_cross^2), the wind triangle."""
    we, wn = sortie.wind_ms
    along, cross = we * east + wn * north, we * north - wn * east
    return np.asarray(along + np.sqrt(sortie.airspeed_ms**2 - cross**2))


def corners(places: Floats, radius_m: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Unit vectors and lengths of the legs of (n, 2) way points; turn angles and tangent lengths (n,)."""
    step = np.diff(places, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    unit = step / np.where(length > 0, length, 1.0)[:, None]
    cos = (unit[:-1] * unit[1:]).sum(axis=1)
    sin = unit[:-1, 0] * unit[1:, 1] - unit[:-1, 1] * unit[1:, 0]
    angle = np.zeros(len(places))
    angle[1:-1] = np.arctan2(sin, cos)
    tangent = radius_m * np.abs(np.tan(angle / 2))
    return unit, length, angle, tangent


def flown_track(sortie: SearchSortie, places: Floats) -> FlownTrack:
    """The track along (n, 2) way points, n >= 2, metres: each corner is cut by an arc of the turn radius.

    A corner of angle a is cut from radius * tan(a / 2) before it to as much behind it, as autopilots with
    turn anticipation do.
    """
    unit, length, angle, tangent = corners(np.asarray(places, dtype=np.float64), sortie.turn_radius_m)
    points, stretch, waypoint, outer = [places[:1]], [np.zeros(0)], [np.zeros(0, np.int64)], []
    for k in range(1, len(places)):
        if angle[k] == 0 or sortie.turn_radius_m == 0:
            points.append(places[k : k + 1])
            stretch.append(np.ones(1))
            waypoint.append(np.array([k - 1]))
            continue
        arc, edge, ratio = _arc(places[k] - unit[k - 1] * tangent[k], unit[k - 1], angle[k], sortie)
        points.append(arc)
        outer.append(edge)
        stretch.append(np.r_[1.0, np.full(len(arc) - 1, ratio)])
        waypoint.append(np.r_[k - 1, np.full(len(arc) - 1, k)])
    line, longer = np.concatenate(points), np.concatenate(stretch)
    step = np.diff(line, axis=0)
    size = np.hypot(step[:, 0], step[:, 1])
    toward = step / np.where(size > 0, size, 1.0)[:, None]
    seconds = size * longer / ground_speed_ms(sortie, toward[:, 0], toward[:, 1])
    return FlownTrack(
        x_m=line[:, 0],
        y_m=line[:, 1],
        t_s=np.r_[0.0, np.cumsum(seconds)],
        stretch=longer,
        turning=longer > 1,
        waypoint=np.concatenate(waypoint),
        overlap_m=float(np.max(tangent[:-1] + tangent[1:] - length)),
        outer=np.concatenate(outer) if outer else np.zeros((0, 2)),
    )


def _arc(entry: Floats, unit: Floats, angle: float, sortie: SearchSortie) -> tuple[Floats, Floats, float]:
    """Ends of the chords of one turn, corners of its outer tangents (closed by NaN), arc / chord."""
    count = max(1, int(np.ceil(abs(np.degrees(angle)) / TURN_STEP_DEG - 1e-9)))
    part = angle / count
    radius = sortie.turn_radius_m
    bearing = np.arctan2(unit[1], unit[0]) + part * np.arange(count + 1)
    middle = bearing[:-1] + part / 2
    chord = 2 * radius * np.sin(abs(part) / 2)
    steps = chord * np.column_stack((np.cos(middle), np.sin(middle)))
    arc = np.vstack((entry, entry + np.cumsum(steps, axis=0)))
    tip = radius * np.tan(abs(part) / 2)
    tips = arc[:-1] + tip * np.column_stack((np.cos(bearing[:-1]), np.sin(bearing[:-1])))
    edge = np.vstack((arc[:1], tips, arc[-1:], [[np.nan, np.nan]]))
    return arc, edge, abs(part) / 2 / float(np.sin(abs(part) / 2))
