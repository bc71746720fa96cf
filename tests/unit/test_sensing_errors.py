"""Default errors of platforms and terrain models, and what a stream states in their place."""

import numpy as np
import pytest

from atalaya.base.errors import NotFound
from atalaya.earth.error import TERMS
from atalaya.klv.st1010 import Sdcc, read, standard_deviations, write
from atalaya.sensing import (
    default_budget,
    profile,
    profile_for,
    profiles,
    stated_errors,
    with_rounding,
    with_stated,
)


@pytest.mark.parametrize("kind", ["platform", "terrain"])
def test_every_profile_says_where_its_figures_are_from_in_both_languages(kind: str) -> None:
    found = profiles(kind)  # type: ignore[arg-type]
    assert found[0].name == "unknown"
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.sources
        assert all(len(source) > 20 for source in one.sources)
        assert set(one.labels) == {"en", "es"}
        assert one.labels["en"] != one.labels["es"]
        assert all(term.provenance == "assumed" for term in one.terms.values())


def test_platform_and_terrain_speak_of_different_inputs() -> None:
    for platform in profiles("platform"):
        for terrain in profiles("terrain"):
            budget = default_budget(platform, terrain)
            assert set(platform.terms) & set(terrain.terms) == set()
            assert set(budget.assumed) == set(platform.terms) | set(terrain.terms)


def test_nothing_is_known_of_every_input_of_an_unknown_aircraft() -> None:
    assert set(default_budget(profile("platform", "unknown"), profile("terrain", "unknown")).assumed) == set(
        TERMS
    )


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("Skydio X2 NARROW", "small-multirotor"),
        ("DJI FC2204", "small-multirotor"),
        ("DJI M3E", "survey-multirotor"),
        ("senseFly eBee", "photo-fixed-wing"),
        ("", "unknown"),
        ("Acme 7", "unknown"),
    ],
)
def test_a_model_finds_its_profile(model: str, name: str) -> None:
    assert profile_for("platform", model).name == name


def test_a_profile_that_does_not_exist_is_said_with_those_that_do() -> None:
    with pytest.raises(NotFound, match="EAR-066") as caught:
        profile("platform", "balloon")
    assert "turret-ins" in str(caught.value)


def test_what_a_stream_states_replaces_what_was_assumed() -> None:
    budget = default_budget(profile("platform", "turret-ins"), profile("terrain", "srtm"))
    tags = [2, 5, 6, 7, 13, 14, 15, 16]  # 2, the time, has no error of this kind
    pack = read(write(standard_deviations([0.2, 0.04, 0.05, 1e-5, 2e-5, 3.0, 0.01])))
    found = with_stated(budget, stated_errors(pack, tags), lat_deg=60.0, hfov_deg=10.0)
    assert found.heading_deg.total == pytest.approx(0.2)
    assert found.heading_deg.provenance == "stated"
    assert found.heading_deg.shared / found.heading_deg.own == pytest.approx(
        budget.heading_deg.shared / budget.heading_deg.own
    )
    assert found.position_north_m.total == pytest.approx(1.113, abs=1e-3)
    assert found.position_east_m.total == pytest.approx(1.113, abs=1e-3)  # twice as wide, half as long there
    assert found.position_up_m.total == pytest.approx(3.0)
    assert found.focal_relative.total == pytest.approx(np.radians(0.01) / np.sin(np.radians(10.0)), rel=1e-4)
    assert "heading_deg" not in found.assumed
    assert "terrain_up_m" in found.assumed


def test_only_the_items_right_before_the_pack_are_meant() -> None:
    pack = standard_deviations([0.5, 0.6])
    assert stated_errors(pack, [5, 6, 7, 18, 19]).deviations == {18: 0.5, 19: 0.6}


def test_a_stated_correlation_is_kept() -> None:
    pack = Sdcc(3, (0.1, 0.2, 7.0), (0.5, None, -0.25), bytes((0x80, 0x04)))
    stated = stated_errors(pack, [5, 18, 21])
    assert stated.slant_sigma_m == 7.0
    assert stated.correlations == {(5, 18): 0.5, (18, 21): -0.25}
    budget = default_budget(profile("platform", "turret-ins"), profile("terrain", "srtm"))
    assert with_stated(budget, stated, lat_deg=0.0).correlations == (
        ("heading_deg", "gimbal_azimuth_deg", 0.5),
    )


def test_rounding_follows_the_items_a_packet_carries() -> None:
    budget = default_budget(profile("platform", "turret-ins"), profile("terrain", "srtm"))
    coarse, fine = with_rounding(budget, {5, 6, 7, 15}), with_rounding(budget, {5, 6, 7, 15, 90, 91, 104})
    root12 = np.sqrt(12.0)
    assert coarse.quantised_position_up_m * root12 == pytest.approx(0.30, abs=0.005)
    assert coarse.quantised_heading_deg * root12 == pytest.approx(0.0055, abs=1e-4)
    assert coarse.quantised_pitch_deg * root12 == pytest.approx(6e-4, rel=0.05)
    assert coarse.quantised_roll_deg * root12 == pytest.approx(1.5e-3, rel=0.05)
    assert (fine.quantised_position_up_m, fine.quantised_pitch_deg, fine.quantised_roll_deg) == (
        0.0,
        0.0,
        0.0,
    )
    assert fine.quantised_heading_deg == coarse.quantised_heading_deg
