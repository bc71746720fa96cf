"""Hyperspectral strips: geometry, mixtures, light, gas and files, against hand cases and other readers.

Other readers: rasterio 1.4.4 (GDAL 3.10.3); spectral 0.25 where it is installed.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning

from atalaya.base.errors import BadInput
from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.earth.sun import sun_position
from atalaya.sim.country.country import Country
from atalaya.sim.cube import CubeFile, CubeFormat, CubeNoise, PushBroom, record_cube
from atalaya.sim.material import materials
from atalaya.sim.scene.dispersion import Air, kg_m2_per_ppm_m
from atalaya.sim.scene.scene import Scene, TrueSite
from atalaya.sim.scene.things import Decal, Plume, Solid
from atalaya.sim.spectrum import band_weights, gas_absorption, reflectances
from atalaya.sim.weather import Weather
from tests.plain_country import plain_country
from tests.strips import NOON_US, raster, strip

EMPTY = Scene()
QUIET = CubeNoise(snr=1e7, stripe=0.0)
AIR = Air(4.0, 270.0)
REFLECT = CubeFormat("reflectance")


def level_country(material: str = "concrete") -> Country:
    """One kilometre square, level, of one material."""
    cover = np.full((100, 100), materials()[material].code, np.uint8)
    heights = np.full((51, 51), 1500.0, np.float32)
    return Country("level", 3, 32613, 300_000.0, 2_870_000.0, 20.0, heights, cover, 10.0)


LEVEL = level_country()


def imager(bands: int = 40, columns: int = 64, fov_deg: float = 5.0, **kwargs: float) -> PushBroom:
    # 64 pixels of 2 m from 1500 m
    made = PushBroom.even(columns, fov_deg, bands, noise=QUIET)
    return replace(made, **kwargs)  # type: ignore[arg-type]


def record(
    folder: Path, country: Country, scene: Scene = EMPTY, lines: int = 12, *, form: CubeFormat = REFLECT,
    broom: PushBroom | None = None, air: Air | None = None, seed: int = 1, block_lines: int = 64,
    start_m: tuple[float, float] = (500.0, 500.0), step_m: float = 2.0, roll_deg: float = 0.0,
) -> CubeFile:  # fmt: skip
    poses, t_us = strip(country, lines, step_m=step_m, start_m=start_m, roll_deg=roll_deg)
    return record_cube(
        country, scene, Weather(), poses, t_us, broom or imager(), folder / "strip", seed=seed, form=form,
        air=air, block_lines=block_lines,
    )  # fmt: skip


def square(east: float, north: float, side: float, material: str) -> Decal:
    half = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * side / 2.0
    return Decal("d1", "dump", "s1", material, half + np.array([east, north]))


def test_every_pixel_lies_where_the_earth_room_puts_its_ray(tmp_path: Path) -> None:
    country = plain_country()
    broom = imager(8, 96, 20.0)
    poses, t_us = strip(country, 9, step_m=40.0, roll_deg=12.0)
    made = record_cube(country, Scene(), Weather(), poses, t_us, broom, tmp_path / "s", seed=1)
    lon, lat, height = np.moveaxis(raster(made.geometry), 1, 0)
    np.testing.assert_allclose(height, country.terrain.height_hae_m(lon, lat), atol=0.01)
    for line in range(9):
        ground = geodetic_to_ecef(lon[line], lat[line], height[line])
        camera = (ground - poses.origin_m[line]) @ poses.camera_to_ecef[line]
        column, row = broom.lens.pixels(camera)
        np.testing.assert_allclose(column, np.arange(96), atol=0.01)
        np.testing.assert_allclose(row, 0.0, atol=0.01)


def test_the_track_says_where_the_lines_were_or_what_it_is_told_to_say(tmp_path: Path) -> None:
    made = record_cube(
        LEVEL, Scene(), Weather(), *strip(LEVEL, 5, start_m=(500, 500)), imager(8), tmp_path / "s", seed=1
    )
    track = pq.read_table(made.track).to_pydict()
    turn = rotation_zyx(track["camera_yaw_deg"], track["camera_pitch_deg"], track["camera_roll_deg"])
    true, t_us = strip(LEVEL, 5, start_m=(500, 500))
    basis = ned_basis(np.array(track["lon_deg"]), np.array(track["lat_deg"]))
    np.testing.assert_allclose(basis @ turn, true.camera_to_ecef, atol=1e-6)
    assert track["t_us"] == t_us.tolist()
    off = Pose(true.origin_m + np.array([0.0, 0.0, 10.0]), true.camera_to_ecef)
    told = record_cube(LEVEL, Scene(), Weather(), true, t_us, imager(8), tmp_path / "t", seed=1, stated=off)
    heights = np.subtract(pq.read_table(told.track)["height_hae_m"], track["height_hae_m"])
    assert heights == pytest.approx(10.0 * np.sin(np.radians(track["lat_deg"])), abs=0.01)
    assert told.cube.read_bytes() == made.cube.read_bytes()


@pytest.mark.parametrize("name", ["concrete", "asphalt", "white_plastic"])
def test_level_ground_of_one_material_has_that_materials_reflectance(tmp_path: Path, name: str) -> None:
    made = record(tmp_path, level_country(name), lines=40)
    seen = raster(made.cube).mean(axis=(0, 2))
    broom = imager()
    wanted = reflectances(band_weights(broom.wavelengths_nm, broom.fwhm_nm))[materials()[name].code]
    usable = header(made.cube)["bbl"].strip("{}").split(", ")
    good = np.array([u == "1" for u in usable])
    assert 30 <= good.sum() < 40
    # the grain of the ground averages to one within some per cent
    scale = seen[good].sum() / wanted[good].sum()
    assert scale == pytest.approx(1.0, abs=0.03)
    np.testing.assert_allclose(seen[good], scale * wanted[good], rtol=1e-3)
    assert (seen[~good] == 0.0).all()


def test_radiance_is_sunlight_times_reflectance_and_air(tmp_path: Path) -> None:
    made = record(tmp_path, LEVEL, form=CubeFormat())
    seen = raster(made.cube).mean(axis=(0, 2))
    nm = imager().wavelengths_nm
    # a spectrometer over bright ground at noon reads some 10 to 20 microwatts at 550 nm, none in water bands
    assert 8.0 < seen[np.abs(nm - 550).argmin()] < 22.0
    assert seen[np.abs(nm - 1400).argmin()] < 0.02 * seen[np.abs(nm - 1240).argmin()]
    assert seen[np.abs(nm - 940).argmin()] < 0.8 * seen[np.abs(nm - 1040).argmin()]


def test_objects_smaller_than_a_pixel_fill_their_share_of_it(tmp_path: Path) -> None:
    east, north = LEVEL.west_m + 520.0, LEVEL.north_m - 500.0
    # sixteen, each cutting the pixels at another place
    places = [(-40.3 + 5.37 * k, -0.61 + 0.37 * k) for k in range(16)]
    decals = tuple(square(east + dn, north + de, 1.5, "blue_tarpaulin") for de, dn in places)
    made = record(tmp_path, LEVEL, Scene((TrueSite("s1", "lab", True, east, north, 60.0),), decals), lines=24)
    shares = raster(made.shares)
    assert (shares.sum(axis=1) == made.samples).all()
    blue = shares[:, list(materials()).index("blue_tarpaulin")] / made.samples
    footprint = 2.0 * 1500.0 / imager().lens.focal_x_px
    assert blue.sum() * footprint == pytest.approx(16 * 1.5**2, rel=0.15)
    assert 0.0 < blue[blue > 0].min() < 1.0
    truth, names = raster(made.truth), json.loads(made.things.read_text())
    held = blue > 0.5
    assert (truth[:, 0][held] == materials()["blue_tarpaulin"].code).all()
    assert set(truth[:, 3][blue > 0].tolist()) <= set(range(1, 17))
    assert (truth[:, 3][blue == 0] == 0).all()
    assert names["things"][0] == {"number": 1, "id": "d1", "site": "s1", "evidence": "dump"}
    assert truth[:, 2].max() == names["sites"][0]["number"] == 1
    # the spectrum of a mixture is the mixture of spectra
    cube = raster(made.cube)
    part = (blue > 0.2) & (blue < 0.8)
    table = reflectances(band_weights(imager().wavelengths_nm, imager().fwhm_nm))
    pure, ground = (table[materials()[n].code] for n in ("blue_tarpaulin", "concrete"))
    for line, column in np.argwhere(part):
        b = blue[line, column]
        expected = b * pure + (1.0 - b) * ground
        good = cube[line, :, column] != 0.0
        np.testing.assert_allclose(cube[line, good, column], expected[good], rtol=0.25)


def test_a_roof_is_seen_where_it_stands_and_darkens_the_ground_behind_it(tmp_path: Path) -> None:
    east, north = LEVEL.west_m + 512.0, LEVEL.north_m - 500.0
    roof = Solid("r1", "roof", "s1", east, north, 12.0, 8.0, 30.0, 0.0, 6.0, "rusty_roof", "adobe")
    poses, t_us = strip(LEVEL, 24, step_m=2.0, start_m=(490.0, 500.0), start_us=NOON_US + 4 * 3_600_000_000)
    args = (Weather(), poses, t_us, imager())
    made = record_cube(LEVEL, Scene((), (), (roof,)), *args, tmp_path / "a", seed=1, form=REFLECT)
    bare = record_cube(LEVEL, Scene(), *args, tmp_path / "b", seed=1, form=REFLECT)
    share = raster(made.shares)[:, list(materials()).index("rusty_roof")] / made.samples
    assert share.sum() * 2.0 * 1500.0 / imager().lens.focal_x_px == pytest.approx(96.0, rel=0.06)
    assert (raster(made.truth)[:, 3][share > 0.9] == 1.0).all()
    ratio = raster(made.cube)[:, 5] / raster(bare.cube)[:, 5]
    dark = (ratio < 0.6) & (raster(made.shares)[:, list(materials()).index("concrete")] == made.samples)
    assert dark.sum() > 10
    lon, lat, _ = np.moveaxis(raster(made.geometry), 1, 0)
    e, n = LEVEL.metres(lon[dark].mean(), lat[dark].mean())
    sun = sun_position(int(t_us[0]), float(lon[0, 0]), float(lat[0, 0]))
    away = np.radians(float(sun.azimuth_deg) + 180.0)
    off = np.array([float(e) - east, float(n) - north])
    assert off @ [np.sin(away), np.cos(away)] > 0.9 * np.linalg.norm(off) > 3.0


def test_crowns_hide_their_share_of_a_roof(tmp_path: Path) -> None:
    east, north = LEVEL.west_m + 512.0, LEVEL.north_m - 500.0
    roof = Solid(
        "r1", "roof", "s1", east, north, 40.0, 40.0, 0.0, 0.0, 4.0, "metal_roof", "adobe", concealment=0.6
    )
    made = record(tmp_path, LEVEL, Scene((), (), (roof,)), lines=30, start_m=(480.0, 500.0))
    shares = raster(made.shares)
    metal, wood = (shares[:, list(materials()).index(n)].sum() for n in ("metal_roof", "woodland"))
    assert wood / (wood + metal) == pytest.approx(0.6, abs=0.12)


def test_gas_takes_light_as_beer_and_lambert_say(tmp_path: Path) -> None:
    plume = Plume("p1", "gas", "s1", LEVEL.west_m + 480.0, LEVEL.north_m - 500.0, 2.0, "methane", 400.0)
    broom = imager(60)
    with_gas = record(tmp_path / "a", LEVEL, Scene((), (), (), (plume,)), broom=broom, air=AIR, lines=20)
    without = record(tmp_path / "b", LEVEL, broom=broom, lines=20)
    ratio = raster(with_gas.cube) / np.where(raster(without.cube) == 0.0, 1.0, raster(without.cube))
    column = raster(with_gas.truth)[:, 4]
    line, pixel = np.unravel_index(column.argmax(), column.shape)
    # column of a Gaussian plume above one pixel, by hand: Q / (sqrt(2 pi) sigma U) on its axis, and its paths
    ppm_m = column[line, pixel] / kg_m2_per_ppm_m("methane", Air(1.0, 0.0))
    lon, lat, height = raster(with_gas.geometry)[line, :, pixel]
    poses, t_us = strip(LEVEL, 20, step_m=2.0, start_m=(500.0, 500.0))
    up = geodetic_to_ecef(lon, lat, height) - poses.origin_m[line]
    slant = np.linalg.norm(up)
    paths = (
        1.0 / np.sin(np.radians(float(sun_position(int(t_us[0]), lon, lat).elevation_deg))) + slant / 1500.0
    )
    k = band_weights(broom.wavelengths_nm, broom.fwhm_nm) @ gas_absorption("methane")
    expected = np.exp(-k * ppm_m * paths)
    good = raster(without.cube)[line, :, pixel] != 0.0
    np.testing.assert_allclose(ratio[line, good, pixel], expected[good], rtol=2e-3)
    assert expected[good].min() < 0.99
    total = column.sum() * 2.0 * 1500.0 / broom.lens.focal_x_px
    # 40 m of wind at 4 m/s holds ten seconds of the leak
    assert total == pytest.approx(400.0 / 3600.0 * 40.0 / 4.0, rel=0.05)


def test_the_same_seed_gives_the_same_bytes_in_blocks_of_any_size(tmp_path: Path) -> None:
    country = plain_country()
    house = country.solids[0]
    start = (house.east_m - country.west_m - 60.0, country.north_m - house.north_m)
    plume = Plume("p1", "gas", "s1", house.east_m, house.north_m, 2.0, "methane", 50.0)
    scene = Scene((), (square(house.east_m + 30, house.north_m, 9.0, "char"),), (), (plume,))
    broom = PushBroom.even(48, 8.0, 12)
    made = [
        record(
            tmp_path / str(k), country, scene, 70, form=CubeFormat("radiance", "uint16"), broom=broom,
            air=AIR, block_lines=k, start_m=start, seed=9,
        )
        for k in (1, 7, 64)
    ]  # fmt: skip
    files = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert len(files) == 10
    for name in files:
        first = (tmp_path / "1" / name).read_bytes()
        assert all((tmp_path / str(k) / name).read_bytes() == first for k in (7, 64)), name
    other = record(
        tmp_path / "o", country, scene, 70, form=CubeFormat("radiance", "uint16"), broom=broom, air=AIR,
        start_m=start, seed=10,
    )  # fmt: skip
    assert other.cube.read_bytes() != made[0].cube.read_bytes()
    assert other.truth.read_bytes() == made[0].truth.read_bytes()


def test_noise_is_as_strong_as_stated_and_independent(tmp_path: Path) -> None:
    broom = replace(imager(), noise=CubeNoise(snr=100.0, read_share=1.0, stripe=0.0))
    noisy = raster(record(tmp_path / "a", LEVEL, broom=broom, form=CubeFormat(), lines=40).cube)
    clean = raster(record(tmp_path / "b", LEVEL, form=CubeFormat(), lines=40).cube)
    spread = noisy - clean
    flat = spread / spread.std(axis=(0, 2), keepdims=True)
    nm = broom.wavelengths_nm
    watts = 1361.0 * 1e-9 * 100.0 * planck(nm * 1e-9) / 5.670374e-8 / 5778.0**4
    np.testing.assert_allclose(spread.std(axis=(0, 2)), 0.3 * watts / 100.0, rtol=0.06)
    assert abs(flat.mean()) < 0.01
    assert (flat**4).mean() == pytest.approx(3.0, abs=0.1)
    for axis in (0, 1, 2):
        rolled = np.roll(flat, 1, axis=axis)
        assert abs((flat * rolled).mean()) < 0.02


def planck(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spectral radiance of 5778 K, W m-2 sr-1 m-1 (CODATA 2018)."""
    return 1.191042972e-16 / metres**5 / np.expm1(1.438776877e-2 / metres / 5778.0)


