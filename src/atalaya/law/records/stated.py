"""A time as a document states it: a value, its precision and its zone, and so an interval, never a point.

"Effective 20 February 2025" may mean any instant of that day in some zone. The interval is what can be known
of it; which instant is meant by a rule of law is a separate, attributed statement. A time of day with minutes
("from 10:15") is taken as that instant.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from atalaya.base.clock import EPOCH
from atalaya.base.errors import BadInput

ALWAYS_US = -(2**62)
"""Earlier than any instant."""

NEVER_US = 2**62
"""Later than any instant."""

EASTMOST, WESTMOST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
"""The zones that meet a date first and last: the bounds of a date whose zone nobody stated."""

_FORM = re.compile(
    r"(?P<before>before |until |antes de )?(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d{1,6})?)?)?"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII,
)


class Precision(StrEnum):
    """How finely a time is stated."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"
    EXACT = "exact"


class InForce(StrEnum):
    """Whether something holds at an instant: `INDETERMINATE` where the stated times cannot tell."""

    NO = "no"
    INDETERMINATE = "indeterminate"
    YES = "yes"


class Stated(NamedTuple):
    """A stated time: it lies somewhere in [earliest_us, latest_us], microseconds UTC.

    text: as stated. zone: IANA name or offset; "" where none was stated. precision: how fine.
    """

    earliest_us: int
    latest_us: int
    text: str
    precision: Precision
    zone: str = ""

    def as_json(self) -> dict[str, str]:
        """The form that `parse_stated` reads back."""
        return {"at": self.text, "zone": self.zone} if self.zone else {"at": self.text}


@dataclass(frozen=True, slots=True)
class _Parts:
    numbers: tuple[int, ...]
    precision: Precision
    microsecond: int


def exactly(t_us: int) -> Stated:
    """A time known to the microsecond, such as the time of recording."""
    moment = EPOCH + timedelta(microseconds=t_us)
    return Stated(t_us, t_us, moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), Precision.EXACT, "UTC")


def parse_stated(text: str, zone: str = "", *, where: str = "") -> Stated:
    """Read `2025`, `2025-02`, `2025-02-20`, `2025-02-20T14:00`, `...:05.5Z`, `before 2021-08-18`, or `A/B`.

    `A/B` is some time between two of these (ISO 8601-1, 5.5.2.1), such as two issues of a list.

    Args:
        text: the time as stated. An offset in it wins over `zone`.
        zone: IANA name (`America/New_York`) or offset (`-06:00`); "" where the document states none: the
            bounds are then those of the whole world (UTC+14 to UTC-12) for a date, and of a time of day too.

    Raises:
        BadInput: REC-001 not such a time; REC-002 no such zone.
    """
    first, parted, last = text.strip().partition("/")
    if parted:
        return _between(
            text.strip(), parse_stated(first, zone, where=where), parse_stated(last, zone, where=where), where
        )
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise BadInput("REC-001", where=where, value=text[:60])
    offset = found["offset"] or ""
    named = "UTC" if offset == "Z" else offset or zone
    early, late = (_zone(named, where), _zone(named, where)) if named else (EASTMOST, WESTMOST)
    parts = _parts(found)
    try:
        start = datetime(*parts.numbers, microsecond=parts.microsecond, tzinfo=early)  # type: ignore[arg-type,misc]
        end = _after(parts, late)
    except (ValueError, OverflowError) as error:
        raise BadInput("REC-001", where=where, value=text[:60]) from error
    earliest = ALWAYS_US if found["before"] else _us(start)
    latest = _us(datetime(*parts.numbers, tzinfo=late)) if found["before"] else _us(end)  # type: ignore[arg-type,misc]
    return Stated(earliest, latest, text.strip(), parts.precision, named)


def in_force(start: Stated | None, end: Stated | None, t_us: int) -> InForce:
    """Whether [start, end) holds `t_us`; None is open, and an interval that cannot tell is indeterminate."""
    return in_force_during(start, end, t_us, t_us)


def in_force_during(start: Stated | None, end: Stated | None, from_us: int, to_us: int) -> InForce:
    """Whether [start, end) holds all of [from_us, to_us]: `NO` where it surely holds none of it."""
    if start is not None and to_us < start.earliest_us:
        return InForce.NO
    if end is not None and from_us >= end.latest_us:
        return InForce.NO
    if start is not None and from_us < start.latest_us:
        return InForce.INDETERMINATE
    if end is not None and to_us >= end.earliest_us:
        return InForce.INDETERMINATE
    return InForce.YES


def _between(text: str, first: Stated, last: Stated, where: str) -> Stated:
    if first.earliest_us > last.latest_us or "/" in last.text:
        raise BadInput("REC-001", where=where, value=text[:60])
    coarser = min((first.precision, last.precision), key=tuple(Precision).index)
    return Stated(
        first.earliest_us, last.latest_us, text, coarser, first.zone if first.zone == last.zone else ""
    )


def _parts(found: re.Match[str]) -> _Parts:
    names = ("year", "month", "day", "hour", "minute", "second")
    given = [int(found[name]) for name in names if found[name]]
    precision = tuple(Precision)[len(given) - 1]
    microsecond = 0
    if found["fraction"]:
        precision, microsecond = Precision.EXACT, round(float(found["fraction"]) * 1e6)
    return _Parts(
        (*given, 1, 1)[: max(3, len(given))] if len(given) < 3 else tuple(given), precision, microsecond
    )


def _after(parts: _Parts, zone: timezone | ZoneInfo) -> datetime:
    """The end of what the stated time covers, by the wall clock, so that days of 23 h hold."""
    year, month, day = parts.numbers[:3]
    if parts.precision is Precision.YEAR:
        return datetime(year + 1, 1, 1, tzinfo=zone)
    if parts.precision is Precision.MONTH:
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    if parts.precision is Precision.DAY:
        return datetime(year, month, day, tzinfo=zone) + timedelta(days=1)
    start = datetime(*parts.numbers, microsecond=parts.microsecond, tzinfo=zone)  # type: ignore[arg-type,misc]
    whole_hour = timedelta(hours=1) if parts.precision is Precision.HOUR else timedelta()
    return start.astimezone(UTC) + whole_hour


def _us(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


@cache
def _zone(name: str, where: str) -> timezone | ZoneInfo:
    sign = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", name, re.ASCII)
    if sign:
        minutes = int(sign[2]) * 60 + int(sign[3])
        if minutes > 14 * 60:
            raise BadInput("REC-002", where=where, value=name)
        return timezone(timedelta(minutes=-minutes if sign[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput("REC-002", where=where, value=name[:40]) from error
