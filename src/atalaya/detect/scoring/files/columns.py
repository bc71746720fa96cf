"""A table of text: named columns parted by commas, semicolons or tabs."""

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.language import printable

MOST_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one file.

    head: names in lower case      rows: cells      lines: number of each row's last line
    """

    file: str
    head: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name.casefold() in self.head

    def texts(self, *names: str) -> list[str]:
        """The first column of these names.

        Raises:
            BadInput: SCO-032, there is none.
        """
        for name in names:
            if self.has(name):
                place = self.head.index(name.casefold())
                return [row[place] for row in self.rows]
        raise BadInput(
            "SCO-032",
            where=self.file,
            wanted=" / ".join(names),
            found=printable(", ".join(self.head)[:80]) or "-",
        )

    def numbers(self, *names: str) -> NDArray[np.float64]:
        """The first column of these names, finite.

        Raises:
            BadInput: SCO-032, there is none; SCO-033, a cell is no finite number.
        """
        cells = self.texts(*names)
        found = np.empty(len(cells))
        for row, cell in enumerate(cells):
            try:
                found[row] = float(cell)
            except ValueError:
                found[row] = math.nan
            if not math.isfinite(found[row]):
                where = f"{self.file}:{self.lines[row]}"
                raise BadInput("SCO-033", where=where, column=names[0], cell=printable(cell[:40]))
        return found


def raw_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """A whole file.

    Raises:
        NotFound: SCO-030, it cannot be opened. BadInput: SCO-034, it is too large.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise NotFound("SCO-030", where=str(path), detail=error.strerror or str(error)) from error
    if len(raw) > most:
        raise BadInput("SCO-034", where=path.name, most=f"{most / 1e6:.0f} MB")
    return raw


def read_table(path: Path) -> Table:
    """A table with a head.

    Raises:
        NotFound: SCO-030. BadInput: SCO-034; SCO-031, no such table.
    """
    raw = raw_bytes(path)
    try:
        text = raw.decode("utf-8-sig")
        parted = max(",;\t", key=text.split("\n", 1)[0].count)
        csv.field_size_limit(MOST_BYTES)  # an outline may be one long cell
        reader = csv.reader(io.StringIO(text), delimiter=parted)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput("SCO-031", where=path.name, form="CSV", detail=printable(str(error)[:80])) from error
    if not lines:
        raise BadInput("SCO-031", where=path.name, form="CSV", detail="0")
    head = tuple(cell.casefold() for cell in lines[0][1])
    for line, row in lines[1:]:
        if len(row) != len(head):
            detail = f"{len(row)} / {len(head)}"
            raise BadInput("SCO-031", where=f"{path.name}:{line}", form="CSV", detail=detail)
    return Table(path.name, head, [row for _, row in lines[1:]], [line for line, _ in lines[1:]])
