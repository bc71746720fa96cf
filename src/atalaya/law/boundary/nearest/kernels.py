"""The piece of a line nearest to a point: chords in ECEF, a tree of boxes over pieces in Morton order.

The tree is a heap: node i has children 2 i + 1 and 2 i + 2; the last `leaves` nodes hold LEAF pieces each.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import borrowing_kernel, kernel

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

LEAF = 8
DEEPEST = 64
SEMI_MAJOR_M = 6378137.0
SQUARED = 0.0066943799901413165


@borrowing_kernel
def _ecef(lon_deg: Num, lat_deg: Num) -> Num:
    lam, phi = np.radians(lon_deg), np.radians(lat_deg)
    vertical = SEMI_MAJOR_M / np.sqrt(1.0 - SQUARED * np.sin(phi) ** 2)
    across = vertical * np.cos(phi)
    return across * np.cos(lam), across * np.sin(lam), vertical * (1.0 - SQUARED) * np.sin(phi)


@borrowing_kernel
def _to_piece(pieces: Array, k: Num, x: Num, y: Num, z: Num) -> Num:
    """Squared metres from a place to a piece, and the share along it."""
    ax, ay, az = pieces[k, 0], pieces[k, 1], pieces[k, 2]
    dx, dy, dz = pieces[k, 3] - ax, pieces[k, 4] - ay, pieces[k, 5] - az
    px, py, pz = x - ax, y - ay, z - az
    length = dx * dx + dy * dy + dz * dz
    share = (px * dx + py * dy + pz * dz) / length if length > 0.0 else 0.0
    share = min(max(share, 0.0), 1.0)
    px, py, pz = px - share * dx, py - share * dy, pz - share * dz
    return px * px + py * py + pz * pz, share


@borrowing_kernel
def _to_box(boxes: Array, node: Num, x: Num, y: Num, z: Num) -> Num:
    dx = max(boxes[node, 0] - x, 0.0, x - boxes[node, 3])
    dy = max(boxes[node, 1] - y, 0.0, y - boxes[node, 4])
    dz = max(boxes[node, 2] - z, 0.0, z - boxes[node, 5])
    return dx * dx + dy * dy + dz * dz


@kernel
def make_boxes(pieces: Array, leaves: Num) -> Num:
    """(2 leaves - 1, 6) boxes of the heap over (n, 6) pieces; leaves without pieces are infinitely far."""
    boxes = np.empty((2 * leaves - 1, 6), np.float64)
    boxes[:, :3], boxes[:, 3:] = np.inf, -np.inf
    for k in range(len(pieces)):
        node = leaves - 1 + k // LEAF
        for axis in range(3):
            low, high = pieces[k, axis], pieces[k, axis + 3]
            boxes[node, axis] = min(boxes[node, axis], low, high)
            boxes[node, axis + 3] = max(boxes[node, axis + 3], low, high)
    for node in range(leaves - 2, -1, -1):
        for axis in range(3):
            boxes[node, axis] = min(boxes[2 * node + 1, axis], boxes[2 * node + 2, axis])
            boxes[node, axis + 3] = max(boxes[2 * node + 1, axis + 3], boxes[2 * node + 2, axis + 3])
    return boxes


@kernel
def nearest_pieces(
    lon: Array,
    lat: Array,
    pieces: Array,
    boxes: Array,
    leaves: Num,
    piece_out: Array,
    share_out: Array,
    chord_out: Array,
) -> Num:
    """The nearest piece of each point, the share along it and the chord to it in metres.

    Args:
        lon, lat: (n,) degrees, no NaN. pieces: (m, 6) ECEF metres, both ends.
        piece_out: (n,) int64; share_out, chord_out: (n,) float64; all filled.
    """
    stack, reach = np.empty(DEEPEST, np.int64), np.empty(DEEPEST, np.float64)
    last = 0
    for i in range(len(lon)):
        x, y, z = _ecef(lon[i], lat[i])
        best, best_share = _to_piece(pieces, last, x, y, z)  # the one before is often the nearest again
        stack[0], reach[0] = 0, _to_box(boxes, 0, x, y, z)
        depth = 1
        while depth:
            depth -= 1
            node = stack[depth]
            if reach[depth] >= best:
                continue
            if node >= leaves - 1:
                first = (node - leaves + 1) * LEAF
                for k in range(first, min(first + LEAF, len(pieces))):
                    squared, share = _to_piece(pieces, k, x, y, z)
                    if squared < best:
                        best, best_share, last = squared, share, k
                continue
            left, right = 2 * node + 1, 2 * node + 2
            to_left, to_right = _to_box(boxes, left, x, y, z), _to_box(boxes, right, x, y, z)
            if to_left < to_right:  # the nearer one on top
                left, right, to_left, to_right = right, left, to_right, to_left
            stack[depth], reach[depth] = left, to_left
            stack[depth + 1], reach[depth + 1] = right, to_right
            depth += 2
        piece_out[i], share_out[i], chord_out[i] = last, best_share, np.sqrt(best)


@kernel
def pieces_within(
    lon: Array,
    lat: Array,
    chord: Array,
    pieces: Array,
    boxes: Array,
    leaves: Num,
    start: Array,
    piece_out: Array,
    share_out: Array,
) -> Num:
    """Every piece whose chord is no longer than each point's `chord`.

    Args:
        start: (n + 1,) int64, filled: first row of each point.
        piece_out, share_out: (m,) filled as far as they reach.

    Returns:
        how many rows there are.
    """
    stack = np.empty(DEEPEST, np.int64)
    many = 0
    for i in range(len(lon)):
        x, y, z = _ecef(lon[i], lat[i])
        limit = chord[i] * chord[i]
        start[i] = many
        stack[0], depth = 0, 1
        while depth:
            depth -= 1
            node = stack[depth]
            if _to_box(boxes, node, x, y, z) > limit:
                continue
            if node < leaves - 1:
                stack[depth], stack[depth + 1] = 2 * node + 1, 2 * node + 2
                depth += 2
                continue
            first = (node - leaves + 1) * LEAF
            for k in range(first, min(first + LEAF, len(pieces))):
                squared, share = _to_piece(pieces, k, x, y, z)
                if squared <= limit:
                    if many < len(piece_out):
                        piece_out[many], share_out[many] = k, share
                    many += 1
    start[len(lon)] = many
    return many
