"""The geometry that terms ask for, on the packaged boundary and on an authorised area."""

from datetime import UTC, datetime

import numpy as np
import pytest
from pyproj import Geod

from atalaya.earth.track import Track, track_of
from atalaya.law.account import AccountOptions
from atalaya.law.boundary import layer_index, open_layer
from atalaya.law.ledger.geometry import area_over_time, band_over_time, distance_over_time
from atalaya.law.ledger.steps import Steps, Tri
from atalaya.law.records.altitude_band import parse_band

START_US = int(datetime(2025, 2, 20, tzinfo=UTC).timestamp()) * 1_000_000


def north(from_lat: float, to_lat: float, count: int = 2001) -> Track:
    """Due north along 111.5 W, a fix a second."""
    return track_of(
        START_US + np.arange(count) * 1_000_000,
        np.full(count, -111.5),
        np.linspace(from_lat, to_lat, count),
        height_pressure_m=np.full(count, 6096.0),
        containment_m=np.full(count, 10.0),
    )


def value_at(steps: Steps, second: float) -> Tri:
    return Tri(int(steps.at(np.array([START_US + round(second * 1e6)]))[0]))


@pytest.mark.proves("LAW-037")
def test_within_fifty_miles_of_the_border_and_not_beyond() -> None:
    index = layer_index(open_layer("north-america"))
    track = north(31.0, 33.0)
    near = distance_over_time(track, [index])("MEX", 92_600.0)
    depth = index.depth_m(index.areas.index("MEX"), track.lon_deg, track.lat_deg)
    bound = index.bound_m(index.areas.index("MEX"), track.lon_deg, track.lat_deg)
    last = int(np.flatnonzero(depth - bound >= -92_600).max())
    first = int(np.flatnonzero(depth + bound < -92_600).min())
    assert value_at(near, 0) is Tri.YES  # inside the State itself
    assert value_at(near, last - 1) is Tri.YES
    assert value_at(near, (last + first) / 2) is Tri.UNKNOWN
    assert value_at(near, first + 1) is Tri.NO
    assert 92_000 < -depth[last] < 92_600


def test_an_authorised_area_ends_at_its_edge() -> None:
    ring = [[-112, 31.5], [-111, 31.5], [-111, 32.0], [-112, 32.0], [-112, 31.5]]
    track = north(31.0, 33.0)
    within = area_over_time(track, AccountOptions())({"type": "Polygon", "coordinates": [ring]})
    assert [value_at(within, s) for s in (100, 490, 510, 750, 990, 1010, 1900)] == [
        *(Tri.NO, Tri.NO, Tri.YES, Tri.YES, Tri.YES, Tri.NO, Tri.NO)
    ]
    edge = next(s for s in np.arange(490, 510, 0.01) if value_at(within, float(s)) is not Tri.NO)
    metres = Geod(ellps="WGS84").inv(-111.5, 31.0 + edge / 1000, -111.5, 31.5)[2]
    assert metres == pytest.approx(10, abs=3)  # unknown from the position's radius on
    far = {"type": "Polygon", "coordinates": [[[10, 10], [11, 10], [11, 11], [10, 10]]]}
    assert value_at(area_over_time(track, AccountOptions())(far), 500) is Tri.NO


@pytest.mark.proves("LAW-007")
def test_a_band_of_another_datum_is_unknown() -> None:
    in_band = band_over_time(north(31.0, 33.0))
    assert value_at(in_band(parse_band("FL180-FL250")), 10) is Tri.YES
    assert value_at(in_band(parse_band("FL210-FL250")), 10) is Tri.NO
    assert value_at(in_band(parse_band("3000-9000 m hae")), 10) is Tri.UNKNOWN
