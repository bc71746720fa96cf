"""Loops over the cells of search maps, compiled."""

from typing import Any, TypeAlias

from numpy.typing import NDArray

from atalaya.base.numeric import kernel

Array: TypeAlias = NDArray[Any]


@kernel
def thin(rate: Array, hidden: Array, chance: Array, new_rate: Array, new_hidden: Array) -> None:
    """A look without a find, flat arrays: what could be seen grows by (1 - chance), the hidden part stays.

    A chance that is NaN or not above zero is no look; new_rate and new_hidden are written everywhere.
    """
    for i in range(rate.size):
        r, h, d = rate[i], hidden[i], chance[i]
        if not d > 0.0:
            new_rate[i] = r
            new_hidden[i] = h
            continue
        kept = h + (1.0 - h) * (1.0 - d)
        new_rate[i] = r * kept
        new_hidden[i] = h / kept if kept > 0.0 else 0.0


@kernel
def thin_some(rate: Array, hidden: Array, cells: Array, chance: Array) -> None:
    """The same in place, for the cells of given indices only; one given twice is looked at twice."""
    for k in range(cells.size):
        i, d = cells[k], chance[k]
        if d > 0.0:
            h = hidden[i]
            kept = h + (1.0 - h) * (1.0 - d)
            rate[i] *= kept
            hidden[i] = h / kept if kept > 0.0 else 0.0


@kernel
def within_sight(chance: Array) -> bool:
    """Whether all chances are in [0, 1] or NaN."""
    outside = 0
    for i in range(chance.size):
        outside += chance[i] < 0.0 or chance[i] > 1.0
    return outside == 0
