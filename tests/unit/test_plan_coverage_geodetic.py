"""Coverage in longitudes and latitudes: lengths on the ellipsoid, the antimeridian, bent legs."""

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import MultiPolygon, box

from atalaya.plan.coverage import cover_geodetic

WGS84 = Geod(ellps="WGS84")


def test_lengths_and_areas_hold_on_the_ellipsoid():
    area = box(10, 60, 11, 60.4)
    path = cover_geodetic(area, swath_m=2000)
    ground = WGS84.line_length(path.lon_deg, path.lat_deg)
    assert ground == pytest.approx(path.plane.length_m, rel=1e-3)
    assert ground >= (0.999 * abs(WGS84.geometry_area_perimeter(area)[0]) - np.pi * 1e6) / 2000
    assert path.plane.covered_share >= 0.999
    assert len(path.sweep) == len(path.lon_deg) - 1


def test_the_antimeridian_is_no_border():
    whole = cover_geodetic(box(179.9, 10, 180.1, 10.1), swath_m=1000)
    split = cover_geodetic(
        MultiPolygon([box(179.9, 10, 180, 10.1), box(-180, 10, -179.9, 10.1)]), swath_m=1000
    )
    here = cover_geodetic(box(20.9, 10, 21.1, 10.1), swath_m=1000)
    assert whole.plane.length_m == pytest.approx(here.plane.length_m, rel=1e-3)
    assert split.plane.length_m == pytest.approx(whole.plane.length_m, rel=1e-3)
    assert (np.abs(whole.lon_deg) <= 180).all()
    assert whole.lon_deg.min() < -179 < 179 < whole.lon_deg.max()


def test_geodesics_between_the_points_stay_on_the_planned_legs():
    path = cover_geodetic(box(10, 60, 14, 62), swath_m=5000, headings_deg=[0])
    to_plane = Transformer.from_crs("EPSG:4326", path.crs, always_xy=True)
    lon, lat = path.lon_deg, path.lat_deg
    azimuth, _, length = WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    middle = WGS84.fwd(lon[:-1], lat[:-1], azimuth, np.asarray(length) / 2)
    flown = shapely.points(np.column_stack(to_plane.transform(middle[0], middle[1])))
    assert shapely.distance(path.plane.track, flown).max() <= 0.021 * 5000
    assert max(length) > 200_000
