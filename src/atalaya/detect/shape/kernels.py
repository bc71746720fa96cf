"""Loops of the shape cues: how square the edges about a pixel are, and ridges one pixel wide."""

import numpy as np
from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Floats = NDArray[np.float32]
FOLDS = 8
"""Directions of edges over a quarter turn: opposite and perpendicular edges fall together."""


@kernel
def edge_planes(picture: Floats, block: int, planes: Floats) -> None:
    """Add up edge strength by direction, modulo a quarter turn, in blocks.

    planes: (FOLDS, rows // block, columns // block) filled; strength is shared by the two nearest directions
    """
    planes[:] = 0.0
    rows, columns = picture.shape
    quarter = np.float32(0.5 * np.pi)
    for row in range(1, rows - 1):
        line = row // block
        if line >= planes.shape[1]:
            break
        for column in range(1, columns - 1):
            place = column // block
            if place >= planes.shape[2]:
                break
            down = picture[row + 1, column] - picture[row - 1, column]
            across = picture[row, column + 1] - picture[row, column - 1]
            strength = np.sqrt(down * down + across * across)
            if strength < 1e-6:
                continue
            angle = np.arctan2(down, across) % quarter
            at = angle / quarter * FOLDS
            first = int(at)
            share = np.float32(at - first)
            planes[first % FOLDS, line, place] += strength * (1.0 - share)
            planes[(first + 1) % FOLDS, line, place] += strength * share


@kernel
def ridges(picture: Floats, thin: Floats) -> None:
    """Strength of bright or dark lines, kept where no pixel across the line is stronger.

    thin: (rows, columns) filled with the larger curvature of the (blurred) picture, 0 elsewhere
    """
    rows, columns = picture.shape
    strength = np.zeros((rows, columns), np.float32)
    bearing = np.zeros((rows, columns), np.uint8)
    for row in range(1, rows - 1):
        for column in range(1, columns - 1):
            middle = 2.0 * picture[row, column]
            xx = picture[row, column - 1] + picture[row, column + 1] - middle
            yy = picture[row - 1, column] + picture[row + 1, column] - middle
            xy = 0.25 * (
                picture[row - 1, column - 1]
                + picture[row + 1, column + 1]
                - picture[row - 1, column + 1]
                - picture[row + 1, column - 1]
            )
            half, spread = 0.5 * (xx + yy), np.sqrt(0.25 * (xx - yy) ** 2 + xy * xy)
            first, second = half + spread, half - spread
            across = first if abs(first) >= abs(second) else second
            along = second if abs(first) >= abs(second) else first
            # a line curves across itself alone; a spot curves both ways
            value = abs(across) - 2.0 * abs(along)
            if value <= 0.0:
                continue
            strength[row, column] = value
            angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)
            if across < 0.0:
                angle += 0.5 * np.pi if first == along else 0.0
            bearing[row, column] = int(np.round((angle % np.pi) / (np.pi / 4.0))) % 4
    for row in range(1, rows - 1):
        for column in range(1, columns - 1):
            value = strength[row, column]
            thin[row, column] = 0.0
            if value <= 0.0:
                continue
            turn = bearing[row, column]
            step_r = 0 if turn == 0 else 1
            step_c = 1 if turn < 2 else (0 if turn == 2 else -1)
            if (
                value >= strength[row + step_r, column + step_c]
                and value >= strength[row - step_r, column - step_c]
            ):
                thin[row, column] = value
