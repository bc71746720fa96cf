"""How much was flown, when: by week or month, and when it was stepped up."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from atalaya.base.clock import EPOCH, iso
from atalaya.law.ledger.entry import LegalClass

Period = Literal["week", "month"]


@dataclass(frozen=True, slots=True)
class FlownSortie:
    """One sortie in figures.

    seconds_by_state: State to seconds certainly in its airspace.
    deepest_m: State to metres behind its boundary.
    """

    sortie: str
    start_us: int
    end_us: int
    seconds_by_state: dict[str, float]
    seconds_by_class: dict[LegalClass, float]
    deepest_m: dict[str, float]


@dataclass(slots=True)
class TempoRow:
    """One week (ISO, Monday 00:00Z) or month (UTC); a sortie belongs to the period it began in."""

    label: str
    start_us: int
    end_us: int
    sorties: int = 0
    hours: float = 0.0
    hours_by_state: dict[str, float] = field(default_factory=dict)
    hours_by_class: dict[str, float] = field(default_factory=dict)
    deepest_m: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row as `--json` prints it."""
        return {
            "period": self.label,
            "start": iso(self.start_us),
            "end": iso(self.end_us),
            "sorties": self.sorties,
            "hours": round(self.hours, 4),
            "hours_by_state": {
                state: round(value, 4) for state, value in sorted(self.hours_by_state.items())
            },
            "hours_by_class": {name: round(value, 4) for name, value in sorted(self.hours_by_class.items())},
            "deepest_m": {state: round(value, 1) for state, value in sorted(self.deepest_m.items())},
        }


@dataclass(frozen=True, slots=True)
class StepUp:
    """The period from which more (or less) was flown, and the mean sorties per period before and after."""

    label: str
    start_us: int
    before: float
    after: float


def tempo(sorties: Iterable[FlownSortie], period: Period) -> list[TempoRow]:
    """Every period from the first sortie to the last, empty ones too, in order."""
    flown = sorted(sorties, key=lambda sortie: (sortie.start_us, sortie.sortie))
    if not flown:
        return []
    rows = []
    moment = _start(flown[0].start_us, period)
    last = _moment(flown[-1].start_us)
    while moment <= last:
        after = _next(moment, period)
        rows.append(TempoRow(_label(moment, period), _us(moment), _us(after)))
        moment = after
    place = 0
    for sortie in flown:
        while sortie.start_us >= rows[place].end_us:
            place += 1
        _add(rows[place], sortie)
    return rows


def stepped_up(counts: Sequence[int]) -> tuple[int, float, float] | None:
    """Where a series of counts changed its mean: (index, mean before, mean after), or None.

    One change point of a Poisson series by greatest likelihood; taken as real where it gains more than
    1.5 ln n in log-likelihood (Schwarz' criterion for a second mean, its place and the choice of it).
    """
    best, total = None, _likelihood(counts)
    for place in range(1, len(counts)):
        gain = _likelihood(counts[:place]) + _likelihood(counts[place:]) - total
        if best is None or gain > best[0]:
            best = (gain, place)
    if best is None or best[0] <= 1.5 * math.log(len(counts)):
        return None
    place = best[1]
    return place, sum(counts[:place]) / place, sum(counts[place:]) / (len(counts) - place)


def step_up(rows: Sequence[TempoRow]) -> StepUp | None:
    """The change of tempo that the sorties per period show, where they show one."""
    found = stepped_up([row.sorties for row in rows])
    if found is None:
        return None
    place, before, after = found
    return StepUp(rows[place].label, rows[place].start_us, before, after)


def _likelihood(counts: Sequence[int]) -> float:
    """Log-likelihood of counts at their own mean, without the terms that no split changes."""
    total = sum(counts)
    return total * math.log(total / len(counts)) - total if total else 0.0


def _add(row: TempoRow, sortie: FlownSortie) -> None:
    row.sorties += 1
    row.hours += (sortie.end_us - sortie.start_us) / 3.6e9
    for state, seconds in sortie.seconds_by_state.items():
        row.hours_by_state[state] = row.hours_by_state.get(state, 0.0) + seconds / 3600
    for legal_class, seconds in sortie.seconds_by_class.items():
        name = str(legal_class)
        row.hours_by_class[name] = row.hours_by_class.get(name, 0.0) + seconds / 3600
    for state, depth in sortie.deepest_m.items():
        row.deepest_m[state] = max(row.deepest_m.get(state, 0.0), depth)


def _moment(t_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=t_us)


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _start(t_us: int, period: Period) -> datetime:
    day = _moment(t_us).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday()) if period == "week" else day.replace(day=1)


def _next(moment: datetime, period: Period) -> datetime:
    if period == "week":
        return moment + timedelta(days=7)
    return (moment + timedelta(days=32)).replace(day=1)


def _label(moment: datetime, period: Period) -> str:
    return moment.strftime("%G-W%V" if period == "week" else "%Y-%m")
