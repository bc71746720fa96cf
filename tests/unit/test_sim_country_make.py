"""Making countries: the seed decides all, the place is where it was asked for, nonsense is refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from atalaya.base.errors import BadInput, DatumError, NotFound
from atalaya.earth import rough_ground
from atalaya.earth.geoid import undulation_m
from atalaya.sim.country import Country, Relief, make_country
from tests.made_countries import made_country

SMALL = {"lon_deg": -108.5, "lat_deg": 30.4, "width_m": 3000.0, "height_m": 2400.0}


def same(one: Country, two: Country) -> bool:
    return (
        np.array_equal(one.heights_msl_m, two.heights_msl_m)
        and np.array_equal(one.cover, two.cover)
        and one.solids == two.solids
        and one.settlements == two.settlements
        and len(one.lines) == len(two.lines)
        and all(np.array_equal(a.points_m, b.points_m) for a, b in zip(one.lines, two.lines, strict=True))
        and len(one.patches) == len(two.patches)
        and all(np.array_equal(a.ring_m, b.ring_m) for a, b in zip(one.patches, two.patches, strict=True))
    )


@pytest.mark.proves("CTY-004")
def test_the_same_seed_gives_the_same_country_on_any_number_of_threads() -> None:
    alone = make_country(7, **SMALL)
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda seed: make_country(seed, **SMALL), (7, 8, 7)))
    assert same(alone, together[0])
    assert same(alone, together[2])


def test_worked_coarsely_it_is_the_same_kind_of_country() -> None:
    fine, coarse = make_country(7, **SMALL), make_country(7, **SMALL, worked_m=60.0)
    assert coarse.heights_msl_m.shape == fine.heights_msl_m.shape
    assert float(coarse.heights_msl_m.std()) == pytest.approx(float(fine.heights_msl_m.std()), rel=0.3)


def test_another_seed_gives_another_country() -> None:
    one, two = make_country(7, **SMALL), make_country(8, **SMALL)
    assert not np.array_equal(one.heights_msl_m, two.heights_msl_m)
    assert not np.array_equal(one.cover, two.cover)


def test_cover_of_another_grain_changes_nothing_else() -> None:
    one, two = make_country(7, **SMALL), make_country(7, **SMALL, cover_m=20.0)
    assert np.array_equal(one.heights_msl_m, two.heights_msl_m)
    assert one.solids == two.solids


def test_it_lies_about_the_place_asked_for() -> None:
    country = make_country(7, **SMALL)
    west, south, east, north = country.bounds_m
    lon, lat = country.lonlat((west + east) / 2, (south + north) / 2)
    assert (float(lon), float(lat)) == pytest.approx((-108.5, 30.4), abs=2e-5)
    assert (east - west, north - south) == (3000.0, 2400.0)
    assert country.epsg == 32612


@pytest.mark.parametrize(
    ("relief", "mean", "deviation"), [("mountain", 1500, 300), ("hill", 600, 80), ("plain", 230, 12)]
)
def test_a_relief_is_as_high_and_rough_as_named(relief: str, mean: float, deviation: float) -> None:
    heights = made_country(relief).heights_msl_m
    assert float(heights.mean()) == pytest.approx(mean, abs=0.1 * deviation)
    assert float(heights.std()) == pytest.approx(deviation, rel=0.1)


def test_relief_by_numbers() -> None:
    heights = make_country(7, **SMALL, relief=Relief(900.0, 40.0)).heights_msl_m
    assert float(heights.mean()) == pytest.approx(900.0, abs=5.0)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"width_m": 10.0}, "CTY-001"),
        ({"width_m": float("nan")}, "CTY-001"),
        ({"height_m": -5.0}, "CTY-001"),
        ({"post_m": 0.0}, "CTY-001"),
        ({"width_m": 9e5, "height_m": 9e5, "post_m": 1.0}, "CTY-001"),
        ({"cover_m": 0.0}, "CTY-001"),
        ({"cover_m": float("nan")}, "CTY-001"),
        ({"lat_deg": 85.0}, "CTY-002"),
        ({"lon_deg": float("nan")}, "CTY-002"),
        ({"lon_deg": 361.0}, "CTY-002"),
        ({"relief": "lunar"}, "CTY-003"),
        ({"relief": Relief(float("nan"), 10.0)}, "CTY-003"),
        ({"seed": -1}, "CTY-004"),
        ({"seed": 1.5}, "CTY-004"),
        ({"worked_m": 0.0}, "CTY-001"),
        ({"wetness": 2.0}, "CTY-005"),
        ({"wetness": float("nan")}, "CTY-005"),
    ],
)
def test_what_no_country_has_is_refused_with_a_code(changed: dict[str, object], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        make_country(**{"seed": 1, **SMALL, **changed})  # type: ignore[arg-type]
    assert caught.value.code == code
    assert caught.value.text.remedy


@pytest.fixture
def dem(tmp_path: Path) -> Path:
    made = rough_ground(
        np.random.default_rng(3),
        posts=240,
        west_deg=-108.55,
        north_deg=30.45,
        step_deg=1 / 2400,
        mean_m=800.0,
    )
    path = tmp_path / "dem.tif"
    made.write(path, vertical_epsg=5773)
    return path


def test_a_dem_of_the_users_is_flown_over_as_it_is(dem: Path) -> None:
    country = make_country(7, **SMALL, dem=dem)
    from atalaya.earth import Terrain

    west, south, east, north = country.bounds_m
    x, y = np.linspace(west + 1, east - 1, 30), np.linspace(south + 1, north - 1, 30)
    lon, lat = country.lonlat(x, y)
    wanted = Terrain.open(dem).height_hae_m(lon, lat) - undulation_m(lon, lat)
    assert country.height_msl_m(x, y) == pytest.approx(wanted, abs=12.0)  # one bilinear net over another
    assert np.median(np.abs(country.height_msl_m(x, y) - wanted)) < 3.0
    assert country.settlements


@pytest.mark.proves("CTY-003")
def test_a_dem_whose_datum_nobody_states_is_refused(tmp_path: Path) -> None:
    made = rough_ground(
        np.random.default_rng(3),
        posts=240,
        west_deg=-108.55,
        north_deg=30.45,
        step_deg=1 / 2400,
        mean_m=800.0,
    )
    made.write(tmp_path / "dem.tif")
    with pytest.raises(DatumError, match="EAR-010"):
        make_country(7, **SMALL, dem=tmp_path / "dem.tif")
    by_ellipsoid = make_country(7, **SMALL, dem=tmp_path / "dem.tif", dem_datum="hae")
    by_sea = make_country(7, **SMALL, dem=tmp_path / "dem.tif", dem_datum="egm96")
    away = by_sea.heights_msl_m - by_ellipsoid.heights_msl_m
    assert away == pytest.approx(float(undulation_m(-108.5, 30.4)), abs=0.1)


@pytest.mark.proves("CTY-003")
def test_a_dem_that_contradicts_its_user_is_refused(dem: Path) -> None:
    with pytest.raises(DatumError, match="EAR-012"):
        make_country(7, **SMALL, dem=dem, dem_datum="hae")


def test_a_dem_that_does_not_reach_is_refused(dem: Path) -> None:
    with pytest.raises(BadInput, match="CTY-006"):
        make_country(7, **{**SMALL, "width_m": 12_000.0}, dem=dem)
    with pytest.raises(NotFound, match="EAR-015"):
        make_country(7, **SMALL, dem=dem.with_name("no.tif"))


@pytest.mark.parametrize(("lon", "lat"), [(179.99, -20.0), (-180.0, 0.0), (3.0, 79.5), (0.0, 0.0)])
def test_anywhere_on_earth(lon: float, lat: float) -> None:
    country = make_country(7, lon_deg=lon, lat_deg=lat, width_m=1500.0, height_m=900.0)
    assert np.isfinite(country.heights_msl_m).all()
