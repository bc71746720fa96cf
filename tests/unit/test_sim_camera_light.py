"""Light and warmth in pictures: paint on the ground, materials through the day, haze, night, noise."""

from dataclasses import replace

import numpy as np
import pytest

from atalaya.earth.lens import Pinhole
from atalaya.sim.camera import CameraLook
from atalaya.sim.country.country import Country, GroundLine
from atalaya.sim.material import by_code, materials
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Decal, Solid
from atalaya.sim.weather import Weather
from tests.plain_country import NORTH_M, WEST_M
from tests.range_pictures import DAY_US, EO, IR, NIGHT_US, on_ground, renderer, rough, seen_at, toward

EAST, NORTH = WEST_M + 3700.0, NORTH_M - 2300.0
CLEAR_EO, CLEAR_IR = replace(EO, noise=0.0), replace(IR, noise=0.0)
SPAN = 219.0


def even(material: str, relief: int = 1) -> Country:
    """All of one material."""
    country = rough(relief)
    cover = np.full_like(country.cover, materials()[material].code)
    return replace(country, lines=(), solids=(), cover=cover)


def square(east: float, north: float, half: float, material: str, heat_k: float = 0.0) -> Decal:
    ring = np.array([east, north]) + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return Decal("mark", "scar", "site", material, ring, heat_k)


@pytest.mark.proves("CAM-001")
@pytest.mark.parametrize("seed", range(14))
def test_paint_lies_where_the_lens_projects_it(seed: int) -> None:
    """Over all levels of detail, wherever tiles and blocks end."""
    rng = np.random.default_rng(seed)
    country = even("bare_soil")
    pixel_m = 0.1 * 2.0 ** (seed / 2.0)
    slant = rng.uniform(1500, 6000)
    lens = Pinhole.from_fov(320, 180, float(np.degrees(2.0 * np.arctan(160.0 * pixel_m / slant))))
    east, north = EAST + rng.uniform(-800, 800), NORTH + rng.uniform(-800, 800)
    pose = toward(country, east, north, rng.uniform(0, 360), rng.uniform(50, 88), slant)
    # somewhere in the picture
    mark_east, mark_north = east + rng.uniform(-50, 50) * pixel_m, north + rng.uniform(-50, 50) * pixel_m
    half = 4.0 * pixel_m
    marked = renderer(
        country, Scene(decals=(square(mark_east, mark_north, half, "white_plastic"),)), CLEAR_EO
    )
    plain = renderer(country, Scene(), CLEAR_EO)
    pictures = [each.picture(lens, pose, DAY_US, 0).luma.astype(float) for each in (marked, plain)]
    light = np.maximum(pictures[0] - pictures[1], 0.0)
    rows, columns = np.indices(light.shape)
    found = (light * columns).sum() / light.sum(), (light * rows).sum() / light.sum()
    inside = half * (2.0 * (np.indices((9, 9)).reshape(2, -1).T + 0.5) / 9.0 - 1.0)
    places = on_ground(country, mark_east + inside[:, 0], mark_north + inside[:, 1])
    column, row = (float(part.mean()) for part in seen_at(lens, pose, places))
    assert np.hypot(found[0] - column, found[1] - row) < 0.5


def test_lines_lie_where_the_lens_projects_them() -> None:
    points = np.stack((np.linspace(EAST - 900, EAST + 900, 200), np.full(200, NORTH + 7.0)), axis=1)
    country = replace(even("bare_soil"), lines=(GroundLine("road", 8.0, "asphalt", points),))
    lens = Pinhole.from_fov(320, 180, 4.0)
    pose = toward(country, EAST, NORTH, 0.0, 70.0, 4000.0)
    with_line = renderer(country, Scene(), CLEAR_EO).picture(lens, pose, DAY_US, 0).luma.astype(float)
    without = renderer(even("bare_soil"), Scene(), CLEAR_EO).picture(lens, pose, DAY_US, 0).luma.astype(float)
    dark = np.maximum(without - with_line, 0.0)
    dark[dark < 0.3 * dark.max()] = 0.0
    column, row = seen_at(lens, pose, on_ground(country, *points.T))
    inside = (column > 5) & (column < 314)
    found = (dark * np.arange(180)[:, None]).sum(axis=0)[10:310] / dark.sum(axis=0)[10:310]
    off = found - np.interp(np.arange(10, 310), column[inside], row[inside])
    # its edges fray by a tenth of its width, here nine pixels
    assert np.abs(off).max() < 0.5 + 0.45
    assert abs(off.mean()) < 0.15


def warmth(material: str, t_us: int, heat_k: float = 0.0) -> float:
    """Kelvin a thermal camera reads in the middle of a place of a material, from its own scale."""
    country = even("scrub")
    scene = Scene(decals=(square(EAST, NORTH, 60.0, material, heat_k),))
    shown = renderer(country, scene, CLEAR_IR, visibility_m=4e6)
    pose = toward(country, EAST, NORTH, 30.0, 80.0, 2000.0)
    luma = shown.picture(Pinhole.from_fov(64, 48, 0.8), pose, t_us, 0).luma[16:32, 22:42]
    low, high = shown._scale(shown.texture.light(t_us))
    return float(low + (luma.mean() - 16.0) / SPAN * (high - low))


