"""Gas: planted plumes, worked examples of the field note, and plumes of the digital range."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect import Bands, Tile
from atalaya.detect.gas import (
    absorbing,
    emission_of,
    gas_columns,
    kg_m2_per_ppm_m,
    plume_mask,
    read_absorption,
)
from atalaya.detect.gas.detectors import Gas
from atalaya.detect.spectral import Signature, resampled
from atalaya.sim.cube import PushBroom, record_cube
from atalaya.sim.scene.dispersion import Air
from atalaya.sim.scene.scene import Scene
from atalaya.sim.scene.things import Plume
from atalaya.sim.spectrum import GRID_NM, gas_absorption
from atalaya.sim.weather import Weather
from tests.plain_country import plain_country
from tests.shared_data import shared
from tests.strips import raster, strip

Floats = NDArray[np.float64]

BANDS = 40
ABSORPTION = -np.exp(-0.5 * ((np.arange(BANDS) - 25.0) / 4.0) ** 2)


def ground(rows: int = 120, columns: int = 60, seed: int = 1) -> Floats:
    """Bright and dark ground of two materials, noise of one in two hundred."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    albedo = np.exp(gaussian_filter(rng.normal(size=(rows, columns)), 2.0) * 2.0)
    share = gaussian_filter(rng.random((rows, columns)), 3.0)[..., None]
    slope = np.linspace(1.0, 0.7, BANDS)
    cube = albedo[..., None] * 100.0 * (slope + (share - 0.5) * np.sin(np.arange(BANDS) / 9.0))
    return np.asarray(cube * (1.0 + 0.005 * rng.normal(size=cube.shape)))


def planted(amount: float) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    cube = ground()
    rows, columns = np.mgrid[: cube.shape[0], : cube.shape[1]]
    true = amount * np.exp(-(((rows - 60) / 5.0) ** 2)) * (columns > 20) * np.exp(-(columns - 20.0) / 40.0)
    return cube * np.exp(ABSORPTION * true[..., None]), true, true > 0.3 * amount


@pytest.mark.parametrize("by_column", [False, True])
def test_a_planted_plume_comes_out_in_its_units(by_column: bool) -> None:
    cube, true, plume = planted(0.05)
    found = gas_columns(cube, ABSORPTION, by_column=by_column)
    assert found.min() >= 0.0
    assert found[plume].sum() == pytest.approx(true[plume].sum(), rel=0.25)
    mask = plume_mask(found)
    assert (mask & plume).sum() > 0.7 * plume.sum()
    assert (mask & (true < 0.002)).mean() < 0.01


def test_reweighting_and_albedo_bring_it_nearer_the_truth() -> None:
    cube, true, plume = planted(0.08)
    plain = gas_columns(cube, ABSORPTION, rounds=0, albedo=False)
    full = gas_columns(cube, ABSORPTION)
    assert np.abs(full - true)[plume].mean() < 0.7 * np.abs(plain - true)[plume].mean()


@pytest.mark.proves("SPC-001")
def test_clouds_are_left_out() -> None:
    cube, _, _ = planted(0.05)
    cloudy, mask = cube.copy(), np.ones(cube.shape[:2], np.bool_)
    cloudy[:30], mask[:30] = 1e5, False
    found = gas_columns(cloudy, ABSORPTION, valid=mask)
    assert np.isnan(found[:30]).all()
    assert found[30:] == pytest.approx(gas_columns(cube[30:], ABSORPTION), rel=1e-6, abs=1e-9)


@pytest.mark.proves("SPC-005")
def test_emission_of_the_field_notes_plume() -> None:
    assert kg_m2_per_ppm_m() == pytest.approx(6.557e-7, rel=1e-3)
    columns = np.full((5, 8), 1000.0 * kg_m2_per_ppm_m())
    found = emission_of(columns, np.ones((5, 8), np.bool_), 25.0, u_eff_ms=2.0)
    assert found.mass_kg == pytest.approx(0.656, abs=1e-3)
    assert found.length_m == pytest.approx(31.6, abs=0.05)
    assert round(found.rate_kg_h) == 149
    for wind in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="SPC-010"):
            emission_of(columns, np.ones((5, 8), np.bool_), 25.0, u_eff_ms=wind)


def test_methane_of_the_signature_file() -> None:
    found = read_absorption(shared("detect/ch4_signature/ang_ch4_unit_3col_425chan.txt"))
    assert len(found.value) == 425
    assert found.value.max() <= 0.0
    deepest = found.wavelength_nm[found.value.argmin()]
    assert 2200.0 < deepest < 2450.0
    bands = Bands(np.arange(2122.0, 2488.0, 10.0), np.full(37, 10.0))
    assert absorbing(resampled(found, bands)).sum() > 20


def test_what_is_no_absorption_is_told_so(tmp_path: Path) -> None:
    for text in (
        "",
        "1 2 3 4\n5 6 7 8\n",
        "400 -1\n390 -2\n",
        "400 x\n",
        "400 0\n410 0\n",
        "400 nan\n410 1\n",
    ):
        path = tmp_path / "gas.txt"
        path.write_text(text)
        with pytest.raises(BadInput, match="SPC-008"):
            read_absorption(path)
    with pytest.raises(BadInput, match="SPC-007"):
        read_absorption(tmp_path / "none.txt")
    with pytest.raises(BadInput, match="SPC-003"):
        gas_columns(ground(), np.ones(3))
    with pytest.raises(BadInput, match="SPC-004"):
        gas_columns(ground(), np.zeros(BANDS))


def test_plumes_of_the_range_are_found(tmp_path: Path) -> None:
    country = plain_country()
    house = country.solids[0]
    leak = Plume("p", "plume", "s", house.east_m, house.north_m, 2.0, "methane", 300.0)
    imager = PushBroom.even(96, 8.0, 50, 2000.0, 2450.0)
    start = (house.east_m - country.west_m - 60.0, country.north_m - house.north_m)
    poses, t_us = strip(country, 200, step_m=2.0, start_m=start)
    made = record_cube(
        country, Scene((), (), (), (leak,)), Weather(), poses, t_us, imager, tmp_path / "strip", seed=3,
        air=Air(4.0, 270.0),
    )  # fmt: skip
    cube = raster(made.cube).transpose(0, 2, 1)
    truth = raster(made.truth)[:, -1]
    strong = truth > np.quantile(truth, 0.97)
    signature = Signature("methane", GRID_NM, -gas_absorption("methane"))
    bands = Bands(imager.wavelengths_nm, np.asarray(imager.fwhm_nm))
    columns = gas_columns(cube, resampled(signature, bands))
    found = plume_mask(columns)
    assert (found & strong).sum() > 0.5 * strong.sum()
    assert found[truth < 0.02 * truth.max()].mean() < 0.02
    claims = Gas(signature).detect(Tile(cube.astype(np.float32), "HSI", "radiance", bands=bands), None)
    best = claims.box[0]
    inside = strong[int(best[1] + 1) : int(best[3] + 1), int(best[0] + 1) : int(best[2] + 1)]
    assert inside.any()
