"""The synthetic country of a campaign file: made once for a file, the same whenever it is made."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atalaya.campaign.planning.ground import extent_of
from atalaya.campaign.planning.request import CampaignRequest, SyntheticGround
from atalaya.earth.ellipsoid import geod

if TYPE_CHECKING:
    from atalaya.sim.country import Country

LEVEL_M, BLENDED_M = 2_500.0, 12_000.0

ROOM_M = 6_000.0
"""Country beyond areas and bases that cameras may look into."""

_Extent = tuple[float, float, float, float]


def country_of(request: CampaignRequest) -> "Country":
    """The country of a file whose terrain is synthetic.

    Raises:
        BadInput, DatumError, NotFound: CTY-0xx, EAR-0xx, the numbers make no country, or its files are wrong.
    """
    ground = request.ground.synthetic
    assert ground is not None
    if ground.folder is not None:
        return _read(ground.folder)
    bounds: _Extent = extent_of(request).bounds
    fields = tuple((base.lon_deg, base.lat_deg, base.height_msl_m) for base in request.bases.values())
    return _made(request.seed, request.name, bounds, ground, request.ground.dem, request.ground.datum, fields)


@lru_cache(maxsize=2)
def _read(folder: Path) -> "Country":
    from atalaya.sim.country import read_country

    return read_country(folder)


@lru_cache(maxsize=2)
def _made(
    seed: int,
    name: str,
    bounds: _Extent,
    ground: SyntheticGround,
    dem: Path | None,
    datum: str | None,
    fields: tuple[tuple[float, float, float], ...],
) -> "Country":
    from atalaya.sim.country import make_country

    west, south, east, north = bounds
    lon, lat = (west + east) / 2.0, (south + north) / 2.0
    width = float(geod().inv(west, lat, east, lat)[2]) + 2.0 * ROOM_M
    height = float(geod().inv(lon, south, lon, north)[2]) + 2.0 * ROOM_M
    country = make_country(
        seed,
        lon_deg=lon,
        lat_deg=lat,
        width_m=width,
        height_m=height,
        post_m=ground.post_m,
        cover_m=ground.cover_m,
        name=name,
        relief=ground.relief,
        wetness=ground.wetness,
        worked_m=ground.worked_m,
        dem=dem,
        dem_datum=datum,  # type: ignore[arg-type]
    )
    return country if dem is not None else _with_airfields(country, fields)


def _with_airfields(country: "Country", fields: tuple[tuple[float, float, float], ...]) -> "Country":
    """The country with made-up ground about each base brought to its real height, so that it can be left.

    Level as far as `LEVEL_M`, then rising or falling to the ground as it is at `BLENDED_M`.
    """
    heights = country.heights_msl_m.astype(np.float64)
    rows, columns = heights.shape
    row, column = np.arange(rows)[:, None], np.arange(columns)[None, :]
    for lon, lat, height_m in fields:
        east, north = country.metres(lon, lat)
        away = np.hypot(
            country.west_m + column * country.post_m - float(east),
            country.north_m - row * country.post_m - float(north),
        )
        share = np.clip((BLENDED_M - away) / (BLENDED_M - LEVEL_M), 0.0, 1.0)
        share = share * share * (3.0 - 2.0 * share)
        heights += share * (height_m - heights)
    return replace(country, heights_msl_m=heights.astype(np.float32))
