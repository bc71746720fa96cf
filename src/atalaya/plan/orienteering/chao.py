"""Published instance files: team orienteering (Chao, Golden and Wasil 1996), orienteering (Tsiligirides
1984, Chao), and team orienteering with time windows (Righini and Salani 2009, Montemanni and Gambardella
2009).

Distances are Euclidean, one unit of length is one unit of time.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.plan.orienteering.problem import OrienteeringProblem

MOST_POINTS = 4000
"""More would need a table of ways that fills the memory of a small machine."""

MOST_VEHICLES = 1000
"""More vehicles than any instance has; a larger number is a damaged file."""

MOST_BYTES = 4_000_000
"""A file this long is none of these formats."""


@dataclass(frozen=True)
class Instance:
    """A problem as its file tells it.

    Args:
        name: the file's name without ending.
        problem: what may be collected.
        xy: (n, 2) float64, positions.
    """

    name: str
    problem: OrienteeringProblem
    xy: NDArray[np.float64]


def read_instance(path: Path | str, *, vehicles: int | None = None, decimals: int | None = None) -> Instance:
    """A file of any of the three formats, told apart by its first line.

    Args:
        path: the file.
        vehicles: number of routes of a file with windows, which does not say; default 1.
        decimals: to how many decimals distances of a file with windows are cut down; default the custom of
            the
            literature: 2 for files named pr*, 1 for others.

    Raises:
        BadInput: ORI-030 not readable text, ORI-031 a bad header, ORI-032 a bad line, ORI-033 too few
            points, ORI-034 too many points or vehicles, and those of `OrienteeringProblem`.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        text = raw.decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("ORI-030", where=path.name, detail=str(error)) from error
    if len(raw) > MOST_BYTES:
        raise BadInput("ORI-034", where=path.name, found=f"> {MOST_BYTES} B", most=f"{MOST_BYTES} B")
    first = text.split("\n", 1)[0].split()
    if first[:1] == ["n"]:
        return read_top(text, path.stem)
    if len(first) == 4:
        cut = decimals if decimals is not None else 2 if path.stem.startswith("pr") else 1
        return read_toptw(text, path.stem, vehicles=vehicles or 1, decimals=cut)
    return read_op(text, path.stem)


def read_top(text: str, name: str = "") -> Instance:
    """Team orienteering: `n N`, `m P`, `tmax T`, then `x y score` per point; the first is the start, the
    last the end."""
    lines = _lines(text)
    header = {}
    for key, (number, fields) in zip(("n", "m", "tmax"), lines, strict=False):
        if len(fields) != 2 or fields[0] != key:
            raise BadInput("ORI-031", where=f"{name}:{number}", wanted=f"{key} …")
        header[key] = _numbers(fields[1:], f"{name}:{number}")[0]
    if len(header) < 3:
        raise BadInput("ORI-031", where=name, wanted="n, m, tmax")
    points = _points(lines[3:], name)
    if len(points) != header["n"]:
        raise BadInput("ORI-033", where=name, found=len(points), wanted=f"{header['n']:g}")
    return _untimed(points, _whole(header["m"], name), header["tmax"], len(points) - 1, name)


def read_op(text: str, name: str = "") -> Instance:
    """Orienteering: `Tmax P`, then `x y score` per point; the first is the start, the **second** the end."""
    lines = _lines(text)
    if not lines or len(lines[0][1]) != 2:
        raise BadInput("ORI-031", where=f"{name}:1", wanted="Tmax P")
    budget, vehicles = _numbers(lines[0][1], f"{name}:1")
    return _untimed(_points(lines[1:], name), _whole(vehicles, name), budget, 1, name)


def read_toptw(text: str, name: str = "", *, vehicles: int = 1, decimals: int = 1) -> Instance:
    """With time windows: two header lines (unused), then `i x y service score f a list... open close` per
    point.

    Point 0 is start and end; its window is the time limit. Distances are cut down to `decimals`.
    """
    lines = _lines(text)
    if len(lines) < 2 or len(lines[0][1]) != 4:
        raise BadInput("ORI-031", where=f"{name}:1", wanted="k v N t")
    rows = [_toptw_row(fields, f"{name}:{number}") for number, fields in lines[2:]]
    table = _table(rows, name, least=1)
    xy, service, score, opens, closes = table[:, :2], table[:, 2], table[:, 3], table[:, 4], table[:, 5]
    tenth = 10.0**decimals
    cost = np.floor(_distances(xy) * tenth + 1e-9) / tenth
    bases = np.zeros(_fleet(vehicles, name), np.int64)
    score[0] = service[0] = 0.0
    problem = OrienteeringProblem(
        prize=score,
        cost=cost[None],
        budget=np.full(len(bases), closes[0] - opens[0]),
        start=bases,
        end=bases,
        service=service,
        opens=opens,
        closes=closes,
        departs=np.full(len(bases), opens[0]),
        may_stay=True,
    )
    return Instance(name, problem, xy)


def _untimed(points: NDArray[np.float64], vehicles: int, budget: float, end: int, name: str) -> Instance:
    xy, score = points[:, :2], points[:, 2].copy()
    score[[0, end]] = 0.0
    count = _fleet(vehicles, name)
    problem = OrienteeringProblem(
        prize=score,
        cost=_distances(xy)[None],
        budget=np.full(count, budget),
        start=np.zeros(count, np.int64),
        end=np.full(count, end),
        may_stay=True,
    )
    return Instance(name, problem, xy)


def _distances(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    apart: NDArray[np.float64] = np.hypot(
        xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1], dtype=np.float64
    )
    return apart


def _lines(text: str) -> list[tuple[int, list[str]]]:
    split = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1)]
    return [(number, fields) for number, fields in split if fields]


def _numbers(fields: list[str], where: str) -> list[float]:
    try:
        numbers = [float(field) for field in fields]
    except ValueError:
        raise BadInput("ORI-032", where=where, line=" ".join(fields)[:60]) from None
    if not all(abs(number) < 1e12 for number in numbers):
        raise BadInput("ORI-032", where=where, line=" ".join(fields)[:60])
    return numbers


def _points(lines: list[tuple[int, list[str]]], name: str) -> NDArray[np.float64]:
    rows = []
    for number, fields in lines:
        if len(fields) != 3:
            raise BadInput("ORI-032", where=f"{name}:{number}", line=" ".join(fields)[:60])
        rows.append(_numbers(fields, f"{name}:{number}"))
    return _table(rows, name, least=2)


def _toptw_row(fields: list[str], where: str) -> list[float]:
    if len(fields) < 9:
        raise BadInput("ORI-032", where=where, line=" ".join(fields)[:60])
    return _numbers([*fields[1:5], *fields[-2:]], where)


def _table(rows: list[list[float]], name: str, least: int) -> NDArray[np.float64]:
    if len(rows) < least:
        raise BadInput("ORI-033", where=name, found=len(rows), wanted=f">= {least}")
    if len(rows) > MOST_POINTS:
        raise BadInput("ORI-034", where=name, found=len(rows), most=MOST_POINTS)
    return np.array(rows, np.float64)


def _whole(number: float, name: str) -> int:
    if number != int(number):
        raise BadInput("ORI-032", where=name, line=f"{number}")
    return int(number)


def _fleet(count: int, name: str) -> int:
    if count < 1:
        raise BadInput("ORI-032", where=name, line=f"{count}")
    if count > MOST_VEHICLES:
        raise BadInput("ORI-034", where=name, found=count, most=MOST_VEHICLES)
    return count
