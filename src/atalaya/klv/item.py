"""One row of an item table: how a tag is named, coded and meant."""

from dataclasses import dataclass
from enum import StrEnum

from atalaya.klv.values import State


class Kind(StrEnum):
    """How the bytes of an item become a value."""

    LINEAR_UNSIGNED = "linear-unsigned"
    """ST 0601: lo + raw * (hi - lo) / (2^8n - 1)."""
    LINEAR_SIGNED = "linear-signed"
    """ST 0601: raw * (hi - lo) / (2^8n - 2); the most negative code is special."""
    IMAPB = "imapb"
    """ST 1201 IMAPB(lo, hi, length)."""
    UINT = "uint"
    """Big-endian unsigned integer of fixed (`length`) or free length."""
    INT = "int"
    """Big-endian two's complement integer of fixed or free length."""
    TIME = "time"
    """Unsigned microseconds (ST 0603)."""
    TEXT = "text"
    """UTF-8 (ISO 646 subset), `max_length` bytes at most."""
    FLOAT = "float"
    """IEEE 754, 4 or 8 bytes (EG 0104)."""
    NESTED = "nested"
    """A local set or pack with its own table; `nested` names it."""
    BYTES = "bytes"
    """Kept as it is, never interpreted."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a local set.

    Args:
        tag: number in the set.
        name: column and JSON key, snake case, with unit and datum (`sensor_altitude_msl_m`).
        title: name in the standard, for people.
        kind: coding.
        low, high: software range in `unit` for LINEAR_* and IMAPB; for UINT and INT the values the standard
            allows, where it allows fewer than the bytes can hold (both 0: any).
        length: bytes; 0 where the length is free.
        max_length: largest length for free-length items; 0 where the standard gives none.
        unit: SI or "deg", "%", "hPa" ...; "" for codes and text.
        datum: "WGS84", "MSL", "HAE", "true north" ...; "" where none applies.
        special: state that the most negative LINEAR_SIGNED code means.
        nested: name of the nested set or pack ("st0102", "st0903" ...).
        multiple: whether the item may occur more than once in a packet.
        since: first ST 0601 version that has the item.
        codes: meaning of enumerated values.
        bits: meaning of each bit of a flags item, by bit number.
        preferred: tag of the item that says the same better (full range, extended, ellipsoidal); 0: none.
        deprecated: whether the standard withdrew the item.
    """

    tag: int
    name: str
    title: str
    kind: Kind
    low: float = 0.0
    high: float = 0.0
    length: int = 0
    max_length: int = 0
    unit: str = ""
    datum: str = ""
    special: State = State.RESERVED
    nested: str = ""
    multiple: bool = False
    since: int = 0
    codes: tuple[tuple[int, str], ...] = ()
    bits: tuple[tuple[int, str], ...] = ()
    preferred: int = 0
    deprecated: bool = False
