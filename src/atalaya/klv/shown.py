"""Values as JSON shows them: numbers and text plain, everything else as an object that says what it is."""

import math
from dataclasses import fields, is_dataclass
from enum import Enum
from uuid import UUID

from atalaya.klv.item import Item
from atalaya.klv.values import Malformed, Special, State, Unknown


def state_word(state: State) -> str:
    """`off-earth` for State.OFF_EARTH."""
    return state.name.lower().replace("_", "-")


def shown(value: object, item: Item | None = None) -> object:
    """A JSON-ready form of any value; codes and flags of `item` are spelled out beside the number."""
    if isinstance(value, int) and item is not None and (item.codes or item.bits):
        return _code(value, item)
    if isinstance(value, float) and not math.isfinite(value):
        return {"special": state_word(_float_state(value))}
    if value is None or isinstance(value, (int, str, float)):
        return value
    if isinstance(value, bytes):
        return {"raw": value.hex()}
    return _object(value)


def _object(value: object) -> object:
    if isinstance(value, Special):
        return {"special": state_word(value.state)}
    if isinstance(value, Malformed):
        return {"malformed": str(value.reason), "raw": value.raw.hex()}
    if isinstance(value, Unknown):
        return {"special": "unknown"}
    if isinstance(value, Enum):
        return value.name.lower().replace("_", "-")
    if isinstance(value, UUID):
        return str(value)
    if hasattr(value, "as_json"):
        return value.as_json()
    if isinstance(value, (tuple, list)):
        return [shown(part) for part in value]
    if is_dataclass(value):
        return {spec.name: shown(getattr(value, spec.name)) for spec in fields(value)}
    return str(value)


def _code(value: int, item: Item) -> dict[str, object]:
    if item.codes:
        return {"code": value, "meaning": dict(item.codes).get(value)}
    return {"code": value, "set": [meaning for bit, meaning in item.bits if value >> bit & 1]}


def _float_state(value: float) -> State:
    if math.isnan(value):
        return State.NOT_A_NUMBER
    return State.POSITIVE_INFINITY if value > 0 else State.NEGATIVE_INFINITY
