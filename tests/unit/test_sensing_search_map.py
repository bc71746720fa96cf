"""The search map: its grid, its layers, and what analysts state of it."""

import numpy as np
import pytest
import shapely
from shapely import box

from atalaya.base.errors import BadInput
from atalaya.earth.ellipsoid import geodesic
from atalaya.sensing import (
    AsIs,
    Classes,
    Decay,
    Layer,
    Range,
    StatedArea,
    Within,
    from_layers,
    make_grid,
    slope_layer,
)

AREA = box(-107.0, 24.0, -106.6, 24.4)
GRID = make_grid(AREA, 2000.0)
LEFT = np.where(np.arange(GRID.shape[1]) < 8, 1.0, 0.0) * np.ones(GRID.shape)


def test_cells_are_of_equal_area_and_cover_the_polygon() -> None:
    inside = GRID.share.sum() * 2000.0**2
    west, south, east, north = AREA.bounds
    fine = np.linspace(west, east, 50)
    ring = shapely.Polygon([*((x, south) for x in fine), *((x, north) for x in fine[::-1])])
    from pyproj import Geod

    truth = abs(Geod(ellps="WGS84").geometry_area_perimeter(ring)[0])
    assert inside == pytest.approx(truth, rel=0.01)
    lon, lat = GRID.middles()
    # sides of a cell near the edge, on the ellipsoid
    across = geodesic(lon[0, 0], lat[0, 0], lon[0, 1], lat[0, 1])
    assert float(np.ravel(across[0])[0]) == pytest.approx(2000.0, rel=1e-3)
    columns, rows = GRID.grid.cells(lon, lat)
    assert columns[3, 4] == pytest.approx(4.0, abs=1e-6)
    assert rows[3, 4] == pytest.approx(3.0, abs=1e-6)


def test_holes_and_the_date_line() -> None:
    holed = make_grid(AREA.difference(box(-106.9, 24.1, -106.7, 24.3)), 1000.0)
    whole = make_grid(AREA, 1000.0)
    assert holed.share.sum() == pytest.approx(0.75 * whole.share.sum(), rel=0.02)
    across = make_grid(box(179.5, -17.0, 180.5, -16.0), 5000.0)
    assert across.shape[1] < 30
    lon, _ = across.middles()
    assert (np.abs(lon) > 179.0).all()


@pytest.mark.parametrize(
    "area",
    [
        shapely.Point(1, 1),
        shapely.Polygon(),
        shapely.LineString([(0, 0), (1, 1)]),
        box(0, 80, 10, 95),
        box(-170, -80, 170, 80),
        {"type": "Polygon", "coordinates": [[[0, 0], [1e400, 1], [1, 1], [0, 0]]]},
        {"type": "Polygon"},
        "a polygon",
        None,
    ],
    ids=str,
)
def test_what_is_no_area_is_refused(area: object) -> None:
    with pytest.raises(BadInput, match="SNS-010"):
        make_grid(area, 1000.0)


@pytest.mark.parametrize("cell_m", [0.0, -5.0, np.nan, 0.01])
def test_cells_of_no_size_or_too_many_are_refused(cell_m: float) -> None:
    with pytest.raises(BadInput, match="SNS-011"):
        make_grid(AREA, cell_m)


def test_without_layers_every_part_of_the_area_is_alike() -> None:
    made = from_layers(GRID, [], 12.0)
    assert made.map.expected == pytest.approx(12.0)
    assert made.map.rate == pytest.approx(12.0 * GRID.share / GRID.share.sum())
    assert made.map.grid == GRID.grid


def test_a_weight_is_the_logarithm_of_a_ratio() -> None:
    made = from_layers(GRID, [Layer("left", LEFT, AsIs(), float(np.log(3.0)))], 5.0)
    dense, thin = made.map.rate[10, 4], made.map.rate[10, 12]
    assert dense == pytest.approx(3.0 * thin)
    twice = from_layers(GRID, [Layer("a", LEFT, AsIs(), 0.7), Layer("b", LEFT, AsIs(), 0.4)], 5.0)
    assert twice.map.rate[10, 4] / twice.map.rate[10, 12] == pytest.approx(np.exp(1.1))


