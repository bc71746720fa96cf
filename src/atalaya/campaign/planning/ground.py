"""The ground of a campaign: one grid over areas and bases, what is believed of each cell, how high it is."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, box

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.prior_layers import layer_of
from atalaya.campaign.planning.request import CampaignRequest
from atalaya.earth.ortho.grid import east_north, lon_lat
from atalaya.earth.surface import LevelSurface, Surface
from atalaya.sensing.detection import hidden_share
from atalaya.sensing.layers import StatedArea, from_layers
from atalaya.sensing.map_geotiff import read_search_map
from atalaya.sensing.map_grid import MapGrid, covered_share, make_grid
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]

MARGIN_CELLS = 3
MOST_CELLS = 4_000_000
EDGE_M = 12_000.0
"""Ground about areas and bases in which aircraft may turn and go around what is closed."""


@dataclass(frozen=True)
class SearchGround:
    """The ground as planning sees it.

    Args:
        grid: cells over areas and bases; its share is that of all areas together.
        shares: (areas, rows, columns) float64, part of each cell in each area.
        map: what is believed before the first sortie.
        missing: layer to cells of the areas it has no data for.
    """

    grid: MapGrid
    shares: Floats
    map: SearchMap
    missing: dict[str, int]

    def metres(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Metres east and north in the map's projection."""
        return east_north(self.grid.grid.crs, lon_deg, lat_deg)

    def degrees(self, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude, WGS 84, of metres in the map's projection."""
        return lon_lat(self.grid.grid.crs, east_m, north_m)


def search_ground(
    request: CampaignRequest, depression_deg: float, cell_m: float | None = None
) -> SearchGround:
    """The grid and the prior of a campaign, or the map it names instead.

    Args:
        depression_deg: of the look that cover hides facilities from.
        cell_m: edge of a cell; the campaign file's where none is given.

    Raises:
        BadInput: PLN-008, too many cells for the areas and bases; and what reading layers raises.
    """
    frame = make_grid(extent_of(request), request.prior.cell_m if cell_m is None else cell_m)
    if frame.grid.width * frame.grid.height > MOST_CELLS:
        raise BadInput("PLN-008", cells=frame.grid.width * frame.grid.height, most=MOST_CELLS)
    shares = np.stack([_share(frame, area.geometry) for area in request.areas])
    grid = MapGrid(frame.grid, np.minimum(shares.sum(axis=0), 1.0))
    if request.prior.map_file is not None:
        known = read_search_map(request.prior.map_file)
        frame = MapGrid(known.grid, np.zeros(known.rate.shape))
        shares = np.stack([_share(frame, area.geometry) for area in request.areas])
        return SearchGround(MapGrid(known.grid, np.minimum(shares.sum(axis=0), 1.0)), shares, known, {})
    prior = request.prior
    cover = float(hidden_share(prior.canopy, depression_deg, prior.facility))
    # of what a cell holds of the areas together, the part that is this area's
    parts = shares / np.maximum(shares.sum(axis=0), 1e-12)
    stated = [
        StatedArea(area.name, part, area.expected or 0.0)
        for area, part in zip(request.areas, parts, strict=True)
    ]
    made = from_layers(
        grid,
        [layer_of(layer, grid) for layer in prior.layers],
        sum(each.expected for each in stated),
        stated=stated,
        hidden=cover if prior.hidden is None else prior.hidden,
    )
    return SearchGround(grid, shares, made.map, dict(made.missing))


def terrain_of(request: CampaignRequest) -> Surface:
    """The ground flown over: the raster named, synthetic country, or level ground at the stated height.

    Raises:
        BadInput, DatumError: what opening the raster raises.
    """
    ground = request.ground
    if ground.synthetic is not None:
        from atalaya.campaign.planning.country import country_of

        return country_of(request).terrain
    if ground.dem is None:
        from atalaya.earth.geoid import undulation_m

        assert ground.flat_msl_m is not None
        middle = shapely.union_all([area.geometry for area in request.areas]).centroid
        lift = float(undulation_m(middle.x, middle.y))
        return LevelSurface(ground.flat_msl_m + lift)
    from atalaya.earth.terrain import Terrain

    return Terrain.open(ground.dem, vertical_datum=ground.datum)


def extent_of(request: CampaignRequest) -> shapely.geometry.base.BaseGeometry:
    """A box over areas and bases with room to turn; degrees."""
    bases = MultiPoint([(base.lon_deg, base.lat_deg) for base in request.bases.values()])
    west, south, east, north = shapely.union_all([*(area.geometry for area in request.areas), bases]).bounds
    edge_m = max(EDGE_M, MARGIN_CELLS * request.prior.cell_m)
    up = edge_m / 111_000.0
    aside = up / max(np.cos(np.radians(max(abs(south), abs(north)))), 0.05)
    return box(west - aside, south - up, east + aside, north + up)


def _share(frame: MapGrid, geometry: shapely.geometry.base.BaseGeometry) -> Floats:
    fine = shapely.segmentize(geometry, 0.02)
    flat = shapely.transform(fine, lambda xy: np.column_stack(east_north(frame.grid.crs, xy[:, 0], xy[:, 1])))
    return covered_share(flat, frame.grid)
