"""Real layers against the figures of the field note law.md, sections 3 and 4 (shapely 2.2, pyproj 3.7)."""

import numpy as np
import pytest
import shapely

from atalaya.law.boundary import LayerIndex, layer_index, open_layer
from atalaya.law.boundary.comparison import AreaComparison, Spread, beside, compare
from atalaya.law.boundary.facing import Boundary, distances_m, facing
from atalaya.law.boundary.inspection import aside_m, inspect
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.reading.repair import area_km2
from tests.boundary_layers import real

USA_OF_LAND = "USA_conus"


def near(spread: Spread, median: float, p90: float, p99: float, highest: float) -> None:
    """The note sampled the same line from another starting place: quantiles agree within two per cent."""
    assert spread.median_m == pytest.approx(median, rel=0.02, abs=1.0)
    assert spread.p90_m == pytest.approx(p90, rel=0.03, abs=5.0)
    assert spread.p99_m == pytest.approx(p99, rel=0.03)
    assert spread.max_m == pytest.approx(highest, rel=0.01)


def against_land(other: Layer, code: str) -> AreaComparison:
    return compare(real("land"), other, "MEX", second_area=code, towards=USA_OF_LAND)


@pytest.mark.proves("BND-017")
def test_natural_earth_against_osm_land() -> None:
    found = against_land(real("ne"), "MEX")
    assert found.there.places == pytest.approx(6116, rel=0.01)
    near(found.there, 682, 1471, 2319, 3095)
    assert found.bound_m >= 3262 * 0.95
    assert found.outside[500.0] > 0.25  # the note: 35.1 % of its own parallel track
    assert found.outside[2000.0] < 0.03


@pytest.mark.proves("BND-017")
def test_dcw_against_osm_land() -> None:
    found = against_land(real("dcw"), "MX")
    near(found.there, 112, 285, 525, 1417)
    assert found.outside[500.0] < 0.006
    assert found.outside[3000.0] == 0.0


@pytest.mark.proves("BND-017")
def test_packaged_layers_against_osm_land() -> None:
    near(against_land(open_layer("world"), "MEX").there, 690, 1465, 2311, 3013)
    precise = against_land(open_layer("north-america"), "MEX")
    assert precise.there.median_m < 0.01
    assert precise.there.max_m < 160.0


@pytest.mark.proves("BND-014")
def test_the_packaged_layer_is_the_published_one() -> None:
    packaged, published = open_layer("north-america"), real("maritime")
    for code in ("MEX", "USA", "GTM", "CUB"):
        one, other = packaged.polygons[packaged.area(code)], published.polygons[published.area(code)]
        assert area_km2(shapely.symmetric_difference(one, other)) < 0.01
    assert area_km2(packaged.polygons[packaged.area("MEX")]) == pytest.approx(2_251_078, abs=1.0)


def test_sizes_of_the_note() -> None:
    assert area_km2(real("land").polygons[real("land").area("MEX")]) == pytest.approx(1_935_762, abs=1.0)


@pytest.mark.proves("BND-008")
def test_an_fir_is_not_sovereign_and_covers_other_ground() -> None:
    fir, ne = real("fir"), real("ne")
    mmfr = fir.polygons[fir.area("MMFR")]
    mexico, usa = (ne.polygons[ne.area(code)] for code in ("MEX", "USA"))
    assert area_km2(mmfr) == pytest.approx(4_030_235, abs=1.0)
    assert area_km2(shapely.intersection(mmfr, mexico)) == pytest.approx(1_953_843, abs=2.0)
    assert area_km2(shapely.intersection(mmfr, usa)) == pytest.approx(1_037, abs=1.0)
    assert area_km2(shapely.difference(mexico, mmfr)) == pytest.approx(4_004, abs=1.0)


@pytest.mark.proves("BND-009")
def test_the_published_fir_file_is_read_and_its_repairs_told() -> None:
    repairs = real("fir").record.repairs
    done = {
        what: {one.feature for one in repairs if one.what == what}
        for what in ("closed", "made_valid", "merged")
    }
    assert done["closed"] == {"RJDG-W", "YTRT"}
    assert len(done["made_valid"]) == 16
    assert len(done["merged"]) == 6
    assert all(np.isfinite(one.area_after_km2) for one in repairs)


