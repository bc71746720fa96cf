"""The chance of detection: monotone where physics says so; settings that nothing beats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.sensing import (
    Facility,
    FieldOfView,
    Sensor,
    Setting,
    cue_and_confirm,
    efficient_settings,
    hidden_share,
    look_quality,
    platform,
    platforms,
    setting_value,
    setting_values,
)
from atalaya.sensing.detection import constant_sources, signal_share

EO, IR = platform("mq9a").sensors
heights = st.floats(50.0, 9000.0)
angles = st.floats(5.0, 90.0)
suns = st.floats(-30.0, 90.0)


def chance(**changed: float) -> float:
    usual = {"height_agl_m": 4000.0, "depression_deg": 45.0, "dwell_s": 5.0, "sun_elevation_deg": 20.0}
    size = changed.pop("size_m", 8.0)
    width = changed.pop("width_deg", 7.6)
    fov = FieldOfView("x", width, width * 0.8, 1280, 1024)
    return float(look_quality(EO, fov, Facility(size), **{**usual, **changed}).chance)  # type: ignore[arg-type]


@pytest.mark.proves("SNS-008")
@given(
    st.sampled_from(["height_agl_m", "width_deg"]),
    st.sampled_from(["dwell_s", "depression_deg", "sun_elevation_deg", "size_m"]),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
@settings(max_examples=200, deadline=None)
def test_chance_falls_and_rises_as_it_must(falls: str, rises: str, first: float, second: float) -> None:
    spans = {
        "height_agl_m": (50.0, 15_000.0),
        "width_deg": (0.3, 60.0),
        "dwell_s": (0.0, 200.0),
        "depression_deg": (3.0, 90.0),
        "sun_elevation_deg": (-40.0, 90.0),
        "size_m": (0.2, 200.0),
    }
    low, high = sorted((first, second))
    for name, sign in ((falls, -1.0), (rises, 1.0)):
        least, most = spans[name]
        at = [least + part * (most - least) for part in (low, high)]
        values = [chance(**{name: value}) for value in at]
        assert all(0.0 <= value <= 1.0 for value in values)
        assert sign * (values[1] - values[0]) >= -1e-12


@pytest.mark.proves("SNS-008")
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), angles, angles, st.floats(0.0, 1.0))
@settings(max_examples=200, deadline=None)
def test_cover_hides_more_the_denser_and_flatter(
    a: float, b: float, c: float, d: float, clear: float
) -> None:
    facility = Facility(5.0, clear)
    thin, dense = sorted((a, b))
    flat, steep = sorted((c, d))
    assert hidden_share(thin, flat, facility) <= hidden_share(dense, flat, facility) + 1e-12
    assert hidden_share(dense, steep, facility) <= hidden_share(dense, flat, facility) + 1e-12
    assert 0.0 <= hidden_share(dense, flat, facility) <= 1.0 - clear + 1e-12
    assert hidden_share(0.0, flat, facility) == 0.0
    assert hidden_share(thin, 90.0, Facility(5.0, 0.0)) == pytest.approx(thin)


def test_daylight_serves_eo_and_the_crossover_harms_ir() -> None:
    sun = np.array([-30.0, -12.0, -6.0, 0.0, 8.0, 20.0, 60.0])
    light = signal_share("EO", sun)
    assert (np.diff(light) >= 0.0).all()
    assert light[0] < 1e-3
    assert light[-1] == 1.0
    heat = signal_share("IR", sun)
    assert heat.argmin() == 4
    assert heat[0] > 0.99
    night = {"height_agl_m": 3000.0, "depression_deg": 45.0, "dwell_s": 10.0, "sun_elevation_deg": -20.0}
    warm = look_quality(IR, IR.modes[1], Facility(10.0), **night)  # type: ignore[arg-type]
    dark = look_quality(EO, EO.modes[1], Facility(10.0), **night)  # type: ignore[arg-type]
    assert warm.chance > 0.5
    assert dark.chance < 0.01


def test_rate_and_pod_are_the_chance_said_otherwise() -> None:
    found = look_quality(
        EO,
        EO.modes[1],
        Facility(6.0),
        height_agl_m=[2000.0, 5000.0],
        depression_deg=60.0,
        dwell_s=4.0,
        canopy_share=0.5,
    )
    assert -np.expm1(-found.rate) == pytest.approx(found.chance)
    assert found.pod == pytest.approx((1.0 - found.hidden) * found.chance)
    assert found.gsd_m.shape == (2,)


@pytest.mark.parametrize(
    "wrong",
    [{"height_agl_m": 0.0}, {"depression_deg": 0.0}, {"depression_deg": 91.0}, {"dwell_s": -1.0},
     {"sun_elevation_deg": np.nan}, {"size_m": 0.0}],
)  # fmt: skip
def test_figures_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="SNS-006"):
        chance(**wrong)


def test_radar_is_said_not_to_be_modelled() -> None:
    radar = Sensor("sar", "SAR", EO.modes, 0.4, 10.0)
    with pytest.raises(BadInput, match="SNS-007"):
        look_quality(radar, EO.modes[0], Facility(5.0), height_agl_m=5e3, depression_deg=30.0, dwell_s=1.0)


def test_every_constant_has_a_class_and_a_source() -> None:
    for name, (kind, source) in constant_sources().items():
        assert kind in {"published", "official", "computed", "assumed"}, name
        assert len(source) > 20, name


@pytest.mark.parametrize("one", platforms(), ids=lambda one: one.name)
def test_no_setting_beats_an_efficient_one(one) -> None:  # type: ignore[no-untyped-def]
    values = setting_values(one, Facility(4.0), canopy_share=0.3)
    best = efficient_settings(values)
    areas, pods = [value.area_km2_h for value in best], [value.pod for value in best]
    assert areas == sorted(areas, reverse=True)
    assert pods == sorted(pods)
    for kept in best:
        assert not any(
            other.area_km2_h >= kept.area_km2_h and other.pod >= kept.pod
            and (other.area_km2_h, other.pod) != (kept.area_km2_h, kept.pod)
            for other in values
        )  # fmt: skip
    cue, confirm = cue_and_confirm(values)
    assert cue.found_area_km2_h == max(value.found_area_km2_h for value in values)
    assert confirm.niirs >= 5.0 or confirm.niirs == max(value.niirs for value in values)
    assert cue.area_km2_h >= confirm.area_km2_h or confirm.niirs < 5.0


def test_wide_cue_and_narrow_confirm_of_a_turret() -> None:
    values = setting_values(
        platform("mq9a"), Facility(10.0), heights_agl_m=(6000.0,), depressions_deg=(45.0,)
    )
    cue, confirm = cue_and_confirm(values)
    assert cue.setting.mode == "ultra-wide"
    assert confirm.setting.mode in ("medium", "narrow")
    assert cue.sweep_width_m == pytest.approx(cue.swath_m * cue.chance)


def test_a_mode_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BadInput, match=r"SNS-008.*eo/wide"):
        setting_value(platform("mq9a"), Setting("eo", "widest", 1000.0, 45.0), Facility(5.0))
    with pytest.raises(BadInput, match="SNS-008"):
        cue_and_confirm([])
    with pytest.raises(BadInput, match="SNS-006"):
        setting_value(platform("mq9a"), Setting("eo", "wide", 1000.0, 45.0), Facility(5.0), airspeed_ms=0.0)
