"""One flight of one platform: what is flown, when, with what fuel, and what it should find."""

from dataclasses import dataclass

from atalaya.plan.flight_path import FlightPath
from atalaya.plan.waypoint import Waypoint


@dataclass(frozen=True, slots=True)
class Sortie:
    """One flight.

    Args:
        id: unique in its plan, for example "S03".
        platform: name of the platform's profile.
        aircraft: which of several alike, for example "mq9-2".
        base, recovery: names of the bases it leaves and returns to.
        waypoints: first the take-off, last the landing.
        path: how it is expected to be flown.
        expected_finds: facilities expected to be found, given the sorties before it.
    """

    id: str
    platform: str
    aircraft: str
    base: str
    recovery: str
    waypoints: tuple[Waypoint, ...]
    path: FlightPath
    expected_finds: float = 0.0
