"""What planning works with, and one flight of it as a search problem."""

from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.planning.asked_sorties import Law
from atalaya.campaign.planning.ground import SearchGround
from atalaya.campaign.planning.masks import barred_cells, open_cells
from atalaya.campaign.planning.openings import AskedFlight
from atalaya.campaign.planning.regions import Regions
from atalaya.campaign.planning.request import CampaignRequest, Fleet
from atalaya.campaign.planning.routed import Airspace
from atalaya.campaign.planning.slots import Slot
from atalaya.plan.flight.turn import turn_radius_m
from atalaya.plan.search import SearchProblem, SearchSortie
from atalaya.sensing.endurance import endurance_h
from atalaya.sensing.search_map import SearchMap
from atalaya.sensing.settings import SettingValue

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DRIFT = 0.25
"""Of a turn's radius: room about volumes for turns that drift with the wind."""

ROOM_TO_TURN = 1.1
"""Turns are planned wider than the tightest, so that their corners can be cut into gentle ones."""

HELD_BACK = 0.97
"""Share of the endurance on paper that paths are made for: climbs and the wind in turns take some."""


@dataclass(frozen=True)
class Effort:
    """How hard to look for paths: the same effort and seed give the same plan.

    iterations: changes tried per sortie. executor: where sorties of a day are planned; None for this thread.
    """

    iterations: int = 400_000
    executor: Executor | None = None


@dataclass(frozen=True)
class Scene:
    """Everything planning works with, beside the slots.

    Args:
        request: what is asked. ground: grid and prior. law: whom to ask. airspace: volumes, terrain, wind.
        uses: fleet to how it searches and how it makes sure.
        flights: fleet to what the gates are asked.
        regions: operator State to the ground as the law cuts it.
    """

    request: CampaignRequest
    ground: SearchGround
    law: Law
    airspace: Airspace
    uses: dict[int, tuple[SettingValue, SettingValue]]
    flights: dict[int, AskedFlight]
    regions: dict[str, Regions]
    _masks: dict[Slot, Bools] = field(default_factory=dict, repr=False)

    def flyable(self, slot: Slot) -> Bools:
        """(rows, columns) cells that a flight may be over, all the time it takes."""
        if slot not in self._masks:
            fleet = self.request.fleets[slot.fleet]
            mask = open_cells(slot, self.regions[fleet.operator_state], self.ground.grid.shape)
            for closed in self.barred(slot).values():
                mask = mask & ~closed
            self._masks[slot] = mask
        return self._masks[slot]

    def barred(self, slot: Slot) -> dict[str, Bools]:
        """Volume to the cells it closes to a flight."""
        fleet = self.request.fleets[slot.fleet]
        height = None if fleet.height_datum == "agl" else fleet.height_m
        radius_m = float(turn_radius_m(self.uses[slot.fleet][0].airspeed_ms, fleet.platform.bank_deg))
        room_m = self.request.off_track_m + DRIFT * radius_m
        return barred_cells(self.airspace.volumes, self.ground, height, slot, room_m)

    @property
    def asked(self) -> Bools:
        """(rows, columns) cells that lie in an area, at least in part."""
        return self.ground.grid.share > 0.0

    def problem(self, belief: SearchMap, flyable: Bools, sorties: tuple[SearchSortie, ...]) -> SearchProblem:
        """The flights as a search problem: only asked cells earn anything."""
        return SearchProblem.of_map(belief, sorties, flyable=flyable, searchable=self.asked)

    def sortie(self, slot: Slot) -> SearchSortie:
        """One flight in the plane of the map."""
        fleet = self.request.fleets[slot.fleet]
        use = self.uses[slot.fleet][0]
        ends = [self.request.bases[name] for name in (fleet.base, fleet.recovery)]
        east, north = self.ground.metres(
            np.array([base.lon_deg for base in ends]), np.array([base.lat_deg for base in ends])
        )
        weather = self.request.weather
        toward = np.radians(weather.wind_from_deg + 180.0)
        radius = turn_radius_m(use.airspeed_ms + weather.wind_ms, fleet.platform.bank_deg)
        return SearchSortie(
            start=(float(east[0]), float(north[0])),
            end=(float(east[1]), float(north[1])),
            airspeed_ms=use.airspeed_ms,
            turn_radius_m=ROOM_TO_TURN * float(radius),
            endurance_s=max(HELD_BACK * (slot.end_us - slot.start_us) / 1e6 - self._climbing_s(fleet), 60.0),
            sweep_m=use.sweep_width_m,
            wind_ms=(weather.wind_ms * float(np.sin(toward)), weather.wind_ms * float(np.cos(toward))),
            label=sortie_id(slot),
        )

    def _climbing_s(self, fleet: Fleet) -> float:
        """What climb and descent take beside the ways out and home, about: half of them."""
        base = self.request.bases[fleet.base]
        rise = fleet.height_m if fleet.height_datum == "agl" else fleet.height_m - base.height_msl_m
        platform = fleet.platform
        return 0.5 * max(rise, 0.0) * (1.0 / platform.climb_ms + 1.0 / platform.descent_ms)


def closed_bases(scene: Scene, slot: Slot) -> list[str]:
    """Bases of a flight that lie in ground closed to it."""
    fleet = scene.request.fleets[slot.fleet]
    flyable = scene.flyable(slot)
    found = []
    for name in dict.fromkeys((fleet.base, fleet.recovery)):
        base = scene.request.bases[name]
        columns, rows = scene.ground.grid.grid.cells(np.array([base.lon_deg]), np.array([base.lat_deg]))
        if not flyable[int(np.rint(rows[0])), int(np.rint(columns[0]))]:
            found.append(name)
    return found


def longest_s(request: CampaignRequest, fleet_number: int) -> float:
    """How long flights of a fleet may be: what the fuel allows with its reserve, or the hours wanted."""
    fleet = request.fleets[fleet_number]
    fuel_s = endurance_h(fleet.platform) * 3600.0
    return fuel_s if fleet.hours is None else min(fuel_s, fleet.hours * 3600.0)


def sortie_id(slot: Slot) -> str:
    """Its name: day, aircraft, turn."""
    turn = "" if slot.turn == 0 else f"-{slot.turn + 1}"
    return f"D{slot.day + 1:02d}-{slot.aircraft}{turn}"
