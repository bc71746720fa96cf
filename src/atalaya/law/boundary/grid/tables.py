"""The arrays of a layer's grid, as compiled loops take them."""

from typing import Any, NamedTuple, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Num: TypeAlias = Any
"""float or int, or their numpy kin where the loop runs uncompiled."""

Ends: TypeAlias = tuple[Array, Array, Array, Array]
"""ax, ay, bx, by of edges."""


class GridTables(NamedTuple):
    """A grid over a layer.

    Args:
        west, south: degrees of its corner; inverse: cells per degree; columns, rows: how many.
        cells: (rows * columns,) int32 coded values; subs: (blocks * SUB * SUB,) those of border cells' parts.
            A value is an area number, -1 for none, or -2 - id: below `blocks` a block of parts, else a leaf.
        leaf_start: (leaves + 1,) first group; leaf_unsure: (leaves,) its reference place is on a line.
        group_area, group_inside, group_edge: (groups,) area, whether the reference place is inside, first row
            of `listed` (one more at the end).
        listed: edge numbers. ax, ay, bx, by: ends of edges, degrees. cut: (edges,) no boundary.
    """

    west: float
    south: float
    inverse: float
    columns: int
    rows: int
    cells: Array
    blocks: int
    subs: Array
    leaf_start: Array
    leaf_unsure: Array
    group_area: Array
    group_inside: Array
    group_edge: Array
    listed: Array
    ax: Array
    ay: Array
    bx: Array
    by: Array
    cut: Array
