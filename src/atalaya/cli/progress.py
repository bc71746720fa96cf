"""Progress of long verbs on stderr: a bar on a terminal, JSON lines for programs, or nothing."""

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Protocol

Mode = Literal["auto", "jsonl", "none"]


class Reporter(Protocol):
    """What a verb may say while it works; callable from any thread."""

    def update(self, item: str, share: float) -> None:
        """An item is done to this share, 0 to 1."""

    def done(self, item: str, event: Mapping[str, Any]) -> None:
        """An item has ended; `event` says how (`type` "result" or "error", and more)."""


class _Silent:
    def update(self, item: str, share: float) -> None:
        """Nothing."""

    def done(self, item: str, event: Mapping[str, Any]) -> None:
        """Nothing."""


class _Lines:
    """One JSON object a line: start, progress, result or error for each item, and one end."""

    def __init__(self, total: int) -> None:
        self._lock = threading.Lock()
        self._ended = 0
        self._total = total
        self._say({"type": "start", "items": total})

    def update(self, item: str, share: float) -> None:
        self._say({"type": "progress", "item": item, "share": round(share, 4)})

    def done(self, item: str, event: Mapping[str, Any]) -> None:
        self._ended += 1
        self._say({**event, "item": item})

    def end(self) -> None:
        """The terminal event."""
        self._say({"type": "end", "items": self._total, "ended": self._ended})

    def _say(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            print(json.dumps(event, ensure_ascii=False), file=sys.stderr, flush=True)


class _Bar:
    """One bar over all items, by the share of each that is done."""

    def __init__(self, bar: Any, total: int) -> None:
        self._bar = bar
        self._lock = threading.Lock()
        self._shares: dict[str, float] = {}
        self._task = bar.add_task("", total=total)

    def update(self, item: str, share: float) -> None:
        with self._lock:
            self._shares[item] = share
            self._bar.update(self._task, completed=sum(self._shares.values()), description=_name(item))

    def done(self, item: str, event: Mapping[str, Any]) -> None:
        self.update(item, 1.0)


def _name(item: str) -> str:
    return item.rpartition("/")[2]


@contextmanager
def progress(mode: Mode, total: int) -> Iterator[Reporter]:
    """A reporter for `total` items."""
    if mode == "jsonl":
        lines = _Lines(total)
        try:
            yield lines
        finally:
            lines.end()
        return
    if mode == "none" or not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, total)
