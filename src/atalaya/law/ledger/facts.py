"""What a sortie was, in the terms that authorisations speak of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.law.ledger.steps import Steps
from atalaya.law.records.altitude_band import AltitudeBand


@dataclass(frozen=True)
class Presence:
    """Over whose territory, when: pieces without gap or overlap over the whole sortie.

    Args:
        start_us: (n + 1,) int64 microseconds UTC: starts of the pieces, and the end of the last.
        states: n tuples of States (ISO 3166-1 alpha-3) whose airspace the piece may be in; one State and
            `certain`: it is there; empty: it is in no State's.
        certain: (n,) bool, whether the piece is in `states` (or in none) beyond the stated errors.
    """

    start_us: NDArray[np.int64]
    states: tuple[tuple[str, ...], ...]
    certain: NDArray[np.bool_]


def _nowhere(_area: Mapping[str, Any]) -> Steps:
    raise LookupError("these facts carry no geometry")


def _far(_state: str, _within_m: float) -> Steps:
    raise LookupError("these facts carry no geometry")


def _unknown(_band: AltitudeBand) -> Steps:
    raise LookupError("these facts carry no altitudes")


@dataclass(frozen=True)
class SortieFacts:
    """One sortie, flown or planned.

    Args:
        sortie: its id.
        airframe: registration.
        operator_state: State that operates it.
        presence: over whose territory it was.
        sensors: kinds of payload used.
        purpose: what it was for; "" where nobody said.
        within: whether the aircraft was inside a GeoJSON area, over time.
        near: whether it was within a distance (metres) of a State's boundary, over time.
        in_band: whether its altitude lay in a band, over time; unknown where that datum was not recorded.
        entries_us: State to the earliest instant the sortie may have entered it.
    """

    sortie: str
    airframe: str
    operator_state: str
    presence: Presence
    sensors: tuple[str, ...] = ()
    purpose: str = ""
    within: Callable[[Mapping[str, Any]], Steps] = _nowhere
    near: Callable[[str, float], Steps] = _far
    in_band: Callable[[AltitudeBand], Steps] = _unknown
    entries_us: Mapping[str, int] = field(default_factory=dict)

    @property
    def start_us(self) -> int:
        """First instant of it."""
        return int(self.presence.start_us[0])

    @property
    def end_us(self) -> int:
        """Last instant of it."""
        return int(self.presence.start_us[-1])
