"""Making a country."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.earth.vertical import VerticalName
from atalaya.sim.country.country import Country
from atalaya.sim.country.cover import cover_cell_m, grown_cover, paint_shapes
from atalaya.sim.country.fields import fields_of
from atalaya.sim.country.grading import PostGrid, graded_ways
from atalaya.sim.country.houses import built
from atalaya.sim.country.land import Land, given_land, made_land
from atalaya.sim.country.places import places_of
from atalaya.sim.country.relief import Relief, ReliefName, relief_of
from atalaya.sim.country.roads import roads_of
from atalaya.sim.country.water import stream_lines
from atalaya.sim.country.zone import utm_corner

_LEAST_POSTS, _MOST_POSTS = 16, 40_000_000
_WORKED_MOST_M = 1000.0
_MOST_COVER = 400_000_000
_POST_M, _COVER_M = (1.0, 500.0), (0.5, 500.0)
_STREAM_FROM_M2 = 1.5e6


def make_country(
    seed: int,
    *,
    lon_deg: float,
    lat_deg: float,
    width_m: float,
    height_m: float,
    post_m: float = 30.0,
    cover_m: float | None = None,
    name: str = "",
    relief: ReliefName | Relief = "mountain",
    wetness: float | None = None,
    worked_m: float | None = None,
    dem: Path | str | None = None,
    dem_datum: VerticalName | None = None,
) -> Country:
    """Make a country about a place. The same arguments give the same country, on any number of threads.

    Args:
        seed: of everything made up, 0 or more.
        lon_deg, lat_deg: of the middle; the projection is the UTM zone there.
        width_m, height_m: east to west, north to south; rounded to whole posts.
        post_m: between heights. cover_m: edge of a cell of cover; None for 5 m, coarser for large countries.
        relief: kind of ground, or its numbers; not used for heights where a DEM is given.
        wetness: 0 desert, 1 rain forest; None for what the latitude suggests.
        worked_m: spacing at which rivers shape the ground, for a country made fast: 90 m or so, posts between
            are then drawn smoothly. None for that of the posts, coarser only in huge countries.
        dem: heights of the user's, in any CRS; they stay as they are.
        dem_datum: its vertical datum, where the file does not state it.

    Raises:
        BadInput: CTY-001 to CTY-005, numbers no country has; or what `earth` says of the DEM.
        DatumError: EAR-010 to EAR-012, the vertical datum of the DEM is not stated, or contradicts.
        NotFound: EAR-015, there is no such DEM.
    """
    shape = _shape(width_m, height_m, post_m)
    kind = relief_of(relief)
    epsg, west, north = utm_corner(lon_deg, lat_deg, shape, post_m)
    cell = cover_cell_m(width_m, height_m) if cover_m is None else cover_m
    _check(seed, shape, post_m, cell, wetness)
    if worked_m is not None and not _POST_M[0] <= worked_m <= _WORKED_MOST_M:
        raise BadInput("CTY-001", where=f"{worked_m:g}", detail="worked_m")
    wet = wetness_at(lat_deg) if wetness is None else wetness
    if dem is None:
        land = made_land(seed, kind, west, north, post_m, shape, _STREAM_FROM_M2, worked_m)
    else:
        from atalaya.sim.country.user_dem import heights_from

        heights = heights_from(dem, epsg, west, north, post_m, shape, dem_datum)
        land = given_land(seed, heights, west, north, post_m, _STREAM_FROM_M2)
        kind = replace(kind, mean_m=float(heights.mean()), deviation_m=max(1.0, float(heights.std())))
    return _peopled(land, kind, wet, name or str(seed), seed, epsg, cell)


def wetness_at(lat_deg: float) -> float:
    """How wet a latitude is as a rule: rain forest near the equator, dry about 28 degrees, woods beyond."""
    return float(
        np.interp(abs(lat_deg), (0.0, 13.0, 22.0, 32.0, 45.0, 90.0), (1.0, 0.95, 0.35, 0.15, 0.6, 0.5))
    )


def _peopled(
    land: Land, relief: Relief, wetness: float, name: str, seed: int, epsg: int, cover_m: float
) -> Country:
    streams = stream_lines(land.streams, land.bounds_m, wetness)
    places = places_of(land, relief, seed)
    cover = grown_cover(land, places, cover_m, wetness, seed)
    roads = roads_of(land, places, seed)
    if land.bed is not None:
        graded_ways(PostGrid(land.heights_m, land.west_m, land.north_m, land.post_m), roads, land.bed)
    corner = land.west_m, land.north_m
    bare = Country(name, seed, epsg, *corner, land.post_m, land.heights_m, cover, cover_m, (*streams, *roads))
    town = built(bare, places, seed)
    lines = (*bare.lines, *town.streets)
    houses = np.array([(house.east_m, house.north_m) for house in town.houses]).reshape(-1, 2)
    patches = fields_of(replace(bare, lines=lines), places, houses, seed, wetness)
    paint_shapes(cover, *corner, cover_m, patches, streams)
    return replace(bare, lines=lines, patches=patches, solids=town.houses, settlements=town.settlements)


def _shape(width_m: float, height_m: float, post_m: float) -> tuple[int, int]:
    """Rows and columns of posts."""
    if not (np.isfinite((width_m, height_m, post_m)).all() and _POST_M[0] <= post_m <= _POST_M[1]):
        raise BadInput("CTY-001", where=f"{width_m:g} x {height_m:g} / {post_m:g}", detail="post_m")
    if not (0.0 < width_m <= 1e6 and 0.0 < height_m <= 1e6):
        raise BadInput(
            "CTY-001", where=f"{width_m:g} x {height_m:g} / {post_m:g}", detail="width_m, height_m"
        )
    rows, columns = round(height_m / post_m) + 1, round(width_m / post_m) + 1
    if min(rows, columns) < _LEAST_POSTS or rows * columns > _MOST_POSTS:
        raise BadInput(
            "CTY-001", where=f"{width_m:g} x {height_m:g} / {post_m:g}", detail=f"{rows} x {columns}"
        )
    return rows, columns


def _check(seed: int, shape: tuple[int, int], post_m: float, cover_m: float, wetness: float | None) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**63:
        raise BadInput("CTY-004", where=str(seed)[:40])
    if wetness is not None and not 0.0 <= wetness <= 1.0:
        raise BadInput("CTY-005", where=str(wetness))
    if not _COVER_M[0] <= cover_m <= _COVER_M[1]:
        raise BadInput("CTY-001", where=f"{cover_m:g}", detail="cover_m")
    cells = (shape[0] * post_m / cover_m) * (shape[1] * post_m / cover_m)
    if cells > _MOST_COVER:
        raise BadInput("CTY-001", where=f"{cover_m:g}", detail=f"{cells:.3g}")
