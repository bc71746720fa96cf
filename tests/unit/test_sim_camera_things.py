"""Things in pictures: where the lens of `earth` projects them, what hides them, shadows, crowns."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.earth.lens import Pinhole
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Decal, Solid
from tests.plain_country import NORTH_M, WEST_M
from tests.range_pictures import DAY_US, EO, on_ground, renderer, rough, seen_at, toward

EAST, NORTH = WEST_M + 3700.0, NORTH_M - 2300.0
LENS = Pinhole.from_fov(320, 180, 2.2)
BARE = replace(rough(1), lines=(), solids=())


def roof(east_m: float = EAST, north_m: float = NORTH, **also: object) -> Solid:
    given = {
        "length_m": 16.0, "width_m": 9.0, "bearing_deg": 25.0, "bottom_m": 0.0, "top_m": 4.0,
        "material": "metal_roof", "side": "adobe",
    }  # fmt: skip
    return Solid("roof", "roof", "site", east_m, north_m, **{**given, **also})  # type: ignore[arg-type]


def corners(solid: Solid) -> np.ndarray:
    turn = np.radians(solid.bearing_deg)
    along, beside = np.array([np.sin(turn), np.cos(turn)]), np.array([np.cos(turn), -np.sin(turn)])
    base = on_ground(BARE, np.array(solid.east_m), np.array(solid.north_m))
    places = []
    for a in (-0.5, 0.5):
        for b in (-0.5, 0.5):
            east, north = (
                [solid.east_m, solid.north_m] + a * solid.length_m * along + b * solid.width_m * beside
            )
            flat = on_ground(BARE, np.array(east), np.array(north))
            up = on_ground(BARE, np.array(solid.east_m), np.array(solid.north_m), 1.0) - base
            level = flat - base
            level -= up * (up @ level)
            places += [base + level + up * z for z in (solid.bottom_m, solid.top_m)]
    return np.array(places)


@pytest.mark.proves("CAM-002")
@pytest.mark.parametrize("seed", range(8))
def test_middles_and_outlines_lie_where_the_lens_projects_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    east, north = EAST + rng.uniform(-900, 900), NORTH + rng.uniform(-900, 900)
    solid = roof(east, north, bearing_deg=rng.uniform(0, 360), bottom_m=2.5)
    pose = toward(BARE, east, north, rng.uniform(0, 360), rng.uniform(45, 85), rng.uniform(2000, 5000))
    sightings = renderer(BARE, Scene(solids=(solid,))).picture(LENS, pose, DAY_US, 0).sightings
    assert len(sightings) == 1
    middle = on_ground(BARE, np.array(east), np.array(north), 3.25)
    column, row = seen_at(LENS, pose, middle)
    assert np.hypot(sightings.column[0] - column, sightings.row[0] - row) < 0.1
    columns, rows = seen_at(LENS, pose, corners(solid))
    # a pixel is of the box from a quarter of its area on
    wanted = (columns.min() + 0.5, rows.min() + 0.5, columns.max() - 0.5, rows.max() - 0.5)
    assert np.abs(sightings.box[0] - wanted).max() < 1.0
    assert (
        np.abs((sightings.box[0, :2] + sightings.box[0, 2:] - np.array(wanted[:2]) - wanted[2:]) / 2).max()
        < 0.5
    )
    assert sightings.slant_m[0] == pytest.approx(np.linalg.norm(middle - pose.origin_m), abs=0.01)
    assert sightings.visible_px[0] == pytest.approx(sightings.outline_px[0], rel=0.03)


@pytest.mark.proves("CAM-002")
def test_what_a_ridge_hides_is_not_visible() -> None:
    lens, hidden, seen = Pinhole.from_fov(640, 360, 24.0), 0, 0
    country = replace(rough(2, 500.0), lines=(), solids=())
    rng = np.random.default_rng(5)
    places = [(WEST_M + x, NORTH_M - y) for x, y in rng.uniform(2500, 5500, (150, 2))]
    scene = Scene(
        solids=tuple(roof(x, y, length_m=4.0, width_m=4.0, top_m=2.0, bottom_m=0.5) for x, y in places)
    )
    shown = renderer(country, scene)
    for azimuth in (20.0, 130.0, 250.0):
        pose = toward(country, WEST_M + 4000.0, NORTH_M - 4000.0, azimuth, 9.0, 3500.0)
        tops = on_ground(country, *np.array(places).T, 2.0)
        lon, lat, height = (np.asarray(part) for part in _geodetic(tops))
        free = country.terrain.sightlines(lon, lat, pose.origin_m, height_hae_m=height) != 0
        sightings = shown.picture(lens, pose, DAY_US, 0).sightings
        for index, outline, visible in zip(
            sightings.index, sightings.outline_px, sightings.visible_px, strict=True
        ):
            if not free[index]:
                hidden += 1
                assert visible <= 0.6 * outline
            elif visible > 0.8 * outline:
                seen += 1
    assert hidden > 5
    assert seen > 20


def _geodetic(ecef: np.ndarray) -> tuple[np.ndarray, ...]:
    from atalaya.earth.ellipsoid import ecef_to_geodetic

    return ecef_to_geodetic(ecef)


@pytest.mark.proves("CAM-002")
def test_a_nearer_thing_hides_a_farther_one_and_the_ground_below() -> None:
    low = roof(length_m=3.0, width_m=3.0, top_m=1.0)
    mark = Decal("dump", "dump", "site", "waste", _ring(EAST, NORTH, 2.0))
    wall = replace(
        roof(EAST, NORTH - 9.0), id="wall", length_m=20.0, width_m=1.0, bearing_deg=90.0, top_m=14.0
    )
    pose = toward(BARE, EAST, NORTH, 0.0, 30.0, 2500.0)
    before = renderer(BARE, Scene(solids=(low,))).picture(LENS, pose, DAY_US, 0).sightings
    assert before.visible_px[0] == pytest.approx(before.outline_px[0], rel=0.05)
    after = renderer(BARE, Scene(solids=(low, wall), decals=(mark,))).picture(LENS, pose, DAY_US, 0).sightings
    visible = dict(zip(after.index.tolist(), after.visible_px.tolist(), strict=True))
    assert visible[0] == pytest.approx(0.0, abs=0.05)
    assert visible[1] > 50.0
    assert visible[2] == 0.0


def _ring(east: float, north: float, half: float) -> np.ndarray:
    return np.array([east, north]) + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def test_shadows_fall_away_from_the_sun_as_long_as_it_is_low() -> None:
    country = replace(BARE, heights_msl_m=np.full_like(BARE.heights_msl_m, 1500.0))
    lens = Pinhole.from_fov(320, 180, 3.0)
    pose = toward(country, EAST, NORTH, 0.0, 89.0, 3000.0)
    pole = roof(length_m=3.0, width_m=3.0, top_m=30.0, bearing_deg=0.0)
    shown = renderer(country, Scene(solids=(pole,)), replace(EO, noise=0.0))
    plain = renderer(country, Scene(), replace(EO, noise=0.0))
    sun = shown.texture.light(DAY_US).sun
    pictures = [each.picture(lens, pose, DAY_US, 0).luma.astype(float) for each in (shown, plain)]
    rows, columns = np.nonzero(pictures[1] - pictures[0] > 0.2 * pictures[1])
    end = on_ground(
        country, np.array(EAST - sun[0] / sun[2] * 30.0), np.array(NORTH - sun[1] / sun[2] * 30.0)
    )
    foot = on_ground(country, np.array(EAST), np.array(NORTH))
    (u0, v0), (u1, v1) = seen_at(lens, pose, foot), seen_at(lens, pose, end)
    along = np.array([u1 - u0, v1 - v0])
    length = np.linalg.norm(along)
    along /= length
    reach = (columns - u0) * along[0] + (rows - v0) * along[1]
    beside = np.abs((columns - u0) * along[1] - (rows - v0) * along[0])
    half = 1.5 * np.sqrt(2.0) / (3000.0 / lens.focal_x_px)
    assert reach.max() == pytest.approx(length, abs=half + 1.5)
    assert beside.max() < half + 1.5


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_crowns_hide_the_share_they_should(share: float) -> None:
    rng = np.random.default_rng(1)
    places = EAST + rng.uniform(-1000, 1000, 120), NORTH + rng.uniform(-1000, 1000, 120)
    solids = tuple(roof(x, y, concealment=share, bottom_m=2.0) for x, y in zip(*places, strict=True))
    lens = Pinhole.from_fov(960, 540, 20.0)
    pose = toward(BARE, EAST, NORTH, 40.0, 75.0, 9000.0)
    found = renderer(BARE, Scene(solids=solids)).picture(lens, pose, DAY_US, 0).sightings
    assert len(found) > 80
    assert 1.0 - found.visible_px.sum() / found.outline_px.sum() == pytest.approx(share, abs=0.06)


def test_crowns_stand_still_while_the_camera_moves() -> None:
    hidden = roof(concealment=0.5, bottom_m=2.0, length_m=30.0, width_m=20.0, canopy_m=8.0)
    shown = renderer(BARE, Scene(solids=(hidden,)))
    shares = []
    for step in range(12):
        pose = toward(BARE, EAST + 0.1 * step, NORTH, 10.0 + 0.05 * step, 60.0, 3000.0)
        found = shown.picture(LENS, pose, DAY_US, step).sightings
        shares.append(found.visible_px[0] / found.outline_px[0])
    assert np.abs(np.diff(shares)).max() < 0.02
