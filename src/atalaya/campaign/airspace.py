"""The boundary layers a workspace is judged by: the packaged ones, and those that were added to it."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput, NotFound
from atalaya.law.boundary.record import LayerRecord
from atalaya.law.boundary.shelf import open_record, records_in

if TYPE_CHECKING:
    from atalaya.law.account import StateAccount
    from atalaya.law.boundary import LayerIndex

DEFAULT = ("north-america", "world")
"""Precise where it reaches; the coarse world elsewhere and as a second opinion."""


def records_at(root: Path | None, names: Sequence[str], t_us: int) -> dict[str | Path, LayerRecord]:
    """The editions in force at an instant, by what `open_layer` takes, in the order named.

    Args:
        root: workspace whose `layers/` are known too; None for none.
        names: names of layers, or folders of one; the first that has a State answers for it.

    Raises:
        NotFound: LAY-004, LAY-005, no such layer or no edition in force then.
        BadInput: LED-015, a layer that is not sovereign airspace cannot answer whose airspace it is.
    """
    added = records_in(root / "layers") if root is not None else {}
    found: dict[str | Path, LayerRecord] = {}
    for name in names or DEFAULT:
        editions = {place: record for place, record in added.items() if record.name == name}
        place = _in_force(editions, t_us) if editions else name
        record = editions[place] if isinstance(place, Path) else open_record(name)
        if not record.is_sovereign:
            raise BadInput("LED-015", where=str(name), kind=str(record.kind))
        found[place] = record
    return found


def indexes_at(root: Path | None, names: Sequence[str], t_us: int) -> "list[LayerIndex]":
    """The editions in force at an instant, ready for questions; see `records_at`."""
    return [_index(place) for place in records_at(root, names, t_us)]


def _in_force(editions: Mapping[Path, LayerRecord], t_us: int) -> Path:
    """The edition in force; of several, the one that came into force last."""
    valid = [place for place, record in editions.items() if record.in_force(t_us)]
    if not valid:
        raise NotFound("LAY-004", at=iso(t_us))
    return max(valid, key=lambda place: (editions[place].valid_from_us or 0, editions[place].edition))


def principal(states: "Sequence[StateAccount]", indexes: "Sequence[LayerIndex]") -> "dict[str, StateAccount]":
    """For each State the account of the first layer that has it: no layer speaks where it does not reach."""
    chosen: dict[str, StateAccount] = {}
    for index in indexes:
        for account in states:
            answers = account.layer == index.record.name and _first_with(account.state, indexes) is index
            if answers:
                chosen[account.state] = account
    return chosen


def _first_with(state: str, indexes: "Sequence[LayerIndex]") -> "LayerIndex | None":
    return next((index for index in indexes if state in index.areas), None)


@cache
def _index(place: str | Path) -> "LayerIndex":
    """Made once in a process: the same layer is asked for every sortie."""
    from atalaya.law.boundary import layer_index, open_layer

    return layer_index(open_layer(place))
