"""Which rules exclude each other: the smallest set of constraints that cannot all be kept.

Junker, "QuickXplain: preferred explanations and relaxations for over-constrained problems", AAAI 2004; what
it finds is then thinned one by one (deletion filter), so that leaving out any single one of them would open a
way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from atalaya.base.language import say

T = TypeVar("T")


class ConstraintKind(StrEnum):
    """What a plan must keep."""

    KEEP_IN = "keep_in"
    KEEP_OUT = "keep_out"
    TERRAIN = "terrain"
    CEILING = "ceiling"
    FUEL = "fuel"
    WIND = "wind"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing a plan must keep.

    Args:
        kind: what.
        subject: name of the volume or window; "" for the aircraft's own.
        index: of the volume in the list it came from; -1 for none.
        value: its figure for people (clearance, ceiling, fuel, wind), with unit.
    """

    kind: ConstraintKind
    subject: str = ""
    index: int = -1
    value: str = ""

    @property
    def message(self) -> str:
        """In a few words in the reader's language."""
        return say(f"flight.constraint.{self.kind}", subject=self.subject, value=self.value)

    def as_json(self) -> dict[str, str]:
        """As it stands in `--json`."""
        return {"kind": str(self.kind), "subject": self.subject, "value": self.value, "message": self.message}


def minimal_conflict(constraints: Sequence[T], feasible: Callable[[Sequence[T]], bool]) -> tuple[T, ...]:
    """The smallest (by inclusion) set of constraints without a solution; () where all of them have one.

    Args:
        constraints: those least likely to matter last.
        feasible: whether a selection has a solution. It is asked about 2 k log2(n / k) + k times for k found.
    """
    if feasible(constraints):
        return ()
    if not feasible(()):
        return ()
    found = _explained((), False, tuple(constraints), feasible)
    for one in found:
        rest = tuple(other for other in found if other is not one)
        if rest and not feasible(rest):
            found = rest
    return found


def _explained(
    kept: tuple[T, ...], grown: bool, candidates: tuple[T, ...], feasible: Callable[[Sequence[T]], bool]
) -> tuple[T, ...]:
    if grown and not feasible(kept):
        return ()
    if len(candidates) == 1:
        return candidates
    half = len(candidates) // 2
    first, second = candidates[:half], candidates[half:]
    from_second = _explained((*kept, *first), True, second, feasible)
    from_first = _explained((*kept, *from_second), bool(from_second), first, feasible)
    return (*from_first, *from_second)
