"""Strict reading of the small texts that logs and witnesses exchange: what is not exact is refused.

Python's own readers are too kind for this: `splitlines` parts at U+2028, `int` takes "1_0" and " 1",
`b64decode` drops stray letters.
"""

import base64
import binascii
import re

from atalaya.base.errors import BadInput
from atalaya.trust.merkle import HASH_BYTES

DECIMAL = re.compile(rb"0|[1-9][0-9]{0,18}", re.ASCII)
LARGEST = (1 << 63) - 1
MAX_PROOF = 63
"""Hashes of the longest proof in a tree below 2^63 leaves."""


def decimal(text: bytes) -> int:
    """A number as the formats write it: ASCII digits, no sign, no leading zero, below 2^63.

    Raises:
        BadInput: TRU-010.
    """
    if not DECIMAL.fullmatch(text) or int(text) > LARGEST:
        raise BadInput("TRU-010", where=shown(text))
    return int(text)


def from_base64(text: bytes) -> bytes:
    """Bytes from standard base64, refusing every text but the one that encodes them.

    Raises:
        BadInput: TRU-011.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("TRU-011", where=shown(text)) from error
    if base64.b64encode(data) != text:
        raise BadInput("TRU-011", where=shown(text))
    return data


def to_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def hash_from(text: bytes) -> bytes:
    """A hash of 32 bytes from base64.

    Raises:
        BadInput: TRU-011, not base64; TRU-012, another length.
    """
    data = from_base64(text)
    if len(data) != HASH_BYTES:
        raise BadInput("TRU-012", where=shown(text), found=len(data))
    return data


def proof_from(lines: list[bytes]) -> tuple[bytes, ...]:
    """Hashes of a proof, one to a line.

    Raises:
        BadInput: TRU-013, more than 63; TRU-011, TRU-012.
    """
    if len(lines) > MAX_PROOF:
        raise BadInput("TRU-013", found=len(lines))
    return tuple(hash_from(line) for line in lines)


def proof_lines(proof: tuple[bytes, ...] | list[bytes]) -> str:
    """One hash to a line, each line ended."""
    return "".join(f"{to_base64(node)}\n" for node in proof)


def shown(text: bytes) -> str:
    """The beginning of some bytes, fit to print in a message."""
    return ascii(text[:60].decode("latin-1"))[1:-1]
