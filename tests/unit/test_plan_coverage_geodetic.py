"""Coverage in longitudes and latitudes: lengths on the ellipsoid, the antimeridian, bent legs."""

import numpy as np
import pytest
import shapely
from pyproj import Geod
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


def test_long_legs_get_points_so_that_geodesics_stay_on_them():
    path = cover_geodetic(box(10, 60, 14, 60.05), swath_m=1000)
    densest = shapely.segmentize(path.plane.track, 2000)
    assert len(path.lon_deg) > len(path.plane.points)
    assert densest.length == pytest.approx(WGS84.line_length(path.lon_deg, path.lat_deg), rel=1e-3)
