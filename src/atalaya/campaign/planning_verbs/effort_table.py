"""A table of cells and what search finds there, and the hours that find most."""

import csv
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput, NotFound
from atalaya.plan.effort import (
    Allocation,
    PodTable,
    allocate,
    allocate_inverse_cube,
    allocate_resources,
    allocate_tabulated,
    pod_table,
)

Floats = NDArray[np.float64]
SCHEMA = "atalaya.plan-effort/1"
MOST_BYTES = 200_000_000
EXPONENTIAL, INVERSE_CUBE = "exponential", "inverse-cube"


@dataclass(frozen=True)
class EffortTable:
    """Cells of a search.

    names: (n,) of people        worth: (n,) chance or expected facilities
    speed: (n, m) rate of detection (or coverage) per hour of each resource
    hidden: (n,) share no look can show
    """

    names: tuple[str, ...]
    worth: Floats
    speed: Floats
    hidden: Floats


@dataclass(frozen=True)
class Allotted:
    """Hours given to cells.

    found: (n,) what is found in each, of the table's worth.
    """

    table: EffortTable
    hours: tuple[float, ...]
    law: str
    allocation: Allocation
    found: Floats

    def as_json(self) -> dict[str, Any]:
        """The `atalaya.plan-effort/1` object."""
        cells = [
            {
                "name": name,
                "worth": float(worth),
                "hours": [float(each) for each in row],
                "found": float(found),
                "share": float(found / worth) if worth > 0.0 else None,
            }
            for name, worth, row, found in zip(
                self.table.names, self.table.worth, self.allocation.effort, self.found, strict=True
            )
        ]
        return {
            "schema": SCHEMA,
            "law": self.law,
            "hours": list(self.hours),
            "found": self.allocation.found,
            "worth": float(self.table.worth.sum()),
            "bound": self.allocation.bound,
            "gap": self.allocation.gap,
            "price": [float(price) for price in self.allocation.price],
            "cells": cells,
        }


def read_effort_table(path: Path) -> EffortTable:
    """Columns name (optional), p or expected, w or w1, w2 ..., hidden (optional).

    Parted by commas, semicolons or tabs; with semicolons a decimal comma is understood.

    Raises:
        NotFound: SNS-005. BadInput: CLI-035.
    """
    head, rows = _rows(path)
    worth = _column(head, ("p", "expected", "worth"), path)
    speeds = [k for k, name in enumerate(head) if re.fullmatch(r"w\d*", name)]
    if not speeds:
        raise BadInput("CLI-035", where=path.name, detail=f"w? ({', '.join(head)[:80]})")
    speeds.sort(key=lambda k: int(head[k][1:] or 0))
    name = next((k for k, each in enumerate(head) if each in ("name", "nombre", "id")), None)
    hidden = head.index("hidden") if "hidden" in head else None
    return EffortTable(
        tuple(str(n) if name is None else row[name] for n, (_, row) in enumerate(rows, 1)),
        np.array([_number(row[worth], line, head[worth], path) for line, row in rows]),
        np.array([[_number(row[k], line, head[k], path) for k in speeds] for line, row in rows]),
        np.array(
            [0.0 if hidden is None else _number(row[hidden], line, "hidden", path) for line, row in rows]
        ),
    )


def read_law(path: Path) -> PodTable:
    """A law of detection from columns coverage and chance (or pod).

    Raises:
        NotFound: SNS-005. BadInput: CLI-035, SNS-017.
    """
    head, rows = _rows(path)
    coverage, chance = _column(head, ("coverage", "c"), path), _column(head, ("chance", "pod", "p"), path)
    points = [[_number(row[k], line, head[k], path) for k in (coverage, chance)] for line, row in rows]
    columns = np.array(points).T
    return pod_table(columns[0], columns[1])


def allot(table: EffortTable, hours: list[float], law: str) -> Allotted:
    """The hours that find most.

    Args:
        law: "exponential", "inverse-cube" or the name of a file of `read_law`; the last two for one resource.

    Raises:
        BadInput: CLI-035, as many hours as columns w are wanted; SNS-016; as `read_law`.
    """
    count = table.speed.shape[1]
    if len(hours) != count or (law != EXPONENTIAL and count > 1):
        raise BadInput(
            "CLI-035", where=f"--hours, --law {law}", detail=f"w x {count}, --hours x {len(hours)}"
        )
    worth, hidden, single = table.worth, table.hidden, table.speed[:, 0]
    if law == EXPONENTIAL and count > 1:
        got = allocate_resources(worth, table.speed, hours, hidden=hidden)
    elif law == EXPONENTIAL:
        got = allocate(worth, single, hours[0], hidden=hidden)
    elif law == INVERSE_CUBE:
        got = allocate_inverse_cube(worth, single, hours[0], hidden=hidden)
    else:
        law_table = read_law(Path(law))
        got = allocate_tabulated(worth, single, hours[0], law_table, hidden=hidden)
        chance = law_table(single * got.effort[:, 0])
        return Allotted(table, tuple(hours), law, got, worth * (1.0 - hidden) * chance)
    return Allotted(
        table, tuple(hours), law, got, worth * (1.0 - hidden) * _chance(law, table.speed, got.effort)
    )


def _chance(law: str, speed: Floats, effort: Floats) -> Floats:
    coverage = (speed * effort).sum(axis=1)
    if law == INVERSE_CUBE:
        from atalaya.sensing.lateral_range import inverse_cube_pod

        return np.asarray(inverse_cube_pod(coverage))
    return np.asarray(-np.expm1(-coverage))


def _rows(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The head in lower case, and the rows with the number of their line."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NotFound("SNS-005", where=str(path), detail=error.strerror or str(error)) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("CLI-035", where=path.name, detail=str(error)[:80]) from error
    first = text.split("\n", 1)[0]
    parted = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=parted)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except csv.Error as error:
        raise BadInput("CLI-035", where=path.name, detail=str(error)[:80]) from error
    if len(lines) < 2:
        raise BadInput("CLI-035", where=path.name, detail=f"{max(len(lines) - 1, 0)} rows")
    head = [cell.casefold() for cell in lines[0][1]]
    for line, row in lines[1:]:
        if len(row) != len(head):
            raise BadInput("CLI-035", where=f"{path.name}:{line}", detail=f"{len(row)} / {len(head)} columns")
    if parted == ";":
        lines = [(line, [_decimal(cell) for cell in row]) for line, row in lines]
    return head, lines[1:]


def _decimal(cell: str) -> str:
    return cell.replace(",", ".") if re.fullmatch(r"[+-]?\d*,\d+([eE][+-]?\d+)?", cell) else cell


def _column(head: list[str], names: tuple[str, ...], path: Path) -> int:
    for name in names:
        if name in head:
            return head.index(name)
    raise BadInput("CLI-035", where=path.name, detail=f"{' / '.join(names)}? ({', '.join(head)[:80]})")


def _number(text: str, line: int, column: str, path: Path) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value < math.inf:
        raise BadInput("CLI-035", where=f"{path.name}:{line}", detail=f"{column}: {text[:40]!r}")
    return value
