"""What the verbs that score detections print: tables of text, figures, JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from atalaya.base.language import say

Plot = Annotated[Path | None, Parameter(help=say("cli.score.plot"))]
Seed = Annotated[int, Parameter(help=say("cli.score.seed"))]


def shown(value: float | None, digits: int = 4) -> str:
    """A figure; "-" for none."""
    return say("scoring.none") if value is None or value != value else f"{value:.{digits}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with the first column to the left, the others to the right, as wide as they must be."""
    wide = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return [
        "  ".join(
            [row[0].ljust(wide[0]), *(cell.rjust(size) for cell, size in zip(row[1:], wide[1:], strict=True))]
        )
        for row in [head, *rows]
    ]


def listed(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """One figure a line."""
    wide = max(len(name) for name, _ in pairs)
    return [f"{name.ljust(wide)}  {value}" for name, value in pairs]


def out(found: dict[str, Any], kind: str, as_json: bool, lines: Sequence[str]) -> None:
    """The object `atalaya.score-<kind>/1`, or lines for a reader."""
    schema = {"schema": f"atalaya.score-{kind}/1"}
    print(json.dumps({**schema, **found}, ensure_ascii=False) if as_json else "\n".join(lines))
