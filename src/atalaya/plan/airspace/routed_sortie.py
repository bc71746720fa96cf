"""What the routing of a sortie answers: the sortie and what it leaves out, or what excludes what."""

from dataclasses import dataclass
from enum import StrEnum

from atalaya.base.language import say
from atalaya.plan.airspace.conflict import Conflict
from atalaya.plan.airspace.conflicts import Constraint
from atalaya.plan.sortie import Sortie


class LeftOutWhy(StrEnum):
    """Why a search leg is not in the sortie."""

    LEG = "leg"
    """Something stands against the leg itself."""
    WAY = "way"
    """No way leads to it, or back from it."""
    FUEL = "fuel"
    """Fuel or time does not suffice for it."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A search leg left out. leg: index in the list given; why; conflicts: what stands against it."""

    leg: int
    why: LeftOutWhy
    conflicts: tuple[Conflict, ...] = ()

    @property
    def message(self) -> str:
        """One sentence in the reader's language."""
        return " ".join(
            (say(f"flight.left_out.{self.why}", leg=self.leg), *(c.message + "." for c in self.conflicts[:2]))
        )

    def as_json(self) -> dict[str, object]:
        """As it stands in `--json`."""
        return {
            "leg": self.leg,
            "why": str(self.why),
            "conflicts": [c.as_json() for c in self.conflicts],
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class RoutedSortie(Sortie):
    """A sortie against which nothing stands.

    Args:
        flown: indices of the search legs in it. left_out: the others and why.
        raised: index and metres of legs that are flown higher than asked, for clearance over the ground.
    """

    flown: tuple[int, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    raised: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No search leg can be flown.

    Args:
        conflict: the smallest set of constraints that exclude each other; leaving out any one opens a way.
            () where that could not be found.
        left_out: every leg and what stood against it.
    """

    conflict: tuple[Constraint, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def message(self) -> str:
        """What excludes what, in the reader's language."""
        parts = "; ".join(one.message for one in self.conflict)
        key = "alone" if len(self.conflict) == 1 else "together" if self.conflict else "unknown"
        return say(f"flight.infeasible.{key}", parts=parts)

    def as_json(self) -> dict[str, object]:
        """As it stands in `--json`."""
        return {
            "conflict": [one.as_json() for one in self.conflict],
            "left_out": [one.as_json() for one in self.left_out],
            "message": self.message,
        }
