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
    if not act.kind or not act.actor:
        raise BadInput("TRU-027", where=f"kind={act.kind!r} actor={act.actor!r}")
    for digest in (*act.inputs, *act.outputs):
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise BadInput("TRU-027", where=str(digest)[:80])
    envelope = {
        "about": act.about,
        "actor": act.actor,
        "body": act.body,
        "inputs": list(act.inputs),
        "kind": act.kind,
        "outputs": list(act.outputs),
        "policy": act.policy,
        "prior": prior,
        "t_us": t_us,
        "v": VERSION,
    }
    return canonical(envelope)


def canonical(value: Mapping[str, Any]) -> bytes:
    """Canonical JSON of an object.

    Raises:
        BadInput: TRU-026.
    """
    _plain(value, "", 0)
    try:
        return _encode(value).encode("utf-8")
    except (UnicodeEncodeError, TypeError, ValueError) as error:
        raise BadInput("TRU-026", where=type(error).__name__) from error


def _plain(value: object, place: str, depth: int) -> None:
    """Refuse what canonical JSON does not hold, naming the place as a JSON pointer."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is int and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:  # type: ignore[operator]
        return
    if depth < DEEPEST and kind is dict:
        for key, inner in value.items():  # type: ignore[attr-defined]
            if type(key) is not str:
                raise BadInput("TRU-026", where=f"{place}/{key!r}"[:200])
            _plain(inner, f"{place}/{key}", depth + 1)
        return
    if depth < DEEPEST and (kind is list or kind is tuple):
        for number, inner in enumerate(value):  # type: ignore[arg-type]
            _plain(inner, f"{place}/{number}", depth + 1)
        return
    raise BadInput("TRU-026", where=place[:200] or kind.__name__)


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
    except (KeyError, TypeError) as error:
        raise BadInput("TRU-028", where=str(error)[:80]) from error
    if value["v"] != VERSION or entry_bytes(act, entry.t_us, entry.prior) != data:
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
