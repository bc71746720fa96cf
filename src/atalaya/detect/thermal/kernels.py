"""Loops of the hot-spot detector: sums over boxes, contrast of a box against the ring around it."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

UInts = NDArray[np.uint32]
Floats = NDArray[np.float32]


@kernel
def box_sums(picture: NDArray[np.uint8], sums: UInts, squares: UInts) -> None:
    """Fill (rows + 1, columns + 1) sums of all values above and left, and of their squares.

    They run over at 2^32; differences of them do not, as no box here holds that much.
    """
    rows, columns = picture.shape
    sums[0, :] = 0
    squares[0, :] = 0
    for row in range(rows):
        line = np.uint32(0)
        line_of_squares = np.uint32(0)
        sums[row + 1, 0] = 0
        squares[row + 1, 0] = 0
        for column in range(columns):
            value = np.uint32(picture[row, column])
            line = np.uint32(line + value)
            line_of_squares = np.uint32(line_of_squares + value * value)
            sums[row + 1, column + 1] = line
            squares[row + 1, column + 1] = line_of_squares
        for column in range(columns + 1):
            sums[row + 1, column] = np.uint32(sums[row + 1, column] + sums[row, column])
            squares[row + 1, column] = np.uint32(squares[row + 1, column] + squares[row, column])


@kernel
def ring_contrast(sums: UInts, squares: UInts, half: int, floor: float, contrast: Floats) -> None:
    """Mean of a box of 2 half + 1 pixels against the ring from twice to three times as far out.

    contrast: (rows, columns) (box - ring) / sqrt(ring variance + floor^2), 0 near the edge
    """
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    near, far = 2 * half + 1, 3 * half + 2
    inside = np.float32(1.0 / (2 * half + 1) ** 2)
    around = np.float32(1.0 / ((2 * far + 1) ** 2 - (2 * near + 1) ** 2))
    least = np.float32(floor * floor)
    zero = np.float32(0.0)
    wide = columns - 2 * far
    for r in range(rows):
        contrast[r, :] = zero
        if r < far or r + far >= rows:
            continue
        # slices that begin at the far edge: indices then only grow, which lets the loop run on vectors
        b0, b1 = sums[r - half, far - half :], sums[r + half + 1, far - half :]
        o0, o1 = sums[r - far], sums[r + far + 1]
        i0, i1 = sums[r - near, far - near :], sums[r + near + 1, far - near :]
        p0, p1 = squares[r - far], squares[r + far + 1]
        q0, q1 = squares[r - near, far - near :], squares[r + near + 1, far - near :]
        line = contrast[r, far:]
        for c in range(wide):
            d, e, f = c + 2 * half + 1, c + 2 * far + 1, c + 2 * near + 1
            box = np.uint32(b1[d] - b0[d] - b1[c] + b0[c])
            outer = np.uint32(o1[e] - o0[e] - o1[c] + o0[c])
            inner = np.uint32(i1[f] - i0[f] - i1[c] + i0[c])
            outer2 = np.uint32(p1[e] - p0[e] - p1[c] + p0[c])
            inner2 = np.uint32(q1[f] - q0[f] - q1[c] + q0[c])
            mean = np.float32(np.int32(outer - inner)) * around
            spread = np.float32(np.int32(outer2 - inner2)) * around - mean * mean
            excess = np.float32(np.int32(box)) * inside - mean
            line[c] = excess / np.sqrt(max(spread, zero) + least)


@kernel
def halved(picture: NDArray[np.uint8], half: NDArray[np.uint8]) -> None:
    """Fill (rows // 2, columns // 2) means of four."""
    for row in range(half.shape[0]):
        for column in range(half.shape[1]):
            r, c = 2 * row, 2 * column
            total = np.uint32(picture[r, c]) + picture[r, c + 1] + picture[r + 1, c] + picture[r + 1, c + 1]
            half[row, column] = np.uint8((total + 2) >> 2)


@kernel
def peaks(contrast: Floats, threshold: float, most: int, found: NDArray[np.int32]) -> int:
    """Rows and columns of values over a threshold that no neighbour exceeds; how many there are.

    found: (most, 2); more than `most` peaks are counted, not kept
    """
    count = 0
    rows, columns = contrast.shape
    for row in range(1, rows - 1):
        for column in range(1, columns - 1):
            value = contrast[row, column]
            if value < threshold:
                continue
            highest = True
            for other in range(row - 1, row + 2):
                for beside in range(column - 1, column + 2):
                    rival = contrast[other, beside]
                    # of equals the first counts
                    if rival > value or (
                        rival == value and (other < row or (other == row and beside < column))
                    ):
                        highest = False
            if highest:
                if count < most:
                    found[count, 0] = row
                    found[count, 1] = column
                count += 1
    return count
