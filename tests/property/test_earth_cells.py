"""Numbered cells of the Earth: every place has one, their middles are theirs, their sizes are alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atalaya.earth.cells import ROW_DEG, areas_m2, cells_of, cells_within, middles_of

LON, LAT = st.floats(-540.0, 540.0), st.floats(-90.0, 90.0)


@given(LON, LAT)
def test_a_place_lies_within_reach_of_the_middle_of_its_cell(lon: float, lat: float) -> None:
    cell = cells_of(lon, lat).reshape(1)
    middle_lon, middle_lat = middles_of(cell)
    assert cells_of(middle_lon, middle_lat) == cell
    assert abs(middle_lat[0] - lat) <= ROW_DEG / 2 + 1e-9
    assert -180.0 <= middle_lon[0] <= 180.0


@given(LON, st.floats(-80.0, 80.0))
def test_cells_are_alike_in_size(lon: float, lat: float) -> None:
    area = areas_m2(cells_of(lon, lat).reshape(1))
    assert abs(area[0] / 55.6**2 - 1.0) < 0.01


def test_what_is_no_place_has_no_cell() -> None:
    assert cells_of([np.nan, np.inf, 3.0], [1.0, 2.0, np.nan]).tolist() == [-1, -1, -1]


@given(st.floats(-180.0, 180.0), st.floats(-79.0, 79.0), st.floats(0.001, 0.02), st.floats(0.001, 0.02))
def test_cells_of_bounds_are_those_whose_middles_lie_in_them(
    west: float, south: float, width: float, height: float
) -> None:
    cells = cells_within(west, south, west + width, south + height)
    assert len(np.unique(cells)) == len(cells)
    rng = np.random.default_rng(1)
    some = cells_of(west + width * rng.random(200), south + height * rng.random(200))
    lon, lat = middles_of(some)
    inside = ((lon - west) % 360.0 <= width) & (lat >= south) & (lat <= south + height)
    assert np.isin(some[inside], cells).all()
    assert not np.isin(some[~inside], cells).any()
