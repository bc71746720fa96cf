"""One part of a campaign file, key by key: what is missing, wrong or unknown is refused with its place."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.errors import BadInput, NotFound
from atalaya.law.records.fields import Fields
from atalaya.law.records.stated import parse_stated

MOST_CORNERS = 100_000


class Part:
    """Keys of one table. Every reader takes a key; `close` refuses those that nobody took.

    Args:
        table: as TOML has it.
        where: file and table, for errors.
        folder: where relative file names count from.
    """

    def __init__(self, table: Mapping[str, Any], where: str, folder: Path) -> None:
        self.where = where
        self._table = dict(table)
        self._folder = folder
        self._fields = Fields(self._table, where)

    def place(self, key: str) -> str:
        """Where a key stands, for errors."""
        return f"{self.where}, {key}"

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there (REC-010, REC-011)."""
        return self._fields.text(key, default, most=2000)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none (REC-011)."""
        return self._fields.texts(key)

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """One of several words (REC-011)."""
        return self._fields.choice(key, allowed, default)

    def state(self, key: str) -> str:
        """A State by its three letters, "" for none (REC-011)."""
        return self._fields.state(key)

    def number(
        self, key: str, default: float | None = None, *, least: float = -np.inf, most: float = np.inf
    ) -> float:
        """A finite number between two bounds; without a default it must be there (REC-010, REC-011)."""
        found = self._fields.number(key, least=least, most=most)
        if found is None and default is None:
            raise BadInput("REC-010", where=self.where, field=key)
        return float(default if found is None else found)  # type: ignore[arg-type]

    def optional(self, key: str, *, least: float, most: float) -> float | None:
        """A number, or None where there is none (REC-011)."""
        return self._fields.number(key, least=least, most=most)

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number between two bounds (REC-011); PLN-003 where it has a fraction."""
        found = self.number(key, default, least=least, most=most)
        if found != int(found):
            raise BadInput("PLN-003", where=self.place(key), value=str(found)[:60], wanted=f"{least}..{most}")
        return int(found)

    def moment(self, key: str) -> int:
        """An instant, microseconds UTC: a time of day with its zone. It must be there (REC-010).

        Raises:
            BadInput: REC-001 no time; PLN-003 a time without a zone, or no instant.
        """
        value = self._table.get(key)
        self._fields.take(key)
        text = _time_text(value) if isinstance(value, datetime | date) else self._fields.text(key)
        found = parse_stated(text, "", where=self.place(key))
        if found.earliest_us != found.latest_us:
            raise BadInput("PLN-003", where=self.place(key), value=text[:60], wanted="2026-12-02T00:00:00Z")
        return found.earliest_us

    def file(self, key: str) -> Path | None:
        """A file that is there; None where the key is not.

        Raises:
            NotFound: PLN-006.
        """
        named = self.text(key, "")
        if not named:
            return None
        path = self._folder / named
        if not there(path):
            raise NotFound("PLN-006", where=self.place(key), file=named)
        return path

    def folder(self, key: str) -> Path | None:
        """A folder that is there; None where the key is not.

        Raises:
            NotFound: PLN-006.
        """
        named = self.text(key, "")
        if not named:
            return None
        path = self._folder / named
        if not path.is_dir():
            raise NotFound("PLN-006", where=self.place(key), file=named)
        return path

    def span(
        self, key: str, default: tuple[float, float], *, least: float, most: float
    ) -> tuple[float, float]:
        """Two numbers, the first not above the second.

        Raises:
            BadInput: PLN-003.
        """
        self._fields.take(key)
        found = self._table.get(key, list(default))
        fine = isinstance(found, list) and len(found) == 2
        fine = fine and all(isinstance(n, int | float) and not isinstance(n, bool) for n in found)
        if not fine or not least <= found[0] <= found[1] <= most:
            raise BadInput("PLN-003", where=self.place(key), value=str(found)[:60], wanted=str(list(default)))
        return float(found[0]), float(found[1])

    def parts(self, key: str) -> Iterator["Part"]:
        """Tables inside this one.

        Raises:
            BadInput: PLN-003, they are none.
        """
        self._fields.take(key)
        found = self._table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
            raise BadInput("PLN-003", where=self.place(key), value=str(found)[:60], wanted=f"[[{key}]]")
        for number, each in enumerate(found, start=1):
            yield Part(each, f"{self.where}, [[{key}]] {number}", self._folder)

    def ring(self, key: str) -> list[list[float]]:
        """A closed ring of longitude and latitude; it is closed where it is not.

        Raises:
            BadInput: PLN-004, fewer than three corners, or places that are none.
        """
        self._fields.take(key)
        return _ring(self._table.get(key, []), self.place(key))

    def rings(self, key: str) -> list[list[list[float]]]:
        """Several rings; none where the key is not.

        Raises:
            BadInput: PLN-004.
        """
        self._fields.take(key)
        found = self._table.get(key, [])
        return [_ring(each, self.place(key)) for each in (found if isinstance(found, list) else [found])]

    def intervals(self, key: str) -> tuple[tuple[int, int], ...]:
        """Intervals as pairs of times, microseconds UTC; () for none.

        Raises:
            BadInput: PLN-003, they are no pairs, or end before they begin; REC-001 no times.
        """
        self._fields.take(key)
        found: list[tuple[int, int]] = []
        pairs = self._table.get(key, [])
        if not isinstance(pairs, list):
            raise BadInput(
                "PLN-003", where=self.place(key), value=str(pairs)[:60], wanted="[[from, to], ...]"
            )
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2:
                raise BadInput("PLN-003", where=self.place(key), value=str(pair)[:60], wanted="[from, to]")
            start, end = (parse_stated(_time_text(each), "", where=self.place(key)) for each in pair)
            if end.earliest_us <= start.latest_us:
                raise BadInput("PLN-003", where=self.place(key), value=str(pair)[:60], wanted="from < to")
            found.append((start.latest_us, end.earliest_us))
        return tuple(sorted(found))

    def time_text(self, key: str) -> str:
        """A time as text, TOML's own among them; "" where there is none (REC-011)."""
        value = self._table.get(key)
        self._fields.take(key)
        return _time_text(value) if isinstance(value, datetime | date) else self._fields.text(key, "")

    def remaining_numbers(self) -> dict[str, float]:
        """Everything not yet taken, each of it a number (REC-011)."""
        keys = [key for key in self._table if key not in self._fields.taken]
        return {key: self.number(key) for key in keys}

    def close(self) -> None:
        """Refuse keys that no reader took (REC-012)."""
        self._fields.close()


def there(path: Path) -> bool:
    """Whether a name is that of a file; a name no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _ring(value: object, place: str) -> list[list[float]]:
    try:
        corners = np.asarray(value, np.float64)
    except (ValueError, TypeError):
        corners = np.zeros((0, 0))
    shaped = corners.ndim == 2 and corners.shape[1:] == (2,) and 3 <= len(corners) <= MOST_CORNERS
    limits = np.array([180.0, 85.0])
    if not shaped or not np.all(np.isfinite(corners)) or not np.all(np.abs(corners) <= limits):
        raise BadInput("PLN-004", where=place)
    ring: list[list[float]] = corners.tolist()
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _time_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def plain(value: Any) -> Any:
    """A TOML value as JSON has it: dates as text, everywhere inside."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value
