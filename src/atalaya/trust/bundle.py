"""Offline proof bundles (`atalaya.bundle/1`): facts with their proofs, and every printed figure's place in
them.

    {"schema": "atalaya.bundle/1",
     "facts":   [{"entry": canonical JSON as text, "salt": base64, "receipt": the .tlog-proof as text}, ...],
     "figures": {name: {"fact": number, "pointer": "/body/days", "value": what is printed}, ...}}

A figure is a text, whole number, truth value or null at a JSON pointer (RFC 6901) into the entry of a fact.
All receipts lead to one checkpoint, so a bundle cannot mix two histories. `verify/atalaya_verify.py` checks
it alone.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atalaya.base.errors import BadInput, VerificationFailed
from atalaya.trust.durable import replace_durable
from atalaya.trust.entry import SALT_BYTES, commitment, read_entry
from atalaya.trust.merkle import leaf_hash
from atalaya.trust.policy import Policy, Trusted
from atalaya.trust.receipt import Receipt
from atalaya.trust.wire import from_base64, to_base64

SCHEMA = "atalaya.bundle/1"
MAX_BYTES = 256_000_000

Figure = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One disclosed entry: the bytes that were hashed, their salt, and the receipt of their commitment."""

    entry: bytes
    salt: bytes
    receipt: Receipt

    @property
    def leaf(self) -> bytes:
        """Leaf hash that the receipt must prove."""
        return leaf_hash(commitment(self.salt, self.entry))


@dataclass(frozen=True, slots=True)
class Cited:
    """A figure as it is printed, and where it stands: number of the fact, JSON pointer into its entry."""

    fact: int
    pointer: str
    value: Figure


@dataclass(frozen=True, slots=True)
class Bundle:
    """Facts, and figures by name."""

    facts: tuple[Fact, ...]
    figures: dict[str, Cited]

    @classmethod
    def of(cls, facts: Sequence[Fact], figures: Mapping[str, tuple[int, str]]) -> "Bundle":
        """A bundle whose figures are looked up: name -> (number of the fact, JSON pointer).

        Raises:
            BadInput: TRU-037, there is no such fact or no figure at the pointer; TRU-038, no fact at all.
        """
        if not facts:
            raise BadInput("TRU-038", where="facts")
        entries = [json.loads(fact.entry) for fact in facts]
        cited = {}
        for name, (number, pointer) in figures.items():
            if not 0 <= number < len(facts):
                raise BadInput("TRU-037", where=f"{name}: {number}{pointer}")
            cited[name] = Cited(number, pointer, figure_at(entries[number], pointer))
        return cls(tuple(facts), cited)

    @classmethod
    def parse(cls, data: bytes) -> "Bundle":
        """A bundle from its file.

        Raises:
            BadInput: TRU-038, it is not one; what `Receipt.parse` raises; TRU-011.
        """
        value = _object(data)
        try:
            facts = tuple(_fact(part) for part in value["facts"])
            figures = {name: _cited(part) for name, part in value["figures"].items()}
        except (KeyError, TypeError, AttributeError, UnicodeEncodeError) as error:
            raise BadInput("TRU-038", where=type(error).__name__) from error
        if value.get("schema") != SCHEMA or len(value) != 3 or not facts:
            raise BadInput("TRU-038", where="schema")
        return cls(facts, figures)

    @property
    def as_bytes(self) -> bytes:
        """The bundle's file."""
        facts = [
            {
                "entry": fact.entry.decode(),
                "salt": to_base64(fact.salt),
                "receipt": fact.receipt.as_bytes.decode(),
            }
            for fact in self.facts
        ]
        figures = {
            name: {"fact": cited.fact, "pointer": cited.pointer, "value": cited.value}
            for name, cited in self.figures.items()
        }
        value = {"schema": SCHEMA, "facts": facts, "figures": figures}
        return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()

    def check(self, policy: Policy, now_s: int | None = None) -> Trusted:
        """That every fact is in the log and every figure stands in its fact; the checkpoint they lead to.

        Raises:
            BadInput, VerificationFailed: as `Receipt.check`; TRU-028, an entry is not canonical.
            VerificationFailed: TRU-039, facts of different checkpoints, or a figure is not what the fact
            says.
        """
        first = self.facts[0].receipt.note
        for number, fact in enumerate(self.facts):
            if fact.receipt.note != first:
                raise VerificationFailed("TRU-039", where=f"fact {number}")
            trusted = fact.receipt.check(fact.leaf, policy, now_s)
            read_entry(fact.entry)
        for name, cited in self.figures.items():
            if not 0 <= cited.fact < len(self.facts):
                raise VerificationFailed("TRU-039", where=name)
            found = figure_at(json.loads(self.facts[cited.fact].entry), cited.pointer)
            if type(found) is not type(cited.value) or found != cited.value:
                raise VerificationFailed("TRU-039", where=name)
        return trusted


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle's file, whole or not at all.

    Raises:
        AtalayaError: TRU-016.
    """
    replace_durable(path, bundle.as_bytes)


def figure_at(value: Any, pointer: str) -> Figure:
    """The text, number, truth value or null at a JSON pointer (RFC 6901).

    Raises:
        BadInput: TRU-037, there is none.
    """
    if pointer and not pointer.startswith("/"):
        raise BadInput("TRU-037", where=pointer[:200])
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise BadInput("TRU-037", where=pointer[:200])
    if value is not None and not isinstance(value, (str, int)):
        raise BadInput("TRU-037", where=pointer[:200])
    return value


def _object(data: bytes) -> dict[str, Any]:
    """A JSON object without doubled keys or fractions."""
    if len(data) > MAX_BYTES:
        raise BadInput("TRU-038", where=str(len(data)))
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_float=_refuse, parse_constant=_refuse
        )
    except (ValueError, RecursionError) as error:
        raise BadInput("TRU-038", where=str(error)[:80]) from error
    if not isinstance(value, dict):
        raise BadInput("TRU-038", where=type(value).__name__)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("doubled key")
    return value


def _refuse(text: str) -> object:
    raise ValueError(text)


def _fact(part: dict[str, Any]) -> Fact:
    salt = from_base64(part["salt"].encode())
    if len(part) != 3 or len(salt) != SALT_BYTES:
        raise BadInput("TRU-038", where="salt")
    return Fact(part["entry"].encode(), salt, Receipt.parse(part["receipt"].encode()))


def _cited(part: dict[str, Any]) -> Cited:
    fact, pointer, value = part["fact"], part["pointer"], part["value"]
    if len(part) != 3 or type(fact) is not int or not isinstance(pointer, str):
        raise BadInput("TRU-038", where=str(pointer)[:80])
    if value is not None and not isinstance(value, (str, int)):
        raise BadInput("TRU-038", where=pointer[:80])
    return Cited(fact, pointer, value)
