"""Ground cut into regions that the law answers for alike: same airspace, same side of every term."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from atalaya.law.ledger.on_record import withdrawn
from atalaya.law.ledger.steps import Tri
from atalaya.law.records.authorisation import StandingRule, read_authorisation
from atalaya.law.records.register import Of, Register

if TYPE_CHECKING:
    from atalaya.law.boundary import LayerIndex

Floats = NDArray[np.float64]
BLOCK = 16
"""Cells along the edge of a block that is decided as one where it can be."""

Project = Callable[[Floats, Floats], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Region:
    """Cells that the gates cannot tell apart.

    Args:
        states: States whose airspace it is or may be. certain: whether that is sure.
        areas: area of an authorisation, as canonical JSON, to whether the region lies in it.
        rules: standing rule to whether the region lies within its distance.
    """

    states: tuple[str, ...]
    certain: bool
    areas: Mapping[str, Tri]
    rules: Mapping[tuple[str, float], Tri]


@dataclass(frozen=True)
class Regions:
    """Every cell's region.

    number: (n,) int64, index into `regions`.
    """

    number: NDArray[np.int64]
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class Cells:
    """Middles of cells, and how far from its middle an aircraft over a cell may be.

    Args:
        lon_deg, lat_deg: (n,) degrees, WGS 84, row by row. shape: rows and columns, n in all.
        cell_m: edge of a cell.
        reach_m: half the cell's diagonal and what an aircraft may stray from its plan.
        project: from degrees to metres of the grid's projection.
    """

    lon_deg: Floats
    lat_deg: Floats
    shape: tuple[int, int]
    cell_m: float
    reach_m: float
    project: Project


def regions_of(
    cells: Cells, indexes: "Sequence[LayerIndex]", register: Register, operator_state: str
) -> Regions:
    """Cut the cells by airspace, by areas of authorisations and by distances of standing rules.

    Args:
        indexes: boundary layers; the first that has a State answers for it.
        operator_state: whose own airspace asks for no authorisation.
    """
    found = _standings(cells, indexes)
    abroad = sorted(set(found) - {operator_state})
    areas, rules = _geometries(register, abroad)
    named = sorted(found)
    columns = [found[state] for state in named]
    columns += [_within(cells, json.loads(area)) for area in areas]
    columns += [_near(cells, indexes, rule) for rule in rules]
    table = np.stack(columns, axis=1) if columns else np.zeros((len(cells.lon_deg), 0), np.int64)
    rows, number = np.unique(table, axis=0, return_inverse=True)
    return Regions(
        np.asarray(number, np.int64).reshape(-1),
        tuple(_region(row, named, areas, rules) for row in rows.tolist()),
    )


def area_key(area: Mapping[str, Any]) -> str:
    """One text for one area, however its mapping is ordered."""
    return json.dumps(area, sort_keys=True)


def _region(row: list[int], states: list[str], areas: list[str], rules: list[tuple[str, float]]) -> Region:
    inside = tuple(state for state, value in zip(states, row, strict=False) if value == Tri.YES)
    doubtful = tuple(state for state, value in zip(states, row, strict=False) if value == Tri.UNKNOWN)
    one = len(inside) == 1 and not doubtful
    rest = row[len(states) :]
    return Region(
        inside if one else inside + doubtful,
        one or not (inside or doubtful),
        {area: Tri(value) for area, value in zip(areas, rest, strict=False)},
        {rule: Tri(value) for rule, value in zip(rules, rest[len(areas) :], strict=True)},
    )


def _standings(cells: Cells, indexes: "Sequence[LayerIndex]") -> dict[str, NDArray[np.int64]]:
    """State to whether each cell is in its airspace; States far from every cell are left out."""
    west, east = float(cells.lon_deg.min()), float(cells.lon_deg.max())
    south, north = float(cells.lat_deg.min()), float(cells.lat_deg.max())
    found: dict[str, NDArray[np.int64]] = {}
    for index in indexes:
        for area, code in enumerate(index.areas):
            if code in found:
                continue
            box = index.boxes[area]
            if box[0] > east + 5.0 or box[2] < west - 5.0 or box[1] > north + 5.0 or box[3] < south - 5.0:
                continue
            value = _against(cells, index, area, 0.0)
            if np.any(value != Tri.NO):
                found[code] = value
    return found


def _against(cells: Cells, index: "LayerIndex", area: int, least_m: float) -> NDArray[np.int64]:
    """Whether each cell, with its reach and the bound of the line, is at least so deep in an area.

    Depth changes by at most a metre a metre: whole blocks of cells are decided by their middle, and only
    those near the line are looked at cell by cell.
    """
    value = np.full(len(cells.lon_deg), int(Tri.UNKNOWN), np.int64)
    middle, spread_m = _blocks(cells)
    decided = _asked(cells, index, area, least_m, middle, cells.reach_m + spread_m)
    value[:] = decided[_block_of(cells)]
    near = np.flatnonzero(value == Tri.UNKNOWN)
    value[near] = _asked(cells, index, area, least_m, near, cells.reach_m)
    return value


def _asked(
    cells: Cells, index: "LayerIndex", area: int, least_m: float, which: NDArray[np.int64], reach_m: float
) -> NDArray[np.int64]:
    lon, lat = cells.lon_deg[which], cells.lat_deg[which]
    if not len(which):
        return np.zeros(0, np.int64)
    depth = index.depth_m(area, lon, lat) - least_m
    bound = index.bound_m(area, lon, lat) + reach_m
    return _tri(depth > bound, depth < -bound)


def _block_of(cells: Cells) -> NDArray[np.int64]:
    """(n,) number of the block each cell lies in."""
    rows, columns = cells.shape
    across = -(-columns // BLOCK)
    row, column = np.divmod(np.arange(rows * columns), columns)
    return np.asarray(row // BLOCK * across + column // BLOCK, np.int64)


def _blocks(cells: Cells) -> tuple[NDArray[np.int64], float]:
    """The cell in the middle of each block, and how far from it the block's farthest cell is, metres."""
    rows, columns = cells.shape
    row = np.minimum(np.arange(-(-rows // BLOCK)) * BLOCK + BLOCK // 2, rows - 1)
    column = np.minimum(np.arange(-(-columns // BLOCK)) * BLOCK + BLOCK // 2, columns - 1)
    middle = (row[:, None] * columns + column[None, :]).ravel()
    return middle, BLOCK * cells.cell_m * 1.5  # a last block's middle may lie at its edge


def _geometries(register: Register, states: Sequence[str]) -> tuple[list[str], list[tuple[str, float]]]:
    """Areas and standing rules of every authorisation on record for some States."""
    areas: set[str] = set()
    rules: set[tuple[str, float]] = set()
    for state in states:
        for row in register.of(Of("authorisation", "airspace_of", state)):
            if withdrawn(row):
                continue
            paper = read_authorisation(row.body, row.id)
            if paper.area is not None:
                areas.add(area_key(paper.area))
            if isinstance(paper.rule, StandingRule):
                rules.add((paper.rule.near, paper.rule.within_m))
    return sorted(areas), sorted(rules)


def _within(cells: Cells, area: Mapping[str, Any]) -> NDArray[np.int64]:
    """Whether each cell, with its reach, lies in an area; its edges are straight in degrees."""
    geometry = shapely.segmentize(shape(area), 0.01)
    planar = shapely.transform(
        geometry, lambda lonlat: np.column_stack(cells.project(lonlat[:, 0], lonlat[:, 1]))
    )
    points = shapely.points(*cells.project(cells.lon_deg, cells.lat_deg))
    shapely.prepare(planar)
    inside = shapely.contains(planar, points)
    clear = ~shapely.dwithin(planar.boundary, points, cells.reach_m)
    return _tri(inside & clear, ~inside & clear)


def _near(cells: Cells, indexes: "Sequence[LayerIndex]", rule: tuple[str, float]) -> NDArray[np.int64]:
    state, within_m = rule
    index = next((each for each in indexes if state in each.areas), None)
    if index is None:
        return np.full(len(cells.lon_deg), int(Tri.UNKNOWN), np.int64)
    return _against(cells, index, index.areas.index(state), -within_m)


def _tri(yes: NDArray[np.bool_], no: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.where(yes, int(Tri.YES), np.where(no, int(Tri.NO), int(Tri.UNKNOWN))).astype(np.int64)