def test_water_is_cool_by_day_and_warm_by_night() -> None:
    by_day = {name: warmth(name, DAY_US) for name in ("water", "bare_soil", "woodland")}
    by_night = {name: warmth(name, NIGHT_US) for name in ("water", "bare_soil", "woodland")}
    assert by_day["water"] < by_day["woodland"] < by_day["bare_soil"]
    assert by_night["bare_soil"] < by_night["water"]


def test_heat_shows_as_so_many_kelvin() -> None:
    rise = warmth("bare_soil", NIGHT_US, 6.0) - warmth("bare_soil", NIGHT_US)
    assert rise == pytest.approx(6.0, abs=1.0)


def test_a_generator_is_seen_while_it_runs() -> None:
    hours = (DAY_US / 3.6e9) % 24.0
    running = Solid(
        "generator", "heat", "site", EAST, NORTH, 2.0, 1.5, 0.0, 0.0, 1.2, "painted_steel", "painted_steel",
        heat_k=40.0, on_h=(hours - 1.0, hours + 1.0),
    )  # fmt: skip
    scene = Scene(solids=(running,), solar_offset_h=0.0)
    shown = renderer(even("bare_soil"), scene, CLEAR_IR)
    pose, lens = toward(shown.country, EAST, NORTH, 0.0, 60.0, 2500.0), Pinhole.from_fov(320, 180, 1.5)
    on = shown.picture(lens, pose, DAY_US, 0).luma
    off = shown.picture(lens, pose, DAY_US + 3 * 3_600_000_000, 0).luma
    assert on[88:92, 158:162].max() > on.mean() + 40
    assert off[88:92, 158:162].max() < off.mean() + 40


def test_haze_takes_contrast_as_koschmieder_says() -> None:
    air = Weather(visibility_m=20_000.0)
    assert float(air.transmission(np.array(20_000.0), 1.0)) == pytest.approx(0.02, rel=0.01)
    country = even("bare_soil")
    scene = Scene(decals=(square(EAST, NORTH, 150.0, "white_plastic"), square(EAST, NORTH, 60.0, "char")))
    contrast = []
    for slant in (2000.0, 8000.0):
        shown = renderer(country, scene, CLEAR_EO, visibility_m=20_000.0)
        pose = toward(country, EAST, NORTH, 30.0, 60.0, slant)
        lens = Pinhole.from_fov(320, 180, float(np.degrees(2.0 * np.arctan(90.0 / slant))))
        luma = shown.picture(lens, pose, DAY_US, 0).luma.astype(float)
        light = ((luma - 16.0) / SPAN) ** 2.2
        contrast.append(light[84:96, 50:56].mean() - light[84:96, 150:170].mean())
        contrast.append(float(air.transmission(np.array(slant), slant * np.sin(np.radians(60.0)))))
    assert contrast[2] / contrast[0] == pytest.approx(contrast[3] / contrast[1], rel=0.06)


def test_a_day_camera_sees_nothing_by_night() -> None:
    pose, lens = toward(rough(1), EAST, NORTH, 0.0, 60.0, 3000.0), Pinhole.from_fov(320, 180, 3.0)
    shown = renderer(rough(1), Scene(), CLEAR_EO)
    assert shown.picture(lens, pose, NIGHT_US, 0).luma.max() == 16
    assert np.ptp(shown.picture(lens, pose, DAY_US, 0).luma) > 30


def test_noise_has_its_strength_and_is_another_in_every_picture() -> None:
    pose, lens = toward(rough(1), EAST, NORTH, 0.0, 60.0, 3000.0), Pinhole.from_fov(320, 180, 3.0)
    noisy, clean = (
        renderer(rough(1), Scene(), CameraLook("EO", noise=3.0)),
        renderer(rough(1), Scene(), CLEAR_EO),
    )
    still = clean.picture(lens, pose, DAY_US, 0).luma.astype(float)
    first, second = (noisy.picture(lens, pose, DAY_US, n).luma - still for n in (0, 1))
    assert first.std() == pytest.approx(3.0, rel=0.05)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02


def test_colours_are_those_of_their_materials() -> None:
    shown = renderer(
        even("bare_soil"), Scene(decals=(square(EAST, NORTH, 60.0, "blue_tarpaulin"),)), CLEAR_EO
    )
    pose, lens = toward(shown.country, EAST, NORTH, 0.0, 80.0, 3000.0), Pinhole.from_fov(64, 48, 0.8)
    picture = shown.picture(lens, pose, DAY_US, 0)
    code = materials()["blue_tarpaulin"].code
    assert by_code("blue")[code] > by_code("red")[code]
    assert picture.cb[10:14, 14:18].mean() > 132
    assert picture.cr[10:14, 14:18].mean() < 124
