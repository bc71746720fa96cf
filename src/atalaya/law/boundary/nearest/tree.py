"""A boundary cut into short pieces under a tree: the nearest place and its geodesic distance.

The tree finds the piece by its chord. On an ellipsoid two chords of equal length stand for geodesics that
differ by less than c^3 / 24 (1 / R_min^2 - 1 / R_max^2): 3 mm at 50 km. Beyond, every piece whose chord is as
short as that allows is measured by Karney's geodesic, so the answer is exact at any distance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import geodesic, geodetic_to_ecef
from atalaya.law.boundary.nearest import kernels

Floats = NDArray[np.float64]

PIECE_M = 500.0
METRES_PER_DEG = 111_700.0
NEAR_M = 50_000.0
SMALLEST_RADIUS_M, LARGEST_RADIUS_M = 6_335_439.0, 6_399_594.0
"""Radii of curvature of WGS 84: of the meridian at the equator, at the pole."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Pieces of one boundary.

    Args:
        start, span: (m, 2) first end and extent of each piece, degrees.
        edge: (m,) number of the edge each piece belongs to.
        pieces: (m, 6) both ends, ECEF metres; boxes: of the heap; leaves: how many leaves it has.
    """

    start: Floats
    span: Floats
    edge: NDArray[np.int64]
    pieces: Floats
    boxes: Floats
    leaves: int

    def nearest(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
        """The nearest place of each point.

        Args:
            lon, lat: (n,) degrees, no NaN.

        Returns:
            (n,) longitude and latitude of the place, geodesic metres to it, number of its edge (-1: no
            boundary at all, then the distance is infinite).
        """
        if not len(self.pieces):
            nowhere = np.full(len(lon), np.nan)
            return nowhere, nowhere, np.full(len(lon), np.inf), np.full(len(lon), -1)
        piece, share, chord = self.chords(lon, lat)
        place = self.start[piece] + self.span[piece] * share[:, None]
        distance, _ = geodesic(lon, lat, *place.T)
        far = np.flatnonzero(chord > NEAR_M)
        if len(far):
            piece[far], place[far], distance[far] = self._measured(lon[far], lat[far], chord[far])
        return place[:, 0], place[:, 1], distance, self.edge[piece]

    def chords(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
        """(n,) nearest piece by chord, share along it, chord in metres."""
        piece, share, chord = np.empty(len(lon), np.int64), np.empty(len(lon)), np.empty(len(lon))
        kernels.nearest_pieces(lon, lat, self.pieces, self.boxes, self.leaves, piece, share, chord)
        return piece, share, chord

    def _measured(self, lon: Floats, lat: Floats, chord: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
        limit = chord_within_m(geodesic_bounds_m(chord)[1]) + 0.1
        start = np.empty(len(lon) + 1, np.int64)
        tables = (lon, lat, limit, self.pieces, self.boxes, self.leaves, start)
        many = kernels.pieces_within(*tables, np.empty(0, np.int64), np.empty(0, np.float64))
        piece, share = np.empty(many, np.int64), np.empty(many, np.float64)
        kernels.pieces_within(*tables, piece, share)
        point = np.repeat(np.arange(len(lon)), np.diff(start))
        place = self.start[piece] + self.span[piece] * share[:, None]
        metres, _ = geodesic(lon[point], lat[point], *place.T)
        order = np.lexsort((metres, point))
        best = order[start[:-1]]
        return piece[best], place[best], metres[best]


def tree_of(ax: Floats, ay: Floats, bx: Floats, by: Floats) -> Tree:
    """The tree over edges given by their ends in degrees."""
    start, span = np.column_stack((ax, ay)), np.column_stack((bx - ax, by - ay))
    long = METRES_PER_DEG * np.hypot(*_metric(start, span))
    count = np.maximum(np.ceil(long / PIECE_M), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    span = (span / count[:, None])[edge]
    start = start[edge] + span * step[:, None]
    order = np.argsort(_morton(start + span / 2), kind="stable")
    start, span, edge = start[order], span[order], edge[order]
    end = start + span
    pieces = np.hstack(
        (geodetic_to_ecef(start[:, 0], start[:, 1], 0.0), geodetic_to_ecef(end[:, 0], end[:, 1], 0.0))
    )
    leaves = 1 << max(int(np.ceil(len(pieces) / kernels.LEAF)) - 1, 0).bit_length()
    return Tree(start, span, edge, pieces, kernels.make_boxes(pieces, leaves), leaves)


def geodesic_bounds_m(chord_m: Floats) -> tuple[Floats, Floats]:
    """The shortest and longest geodesic a chord between two places of the ellipsoid can stand for."""
    short, long = (
        2.0 * radius * np.arcsin(np.minimum(chord_m / (2.0 * radius), 1.0))
        for radius in (LARGEST_RADIUS_M, SMALLEST_RADIUS_M)
    )
    return short, long


def chord_within_m(geodesic_m: Floats) -> Floats:
    """The longest chord a geodesic of that length can have."""
    angle = np.minimum(geodesic_m / (2.0 * LARGEST_RADIUS_M), np.pi / 2)
    chord: Floats = 2.0 * LARGEST_RADIUS_M * np.sin(angle)
    return chord


def _metric(start: Floats, span: Floats) -> tuple[Floats, Floats]:
    """Extents in degrees of latitude, longitude shrunk by the cosine at the end nearer to the equator."""
    lowest = np.minimum(np.abs(start[:, 1]), np.abs(start[:, 1] + span[:, 1]))
    crossing = start[:, 1] * (start[:, 1] + span[:, 1]) < 0.0
    return span[:, 0] * np.cos(np.radians(np.where(crossing, 0.0, lowest))), span[:, 1]


def _morton(place: Floats) -> NDArray[np.uint64]:
    """Order along a Z curve over longitude and latitude, 2^26 steps each."""
    code = np.zeros(len(place), np.uint64)
    for axis, size in ((0, 360.0), (1, 180.0)):
        steps = ((place[:, axis] / size + 0.5) * (1 << 26)).clip(0, (1 << 26) - 1).astype(np.uint64)
        for shift, mask in (
            (16, 0x0000FFFF0000FFFF),
            (8, 0x00FF00FF00FF00FF),
            (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333),
            (1, 0x5555555555555555),
        ):
            steps = (steps | (steps << np.uint64(shift))) & np.uint64(mask)
        code |= steps << np.uint64(axis)
    return code
