"""What scorers are given, checked once: finite columns of one length, probabilities, yes or no."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def numbers(values: ArrayLike, name: str, shape: tuple[int | None, ...] = (None,)) -> Floats:
    """Values as float64 of the wanted shape; None stands for any length.

    Raises:
        BadInput: SCO-001, not numbers or of another shape; SCO-002, some are NaN or infinite.
    """
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("SCO-001", where=name, wanted=_shown(shape), found="-") from error
    if found.shape == (0,) and (None in shape or 0 in shape):  # a list of no rows does not know its columns
        found = found.reshape([0 if length is None else length for length in shape])
    fits = found.ndim == len(shape) and all(
        wanted is None or length == wanted for length, wanted in zip(found.shape, shape, strict=True)
    )
    if not fits:
        raise BadInput("SCO-001", where=name, wanted=_shown(shape), found=_shown(found.shape))
    bad = int(found.size - np.count_nonzero(np.isfinite(found)))
    if bad:
        raise BadInput("SCO-002", where=name, count=bad)
    return found


def whole(values: ArrayLike, name: str, length: int) -> NDArray[np.int64]:
    """(length,) whole numbers, such as which image a box lies in.

    Raises:
        BadInput: SCO-001, SCO-002.
    """
    found = numbers(values, name, (length,))
    if np.any(found != np.rint(found)) or np.any(np.abs(found) > 2.0**53):
        raise BadInput("SCO-001", where=name, wanted=f"({length}) int", found="float")
    return found.astype(np.int64)


def yes_or_no(values: ArrayLike, name: str, shape: tuple[int, ...]) -> Bools:
    """Truth as bool: what is greater than 0 is true.

    Raises:
        BadInput: SCO-001, SCO-002.
    """
    return numbers(values, name, shape) > 0.0


def probabilities(p: ArrayLike, y: ArrayLike) -> tuple[Floats, Bools]:
    """Probabilities (n,) and what came true (n,), n at least 1.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-003, a probability outside 0 to 1; SCO-004, nothing to score.
    """
    stated = numbers(p, "p")
    true = yes_or_no(y, "y", stated.shape)
    if not len(stated):
        raise BadInput("SCO-004", where="p")
    outside = np.flatnonzero((stated < 0.0) | (stated > 1.0))
    if len(outside):
        first = int(outside[0])
        raise BadInput("SCO-003", where=f"p[{first}]", value=f"{stated[first]:g}")
    return stated, true


def positive(value: float, name: str) -> float:
    """A size that must be finite and greater than 0.

    Raises:
        BadInput: SCO-005.
    """
    if not (np.isfinite(value) and value > 0.0):
        raise BadInput("SCO-005", where=name, value=f"{value:g}")
    return float(value)


def _shown(shape: tuple[Any, ...]) -> str:
    return "(" + ", ".join("n" if length is None else str(length) for length in shape) + ")"
