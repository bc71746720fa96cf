"""The worked errors of a look from 6 km: on level ground and on slopes that rise and fall away from us."""

import numpy as np
import pytest

from atalaya.earth import geodetic_to_ecef
from atalaya.earth.camera import Pose
from atalaya.earth.error import ErrorBudget, Looks, MethodName, Term, locate, looks_from_pose, principal_axes
from tests.plane_ground import Faces, sensor_over

WORKED = (  # depression, attitude sigma, slope along the look: sigma along, across, CE90, LE90
    (30.0, 0.2, 0.0, 84.63, 42.00, 146.87, 9.87),
    (30.0, 0.2, 20.0, 51.91, 42.00, 101.50, 31.43),
    (30.0, 0.2, -20.0, 228.99, 42.00, 379.04, 138.65),
    (60.0, 0.2, 0.0, 28.35, 24.37, 56.78, 9.87),
    (15.0, 0.05, 0.0, 82.13, 20.45, 136.70, 9.87),
)


def plane(slope_deg: float) -> Faces:
    return Faces(-107.0, 25.0, ((-1e6, 1e6, 0.0, float(np.tan(np.radians(slope_deg)))),))


def look(ground: Faces, depression_deg: float, up_m: float = 6000.0) -> Looks:
    """Northwards at the frame's zero from 6 km above it."""
    _, enu = ground.frame
    down = np.radians(depression_deg)
    lon, lat, height = sensor_over(ground, -up_m / np.tan(down), up_m)
    forward = enu @ np.array([0.0, np.cos(down), -np.sin(down)])
    right = enu[:, 0]
    camera = np.stack((forward, right, np.cross(forward, right)), axis=1)
    return looks_from_pose(Pose(geodetic_to_ecef(lon, lat, height), camera), np.array([[1.0, 0.0, 0.0]]))


def budget(attitude_deg: float) -> ErrorBudget:
    turn, place = Term(0.0, attitude_deg), Term(0.0, 3.0)
    return ErrorBudget(
        place,
        place,
        place,
        boresight_azimuth_deg=turn,
        boresight_elevation_deg=turn,
        boresight_roll_deg=turn,
        terrain_up_m=Term(6.0, 0.0),
    )


@pytest.mark.parametrize("method", ["first-order", "auto"])
@pytest.mark.parametrize("row", WORKED)
def test_the_worked_table(row: tuple[float, ...], method: str) -> None:
    depression, attitude, slope, along, across, ce90, le90 = row
    ground = plane(slope)
    found = locate(
        ground,
        look(ground, depression),
        budget(attitude),
        method=method,  # type: ignore[arg-type]
        rng=np.random.default_rng(1),
    )
    close = {"first-order": 2e-4, "auto": 0.06}[method]  # the falling slope bends the cloud: sampled there
    major, minor, azimuth = principal_axes(found.covariance[0])
    assert (major, minor) == pytest.approx((along, across), rel=close)
    assert azimuth % 180.0 == pytest.approx(0.0, abs=1.0) or azimuth == pytest.approx(180.0, abs=1.0)
    assert found.ce90_m[0] == pytest.approx(ce90, rel=close)
    assert found.le90_m[0] == pytest.approx(le90, rel=max(close, 5e-4))


@pytest.mark.parametrize("row", WORKED)
def test_six_rays_and_four_hundred_say_the_same_on_a_plane(row: tuple[float, ...]) -> None:
    depression, attitude, slope, along, across, _, _ = row
    ground = plane(slope)
    methods: tuple[MethodName, ...] = ("unscented", "monte-carlo")
    for method in methods:
        found = locate(
            ground,
            look(ground, depression),
            budget(attitude),
            method=method,
            rng=np.random.default_rng(1),
        )
        major, minor, _ = principal_axes(found.covariance[0])
        assert (major, minor) == pytest.approx((along, across), rel=0.07)


def test_the_ground_shares_its_error_and_attitude_does_not() -> None:
    ground = plane(0.0)
    found = locate(
        ground, look(ground, 30.0), budget(0.2), method="first-order", rng=np.random.default_rng(1)
    )[0]
    assert np.sqrt(found.shared[1, 1]) == pytest.approx(6.0 / np.tan(np.radians(30.0)), rel=1e-3)
    assert np.sqrt(found.shared[2, 2]) == pytest.approx(6.0, rel=1e-3)
    assert np.allclose(found.shared + found.own, found.covariance)
    assert np.linalg.eigvalsh(found.own).min() > -1e-6
