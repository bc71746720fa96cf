"""Tracks that keep 500 m and more outside the precise line are never certainly inside by a coarse layer
(law.md section 18, goal C; a plain point-in-polygon test puts 35 % of them inside by Natural Earth)."""

from functools import cache

import numpy as np
import pyproj
import pytest
import shapely

from atalaya.earth.track import Track, track_of
from atalaya.law.account import AccountOptions, Standing, account
from tests.law_layers import dcw, natural_earth, osm_land
from tests.law_tracks import START_US
from tests.shared_data import shared

PLANE = "+proj=lcc +lat_1=27 +lat_2=32 +lat_0=29.5 +lon_0=-107 +datum=WGS84"
SPACING_M = 250.0


@cache
def along_the_line(offset_m: float) -> tuple[Track, ...]:
    """Tracks `offset_m` outside Mexico over the United States, the whole land line from ocean to gulf."""
    import pyogrio

    _, _, shapes, (codes,) = pyogrio.raw.read(
        shared("airspace/geo-maps-land-10m/land10m_MEX_GTM_BLZ_USAconus.gpkg"), columns=["A3"]
    )
    mexico = shapely.make_valid(shapely.from_wkb(shapes[list(codes).index("MEX")]))
    north = shapely.intersection(mexico, shapely.box(-117.3, 25.5, -97.0, 33.0))
    to_plane = pyproj.Transformer.from_crs(4326, PLANE, always_xy=True)
    flat = shapely.transform(north, lambda xy: np.stack(to_plane.transform(*xy.T), axis=1))
    ring = shapely.segmentize(shapely.buffer(flat, offset_m * 1.006).boundary, SPACING_M)
    x, y = shapely.get_coordinates(ring).T
    lon, lat = to_plane.transform(x, y, direction="INVERSE")
    lon, lat = np.asarray(lon), np.asarray(lat)
    index = osm_land()
    over_usa = index.contains(index.areas.index("USA_conus"), lon, lat)
    clear = -index.depth_m(index.areas.index("MEX"), lon, lat) >= offset_m
    runs = np.split(np.arange(len(lon)), np.flatnonzero(np.diff((over_usa & clear).astype(int))) + 1)
    chosen = [run for run in runs if len(run) > 20 and (over_usa & clear)[run[0]]]
    return tuple(_track(lon[run], lat[run]) for run in chosen)


def _track(lon: np.ndarray, lat: np.ndarray) -> Track:
    t_us = START_US + np.arange(len(lon)) * 4_000_000
    return track_of(
        t_us, lon, lat, ground_speed_mps=np.full(len(lon), 63.0), containment_m=np.full(len(lon), 10.0)
    )


@pytest.mark.proves("AIR-014")
@pytest.mark.parametrize("offset_m", [500.0, 1_000.0, 2_000.0])
def test_no_lawful_track_is_certainly_inside_by_a_coarse_layer(offset_m: float) -> None:
    coarse = [natural_earth("MEX"), dcw()]
    inside_naively = fixes = 0
    for track in along_the_line(offset_m):
        found = account(track, coarse, AccountOptions(states=("MEX",)))
        assert len(found.states) == 2
        for one in found.states:
            assert one.intervals.seconds()[Standing.CERTAIN_INSIDE] == 0.0
            assert one.verdict != Standing.CERTAIN_INSIDE
        inside_naively += found.states[0].fixes_inside
        fixes += len(track)
    assert fixes > 8_000
    if offset_m == 500.0:
        assert 0.25 < inside_naively / fixes < 0.45  # what the bound keeps from being said


def test_the_precise_layer_calls_them_outside() -> None:
    for track in along_the_line(500.0)[:40]:
        (one,) = account(track, [osm_land()], AccountOptions(states=("MEX",))).states
        spent = one.intervals.seconds()
        assert spent[Standing.CERTAIN_INSIDE] == spent[Standing.INDETERMINATE] == 0.0
