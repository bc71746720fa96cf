"""Is the list of sorties complete? Numbers without gaps, reconciled with counters that others keep.

A list can prove what it holds, never what it lacks: without an independent counter over the whole time the
answer is "unverifiable", and "complete" is said only where every number is there and every counter agrees.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atalaya.base.clock import iso


class Completeness(StrEnum):
    """What can be said of a list."""

    COMPLETE = "complete"
    UNVERIFIABLE = "completeness unverifiable"
    NOT_RECONCILED = "not reconciled"


@dataclass(frozen=True, slots=True)
class ListedSortie:
    """A sortie as the list has it; cancelled and denied ones keep their number and count nothing else.

    flight_s, video_s: how long it flew and recorded; None where not known.
    """

    airframe: str
    number: int
    flown: bool
    start_us: int
    end_us: int
    flight_s: float | None = None
    video_s: float | None = None


@dataclass(frozen=True, slots=True)
class CounterTotal:
    """What somebody counted of one airframe over a period.

    Args:
        counts: `sorties`, `flight_s` (airframe or engine hours), `video_s`, `datalink_s`, or `track` (one
            flight that an outside receiver saw: its period is that flight's).
        start_us, end_us: the period, microseconds UTC; a sortie belongs to the one it began in.
        value: sorties or seconds; ignored for a track.
        resolution: the last digit of the count, same unit; differences up to it are rounding.
        kept_by: who counted.
        independent: whether that is somebody other than the operator.
        record: id of its record.
    """

    airframe: str
    counts: str
    start_us: int
    end_us: int
    value: float
    resolution: float
    kept_by: str
    independent: bool
    record: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that does not agree.

    what: `number missing`, `number twice`, or the counter's name. listed, counted: the two figures.
    """

    airframe: str
    what: str
    listed: float
    counted: float
    record: str = ""
    start_us: int | None = None
    end_us: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The discrepancy as `--json` prints it."""
        period = [None if t is None else iso(t) for t in (self.start_us, self.end_us)]
        return {
            "airframe": self.airframe,
            "what": self.what,
            "listed": self.listed,
            "counted": self.counted,
            "record": self.record,
            "period": period,
        }


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The answer for a list: one word, and what does not agree.

    sorties: numbers listed. not_reconciled: the least number of sorties that must be missing or doubled.
    unverified: airframes without an independent counter over all their sorties.
    """

    verdict: Completeness
    sorties: int
    not_reconciled: int
    discrepancies: tuple[Discrepancy, ...]
    unverified: tuple[str, ...]


def reconcile(sorties: Iterable[ListedSortie], counters: Iterable[CounterTotal]) -> Reconciliation:
    """Hold a list against its own numbers and against others' counters."""
    listed, counted = _by_airframe(sorties), _by_airframe(counters)
    found: list[Discrepancy] = []
    unverified = []
    missing = 0
    for airframe in sorted(listed.keys() | counted.keys()):
        own, kept = listed[airframe], counted[airframe]
        numbers = _numbers(airframe, own)
        differences = [each for counter in kept for each in _against(counter, own)]
        by_count = max((abs(d.counted - d.listed) for d in differences if d.what == "sorties"), default=0)
        unseen = sum(d.what == "track" for d in differences)
        missing += max(len(numbers), round(by_count), unseen, bool(differences))
        found += numbers + differences
        if not _covered(own, kept):
            unverified.append(airframe)
    verdict = Completeness.UNVERIFIABLE if unverified else Completeness.COMPLETE
    if found:
        verdict = Completeness.NOT_RECONCILED
    if not listed and not counted:
        verdict = Completeness.UNVERIFIABLE
    total = sum(len(own) for own in listed.values())
    return Reconciliation(verdict, total, missing, tuple(found), tuple(unverified))


def _by_airframe(rows: Iterable[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.airframe].append(row)
    return found


def _numbers(airframe: str, sorties: Sequence[ListedSortie]) -> list[Discrepancy]:
    """Numbers from 1 to the highest that are absent or there twice."""
    seen: defaultdict[int, int] = defaultdict(int)
    for sortie in sorties:
        seen[sortie.number] += 1
    absent = [
        Discrepancy(airframe, "number missing", 0, number)
        for number in range(1, max(seen, default=0) + 1)
        if number not in seen
    ]
    twice = [Discrepancy(airframe, "number twice", n, number) for number, n in sorted(seen.items()) if n > 1]
    return absent + twice


def _against(counter: CounterTotal, sorties: Sequence[ListedSortie]) -> list[Discrepancy]:
    """What one counter disagrees about."""
    flown = [sortie for sortie in sorties if sortie.flown]
    if counter.counts == "track":
        seen = any(s.start_us < counter.end_us and s.end_us > counter.start_us for s in flown)
        return [] if seen else [_difference(counter, 0, 1)]
    inside = [sortie for sortie in flown if counter.start_us <= sortie.start_us < counter.end_us]
    if counter.counts == "sorties":
        return [] if len(inside) == counter.value else [_difference(counter, len(inside), counter.value)]
    name = "video_s" if counter.counts == "video_s" else "flight_s"
    known = [getattr(sortie, name) for sortie in inside]
    listed = sum(value for value in known if value is not None)
    allowed = counter.resolution + 1e-6 * counter.value
    short = counter.value - listed
    # a data link is up for part of a flight: it can only show that more was flown than is listed
    agrees = None not in known and (short if counter.counts == "datalink_s" else abs(short)) <= allowed
    return [] if agrees else [_difference(counter, listed, counter.value)]


def _difference(counter: CounterTotal, listed: float, counted: float) -> Discrepancy:
    return Discrepancy(
        counter.airframe, counter.counts, listed, counted, counter.record, counter.start_us, counter.end_us
    )


def _covered(sorties: Sequence[ListedSortie], counters: Sequence[CounterTotal]) -> bool:
    """Whether independent totals, without a gap between them, span every sortie of the airframe."""
    if not sorties:
        return True
    totals = sorted(
        (counter.start_us, counter.end_us)
        for counter in counters
        if counter.independent and counter.counts != "track"
    )
    first, last = min(s.start_us for s in sorties), max(s.end_us for s in sorties)
    reached = first
    for start_us, end_us in totals:
        if start_us > reached:
            break
        reached = max(reached, end_us)
    return reached >= last and reached > first