def test_what_an_edge_means_matters_for_the_arizona_diagonal() -> None:
    """1,816.6 m by pyproj Geod 3.7 (20,001 places); the note's 1,822 was measured on a projected plane."""
    ends = ([-111.0745], [31.3322], [-114.8135], [32.4943])
    assert aside_m(*(np.array(part) for part in ends))[0] == pytest.approx(1816.6, abs=0.2)


def orbit() -> tuple[np.ndarray, np.ndarray]:
    """The straddling orbit of law.md section 4, 1 Hz."""
    time = np.arange(43_200.0)
    x = -20_000 + 0.3 * time + 5_000 * np.cos(60 / 5_000 * time)
    lon = -110.94 + x / (111_320 * np.cos(np.radians(31.33)))
    return lon, 31.3327 + 5_000 * np.sin(60 / 5_000 * time) / 110_900


@pytest.mark.parametrize(
    ("name", "code", "samples", "crossings", "seconds", "first"),
    [
        ("ne", "MEX", 24_605, 166, 24_604.1, (21.34, 181.14)),
        ("land", "MEX", 24_338, 166, 24_335.4, (13.52, 188.51)),
        ("dcw", "MX", 23_568, 165, 23_566.4, (8.77, 192.75)),
    ],
)
@pytest.mark.proves("BND-004")
def test_the_orbit_that_straddles_the_line(
    name: str, code: str, samples: int, crossings: int, seconds: float, first: tuple[float, float]
) -> None:
    index = layer_index(real(name))
    area, (lon, lat) = real(name).area(code), orbit()
    assert int(index.contains(area, lon, lat).sum()) == samples
    found = index.crossings(area, lon[:-1], lat[:-1], lon[1:], lat[1:])
    at = found.segment + found.fraction
    assert len(at) == crossings
    assert at[:2] == pytest.approx(first, abs=0.02)
    edges = np.concatenate(([0.0], at, [43_199.0]))
    inside = np.concatenate((index.contains(area, lon[:1], lat[:1]), found.entering))
    assert np.diff(edges)[inside].sum() == pytest.approx(seconds, abs=0.5)
    touched = index.touched(lon, lat)
    assert touched[found.segment].all()
    assert touched.mean() < 0.1


@pytest.mark.parametrize("layer_name", ["world", "ne", "dcw"])
@pytest.mark.proves("BND-013")
def test_nothing_500_m_north_of_the_line_is_certain_inside_by_a_coarse_layer(layer_name: str) -> None:
    land = real("land")
    mexico = Boundary.of(land.polygons[land.area("MEX")])
    line = facing(mexico, Boundary.of(land.polygons[land.area(USA_OF_LAND)])).shared.places(2_000.0)
    coarse = open_layer(layer_name) if layer_name == "world" else real(layer_name)
    index, area = LayerIndex(coarse), coarse.area("MX" if layer_name == "dcw" else "MEX")
    said = {"ne": 3_262.0, "dcw": 1_417.0}
    naive = 0
    for offset in (500.0, 1000.0, 2000.0, 3000.0):
        track = beside(line, land.polygons[land.area("MEX")], offset)
        track = track[distances_m(track, mexico.tree) >= 500.0]
        depth = index.depth_m(area, *track.T)
        bound = said.get(layer_name, index.bound_m(area, *track.T))
        naive += int((depth > 0).sum())
        assert not (depth > bound).any()
    assert naive > 0  # without the bound it would have been


def test_the_precise_layer_looks_as_it_should() -> None:
    seen = inspect(open_layer("north-america"), open_layer("world"))
    assert {one.areas for one in seen.overlaps} <= {("CAN", "USA"), ("CRI", "PAN")}
    assert seen.gaps_km2 < 1.0
    assert "LAY-106" not in {finding.code for finding in seen.findings}
    assert seen.areas_km2["MEX"] == pytest.approx(2_251_078, abs=1.0)
