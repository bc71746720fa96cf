"""Each error moves the point as turning the real look by it does, whatever the look."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.earth import ecef_to_geodetic, enu_basis, geodetic_to_ecef, ned_basis, rotation_zyx
from atalaya.earth.error import TERMS, ErrorBudget, Looks, Term, draw, locate, looks_from_angles, sensitivity
from atalaya.earth.surface import LevelSurface

GROUND = LevelSurface(300.0)
POSE = (
    "lon",
    "lat",
    "height",
    "heading_deg",
    "pitch_deg",
    "roll_deg",
    "gimbal_azimuth_deg",
    "gimbal_elevation_deg",
    "gimbal_roll_deg",
)
VELOCITY, SLEW = np.array([40.0, -20.0, 3.0]), np.array([2.0, -1.0, 3.0])
FOCAL_PX = 3000.0

poses = st.fixed_dictionaries(
    {
        "lon": st.floats(-179.0, 179.0),
        "lat": st.floats(-75.0, 75.0),
        "height": st.floats(1500.0, 8000.0),
        "heading_deg": st.floats(0.0, 360.0),
        "pitch_deg": st.floats(-8.0, 8.0),
        "roll_deg": st.floats(-15.0, 15.0),
        "gimbal_azimuth_deg": st.floats(-180.0, 180.0),
        "gimbal_elevation_deg": st.floats(-70.0, -50.0),
        "gimbal_roll_deg": st.floats(-10.0, 10.0),
    }
)
marks = st.tuples(st.floats(-0.15, 0.15), st.floats(-0.15, 0.15))


def look(pose: dict[str, float], mark: tuple[float, float]) -> Looks:
    return looks_from_angles(
        *(pose[name] for name in POSE),
        direction=(1.0, *mark),
        pixel_tangent=1.0 / FOCAL_PX,
        velocity_ned_mps=VELOCITY,
        slew_ned_dps=SLEW,
    )


def met(looks: Looks, shift: np.ndarray | float = 0.0) -> np.ndarray:
    hits = GROUND.hits(looks.origin_m - shift, looks.toward)
    return geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m)[0] + shift


def moved(pose: dict[str, float], mark: tuple[float, float], name: str, step: float) -> np.ndarray:
    """Where the look meets the ground when one input is other by a step, by hand."""
    looks, axes = look(pose, mark), ("east", "north", "up")
    enu = enu_basis(pose["lon"], pose["lat"])
    if name in pose:
        return met(look({**pose, name: pose[name] + step}, mark))
    if name.startswith(("position", "terrain", "geoid")):
        axis = 2 if name == "geoid_m" else axes.index(name.split("_")[1])
        if name.startswith("position"):  # attitude stays as it is in space
            return met(Looks(**{**looks.__dict__, "origin_m": looks.origin_m + step * enu[:, axis]}))
        return met(looks, step * enu[:, axis])
    if name.startswith("boresight"):
        angles = [step if name == f"boresight_{one}_deg" else 0.0 for one in ("azimuth", "elevation", "roll")]
        askew = looks.camera_to_ecef @ rotation_zyx(*angles)
        return met(Looks(**{**looks.__dict__, "camera_to_ecef": askew}))
    if name == "focal_relative":
        return met(look(pose, (mark[0] * (1.0 + step), mark[1] * (1.0 + step))))
    if name.startswith("pixel"):
        column = name == "pixel_column_px"
        return met(look(pose, (mark[0] + step / FOCAL_PX * column, mark[1] + step / FOCAL_PX * (not column))))
    later = looks.origin_m + step * looks.velocity_mps
    spin = ned_basis(pose["lon"], pose["lat"]) @ np.radians(SLEW) * step
    wedge = np.array([[0.0, -spin[2], spin[1]], [spin[2], 0.0, -spin[0]], [-spin[1], spin[0], 0.0]])
    turned = looks.camera_to_ecef + wedge @ looks.camera_to_ecef
    return met(Looks(**{**looks.__dict__, "origin_m": later, "camera_to_ecef": turned}))


@settings(max_examples=25, deadline=None)
@given(poses, marks)
def test_sensitivity_is_the_difference_two_real_looks_make(
    pose: dict[str, float], mark: tuple[float, float]
) -> None:
    looks = look(pose, mark)
    found = sensitivity(GROUND, looks)[0]
    here = met(looks)
    lon, lat, height = ecef_to_geodetic(here)
    frame = enu_basis(lon, lat)
    for place, name in enumerate(TERMS):
        step = 1e-3 if name.endswith(("deg", "_s", "relative")) else 0.1
        both = [moved(pose, mark, name, sign * step) for sign in (1.0, -1.0)]
        slope = (both[0] - both[1]) @ frame / (2.0 * step)
        size = np.abs(slope).max() + 1e-3
        # the slope of the level ground is taken over up to 200 m, where the Earth curves by 3e-5
        assert found[:, place] == pytest.approx(slope, abs=2e-3 * size), name
    assert float(height) == pytest.approx(300.0, abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(poses, marks, st.integers(0, 2**32))
def test_shared_and_own_add_up_and_the_cloud_agrees_with_the_jacobian(
    pose: dict[str, float], mark: tuple[float, float], seed: int
) -> None:
    terms = {name: Term(0.02, 0.03) if name.endswith("deg") else Term(1e-3, 1e-3) for name in TERMS}
    budget = ErrorBudget(**terms)
    rng = np.random.default_rng(seed)
    cloud = locate(GROUND, look(pose, mark), budget, rng=rng, method="monte-carlo")[0]
    line = locate(GROUND, look(pose, mark), budget, rng=rng, method="first-order")[0]
    assert np.allclose(cloud.shared + cloud.own, cloud.covariance)
    assert np.linalg.eigvalsh(cloud.own).min() > -1e-3
    scale = np.sqrt(np.outer(np.diag(line.covariance), np.diag(line.covariance)))
    assert np.abs(cloud.covariance - line.covariance)[:2, :2].max() < 0.02 * scale[:2, :2].max()
    assert np.abs(cloud.shared - line.shared)[:2, :2].max() < 0.02 * scale[:2, :2].max()
    assert cloud.ce90_m == pytest.approx(line.ce90_m, rel=0.12)


def test_points_of_one_sortie_err_together_as_their_shared_factors_say() -> None:
    heading, elevation = np.array([30.0, 75.0]), np.array([-30.0, -50.0])
    looks = looks_from_angles(-107.0, 25.0, 4000.0, heading, 0.0, 0.0, 0.0, elevation)
    budget = ErrorBudget(heading_deg=Term(0.2, 0.1), pitch_deg=Term(0.2, 0.1), position_east_m=Term(3.0, 1.0))
    points = locate(GROUND, looks, budget, rng=np.random.default_rng(0), method="monte-carlo")
    stated = points.shared_factor[0] @ points.shared_factor[1].T
    rng = np.random.default_rng(1)
    common = rng.normal(0.0, 1.0, (3, 2000, 1))
    turn = 0.2 * common[:2] + 0.1 * rng.standard_normal((2, 2000, 2))
    east = 3.0 * common[2] + rng.standard_normal((2000, 2))
    lon = -107.0 + np.degrees(east / (6383480.9 * np.cos(np.radians(25.0))))  # radius across the meridian
    spoilt = looks_from_angles(
        *(lon.ravel(), 25.0, 4000.0, (heading + turn[0]).ravel(), turn[1].ravel(), 0.0),
        *(0.0, np.tile(elevation, 2000)),
    )
    hits = GROUND.hits(spoilt.origin_m, spoilt.toward)
    place = geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m).reshape(2000, 2, 3)
    here = geodetic_to_ecef(points.lon_deg, points.lat_deg, points.height_hae_m)
    off = np.einsum("nji,snj->sni", enu_basis(points.lon_deg, points.lat_deg), place - here)[..., :2]
    seen = off[:, 0].T @ off[:, 1] / len(off)
    assert stated[:2, :2] == pytest.approx(seen, abs=0.08 * np.abs(seen).max())


def test_the_draws_of_a_call_can_be_made_before() -> None:
    draws = draw(np.random.default_rng(4))
    looks = looks_from_angles(-107.0, 25.0, 4000.0, np.array([30.0, 75.0]), 0.0, 0.0, 0.0, -30.0)
    budget = ErrorBudget(heading_deg=Term(0.2, 0.1))
    both = locate(GROUND, looks, budget, draws=draws, method="monte-carlo")
    alone = locate(GROUND, looks.take(np.array([1])), budget, draws=draws, method="monte-carlo")
    assert both.ce90_m[1] == alone.ce90_m[0]
