"""A plan as it was made: sorties, what was left out and what would open it, how good it is at the most."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from atalaya.campaign.planning.request import CampaignRequest
from atalaya.law.gate import Answer
from atalaya.law.gate.answer import Ground
from atalaya.plan.sortie import Sortie
from atalaya.sensing.search_map import SearchMap
from atalaya.sensing.settings import SettingValue


@dataclass(frozen=True, slots=True)
class PlannedSortie:
    """One sortie with what a planner and a commander want to know of it.

    Args:
        sortie: what is flown. fleet: index in the request. day: from 0.
        use: how the sensor is used to search. confirm: how it is used to make sure of what was reported.
        answer: of the gates, asked with the whole path.
        open: ground it may be over, longitude and latitude: what a fence encloses.
        fuel_loaded, fuel_left, reserve: in the unit of the tank.
    """

    sortie: Sortie
    fleet: int
    day: int
    use: SettingValue
    confirm: SettingValue
    answer: Answer
    open: BaseGeometry
    fuel_loaded: float
    fuel_left: float
    reserve: float


@dataclass(frozen=True, slots=True)
class RefusedSortie:
    """A flight that could not be planned so that every rule is kept.

    Args:
        id: of the flight. day: from 0.
        reasons: what stood against it, for people. answer: of the gates on the last attempt; None where it
            was not asked.
    """

    id: str
    day: int
    reasons: tuple[str, ...]
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Ground of the areas that nobody may search on some day, and why.

    Args:
        area: name of the asked area. states: whose airspace.
        km2, expected: how much ground, how many facilities are believed to be there.
        grounds: what the gates said, worst first. volumes: names of keep-outs that close it.
        days: how many days of the campaign it is closed.
        geometry: longitude and latitude, WGS 84.
    """

    area: str
    states: tuple[str, ...]
    km2: float
    expected: float
    grounds: tuple[Ground, ...]
    volumes: tuple[str, ...]
    days: int
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class MadePlan:
    """Everything that came of planning a campaign.

    Args:
        request: what was asked.
        sorties: in order of time. refused: flights that could not be planned, and why.
        left_out: ground nobody may search.
        before, after: search map before the first and after the last sortie.
        bound: no plan of these sorties can expect to find more; NaN where it was not worked out.
        price: facilities one more flight hour would be worth, at most; NaN where not worked out.
        known_us: instant of knowledge of the law.
        stated: ids of records that only the campaign file states.
        instruments: id of each authorisation to the document it stands in.
        notes: what else a reader should know: name of a phrase and its values.
        complete: whether planning ran to its end, not stopped before.
    """

    request: CampaignRequest
    sorties: tuple[PlannedSortie, ...]
    refused: tuple[RefusedSortie, ...]
    left_out: tuple[LeftOut, ...]
    before: SearchMap
    after: SearchMap
    bound: float
    price: float
    known_us: int
    stated: frozenset[str] = field(default_factory=frozenset)
    instruments: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()

    @property
    def expected_finds(self) -> float:
        """Facilities the plan expects to find."""
        return sum(each.sortie.expected_finds for each in self.sorties)

    @property
    def flight_hours(self) -> float:
        """Of all sorties, transits included."""
        return sum(each.sortie.path.duration_s for each in self.sorties) / 3600.0
