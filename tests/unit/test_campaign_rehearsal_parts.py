"""Small parts of a rehearsal: airfields, what the score counts, what becomes of damaged packets."""

from pathlib import Path

import numpy as np

from atalaya.campaign.planning.country import BLENDED_M, LEVEL_M, _with_airfields
from atalaya.campaign.rehearsal.marker import MARKER, is_rehearsed
from atalaya.campaign.rehearsal.placed import Placed
from atalaya.campaign.rehearsal.score import _faults, _placing
from atalaya.sim.country import Country
from atalaya.sim.record.faults import DAMAGES


def rolling() -> Country:
    row, column = np.mgrid[0:401, 0:401]
    heights = (1200.0 + 200.0 * np.sin(row / 17.0) * np.cos(column / 23.0)).astype(np.float32)
    cover = np.full((400, 400), 2, np.uint8)
    return Country("rolling", 1, 32612, 500_000.0, 3_450_000.0, 100.0, heights, cover, 100.0)


def test_ground_about_a_base_lies_at_its_height_and_far_ground_as_it_was() -> None:
    country = rolling()
    east, north = 520_000.0, 3_430_000.0
    lon, lat = (float(part) for part in country.lonlat(east, north))
    made = _with_airfields(country, ((lon, lat, 1438.0),))
    around = np.linspace(0.0, 2.0 * np.pi, 40)
    near = made.height_msl_m(east + 0.9 * LEVEL_M * np.sin(around), north + 0.9 * LEVEL_M * np.cos(around))
    assert np.abs(near - 1438.0).max() < 0.5
    away = 1.02 * BLENDED_M
    places = (east + away * np.sin(around), north + away * np.cos(around))
    assert np.allclose(made.height_msl_m(*places), country.height_msl_m(*places), atol=1e-3)


def result(*codes: str) -> dict[str, object]:
    return {"repairs": [{"code": code} for code in codes], "verdict": [{"code": code} for code in codes]}


def clip(*faults: str) -> dict[str, object]:
    return {"files": ["S01/S01-01-eo.ts"], "faults": list(faults)}


def test_one_finding_answers_for_one_fault() -> None:
    both = clip("slant range in feet", "half or double field of view")
    assert len(_faults(both, result("AUD-070"))["found"]) == 1
    assert len(_faults(both, result("AUD-070", "AUD-070"))["found"]) == 2
    assert _faults(both, result("AUD-010"))["found"] == []
    assert _faults(clip(), result("AUD-010"))["repairs"] == ["AUD-010"]


def test_a_damage_that_is_only_told_of_counts_as_found() -> None:
    told = {"repairs": [], "verdict": [{"code": "FTG-088"}, {"code": "FTG-088"}]}
    assert _faults(clip("packets lost"), told)["found"] == ["packets lost"]


def test_places_say_on_how_many_sorties_they_rest() -> None:
    placed = [Placed("a", 3.0, 10.0, True), Placed("b", 12.0, 10.0, False)]
    found = _placing(placed, 1, "turret-ins")
    assert (found["places"], found["sorties"], found["held"], found["miss_median_m"]) == (2, 1, 0.5, 7.5)
    assert _placing([], 1, "none") == {"places": 0, "errors": "none"}


def test_damages_leave_most_packets_as_they_were() -> None:
    packets = [bytes([n % 256]) * 40 for n in range(300)]
    for damage in DAMAGES:
        harm = damage.harm(len(packets), np.random.default_rng(5))
        after = [harm(row, packet) for row, packet in enumerate(packets)]
        changed = sum(one != other for one, other in zip(packets, after, strict=True))
        assert 3 <= changed <= 110
        again = damage.harm(len(packets), np.random.default_rng(5))
        assert after == [again(row, packet) for row, packet in enumerate(packets)]


def test_a_workspace_says_that_it_is_a_rehearsal(tmp_path: Path) -> None:
    assert not is_rehearsed(tmp_path)
    (tmp_path / MARKER).write_text("{}", encoding="utf-8")
    assert is_rehearsed(tmp_path)
