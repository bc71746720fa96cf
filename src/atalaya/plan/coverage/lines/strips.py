"""Parallel lines over an area at one heading: bands of equal width, one line through each piece of a band."""

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from atalaya.plan.coverage.lines import kernels
from atalaya.plan.coverage.region import Area, edges_of, rings_of

Floats = NDArray[np.float64]
TRIED_LEVELS = (0.5, 0.15, 0.85, 0.02, 0.98)
SMALLEST_PIECE = 1e-5


def turned(area: BaseGeometry, heading_rad: float) -> BaseGeometry:
    """The area in axes with x along the heading (mathematical angle from the first axis)."""
    c, s = math.cos(heading_rad), math.sin(heading_rad)
    rotation = np.array([[c, -s], [s, c]])
    return shapely.transform(area, lambda xy: xy @ rotation)


def turned_back(lines: Floats, heading_rad: float) -> Floats:
    """(n, 4) lines from turned axes to the area's own."""
    c, s = math.cos(heading_rad), math.sin(heading_rad)
    rotation = np.array([[c, s], [-s, c]])
    return np.asarray((lines.reshape(-1, 2) @ rotation).reshape(-1, 4))


def levels_of(low: float, high: float, spacing_m: float, phase: float) -> Floats:
    """Where bands have their middles: ceil(width / spacing) equal bands, moved by `phase` of their slack.

    The phase spreads the slack: 0 keeps bands of equal width; else full bands start below the area.
    """
    count = max(1, math.ceil((high - low) / spacing_m - 1e-9))
    if phase == 0.0:
        width = (high - low) / count
        return low + width * (np.arange(count) + 0.5)
    slack = count * spacing_m - (high - low)
    return low - phase * slack + spacing_m * (np.arange(count) + 0.5)


def lines_at(room: Area, part: Area, heading_rad: float, spacing_m: float, phase: float = 0.0) -> Floats:
    """(n, 4) float64: the lines of one heading over `part`, extended within `room` to the end of their band's piece.

    Args:
        room: where lines may run (the part is in it).
        part: what is to be covered.
        heading_rad: angle of the lines.
        spacing_m: greatest width of a band.
        phase: see `levels_of`.
    """
    part_t, room_t = turned(part, heading_rad), turned(room, heading_rad)
    west, south, east, north = part_t.bounds
    levels = levels_of(south, north, spacing_m, phase)
    half = (levels[1] - levels[0]) / 2 if len(levels) > 1 else min(spacing_m, north - south) / 2
    if phase:
        half = spacing_m / 2
    bands = shapely.box(west - 1, levels - half, east + 1, levels + half)
    shapely.prepare(part_t)
    pieces, which = shapely.get_parts(shapely.intersection(part_t, bands), return_index=True)
    keep = (shapely.get_type_id(pieces) == 3) & (shapely.area(pieces) > SMALLEST_PIECE * spacing_m**2)
    room_edges = edges_of(rings_of(room_t))
    found = [
        _line_in(piece, levels[k], spacing_m / 2, room_edges)
        for piece, k in zip(pieces[keep], which[keep], strict=True)
    ]
    lines = np.vstack([np.empty((0, 4)), *found])
    return turned_back(lines, heading_rad)


def _line_in(piece: Polygon, level: float, half: float, room_edges: Floats) -> Floats:
    """(k, 4) the chords of one piece of a band, at the level where they run longest (its middle if it is full)."""
    west, low, east, high = piece.bounds
    from_y, to_y = high - half, low + half
    tried = (
        np.array([level])
        if to_y - from_y < 1e-6 * half
        else _levels_to_try(level, max(low, from_y), min(high, to_y))
    )
    own = kernels.chords(edges_of(rings_of(piece)), tried)
    if len(own) == 0:
        return np.empty((0, 4))
    sums = np.bincount(own[:, 0].astype(int), own[:, 2] - own[:, 1], minlength=len(tried))
    best = int(sums.argmax()) if sums.max() > 1.02 * sums[0] else 0
    chords = own[own[:, 0] == best]
    y = tried[best]
    wide = kernels.chords(room_edges, np.array([y]))
    lines = []
    for _, x0, x1 in wide:
        inside = chords[(chords[:, 1] < x1) & (chords[:, 2] > x0)]
        if len(inside):
            lines.append((max(x0, west), y, min(x1, east), y))
    return np.array(lines).reshape(-1, 4)


def _levels_to_try(level: float, low: float, high: float) -> Floats:
    first = min(max(level, low), high)
    return np.array([first, *(low + share * (high - low) for share in TRIED_LEVELS)])
