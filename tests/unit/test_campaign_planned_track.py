"""A plan's legs are geodesics flown at constant speed."""

import numpy as np
import pytest
from pyproj import Geod

from atalaya.campaign.planned_track import STEP_S, planned_track
from atalaya.earth.track import track_of


def test_legs_are_geodesics_without_gaps_and_waypoints_stay() -> None:
    t_us = 1_800_000_000_000_000 + np.array([0, 1800, 1800 + 601]) * 1_000_000
    plan = track_of(
        t_us, [-111.5, -111.5, -108.0], [32.2, 30.6, 29.0], height_pressure_m=[6000.0, 7000.0, np.nan]
    )
    flown = planned_track(plan, 50.0)
    assert np.diff(flown.t_us).max() <= STEP_S * 1e6
    for n in range(3):
        (row,) = np.flatnonzero(flown.t_us == t_us[n])
        assert (flown.lon_deg[row], flown.lat_deg[row]) == (plan.lon_deg[n], plan.lat_deg[n])
    assert set(flown.containment_m) == {50.0}
    middle = flown.t_us == t_us[0] + 900_000_000
    assert flown.height_pressure_m[middle] == pytest.approx(6500)
    assert np.isnan(flown.height_pressure_m[-2])
    steps = Geod(ellps="WGS84").inv(
        flown.lon_deg[:-1], flown.lat_deg[:-1], flown.lon_deg[1:], flown.lat_deg[1:]
    )[2]
    whole = Geod(ellps="WGS84").inv([-111.5, -111.5], [32.2, 30.6], [-111.5, -108.0], [30.6, 29.0])[2]
    assert steps.sum() == pytest.approx(sum(whole), abs=0.01)
