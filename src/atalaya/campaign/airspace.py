"""The boundary layers a workspace is judged by: the packaged ones, and those that were added to it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from atalaya.base.errors import BadInput
from atalaya.law.account import StateAccount
from atalaya.law.boundary import Layer, LayerIndex, edition_at, layer_index, layers_in, open_layer

DEFAULT = ("north-america", "world")
"""Precise where it reaches; the coarse world elsewhere and as a second opinion."""


def indexes_at(root: Path | None, names: Sequence[str], t_us: int) -> list[LayerIndex]:
    """The editions in force at an instant, ready for questions, in the order named.

    Args:
        root: workspace whose `layers/` are known too; None for none.
        names: names of layers, or folders of one; the first that has a State answers for it.

    Raises:
        NotFound: LAY-004, LAY-005, no such layer or no edition in force then.
        BadInput: LED-015, a layer that is not sovereign airspace cannot answer whose airspace it is.
    """
    added = layers_in(root / "layers") if root is not None else ()
    found = []
    for name in names or DEFAULT:
        editions = [layer for layer in added if layer.record.name == name]
        layer = edition_at(editions, t_us) if editions else open_layer(name)
        if not layer.record.is_sovereign:
            raise BadInput("LED-015", where=name, kind=str(layer.record.kind))
        found.append(_index(layer))
    return found


def principal(states: Sequence[StateAccount], indexes: Sequence[LayerIndex]) -> dict[str, StateAccount]:
    """For each State the account of the first layer that has it: no layer speaks where it does not reach."""
    chosen: dict[str, StateAccount] = {}
    for index in indexes:
        for account in states:
            answers = account.layer == index.record.name and _first_with(account.state, indexes) is index
            if answers:
                chosen[account.state] = account
    return chosen


def _first_with(state: str, indexes: Sequence[LayerIndex]) -> LayerIndex | None:
    return next((index for index in indexes if state in index.areas), None)


@cache
def _cached() -> dict[str, LayerIndex]:
    return {}


def _index(layer: Layer) -> LayerIndex:
    """Made once in a process: the same layer is asked for every sortie."""
    known = _cached()
    key = f"{layer.record.name} {layer.record.edition} {layer.record.sha256}"
    if key not in known:
        known[key] = layer_index(layer)
    return known[key]
