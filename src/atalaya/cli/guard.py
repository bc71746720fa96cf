"""What must hold before a verb writes: an output never replaces an input, numbers are usable."""

import math
from collections.abc import Iterable
from pathlib import Path

from atalaya.base.errors import Usage


def refuse_to_replace(outputs: Iterable[Path], inputs: Iterable[str | Path | None]) -> None:
    """Refuse an output that is one of the inputs (by place, through links too), or is a folder.

    Raises:
        Usage: CLI-019, CLI-020.
    """
    read = [Path(place) for place in inputs if place is not None and Path(place).exists()]
    for output in outputs:
        if output.is_dir():
            raise Usage("CLI-020", where=str(output))
        if output.exists() and any(output.samefile(place) for place in read):
            raise Usage("CLI-019", where=str(output))


def positive(option: str, value: float | None) -> None:
    """Refuse an option that must be a number above zero.

    Raises:
        Usage: CLI-009.
    """
    if value is not None and not 0.0 < value < math.inf:
        raise Usage("CLI-009", where=option, value=value)


def beside(target: Path, *parts: str) -> list[Path]:
    """A product and the files that lie beside it: `area.tif`, `area.state.tif` ..."""
    return [target, *(target.with_name(f"{target.stem}.{part}") for part in parts)]
