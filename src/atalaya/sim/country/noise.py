"""Smooth random fields on grids, from a generator each, so that one part never changes another."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.rough_terrain import rough_ground

Floats = NDArray[np.float64]
F = TypeVar("F", np.float32, np.float64)


def generator_of(seed: int, part: int) -> np.random.Generator:
    """The generator of one part of a country: equal for equal seed and part, unrelated between parts."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(part,)))


def rough_field(
    generator: np.random.Generator, shape: tuple[int, int], *, exponent: float = 1.8, waves: float = 2.0
) -> Floats:
    """(rows, columns) of mean 0 and deviation 1, rough as ground is; sizes up to some 500 posts.

    Args:
        exponent: amplitude falls as frequency to minus this.
        waves: how many of the longest waves fit along the longer side.
    """
    posts = int(max(shape))
    flat_below = waves / posts
    made = rough_ground(
        generator, posts=posts, mean_m=0.0, deviation_m=1.0, exponent=exponent, flat_below=flat_below
    )
    field = made.heights_m[: shape[0], : shape[1]].astype(np.float64)
    return np.asarray((field - field.mean()) / max(float(field.std()), 1e-9))


def stretched(field: NDArray[F], shape: tuple[int, ...]) -> NDArray[F]:
    """A field at another number of posts over the same ground, bilinear."""
    rows = np.linspace(0.0, field.shape[0] - 1.0, shape[0])
    columns = np.linspace(0.0, field.shape[1] - 1.0, shape[1])
    i = np.minimum(rows.astype(np.intp), field.shape[0] - 2)
    j = np.minimum(columns.astype(np.intp), field.shape[1] - 2)
    u, v = (rows - i)[:, None].astype(field.dtype), (columns - j)[None, :].astype(field.dtype)
    tall = field[i] * (1.0 - u) + field[i + 1] * u
    return np.asarray(tall[:, j] * (1.0 - v) + tall[:, j + 1] * v)


def doubled(field: NDArray[F]) -> NDArray[F]:
    """(2 rows - 1, 2 columns - 1): the posts and cubic values half way between (weights -1, 9, 9, -1)."""
    return _doubled_rows(_doubled_rows(field).T).T


def _doubled_rows(field: NDArray[F]) -> NDArray[F]:
    rows = field.shape[0]
    wide = np.concatenate((2 * field[:1] - field[1:2], field, 2 * field[-1:] - field[-2:-1]))
    made = np.empty((2 * rows - 1, field.shape[1]), field.dtype)
    made[::2] = field
    made[1::2] = (9.0 * (wide[1:-2] + wide[2:-1]) - wide[:-3] - wide[3:]) / 16.0
    return made
