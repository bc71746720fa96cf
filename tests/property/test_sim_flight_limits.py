"""Whatever is planned: the turret keeps to its rates, the aircraft to its roll, and all is finite."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.earth import angles_zyx
from atalaya.plan.flight import ConstantWind
from atalaya.sim.flight import Handling, flight_of
from atalaya.sim.flight.frames import cameras, frame_times_us
from tests.range_flights import LEVEL, planned

SMOOTH = Handling(rough_deg=(0.0, 0.0, 0.0))


@pytest.mark.proves("RNG-002")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["mq9a", "scaneagle", "small-multirotor"]),
    st.floats(-180.0, 180.0),
    st.floats(10.0, 80.0),
    st.floats(0.0, 6.0),
    st.floats(0.0, 4.0),
    st.floats(0.0, 360.0),
)
def test_rates_are_never_exceeded(
    name: str, bearing: float, depression: float, turned: float, speed: float, wind_from: float
) -> None:
    wind = ConstantWind(speed, wind_from)
    plane, points, path = planned(
        name, wind, bearing_deg=bearing, depression_deg=depression, turned=turned, loiter_s=60.0
    )
    flight = flight_of(path, points, plane, wind=wind, terrain=LEVEL, handling=SMOOTH)
    track = flight.at(frame_times_us(flight, 20.0))
    for spec in fields(track):
        value = getattr(track, spec.name)
        assert spec.name == "sensors" or np.isfinite(value).all()
    azimuth, elevation, _ = angles_zyx(cameras(track))
    sensor = plane.sensors[0]
    inside = (track.rel_elevation_deg > sensor.lowest_deg) & (track.rel_elevation_deg < sensor.highest_deg)
    free = inside[1:] & inside[:-1] & (np.abs(elevation[1:]) < 89.0)
    step = np.diff(track.t_us) / 1e6
    across = ((np.diff(azimuth) + 180.0) % 360.0 - 180.0) / step
    along = np.diff(elevation) / step
    assert np.abs(across[free]).max() <= sensor.slew_deg_s * 1.001
    assert np.abs(along[free]).max() <= sensor.slew_deg_s * 1.001
    steady = free[1:] & free[:-1]
    assert np.abs(np.diff(along) / step[1:])[steady].max() <= sensor.slew_deg_s2 * 1.01
    assert np.abs(np.diff(across) / step[1:])[steady].max() <= sensor.slew_deg_s2 * 1.01
    assert track.rel_elevation_deg.min() >= sensor.lowest_deg - 1e-9
    assert track.rel_elevation_deg.max() <= sensor.highest_deg + 1e-9
    rolling = np.abs(np.diff(track.roll_deg)) / step
    assert rolling.max() <= 1.35 * flight.handling.roll_rate(plane)
