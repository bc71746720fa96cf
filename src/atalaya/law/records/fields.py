"""Reading a record's body field by field: what is missing, wrong or unknown is refused with its place."""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from atalaya.base.errors import BadInput
from atalaya.law.records.stated import Stated, parse_stated
from atalaya.law.records.states import STATES, wanted_state

LONGEST = 10_000
"""Characters of one text; a longer one is no wording of a record but a file put into it."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YES, _NO = frozenset({"true", "yes", "sí", "si", "1"}), frozenset({"false", "no", "0"})


class Place(NamedTuple):
    """A place somebody named: degrees, WGS 84, and their words for it."""

    lon_deg: float
    lat_deg: float
    said: str = ""


class Fields:
    """The fields of one mapping. Every reader takes a field; `close` refuses those that nobody took.

    Values may be JSON values or, as they come from tables, their text: "12.5", "yes", "a; b".

    Args:
        mapping: the body, or a part of it.
        where: what it belongs to, for errors.
        zone: zone of stated times that name none; the mapping's own `zone` wins.
    """

    def __init__(self, mapping: Mapping[str, Any], where: str, zone: str = "") -> None:
        if not isinstance(mapping, Mapping):
            raise BadInput("REC-011", where=where, field="body", value=_shown(mapping), expected="{...}")
        self._mapping = mapping
        self._where = where
        self._taken = {"zone"}
        self._zone = str(mapping.get("zone") or zone)

    def text(self, name: str, default: str | None = None, *, most: int = LONGEST) -> str:
        """A text; without a default it must be there and not be empty.

        Raises:
            BadInput: REC-010 missing; REC-011 no text, too long, or with control characters.
        """
        value = self.take(name)
        if value is None or value == "":
            if default is None:
                raise BadInput("REC-010", where=self._where, field=name)
            return default
        if not isinstance(value, str) or len(value) > most or _CONTROL.search(value):
            raise self._wrong(name, value, f"text, 1..{most}")
        return value.strip()

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of several words.

        Raises:
            BadInput: REC-010, REC-011.
        """
        value = self.text(name, default, most=64)
        if value not in allowed and value != default:
            raise self._wrong(name, value, " | ".join(sorted(allowed)))
        return value

    def state(self, name: str) -> str:
        """A State by its ISO 3166-1 alpha-3 code, as boundary layers write it; "" for none.

        Raises:
            BadInput: REC-011.
        """
        value = self.text(name, "", most=64).upper()
        if value and value not in STATES:
            raise self._wrong(name, value, wanted_state(value))
        return value

    def sha256(self, name: str) -> str:
        """A SHA-256 in hex; "" where there is none.

        Raises:
            BadInput: REC-011.
        """
        value = self.text(name, "", most=64).lower()
        if value and not _SHA256.fullmatch(value):
            raise self._wrong(name, value, "SHA-256")
        return value

    def number(self, name: str, *, least: float = -math.inf, most: float = math.inf) -> float | None:
        """A finite number; None where there is none.

        Raises:
            BadInput: REC-011.
        """
        value = self.take(name)
        if value is None or value == "":
            return None
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not (math.isfinite(number) and least <= number <= most):
            raise self._wrong(name, value, f"{least:g}..{most:g}")
        return number

    def flag(self, name: str) -> bool | None:
        """Yes or no; None where neither is said.

        Raises:
            BadInput: REC-011.
        """
        value = self.take(name)
        if value is None or value == "":
            return None
        word = str(value).strip().casefold()
        if word not in _YES | _NO:
            raise self._wrong(name, value, "true | false")
        return word in _YES

    def stated(self, name: str) -> Stated | None:
        """A stated time, as text or `{"at": text, "zone": name}`; None where there is none.

        Raises:
            BadInput: REC-001, REC-002, REC-011.
        """
        value = self.take(name)
        if value is None or value == "":
            return None
        zone = self._zone
        if isinstance(value, Mapping):
            zone = str(value.get("zone") or zone)
            value = value.get("at")
        if not isinstance(value, str):
            raise self._wrong(name, value, "2025-02-20")
        return parse_stated(value, zone, where=self.place(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; from a table: one text, parted by semicolons.

        Raises:
            BadInput: REC-011.
        """
        value = self.take(name)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [part.strip() for part in value.split(";") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
            raise self._wrong(name, value, "[text, ...]")
        if any(len(part) > LONGEST or _CONTROL.search(part) for part in value):
            raise self._wrong(name, value, f"[text, 1..{LONGEST}]")
        return tuple(value)

    def words(self, name: str) -> dict[str, str]:
        """A mapping of texts to texts.

        Raises:
            BadInput: REC-011.
        """
        value = self.take(name)
        if value is None:
            return {}
        fine = isinstance(value, Mapping) and all(
            isinstance(part, str) and len(part) <= LONGEST for pair in value.items() for part in pair
        )
        if not fine:
            raise self._wrong(name, value, "{text: text}")
        return dict(value)

    def section(self, name: str) -> "Fields":
        """A part of its own; an empty one where there is none.

        Raises:
            BadInput: REC-011.
        """
        value = self.take(name)
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            raise self._wrong(name, value, "{...}")
        return Fields(value, self.place(name), self._zone)

    def sections(self, name: str) -> dict[str, "Fields"]:
        """Parts of their own, by name.

        Raises:
            BadInput: REC-011.
        """
        part = self.section(name)
        return {key: part.section(key) for key in list(part._mapping)}

    def place_named(self, name: str) -> Place | None:
        """A place `{lon_deg, lat_deg, said}`; None where there is none.

        Raises:
            BadInput: REC-010, REC-011, REC-012.
        """
        if self._mapping.get(name) is None:
            self._taken.add(name)
            return None
        part = self.section(name)
        lon, lat = part.number("lon_deg", least=-180, most=180), part.number("lat_deg", least=-90, most=90)
        said = part.text("said", "")
        part.close()
        if lon is None or lat is None:
            raise BadInput("REC-010", where=self.place(name), field="lon_deg, lat_deg")
        return Place(lon, lat, said)

    @property
    def taken(self) -> frozenset[str]:
        """Fields that were asked for, whether they were there or not."""
        return frozenset(self._taken)

    def close(self) -> None:
        """Refuse fields that no reader took: a misspelt one would otherwise be lost without a word.

        Raises:
            BadInput: REC-012.
        """
        unknown = sorted(str(name) for name in self._mapping if name not in self._taken)
        if unknown:
            known = ", ".join(sorted(self._taken - {"zone"}))
            raise BadInput("REC-012", where=self._where, field=", ".join(unknown)[:200], known=known)

    def place(self, name: str) -> str:
        """Where a field stands, for errors."""
        return f"{self._where}, {name}" if self._where else name

    def take(self, name: str) -> Any:
        """A value as it stands, for readers of other forms; None where there is none."""
        self._taken.add(name)
        return self._mapping.get(name)

    def _wrong(self, name: str, value: object, expected: str) -> BadInput:
        return BadInput("REC-011", where=self._where, field=name, value=_shown(value), expected=expected)


def _shown(value: object) -> str:
    return str(value)[:60]
