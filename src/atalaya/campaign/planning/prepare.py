"""From a campaign file to everything planning works with: ground, law, airspace, uses of sensors, slots."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.airspace import indexes_at
from atalaya.campaign.gates import found_unarmed, known_payloads
from atalaya.campaign.overflights import Assumptions
from atalaya.campaign.planning.asked_sorties import Law
from atalaya.campaign.planning.ground import SearchGround, search_ground, terrain_of
from atalaya.campaign.planning.openings import AskedFlight
from atalaya.campaign.planning.regions import Cells, Regions, regions_of
from atalaya.campaign.planning.request import CampaignRequest, Fleet
from atalaya.campaign.planning.routed import Airspace, ground_msl_m
from atalaya.campaign.planning.scene import Scene, longest_s
from atalaya.campaign.planning.sensor_use import kinds_used, sensor_use
from atalaya.campaign.planning.slots import DAY_US, Slot, flyable_hours, slots_of
from atalaya.campaign.planning.stated_law import asked_register
from atalaya.earth.sun import sun_position
from atalaya.earth.surface import Surface
from atalaya.law.account import AccountOptions
from atalaya.law.records.register import Register
from atalaya.plan.airspace.volume_file import read_volumes, volumes_of
from atalaya.plan.flight.wind import ConstantWind
from atalaya.sensing.settings import SettingValue

Floats = NDArray[np.float64]
Say = Callable[[str], None]

HEIGHT_SLACK_M = 75.0
"""An aircraft holds its altitude to within this; bands of authorisations are asked with it."""

WIDEST_CELL_M = 3_000.0
USUAL_DEPRESSION_DEG = 45.0


def prepared(
    request: CampaignRequest,
    recorded: Register,
    known_us: int,
    *,
    root: Path | None = None,
    layers: Sequence[str] = (),
    tell: Say = lambda _: None,
) -> tuple[Scene, tuple[Slot, ...]]:
    """Ask everything that can be asked before a path is looked for.

    Args:
        recorded: rows of the workspace's registers; an empty register where there is none.
        known_us: instant of knowledge.
        root: workspace whose boundary layers are known too.
        layers: boundary layers by name; the usual ones where none is named.
        tell: told in a word what is being done.
    """
    tell("ground")
    terrain = terrain_of(request)
    uses = {number: _use(request, fleet, terrain) for number, fleet in enumerate(request.fleets)}
    ground = search_ground(request, USUAL_DEPRESSION_DEG, cell_of(request, uses))
    law = _law(request, recorded, known_us, root, layers)
    tell("law")
    regions = _regions(request, ground, law)
    flights = {number: _flight(request, fleet, uses[number]) for number, fleet in enumerate(request.fleets)}
    scene = Scene(request, ground, law, _airspace(request, terrain), uses, flights, regions)
    worth = {state: _worth(each, ground) for state, each in regions.items()}
    longest = {number: longest_s(request, number) for number in uses}
    return scene, tuple(slots_of(request, regions, worth, flights, longest, law))


def cell_of(request: CampaignRequest, uses: dict[int, tuple[SettingValue, SettingValue]]) -> float:
    """Edge of a cell: as asked, never narrower than the widest strip: ground seen would count as unseen."""
    widest = max(use.swath_m for use, _ in uses.values())
    return max(request.prior.cell_m, min(widest, WIDEST_CELL_M))


def _law(
    request: CampaignRequest, recorded: Register, known_us: int, root: Path | None, layers: Sequence[str]
) -> Law:
    register = asked_register(recorded, request.statements, known_us)
    aircraft = [name for fleet in request.fleets for name in fleet.aircraft]
    return Law(
        register=register,
        known_us=known_us,
        assumptions=Assumptions(tuple(layers), AccountOptions(containment_m=request.off_track_m)),
        root=root,
        payloads=known_payloads(register, known_us),
        inspected={name: found_unarmed(register, name, request.start_us, known_us) for name in aircraft},
    )


def _regions(request: CampaignRequest, ground: SearchGround, law: Law) -> dict[str, Regions]:
    """The ground cut by the law, for each State that operates aircraft."""
    lon, lat = ground.grid.middles()
    cell_m = ground.grid.grid.cell_m
    cells = Cells(
        lon.ravel(),
        lat.ravel(),
        ground.grid.shape,
        cell_m,
        cell_m * float(np.sqrt(0.5)) + request.off_track_m,
        ground.metres,
    )
    indexes = indexes_at(law.root, law.assumptions.layers, request.start_us)
    states = sorted({fleet.operator_state for fleet in request.fleets})
    return {state: regions_of(cells, indexes, law.register, state) for state in states}


def _use(request: CampaignRequest, fleet: Fleet, terrain: Surface) -> tuple[SettingValue, SettingValue]:
    """How a fleet looks, at its height over the usual ground and the sun of the middle of the first day."""
    middle = request.areas[0].geometry.centroid
    lon, lat = (np.concatenate(parts) for parts in zip(*_inside(request), strict=True))
    usual = float(np.nanmedian(ground_msl_m(lon, lat, terrain)))
    height = fleet.height_m if fleet.height_datum == "agl" else fleet.height_m - usual
    hours = flyable_hours(request, 0) or [(request.start_us, request.start_us + DAY_US)]
    longest = max(hours, key=lambda each: each[1] - each[0])
    noon = np.array([(longest[0] + longest[1]) // 2])
    sun = float(sun_position(noon, middle.x, middle.y).elevation_deg[0])
    return sensor_use(fleet, request, max(height, 1.0), sun)


def _inside(request: CampaignRequest) -> list[tuple[Floats, Floats]]:
    """Places on a coarse lattice over each area."""
    found = []
    for area in request.areas:
        west, south, east, north = area.geometry.bounds
        lon, lat = np.meshgrid(np.linspace(west, east, 21), np.linspace(south, north, 21))
        found.append((lon.ravel(), lat.ravel()))
    return found


def _flight(request: CampaignRequest, fleet: Fleet, uses: tuple[SettingValue, SettingValue]) -> AskedFlight:
    slack = (fleet.height_m - HEIGHT_SLACK_M, fleet.height_m + HEIGHT_SLACK_M)
    heights: dict[str, tuple[float, float]] = {}
    if fleet.height_datum != "agl":
        heights[fleet.height_datum] = slack
    return AskedFlight("", fleet.operator_state, kinds_used(fleet, *uses), request.purpose, heights, 0, 0)


def _airspace(request: CampaignRequest, terrain: Surface) -> Airspace:
    weather = request.weather
    stated = [
        volume
        for number, feature in enumerate(request.volumes, start=1)
        for volume in volumes_of(feature, f"[[volume]] {number}")
    ]
    named = [volume for file in request.volume_files for volume in read_volumes(file)]
    return Airspace((*stated, *named), terrain, ConstantWind(weather.wind_ms, weather.wind_from_deg))


def _worth(regions: Regions, ground: SearchGround) -> Floats:
    """(regions,) facilities expected in the asked part of each."""
    rate = np.where(ground.grid.share > 0.0, ground.map.rate, 0.0)
    return np.bincount(regions.number, rate.ravel(), len(regions.regions)).astype(np.float64)