@pytest.mark.parametrize("quantity", ["radiance", "reflectance"])
@pytest.mark.parametrize("kind", ["float32", "uint16"])
def test_other_readers_open_the_files_with_equal_values(tmp_path: Path, quantity: str, kind: str) -> None:
    form = CubeFormat(quantity, kind)  # type: ignore[arg-type]
    made = record(tmp_path, LEVEL, form=form, broom=PushBroom.even(64, 5.0, 30))
    ours = raster(made.cube)
    with pytest.warns(NotGeoreferencedWarning):
        opened = rasterio.open(made.cube)
    with opened:
        assert (opened.driver, opened.count, opened.shape) == ("ENVI", 30, (12, 64))
        theirs = np.moveaxis(opened.read(), 0, 1)
        assert opened.nodata == form.ignore
        if kind == "uint16":
            np.testing.assert_allclose(opened.scales, 1.0 / form.steps)
        assert "400" in opened.descriptions[0] or opened.tags(1).get("wavelength", "").startswith("400")
    np.testing.assert_array_equal(theirs, ours)


def test_spectral_opens_the_cube(tmp_path: Path) -> None:
    spectral = pytest.importorskip("spectral", reason="spectral is not installed")
    made = record(tmp_path, LEVEL, form=CubeFormat("reflectance", "uint16"))
    opened = spectral.open_image(str(made.cube.with_suffix(".hdr")))
    assert opened.bands.band_unit == "Nanometers"
    np.testing.assert_allclose(opened.bands.centers, imager().wavelengths_nm, rtol=1e-9)
    np.testing.assert_allclose(opened.bands.bandwidths, imager().fwhm_nm, rtol=1e-9)
    theirs = np.asarray(opened.load()).transpose(0, 2, 1)
    np.testing.assert_allclose(theirs, raster(made.cube) / 10_000.0, rtol=1e-6)
    truth = spectral.open_image(str(made.truth.with_suffix(".hdr")))
    np.testing.assert_array_equal(np.asarray(truth.load()).transpose(0, 2, 1), raster(made.truth))


