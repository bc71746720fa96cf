"""The linear maps of ST 0601: integers of n bytes to a range of reals, and back to the nearest code."""

from atalaya.base.errors import BadInput


def unsigned_scale(low: float, high: float, length: int) -> float:
    """Size of one step of an unsigned map of `length` bytes."""
    return (high - low) / ((1 << 8 * length) - 1)


def signed_scale(low: float, high: float, length: int) -> float:
    """Size of one step of a signed map of `length` bytes; the most negative code lies outside the map."""
    return (high - low) / ((1 << 8 * length) - 2)


def special_code(length: int) -> int:
    """The most negative code of a signed map: a state, not a number."""
    return -(1 << 8 * length - 1)


def encode_unsigned(value: float, low: float, high: float, length: int, name: str = "") -> bytes:
    """The nearest code of an unsigned map.

    Raises:
        BadInput: KLV-002, the value is outside [low, high] or not a number.
    """
    if not low <= value <= high:
        raise BadInput("KLV-002", item=name, value=value, low=low, high=high)
    return round((value - low) / unsigned_scale(low, high, length)).to_bytes(length, "big")


def encode_signed(value: float, low: float, high: float, length: int, name: str = "") -> bytes:
    """The nearest code of a signed map.

    Raises:
        BadInput: KLV-002, the value is outside [low, high] or not a number.
    """
    if not low <= value <= high:
        raise BadInput("KLV-002", item=name, value=value, low=low, high=high)
    largest = (1 << 8 * length - 1) - 1
    code = max(-largest, min(largest, round(value / signed_scale(low, high, length))))
    return code.to_bytes(length, "big", signed=True)
