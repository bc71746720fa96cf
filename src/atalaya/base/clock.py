"""Time: UTC as int64 microseconds since 1970 (`t_us`), and the only place that reads the wall clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Origin of `t_us`."""

EARLIEST_US = 631_152_000_000_000
"""1990-01-01T00:00:00Z: a recording that claims to be older has a clock that was never set."""

LATEST_US = 4_102_444_800_000_000
"""2100-01-01T00:00:00Z: later than this is a broken clock or a wrong unit."""


_rehearsed: ContextVar[tuple[int, int] | None] = ContextVar("rehearsed", default=None)
"""The present of a rehearsal and what the monotonic clock said when it began, microseconds."""


def now_us() -> int:
    """The present, microseconds since 1970 UTC."""
    rehearsed = _rehearsed.get()
    if rehearsed is not None:
        return rehearsed[0] + time.monotonic_ns() // 1000 - rehearsed[1]
    return time.time_ns() // 1000  # noqa: TID251  the one place


@contextmanager
def rehearsed_at(t_us: int) -> Iterator[None]:
    """Inside, in this thread, the present is an instant and goes on from there.

    For rehearsals alone, whose flights happen at their own time and whose workspaces say that they are none.
    """
    token = _rehearsed.set((t_us, time.monotonic_ns() // 1000))
    try:
        yield
    finally:
        _rehearsed.reset(token)


def iso(t_us: int) -> str:
    """`2012-06-29T14:32:34.100000Z` for 1340980354100000; the raw count where a date cannot hold it."""
    try:
        moment = EPOCH + timedelta(microseconds=int(t_us))
    except OverflowError:
        return f"{t_us} us"
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plausible(t_us: int) -> bool:
    """Whether a time lies between 1990 and 2100."""
    return EARLIEST_US <= t_us < LATEST_US


def monotonic_s() -> float:
    """Seconds on a clock that never goes back, for budgets of solvers; its zero means nothing."""
    return time.monotonic()