def test_pixels_beyond_the_country_are_marked(tmp_path: Path) -> None:
    made = record(tmp_path, LEVEL, form=CubeFormat("radiance", "uint16"), start_m=(990.0, 500.0), lines=12)
    cube, shares, truth = raster(made.cube), raster(made.shares), raster(made.truth)
    outside = np.isnan(raster(made.geometry)[:, 0])
    assert 0 < outside.sum() < outside.size
    assert (np.moveaxis(cube, 1, 2)[outside] == 65_535).all()
    assert (np.moveaxis(cube, 1, 2)[~outside] < 65_535).all()
    assert (shares.sum(axis=1)[outside] == 0).all()
    assert (np.moveaxis(truth, 1, 2)[outside] == 0).all()


def header(path: Path) -> dict[str, str]:
    text = path.with_suffix(".hdr").read_text()
    return dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)


def test_hostile_arguments_are_refused_in_words(tmp_path: Path) -> None:
    nm = np.linspace(400, 900, 5)
    for columns, fov, waves, width in (
        (1, 5, nm, 5.0), (1 << 20, 5, nm, 5.0), (9, 0, nm, 5.0),
        (9, float("nan"), nm, 5.0), (9, 5, nm[::-1], 5.0),
        (9, 5, nm, np.ones(4)), (9, 5, nm, -1.0), (9, 5, nm * np.nan, 5.0), (9, 5, np.array([]), 5.0),
        (9, 5, np.array([400.0, 2600.0]), 5.0), (9, 5, np.linspace(400, 900, 2000), 5.0),
    ):  # fmt: skip
        with pytest.raises(BadInput, match="CUB-001"):
            PushBroom(columns, fov, waves, np.asarray(width))
    for bad in (CubeNoise, lambda **_: CubeNoise(read_share=2.0), lambda **_: CubeNoise(stripe=-1.0)):
        with pytest.raises(BadInput, match="CUB-001"):
            bad(snr=0.0)
    poses, t_us = strip(LEVEL, 4, start_m=(500.0, 500.0))
    turned = poses.camera_to_ecef * 1.1
    for pose, times in (
        (poses, t_us[::-1]), (poses, t_us[:3]), (poses, t_us.astype(float)), (poses, t_us - t_us[0]),
        (poses, t_us[:0]), (Pose(poses.origin_m * np.nan, poses.camera_to_ecef), t_us),
        (Pose(poses.origin_m, turned), t_us), (Pose(poses.origin_m[:, :2], poses.camera_to_ecef), t_us),
    ):  # fmt: skip
        with pytest.raises(BadInput, match="CUB-002"):
            record_cube(LEVEL, Scene(), Weather(), pose, times, imager(), tmp_path / "s", seed=1)
    plume = Plume("p1", "gas", "s1", LEVEL.west_m, LEVEL.north_m, 2.0, "unobtainium", 1.0)
    args = (Weather(), poses, t_us, imager())
    with pytest.raises(BadInput, match="CUB-003"):
        record_cube(LEVEL, Scene((), (), (), (plume,)), *args, tmp_path / "s", seed=1, air=AIR)
    with pytest.raises(BadInput, match="CUB-005"):
        record_cube(LEVEL, Scene((), (), (), (plume,)), *args, tmp_path / "s", seed=1)
    night = (Weather(), poses, t_us + 12 * 3_600_000_000, imager())
    with pytest.raises(BadInput, match="CUB-004"):
        record_cube(LEVEL, Scene(), *night, tmp_path / "n", seed=1)
    assert not (tmp_path / "n.hdr").exists()
    away, times = strip(LEVEL, 4, start_m=(90_000.0, 500.0))
    with pytest.raises(BadInput, match="CUB-007"):
        record_cube(LEVEL, Scene(), Weather(), away, times, imager(), tmp_path / "w", seed=1)
    (tmp_path / "taken").write_text("")
    with pytest.raises(BadInput, match="CUB-006"):
        record_cube(LEVEL, Scene(), *args, tmp_path / "taken" / "s", seed=1)
    for fine, block in ((2, 64), (9, 64), (3, 0), (3, 5000)):
        with pytest.raises(BadInput, match="CUB-001"):
            record_cube(LEVEL, Scene(), *args, tmp_path / "s", seed=1, fine=fine, block_lines=block)
