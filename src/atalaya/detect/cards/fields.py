"""Typed fields of a JSON object: what is missing, unknown or of the wrong kind is an error that names it."""

import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from atalaya.base.errors import BadInput


class Fields:
    """Fields of one object of a card.

    Args:
        path: of the card's file, for messages. name: of the object in the card, "" for the outermost.
    """

    def __init__(self, content: object, path: str, name: str = "") -> None:
        self._path, self._name = path, name
        if not isinstance(content, dict):
            raise self._wrong("", "object")
        self._content: Mapping[str, Any] = content

    def __contains__(self, key: str) -> bool:
        return self._content.get(key) is not None

    def named(self, name: str) -> "Fields":
        """The same fields, called otherwise in messages."""
        return Fields(self._content, self._path, name)

    def only(self, known: Iterable[str], prefixes: tuple[str, ...] = ("",)) -> "Fields":
        """Refuse keys that begin with one of the prefixes and are not known.

        Raises:
            BadInput: MDL-004.
        """
        names = sorted(known)
        for key in self._content:
            if key.startswith(prefixes) and key not in names:
                nearest = get_close_matches(key, names, 1, 0.0)
                raise BadInput(
                    "MDL-004",
                    where=self._path,
                    field=self._place(key),
                    nearest=nearest[0] if nearest else "-",
                )
        return self

    def text(self, key: str, default: str | None = None) -> str:
        """A string, not empty unless that is the default."""
        value = self._value(key, default)
        if not isinstance(value, str) or (not value and default != ""):
            raise self._wrong(key, "text")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of some words."""
        value = self._value(key, default)
        if value not in (known := sorted(allowed)):
            raise self._wrong(key, " | ".join(known))
        return str(value)

    def number(
        self, key: str, default: float | None = None, least: float = -math.inf, most: float = math.inf
    ) -> float:
        """A finite number between bounds."""
        return self._checked(key, self._value(key, default), least, most)

    def whole(self, key: str, default: int | None = None, least: int = 0, most: int = 2**31) -> int:
        """A whole number between bounds."""
        value = self._value(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self._wrong(key, f"{least} .. {most}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, "true | false")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings."""
        value = self._value(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each for each in value):
            raise self._wrong(key, "[text, ...]")
        return tuple(value)

    def numbers(self, key: str, default: tuple[float, ...] | None = None) -> tuple[float, ...]:
        """A list of finite numbers; a number alone is a list of one."""
        value = self._value(key, default)
        if isinstance(value, int | float):
            value = [value]
        if not isinstance(value, list | tuple):
            raise self._wrong(key, "[number, ...]")
        return tuple(self._checked(key, each, -math.inf, math.inf) for each in value)

    def inner(self, key: str) -> "Fields":
        """An object."""
        return Fields(self._value(key, None), self._path, self._place(key))

    def inners(self, key: str, least: int = 0) -> list["Fields"]:
        """A list of at least so many objects."""
        value = self._value(key, [] if least == 0 else None)
        if not isinstance(value, list) or len(value) < least:
            raise self._wrong(key, "[object, ...]")
        return [Fields(each, self._path, f"{self._place(key)}[{n}]") for n, each in enumerate(value)]

    def words(self, key: str) -> dict[str, str]:
        """An object of strings."""
        value = self._value(key, {})
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise self._wrong(key, "{text: text, ...}")
        return dict(value)

    def items(self) -> Iterable[tuple[str, Any]]:
        """Keys and values as they stand."""
        return self._content.items()

    def wrong(self, key: str, expected: str) -> BadInput:
        """The error that this field is not what is expected: MDL-005."""
        return self._wrong(key, expected)

    def _value(self, key: str, default: object) -> Any:
        value = self._content.get(key)
        if value is not None:
            return value
        if default is None:
            raise BadInput("MDL-003", where=self._path, field=self._place(key))
        return default

    def _checked(self, key: str, value: object, least: float, most: float) -> float:
        sound = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
        if not sound or not least <= float(value) <= most:  # type: ignore[arg-type]
            raise self._wrong(key, f"{least:g} .. {most:g}")
        return float(value)  # type: ignore[arg-type]

    def _wrong(self, key: str, expected: str) -> BadInput:
        return BadInput("MDL-005", where=self._path, field=self._place(key) or "JSON", expected=expected)

    def _place(self, key: str) -> str:
        return ".".join(part for part in (self._name, key) if part)
