"""Columns of gas: mass is kept, worked values of the published formulas, impossible air refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.sim.scene import Air, Plume, plume_column_kg_m2, plume_column_ppm_m, stability_class
from atalaya.sim.scene.dispersion import SPREAD, crosswind_spread_m, kg_m2_per_ppm_m

LEAK = Plume("p", "plume", "s", 1000.0, 2000.0, 3.0, "methane", 100.0)


@pytest.mark.proves("SCN-008")
@given(
    st.sampled_from(sorted(SPREAD)),
    st.floats(0.5, 30.0),
    st.floats(0.0, 360.0),
    st.floats(5.0, 8000.0),
    st.floats(0.1, 5000.0),
)
def test_as_much_flows_through_a_section_as_leaks(
    stability: str, wind_ms: float, from_deg: float, downwind_m: float, rate_kg_h: float
) -> None:
    air = Air(wind_ms, from_deg, stability)  # type: ignore[arg-type]
    plume = Plume("p", "plume", "s", -50.0, 70.0, 3.0, "methane", rate_kg_h)
    across = np.linspace(-8.0, 8.0, 2001) * float(crosswind_spread_m(downwind_m, stability))  # type: ignore[arg-type]
    towards = np.radians(from_deg + 180.0)
    east = plume.east_m + downwind_m * np.sin(towards) + across * np.cos(towards)
    north = plume.north_m + downwind_m * np.cos(towards) - across * np.sin(towards)
    flux_kg_s = np.trapezoid(plume_column_kg_m2(plume, air, east, north), across) * wind_ms
    assert flux_kg_s * 3600.0 == pytest.approx(rate_kg_h, rel=1e-3)


def test_worked_values() -> None:
    assert kg_m2_per_ppm_m("methane", Air(3.0, 0.0)) == pytest.approx(6.557e-7, rel=2e-4)
    # Briggs, open country, class D: 0.08 x 1000 / sqrt(1.1), with a source of one metre
    assert float(crosswind_spread_m(1000.0, "D")) == pytest.approx(np.hypot(76.277, 1.0), rel=1e-4)
    # 100 kg/h in 3 m/s: on the axis 1 km down the wind (0.027778 kg/s) / (sqrt(2 pi) 76.28 m 3 m/s)
    column = plume_column_kg_m2(LEAK, Air(3.0, 270.0), 2000.0, 2000.0)
    assert float(column) == pytest.approx(4.8421e-5, rel=1e-3)
    assert float(plume_column_ppm_m(LEAK, Air(3.0, 270.0), 2000.0, 2000.0)) == pytest.approx(73.85, rel=1e-3)


def test_the_wind_carries_it_away_from_where_it_blows() -> None:
    air = Air(4.0, 180.0)
    assert float(plume_column_ppm_m(LEAK, air, 1000.0, 2100.0)) > 0.0
    assert float(plume_column_ppm_m(LEAK, air, 1000.0, 1900.0)) == 0.0
    grid = plume_column_ppm_m(
        LEAK, air, np.linspace(0, 2000, 41)[None, :], np.linspace(2010, 4000, 30)[:, None]
    )
    assert grid.shape == (30, 41)
    assert np.isfinite(grid).all()
    assert (np.argmax(grid, axis=1) == 20).all()


def test_unstable_air_spreads_more() -> None:
    spreads = [float(crosswind_spread_m(500.0, name)) for name in sorted(SPREAD)]  # type: ignore[arg-type]
    assert spreads == sorted(spreads, reverse=True)


@pytest.mark.parametrize(
    ("wind_ms", "sun_deg", "cloud", "expected"),
    [
        (1.0, 70.0, 0.0, "A"),
        (4.0, 70.0, 0.0, "B"),
        (7.0, 70.0, 0.0, "C"),
        (1.0, 20.0, 0.0, "B"),
        (7.0, 20.0, 0.0, "D"),
        (1.0, -10.0, 0.0, "F"),
        (4.0, -10.0, 0.0, "E"),
        (4.0, -10.0, 1.0, "D"),
        (10.0, -10.0, 0.0, "D"),
    ],
)
def test_classes_of_pasquills_table(wind_ms: float, sun_deg: float, cloud: float, expected: str) -> None:
    assert stability_class(wind_ms, sun_deg, cloud_share=cloud) == expected


@pytest.mark.parametrize(
    "air",
    [{"wind_ms": 0.0}, {"wind_ms": float("nan")}, {"wind_ms": -3.0}, {"from_deg": 1e9}, {"stability": "G"},
     {"pressure_pa": 1013.25}, {"temperature_k": 25.0}],
)  # fmt: skip
def test_air_that_is_none_is_refused(air: dict[str, object]) -> None:
    with pytest.raises(BadInput) as caught:
        Air(**({"wind_ms": 3.0, "from_deg": 0.0} | air))  # type: ignore[arg-type]
    assert caught.value.code == "SCN-011"


def test_a_leak_that_is_none_is_refused() -> None:
    for rate, gas in ((-1.0, "methane"), (float("nan"), "methane"), (10.0, "phlogiston")):
        with pytest.raises(BadInput):
            plume_column_ppm_m(Plume("", "", "", 0.0, 0.0, 0.0, gas, rate), Air(3.0, 0.0), 1.0, 1.0)
