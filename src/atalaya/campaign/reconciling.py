"""The list of sorties and what others counted, in the terms of the reconciliation."""

from collections.abc import Iterable, Sequence

from atalaya.law.ledger.completeness import CounterTotal, ListedSortie, Reconciliation, reconcile
from atalaya.law.records.counter import Counter, read_counter
from atalaya.law.records.record import Record
from atalaya.law.records.register import Register
from atalaya.law.records.sortie import Sortie, Status

_SECONDS = {"h": 3600.0, "min": 60.0}
_COUNTS = {
    "airframe_hours": "flight_s",
    "datalink_minutes": "datalink_s",
    "video_minutes": "video_s",
    "launches": "sorties",
    "recoveries": "sorties",
    "sorties": "sorties",
}
"""Kinds of counter that are sums of what sorties state; fuel informs and reconciles nothing."""


def reconciled(
    register: Register, sorties: Sequence[tuple[Record, Sortie]], known_us: int, operators: Iterable[str] = ()
) -> Reconciliation:
    """Hold the list against the counters on record.

    Args:
        operators: names of whoever keeps the sorties; counters kept by them prove nothing.
    """
    own = {name.casefold() for name in operators}
    listed = [listed_sortie(record, sortie) for record, sortie in sorties]
    rows = [row for row in register.as_known(known_us, "counter") if "withdrawn" not in row.body]
    counters = [
        total
        for row in rows
        for total in counter_totals(row, read_counter(row.body, row.id), own)
        if total.airframe
    ]
    return reconcile(listed, counters)


def listed_sortie(record: Record, sortie: Sortie) -> ListedSortie:
    """A sortie of the register as the reconciliation takes it."""
    start, end = record.valid.start, record.valid.end
    start_us = 0 if start is None else start.earliest_us
    end_us = start_us if end is None else end.latest_us
    taken = sortie.status is Status.FLOWN
    return ListedSortie(
        sortie.airframe, sortie.number, taken, start_us, end_us, sortie.flight_s, sortie.video_s
    )


def counter_totals(row: Record, counter: Counter, own: Iterable[str] = ()) -> list[CounterTotal]:
    """A counter of the register as the reconciliation takes it; none where sorties state no such sum.

    A meter's state counts from zero: its period begins before everything. The last digit written is its
    resolution.
    """
    start = counter.start or row.valid.start
    end = counter.end or row.valid.end
    if end is None or (start is None and not counter.cumulative):
        return []
    counts = "track" if counter.counter == "external_tracks" and counter.unit == "min" else None
    counts = counts or _COUNTS.get(counter.counter)
    if counts is None:
        return []
    unit_s = _SECONDS.get(counter.unit, 1.0)
    start_us = 0 if counter.cumulative or start is None else start.earliest_us
    return [
        CounterTotal(
            counter.airframe,
            counts,
            start_us,
            end.latest_us,
            counter.value * unit_s,
            0.0 if counts == "sorties" else _resolution(counter.value) * unit_s,
            counter.kept_by,
            counter.kept_by.casefold() not in set(own),
            row.id,
        )
    ]


def _resolution(value: float) -> float:
    """The last digit of a decimal number: 0.1 for 12.3, 1 for 12."""
    digits = f"{value:.6f}".rstrip("0").partition(".")[2]
    return 10.0 ** -len(digits)
