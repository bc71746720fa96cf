"""ST 1201 IMAPB: a real of a known range in an integer of any number of bytes, with special values.

bp = ceil(log2(b - a)); dp = 8 L - 1; sF = 2^(dp - bp); z = sF a - floor(sF a) where a < 0 < b, else 0
y = trunc(sF (x - a) + z);  x = (y - z) / sF + a
"""

import math
from collections.abc import Callable
from functools import lru_cache

from atalaya.base.errors import BadInput
from atalaya.klv.values import Special, State

MAX_LENGTH = 8

_STATES = {
    0b11001: State.POSITIVE_INFINITY,
    0b11101: State.NEGATIVE_INFINITY,
    0b11010: State.NOT_A_NUMBER,
    0b11110: State.NOT_A_NUMBER,
    0b11011: State.NOT_A_NUMBER,
    0b11111: State.NOT_A_NUMBER,
}
_BELOW, _ABOVE = 0xE0, 0xE1
_FIRST_BYTE = {
    State.POSITIVE_INFINITY: 0xC8,
    State.NEGATIVE_INFINITY: 0xE8,
    State.NOT_A_NUMBER: 0xD0,
    State.BELOW_MINIMUM: _BELOW,
    State.ABOVE_MAXIMUM: _ABOVE,
}


@lru_cache(maxsize=1024)
def scale(low: float, high: float, length: int) -> tuple[float, float]:
    """sF and z of IMAPB(low, high, length).

    Raises:
        BadInput: KLV-006, the range is empty or not finite, or the length is not 1 to 8.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high and 1 <= length <= MAX_LENGTH):
        raise BadInput("KLV-006", low=low, high=high, length=length)
    mantissa, exponent = math.frexp(high - low)
    bits = exponent - 1 if mantissa == 0.5 else exponent
    factor = math.ldexp(1.0, 8 * length - 1 - bits)
    zero = factor * low - math.floor(factor * low) if low < 0 < high else 0.0
    return factor, zero


def special(state: State, length: int) -> Special:
    """The bytes of a special value; a NaN is written as the positive quiet one.

    Raises:
        BadInput: KLV-003, ST 1201 has no code for that state.
    """
    first = _FIRST_BYTE.get(state)
    if first is None:
        raise BadInput("KLV-003", item="IMAPB", value=state.name)
    return Special(state, bytes((first,)) + bytes(length - 1))


def _special_of(raw: int, length: int) -> Special:
    """What a code above 2^(8L-1) says."""
    data = raw.to_bytes(length, "big")
    first = data[0]
    if first == _BELOW:
        state = State.BELOW_MINIMUM
    elif first == _ABOVE:
        state = State.ABOVE_MAXIMUM
    else:
        state = _STATES.get(first >> 3, State.OTHER_SPECIAL)
    return Special(state, data)


def decoder(low: float, high: float, length: int) -> Callable[[int], "float | Special"]:
    """A function from the unsigned code to the value, for one range and length.

    Raises:
        BadInput: KLV-006, see `scale`.
    """
    factor, zero = scale(low, high, length)
    half = 1 << 8 * length - 1
    step = 1.0 / factor  # a power of two, so the product equals the quotient

    def decode(raw: int) -> float | Special:
        return (raw - zero) * step + low if raw <= half else _special_of(raw, length)

    return decode


def decode(data: bytes, low: float, high: float) -> "float | Special":
    """The value of some bytes under IMAPB(low, high, len(data)).

    Raises:
        BadInput: KLV-006, see `scale`.
    """
    return decoder(low, high, len(data))(int.from_bytes(data, "big"))


def encode(value: float, low: float, high: float, length: int, name: str = "IMAPB") -> bytes:
    """The code of a value; infinities and NaN become their special codes.

    Raises:
        BadInput: KLV-002, the value is outside [low, high]; KLV-006, see `scale`.
    """
    factor, zero = scale(low, high, length)
    if math.isnan(value):
        return special(State.NOT_A_NUMBER, length).raw
    if math.isinf(value):
        return special(State.POSITIVE_INFINITY if value > 0 else State.NEGATIVE_INFINITY, length).raw
    step = 1.0 / factor
    # A decoded value may lie a step outside the range: z shifts the grid to hit 0, and floats round.
    slack = max(step, 2 * math.ulp(high - low))
    if not low - slack <= value <= high + slack:
        raise BadInput("KLV-002", item=name, value=value, low=low, high=high)
    code = max(0, math.trunc(factor * (value - low) + zero))
    # Rounding in (x - a) may fall just below the integer a decoded value came from.
    if (code - zero) * step + low < value == (code + 1 - zero) * step + low:
        code += 1
    return min(code, 1 << 8 * length - 1).to_bytes(length, "big")
