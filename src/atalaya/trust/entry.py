"""What is logged: an act as canonical JSON, and the salted commitment that stands for it in the tree.

The tree holds SHA-256(salt || entry), never the entry: a body can be erased with its salt and the log still
verifies, and nobody can guess a position from its digest. What was hashed is kept as bytes and never made
anew.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput

VERSION = 1
SALT_BYTES = 32
LARGEST_INTEGER = (1 << 53) - 1
"""What every JSON reader holds exactly."""
DEEPEST = 64
DELETION = "deletion"
"""Kind of the act that erases another entry's body."""

_TEXT = frozenset({str})
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


@dataclass(frozen=True, slots=True)
class Act:
    """One act to be logged.

    Args:
        kind: what was done ("plan", "gate", "collect", "review", "release", "recall" ...).
        body: its facts: objects, lists, text, whole numbers, true, false and null. No floats: degrees times
            1e7, microseconds, metres times 100.
        actor: key id or name of who did it.
        inputs, outputs: hex SHA-256 of what went in and came out.
        policy: version of the rules it was done under.
        about: the object it concerns ("sortie:0042"); the entry names the prior one about the same object.
    """

    kind: str
    body: Mapping[str, Any]
    actor: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    policy: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it was logged. `prior` is the index of the entry before it about the same object."""

    act: Act
    t_us: int
    prior: int | None


def entry_bytes(act: Act, t_us: int, prior: int | None) -> bytes:
    """The canonical JSON that is hashed: UTF-8, keys sorted by code point, no blanks, whole numbers.

    Raises:
        BadInput: TRU-026, something in it is not canonical JSON (a float, too deep, a lone surrogate ...);
            TRU-027, an input or output is not a hex SHA-256, or kind or actor is empty.
    """
    texts = (act.kind, act.actor, act.policy, act.about)
    if not act.kind or not act.actor or not _TEXT.issuperset(map(type, texts)):
        raise BadInput("TRU-027", where=f"kind={act.kind!r} actor={act.actor!r}"[:200])
    for digest in (*act.inputs, *act.outputs):
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise BadInput("TRU-027", where=str(digest)[:80])
    _must_be_plain(act.body)
    envelope: dict[str, Any] = {"about": act.about, "actor": act.actor, "body": act.body}
    envelope |= {"inputs": act.inputs, "kind": act.kind, "outputs": act.outputs, "policy": act.policy}
    envelope |= {"prior": prior, "t_us": t_us, "v": VERSION}
    return _encoded(envelope)


def canonical(value: Mapping[str, Any]) -> bytes:
    """Canonical JSON of an object.

    Raises:
        BadInput: TRU-026.
    """
    _must_be_plain(value)
    return _encoded(value)


def _encoded(value: Mapping[str, Any]) -> bytes:
    try:
        return _encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput("TRU-026", where=type(error).__name__) from error


def _must_be_plain(value: Any) -> None:
    if not _plain(value, DEEPEST):
        raise BadInput("TRU-026", where=_first_wrong(value, "")[:200])


def _plain(value: Any, depth: int) -> bool:
    """Whether an object or list holds only what canonical JSON does; asked of every entry, hence one loop."""
    kind = type(value)
    if depth == 0 or kind not in (dict, list, tuple):
        return False
    if kind is dict and not _TEXT.issuperset(map(type, value)):
        return False
    for inner in value.values() if kind is dict else value:
        kind = type(inner)
        if kind is str or inner is None or kind is bool:
            continue
        if kind is int:
            if not -LARGEST_INTEGER <= inner <= LARGEST_INTEGER:
                return False
        elif not _plain(inner, depth - 1):
            return False
    return True


def _first_wrong(value: Any, place: str) -> str:
    """JSON pointer of the first thing that canonical JSON does not hold."""
    if not isinstance(value, (dict, list, tuple)) or place.count("/") >= DEEPEST:
        return place
    named = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in named:
        if isinstance(value, dict) and type(key) is not str:
            return f"{place}/{key!r}"
        if not _plain([inner], 2) and not (isinstance(inner, (dict, list, tuple)) and _plain(inner, DEEPEST)):
            return _first_wrong(inner, f"{place}/{key}")
    return place


def read_entry(data: bytes) -> Entry:
    """An entry from its bytes.

    Raises:
        BadInput: TRU-028, they are not one.
    """
    value = read_canonical(data)
    try:
        act = Act(
            value["kind"],
            value["body"],
            value["actor"],
            tuple(value["inputs"]),
            tuple(value["outputs"]),
            value["policy"],
            value["about"],
        )
        entry = Entry(act, value["t_us"], value["prior"])
        version = value["v"]
    except (KeyError, TypeError) as error:
        raise BadInput("TRU-028", where=str(error)[:80]) from error
    if type(entry.t_us) is not int or type(entry.prior) not in (int, type(None)):
        raise BadInput("TRU-028", where="t_us, prior")
    if version != VERSION or entry_bytes(act, entry.t_us, entry.prior) != data:
        raise BadInput("TRU-028", where="v")
    return entry


def read_canonical(data: bytes) -> dict[str, Any]:
    """A JSON object, refused where it is not canonical: a reader could take it for something else.

    Raises:
        BadInput: TRU-028.
    """
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse)
        if isinstance(value, dict) and canonical(value) == data:
            return value
    except (ValueError, RecursionError, BadInput) as error:
        raise BadInput("TRU-028", where=type(error).__name__) from error
    raise BadInput("TRU-028")


def _refuse(text: str) -> object:
    raise ValueError(text)


def commitment(salt: bytes, entry: bytes) -> bytes:
    """SHA-256(salt || entry): what stands in the log.

    Raises:
        BadInput: TRU-029, the salt has not 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise BadInput("TRU-029", where=str(len(salt)))
    return hashlib.sha256(salt + entry).digest()
