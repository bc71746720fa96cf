"""Wind triangle against the reference flight of the field note (ArduPlane simulation, 22 m/s indicated)."""

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.earth import geodesic
from atalaya.plan.flight import (
    ConstantWind,
    GriddedWind,
    LayeredWind,
    fly,
    ground_speed_ms,
    heading_deg,
    leg_times_s,
)
from atalaya.plan.flight.wind import vector_from
from atalaya.plan.plane import TangentPlane
from atalaya.plan.waypoint import Waypoint
from tests.plan_cases import platform

NORTH_EAST_M = (
    (0, 0),
    (300, 0),
    (1000, 500),
    (3000, 500),
    (3000, 900),
    (1000, 900),
    (1000, 1300),
    (3000, 1300),
)
FITTED_MS = 23.14
HOUR_US = 3_600_000_000


def reference() -> tuple[np.ndarray, np.ndarray]:
    return TangentPlane(149.165, -35.363).to_lonlat(np.array(NORTH_EAST_M, float)[:, ::-1])


def test_the_reference_route_is_7960_m_long() -> None:
    lon, lat = reference()
    assert geodesic(lon[:-1], lat[:-1], lon[1:], lat[1:])[0].sum() == pytest.approx(7960.2, abs=0.3)


@pytest.mark.proves("FLT-101")
@pytest.mark.parametrize(
    ("speed", "origin", "seconds"),
    [(0, 0, 344.0), (8, 0, 438.3), (8, 90, 392.0), (8, 180, 336.5), (8, 270, 347.9)],
)
def test_times_of_the_note(speed: float, origin: float, seconds: float) -> None:
    lon, lat = reference()
    assert leg_times_s(lon, lat, FITTED_MS, vector_from(speed, origin)).sum() == pytest.approx(
        seconds, abs=0.2
    )


def test_flown_times_within_one_per_cent_after_a_fit_on_calm() -> None:
    lon, lat = reference()
    points = [Waypoint(float(x), float(y), 700.0) for x, y in zip(lon, lat, strict=True)]

    def seconds(airspeed_ms: float, wind: ConstantWind) -> float:
        flier = platform(loiter_ms=airspeed_ms, cruise_ms=airspeed_ms, bank_deg=45.0)
        return fly(points, flier, start_us=0, fuel=1000.0, wind=wind).duration_s

    fitted = FITTED_MS
    for _ in range(4):
        fitted *= seconds(fitted, ConstantWind()) / 344.0
    assert seconds(fitted, ConstantWind(8.0, 0.0)) == pytest.approx(438.0, rel=0.01)
    assert seconds(fitted, ConstantWind(8.0, 90.0)) == pytest.approx(394.0, rel=0.005)


@pytest.mark.proves("FLT-101")
def test_a_wind_too_strong_is_an_error_and_never_a_number() -> None:
    assert ground_speed_ms(20.0, vector_from(21.0, 90.0), 0.0) == 0.0
    assert ground_speed_ms(20.0, vector_from(21.0, 0.0), 0.0) == 0.0
    with pytest.raises(BadInput) as caught:
        heading_deg(20.0, vector_from(21.0, 90.0), 0.0)
    assert caught.value.code == "FLT-001"
    lon, lat = reference()
    points = [Waypoint(float(x), float(y), 700.0) for x, y in zip(lon, lat, strict=True)]
    with pytest.raises(BadInput) as caught:
        fly(
            points,
            platform(loiter_ms=20.0, cruise_ms=20.0),
            start_us=0,
            fuel=1000.0,
            wind=ConstantWind(25.0, 0.0),
        )
    assert caught.value.code == "FLT-001"
    with pytest.raises(BadInput) as caught:
        leg_times_s(lon, lat, 20.0, vector_from(25.0, 0.0))
    assert caught.value.code == "FLT-001"


def test_the_nose_points_into_the_wind() -> None:
    assert heading_deg(20.0, vector_from(10.0, 90.0), 0.0) == pytest.approx(30.0)
    assert heading_deg(20.0, vector_from(10.0, 270.0), 0.0) == pytest.approx(330.0)


@pytest.mark.parametrize("wrong", [(-1.0, 0.0), (float("nan"), 0.0), (200.0, 0.0), (5.0, float("inf"))])
def test_winds_nobody_has_met_are_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(BadInput) as caught:
        ConstantWind(*wrong)
    assert caught.value.code == "FLT-003"


def test_layers_are_joined_as_vectors() -> None:
    field = LayeredWind((0.0, 1000.0), (10.0, 10.0), (0.0, 90.0))
    assert field.at(0, 500.0, 0.0, 0.0)[0] == pytest.approx([-5.0, -5.0])
    assert field.at(0, -50.0, 0.0, 0.0)[0] == pytest.approx([0.0, -10.0])
    with pytest.raises(BadInput):
        LayeredWind((1000.0, 0.0), (1.0, 2.0), (0.0, 0.0))


def test_a_grid_is_linear_in_each_axis_and_held_at_its_edges() -> None:
    axes = (np.array([0, HOUR_US]), np.array([0.0, 2000.0]), np.array([10.0, 11.0]), np.array([20.0, 22.0]))
    t, h, lat, lon = np.meshgrid(*axes, indexing="ij")
    field = GriddedWind(*axes, t / HOUR_US + h / 1000.0, lat + lon)
    assert field.at(HOUR_US // 4, 500.0, 20.5, 10.75)[0] == pytest.approx([0.75, 31.25])
    assert field.at(9 * HOUR_US, -500.0, 50.0, 10.0)[0] == pytest.approx([1.0, 32.0])
    with pytest.raises(BadInput):
        GriddedWind(*axes, np.zeros((2, 2, 2, 3)), np.zeros((2, 2, 2, 2)))