def test_responses() -> None:
    values = np.array([[0.0, 500.0, 1000.0, 3000.0, np.nan]])
    assert Within(1000.0)(values)[0, :4].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert Decay(1000.0)(values)[0, 2] == pytest.approx(np.exp(-1.0))
    assert Range(0.0, 1000.0, 3000.0)(values)[0, :4].tolist() == [0.0, 0.5, 1.0, 0.0]
    assert Classes({500: 2.0})(values)[0, 1] == 2.0
    for response in (Within(1.0), Decay(1.0), Range(0.0, 1.0, 2.0), Classes({0: 1.0}), AsIs()):
        assert np.isnan(response(values)[0, 4])


@pytest.mark.proves("SNS-004")
def test_missing_data_is_neutral_and_counted() -> None:
    gap = LEFT.copy()
    gap[:, 8:] = np.nan
    gap[5, 3] = np.nan
    known = from_layers(GRID, [Layer("left", gap, AsIs(), 2.0)], 5.0)
    inside = GRID.share > 0.0
    assert known.missing == {"left": int((inside & np.isnan(gap)).sum())}
    assert known.map.expected == pytest.approx(5.0)
    # all that is known is alike, so nothing is learnt of the rest
    full = from_layers(GRID, [], 5.0)
    assert known.map.rate == pytest.approx(full.map.rate)
    # and with two kinds known, the unknown lie between
    mixed = LEFT.copy()
    mixed[5, 3] = np.nan
    made = from_layers(GRID, [Layer("left", mixed, AsIs(), 2.0)], 5.0).map.rate
    assert made[5, 12] < made[5, 3] < made[5, 4]
    nothing = from_layers(GRID, [Layer("none", np.full(GRID.shape, np.nan), AsIs(), 2.0)], 5.0)
    assert nothing.map.rate == pytest.approx(full.map.rate)


def test_slope_of_a_plane_and_of_a_gap() -> None:
    rows, columns = np.mgrid[0 : GRID.shape[0], 0 : GRID.shape[1]]
    plane = 300.0 + 2000.0 * (0.3 * columns - 0.4 * rows)
    assert slope_layer(plane, GRID) == pytest.approx(np.degrees(np.arctan(0.5)))
    plane[5, 5] = np.nan
    assert np.isnan(slope_layer(plane, GRID)).sum() == 4
    with pytest.raises(BadInput, match="SNS-012"):
        slope_layer(plane[:4], GRID)


def test_stated_counts_are_kept_within_the_total() -> None:
    half = np.zeros(GRID.shape)
    half[4:8] = 1.0
    made = from_layers(
        GRID,
        [Layer("left", LEFT, AsIs(), 1.0)],
        10.0,
        stated=[StatedArea("west", LEFT, 6.0), StatedArea("band", half, 3.0)],
    ).map.rate
    assert made.sum() == pytest.approx(10.0)
    assert (made * LEFT).sum() == pytest.approx(6.0, rel=1e-6)
    assert (made * half).sum() == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize(
    ("areas", "code"),
    [
        ([StatedArea("west", LEFT, 20.0)], "SNS-014"),
        ([StatedArea("west", LEFT, 6.0), StatedArea("again", LEFT, 5.0)], "SNS-014"),
        ([StatedArea("nowhere", np.zeros(GRID.shape), 1.0)], "SNS-014"),
        ([StatedArea("west", LEFT, -1.0)], "SNS-006"),
        ([StatedArea("west", LEFT * 2.0, 1.0)], "SNS-013"),
        ([StatedArea("west", LEFT[:3], 1.0)], "SNS-012"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[-1].name,
)
def test_stated_counts_that_contradict_each_other_are_refused(areas: list[StatedArea], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        from_layers(GRID, [], 10.0, stated=areas)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("layers", "expected", "hidden", "code"),
    [
        ([Layer("short", LEFT[:2], AsIs(), 1.0)], 1.0, 0.0, "SNS-012"),
        ([Layer("steep", LEFT, AsIs(), 500.0)], 1.0, 0.0, "SNS-006"),
        ([Layer("none", LEFT, AsIs(), np.nan)], 1.0, 0.0, "SNS-006"),
        ([], -1.0, 0.0, "SNS-006"),
        ([], np.inf, 0.0, "SNS-006"),
        ([], 1.0, 1.5, "SNS-013"),
    ],
)
def test_layers_that_make_no_map_are_refused(
    layers: list[Layer], expected: float, hidden: float, code: str
) -> None:
    with pytest.raises(BadInput) as caught:
        from_layers(GRID, layers, expected, hidden=hidden)
    assert caught.value.code == code
