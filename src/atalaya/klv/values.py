"""What a KLV item can say besides a number: nothing, "unknown now", a reserved code, or unreadable bytes.

An item that is absent has no entry at all; the others stay distinguishable from it and from each other.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class State(IntEnum):
    """State of one item in one packet, the code of the columns' state arrays (uint8)."""

    ABSENT = 0
    VALUE = 1
    UNKNOWN = 2
    """Zero-length item: the sender says it does not know now (ST 0601: clears a held value)."""
    OUT_OF_RANGE = 3
    OFF_EARTH = 4
    RESERVED = 5
    MALFORMED = 6
    """Wrong length or undecodable bytes: that item alone is lost, the packet is not."""
    NOT_A_NUMBER = 7
    POSITIVE_INFINITY = 8
    NEGATIVE_INFINITY = 9
    BELOW_MINIMUM = 10
    ABOVE_MAXIMUM = 11
    OTHER_SPECIAL = 12
    """A reserved or user-defined ST 1201 bit pattern; the raw bytes are kept."""


@dataclass(frozen=True, slots=True)
class Special:
    """A reserved code in place of a number; `raw` writes it back unchanged."""

    state: State
    raw: bytes


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes of an item that could not be read, with the reason in one word of `Reason`."""

    raw: bytes
    reason: str


class Unknown:
    """A zero-length item."""

    _only: "Unknown | None" = None

    def __new__(cls) -> "Unknown":
        """There is one."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()
"""The value of a zero-length item."""


class Reason(StrEnum):
    """Why bytes of an item could not be read."""

    LENGTH = "length"
    TEXT = "text"
    NESTED = "nested"
    TRUNCATED = "truncated"
