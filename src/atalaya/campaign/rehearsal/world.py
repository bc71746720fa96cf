"""The world of a rehearsal: country, sites and weather, all from the campaign file."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.country import country_of
from atalaya.campaign.planning.request import CampaignRequest, Rehearsal

if TYPE_CHECKING:
    from atalaya.sim.country import Country
    from atalaya.sim.scene import Scene
    from atalaya.sim.weather import Weather


@dataclass(frozen=True, eq=False)
class World:
    """What is flown over.

    Args:
        asked: of the range. country, scene, weather: as `sim` has them.
    """

    asked: Rehearsal
    country: "Country"
    scene: "Scene"
    weather: "Weather"


def world_of(request: CampaignRequest) -> World:
    """Make the world of a campaign file; the same file makes the same world.

    Facilities and look-alikes lie in the areas of the file.

    Raises:
        BadInput: RHS-001, its ground is not synthetic country; and what making country and scene raises.
    """
    from atalaya.sim.scene import make_scene
    from atalaya.sim.weather import Weather

    if request.ground.synthetic is None:
        raise BadInput("RHS-001", where="[terrain]")
    asked = request.rehearsal or Rehearsal()
    country = country_of(request)
    areas = [_on_grid(country, area.geometry) for area in request.areas]
    scene = make_scene(
        country,
        request.seed,
        theme=asked.theme,
        facilities=asked.facilities,
        confusers_per_facility=asked.confusers,
        concealment=asked.concealment,
        areas=areas,
    )
    weather = Weather(asked.air_c, asked.swing_k, asked.visibility_km * 1000.0, asked.cloud)
    return World(asked, country, scene, weather)


def write_world(world: World, folder: Path) -> None:
    """The country as layers, the truth about its sites, a map of it: `country/`, `truth/`, `country.png`.

    Raises:
        OSError: nothing can be written there.
    """
    from atalaya.sim.country import write_country, write_picture
    from atalaya.sim.scene import write_truth

    write_country(world.country, folder / "country")
    write_truth(world.scene, world.country, folder / "truth")
    write_picture(world.country, folder / "country.png", pixels=1200)


def _on_grid(country: "Country", geometry: shapely.Geometry) -> shapely.Geometry:
    fine = shapely.segmentize(geometry, 0.02)
    return shapely.transform(fine, lambda xy: np.column_stack(country.metres(xy[:, 0], xy[:, 1])))


def without_video(world: World) -> World:
    """The same world, of which no video is asked for."""
    return replace(world, asked=replace(world.asked, video_s=0.0))
