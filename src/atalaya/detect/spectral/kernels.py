"""Loops over spectra: centring, scores of whitened pixels, local covariances, area openings."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]

BLOCK = 32
"""Pixels whose covariances are factored side by side."""


@kernel
def centre(pixels: Array, mean: Array, scale: Array, out: Array) -> None:
    """out = (pixels - mean) * scale, (n, b); the difference is taken in double precision."""
    n, bands = pixels.shape
    for i in range(n):
        for b in range(bands):
            out[i, b] = (np.float64(pixels[i, b]) - mean[b]) * scale[b]


@kernel
def _features(values: Array, valid: Array, row: int, sign: float, sums: Array) -> None:
    """Add sign * (1, x, x x^T) of each valid pixel of a row to sums (columns, features)."""
    columns, d = values.shape[1:]
    for c in range(columns):
        if not valid[row, c]:
            continue
        sums[c, 0] += sign
        k = 1 + d
        for i in range(d):
            x = sign * values[row, c, i]
            sums[c, 1 + i] += x
            for j in range(i + 1):
                sums[c, k + j] += x * values[row, c, j]
            k += i + 1


@kernel
def _running(sums: Array, total: Array) -> None:
    """total[c] = sum of sums[:c], (columns + 1, features)."""
    columns, features = sums.shape
    for f in range(features):
        total[0, f] = 0.0
    for c in range(columns):
        for f in range(features):
            total[c + 1, f] = total[c, f] + sums[c, f]


@kernel
def _factored_scores(moments: Array, pixel: Array, d: int, floor: float, score: Array) -> None:
    """Mahalanobis distances of a block of pixels, in place.

    moments: (features, BLOCK) counts, sums and products; pixel: (d, BLOCK); both are overwritten.
    """
    for k in range(BLOCK):
        n = moments[0, k]
        moments[0, k] = 1.0 / n if n > 0.0 else 0.0
    for i in range(d):
        for k in range(BLOCK):
            moments[1 + i, k] *= moments[0, k]
            pixel[i, k] -= moments[1 + i, k]
    for k in range(BLOCK):
        score[k] = 0.0
    at = 1 + d
    for i in range(d):
        row = at + i * (i + 1) // 2
        for j in range(i + 1):
            other = at + j * (j + 1) // 2
            for k in range(BLOCK):
                share = moments[0, k]
                # divisor n - 1: products / (n - 1) - mean mean n / (n - 1)
                moments[row + j, k] = (
                    moments[row + j, k] * share - moments[1 + i, k] * moments[1 + j, k]
                ) / (1.0 - share)
            for m in range(j):
                for k in range(BLOCK):
                    moments[row + j, k] -= moments[row + m, k] * moments[other + m, k]
            if j < i:
                for k in range(BLOCK):
                    moments[row + j, k] *= moments[other + j, k]
        for k in range(BLOCK):
            # the diagonal keeps its own inverse
            moments[row + i, k] = 1.0 / np.sqrt(max(moments[row + i, k], floor))
        for m in range(i):
            for k in range(BLOCK):
                pixel[i, k] -= moments[row + m, k] * pixel[m, k]
        for k in range(BLOCK):
            pixel[i, k] *= moments[row + i, k]
            score[k] += pixel[i, k] * pixel[i, k]


@kernel
def local_distances(values: Array, valid: Array, inner: int, outer: int, floor: float, score: Array) -> None:
    """Local RX: (rows, columns, d) float64 against the outer window without the inner one.

    Near an edge the outer window is shifted inwards and the inner one is cut. Pixels whose window holds
    fewer than d + 2 valid ones score 0. score: (rows, columns) is written everywhere.
    """
    rows, columns, d = values.shape
    features = 1 + d + d * (d + 1) // 2
    out_sums, in_sums = np.zeros((columns, features)), np.zeros((columns, features))
    out_run, in_run = np.empty((columns + 1, features)), np.empty((columns + 1, features))
    moments, pixel = np.empty((features, BLOCK)), np.empty((d, BLOCK))
    scores, counts = np.empty(BLOCK), np.empty(BLOCK)
    half_in, half_out = inner // 2, outer // 2
    out_to, in_from, in_to = 0, 0, 0
    out_from = 0
    for r in range(rows):
        first = min(max(r - half_out, 0), max(rows - outer, 0))
        last = min(first + outer, rows)
        while out_to < last:
            _features(values, valid, out_to, 1.0, out_sums)
            out_to += 1
        while out_from < first:
            _features(values, valid, out_from, -1.0, out_sums)
            out_from += 1
        while in_to < min(r + half_in + 1, rows):
            _features(values, valid, in_to, 1.0, in_sums)
            in_to += 1
        while in_from < max(r - half_in, 0):
            _features(values, valid, in_from, -1.0, in_sums)
            in_from += 1
        _running(out_sums, out_run)
        _running(in_sums, in_run)
        for start in range(0, columns, BLOCK):
            for k in range(BLOCK):
                c = min(start + k, columns - 1)
                left = min(max(c - half_out, 0), max(columns - outer, 0))
                right = min(left + outer, columns)
                inner_left, inner_right = max(c - half_in, 0), min(c + half_in + 1, columns)
                for f in range(features):
                    moments[f, k] = (
                        out_run[right, f] - out_run[left, f] - in_run[inner_right, f] + in_run[inner_left, f]
                    )
                counts[k] = moments[0, k]
                for i in range(d):
                    pixel[i, k] = values[r, c, i]
            _factored_scores(moments, pixel, d, floor, scores)
            for k in range(min(BLOCK, columns - start)):
                fair = valid[r, start + k] and counts[k] >= d + 2
                score[r, start + k] = scores[k] if fair else 0.0


@kernel
def _root(parent: Array, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def area_residual(level: Array, values: Array, order: Array, columns: int, areas: Array, out: Array) -> None:
    """Add what area openings take away, bright parts smaller than each of `areas` pixels, to out (n,).

    A max-tree by union-find (Berger et al. 2007), four neighbours; one tree serves all areas.
    level: (n,) whole numbers, `values` (n,) quantised; order: (n,) indices by rising level.
    """
    n = level.size
    parent, root = np.full(n, -1, np.int32), np.empty(n, np.int32)
    size = np.ones(n, np.int32)
    for at in range(n - 1, -1, -1):
        p = order[at]
        parent[p] = root[p] = p
        column = p % columns
        for side in range(4):
            if side == 0:
                q = p - 1 if column > 0 else -1
            elif side == 1:
                q = p + 1 if column < columns - 1 else -1
            elif side == 2:
                q = p - columns
            else:
                q = p + columns
            if q < 0 or q >= n or parent[q] < 0:
                continue
            top = _root(root, q)
            if top != p:
                parent[top] = root[top] = p
                size[p] += size[top]
    # nodes of one level are one node: the first of them in order
    for at in range(n):
        p = order[at]
        q = parent[p]
        if level[parent[q]] == level[q]:
            parent[p] = parent[q]
    kept = np.empty(n, values.dtype)
    for a in range(areas.size):
        for at in range(n):
            p = order[at]
            above = parent[p]
            own = p == above or (level[above] != level[p] and size[p] >= areas[a])
            kept[p] = values[p] if own else kept[above]
            if values[p] > kept[p]:
                out[p] += values[p] - kept[p]
