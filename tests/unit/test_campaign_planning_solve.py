"""Plans: when aircraft fly, that the same request gives the same plan, and what is left after flights."""

import json
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atalaya.base.errors import AtalayaError
from atalaya.campaign.executor import ThisThread
from atalaya.campaign.planning.plan_json import plan_json
from atalaya.campaign.planning.replan import Reported, beliefs_after, replan
from atalaya.campaign.planning.scene import Effort
from atalaya.campaign.planning.slots import TURNAROUND_US
from atalaya.campaign.planning.solve import solve
from atalaya.campaign.planning.write_plan import write_plan
from atalaya.earth.sun import sun_position
from tests.tiny_campaign import AREA, LITTLE, START_US, Planned, authorisation, plan, platform, scene_of, tiny

HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The tiny campaign, planned and written; its folder is beside its file."""
    folder = tmp_path_factory.mktemp("tiny")
    found = plan(folder, tiny())
    write_plan(found.made, folder, ("plan",))
    return found


@pytest.mark.parametrize("light", ["day", "night"])
def test_flights_keep_to_the_light(tmp_path: Path, light: str) -> None:
    slots = scene_of(tmp_path, tiny(flight={"light": light}))[1]
    middle = np.mean(AREA, axis=0)
    for slot in slots:
        t_us = np.linspace(slot.start_us, slot.end_us, 20).astype(np.int64)[1:-1]
        sun = sun_position(t_us, *np.broadcast_to(middle[:, None], (2, 18))).elevation_deg
        assert np.all(sun > -1.0) if light == "day" else np.all(sun < 0.5)


def test_flights_keep_to_wanted_hours_and_use_each_of_them(tmp_path: Path) -> None:
    windows = [["2026-12-02T10:00Z", "2026-12-02T10:50Z"], ["2026-12-02T12:00Z", "2026-12-02T13:00Z"]]
    whole = tiny(flight={"windows": windows}, platform=[platform(sorties_per_day=3)])
    slots = scene_of(tmp_path, whole)[1]
    hours = [(at - START_US) / HOUR_US for slot in slots for at in (slot.start_us, slot.end_us)]
    assert hours == pytest.approx([10.0, 10.0 + 5 / 6, 12.0, 13.0])


def test_flights_keep_to_the_hours_of_an_authorisation(tmp_path: Path) -> None:
    paper = authorisation(valid_from="2026-12-02T06:00:00Z", valid_to="2026-12-02T07:30:00Z")
    (slot,) = scene_of(tmp_path, tiny(authorisation=[paper]))[1]
    assert START_US + 6 * HOUR_US <= slot.start_us < slot.end_us <= START_US + 7.5 * HOUR_US


@pytest.mark.proves("PLN-007")
@pytest.mark.parametrize("hours", [None, 2.0])
def test_flights_of_one_aircraft_never_overlap(tmp_path: Path, hours: float | None) -> None:
    head = {**tiny()["campaign"], "days": 3}
    slots = scene_of(tmp_path, tiny(campaign=head, platform=[platform(hours=hours, sorties_per_day=4)]))[1]
    assert len(slots) >= 3
    for before, after in pairwise(slots):
        assert before.end_us + TURNAROUND_US <= after.start_us


@pytest.mark.proves("PLN-008")
def test_the_same_seed_and_effort_give_the_same_bytes(planned: Planned, tmp_path: Path) -> None:
    again = plan(tmp_path, tiny())
    write_plan(again.made, tmp_path, ("plan",))
    first = planned.file.parent
    for name in ("plan.json", "sheet.txt", "map.png", "D01-N-ONE.plan"):
        assert (tmp_path / name).read_bytes() == (first / name).read_bytes(), name


@pytest.mark.proves("PLN-008")
def test_threads_and_a_cluster_give_the_plan_of_one_thread(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    scene, slots = scene_of(tmp_path, tiny(platform=[platform(aircraft=["A", "B", "C", "D"], hours=1.0)]))

    def made(executor: Executor | None) -> dict[str, Any]:
        return plan_json(solve(scene, slots, Effort(500, executor)))

    alone = made(ThisThread())
    assert len(alone["sorties"]) == 4
    with ThreadPoolExecutor(2) as threads:
        assert made(threads) == alone
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=2, dashboard_address=None
    ) as client:
        assert made(client.get_executor(pure=False)) == alone


@pytest.mark.proves("PLN-008")
def test_a_stopped_plan_is_the_best_so_far_and_says_so(tmp_path: Path) -> None:
    scene, slots = scene_of(tmp_path, tiny(campaign={**tiny()["campaign"], "days": 3}))
    told: list[float] = []
    made = solve(scene, slots, LITTLE, stop=lambda: bool(told), progress=lambda share, _: told.append(share))
    assert not made.complete
    assert len(made.sorties) == 1
    write_plan(made, tmp_path / "out", ("plan",))
    assert json.loads((tmp_path / "out" / "plan.json").read_text())["complete"] is False


@pytest.mark.proves("PLN-009")
def test_finds_stay_under_the_bound_and_leave_the_map(planned: Planned) -> None:
    made = planned.made
    assert 0.0 < made.expected_finds <= made.bound
    assert made.before.expected - made.after.expected == pytest.approx(made.expected_finds, rel=1e-9)
    assert np.all(made.after.rate <= made.before.rate)


def track_file(planned: Planned, folder: Path, part: float = 1.0, north_deg: float = 0.0) -> Path:
    """The planned path as a CSV track with a fix each second, or the first part of it."""
    path = planned.made.sorties[0].sortie.path
    t_us = np.arange(path.t_us[0], path.t_us[0] + part * (path.t_us[-1] - path.t_us[0]), 1_000_000)
    lon, lat, height = (
        np.interp(t_us, path.t_us, each) for each in (path.lon_deg, path.lat_deg, path.height_msl_m)
    )
    fixes = zip(t_us, lon, lat + north_deg, height, strict=True)
    rows = [f"{t / 1e6:.3f},{a:.7f},{b:.7f},{h:.1f}" for t, a, b, h in fixes]
    file = folder / "flown.csv"
    file.write_text("timestamp,longitude,latitude,altitude_msl_m\n" + "\n".join(rows) + "\n")
    return file


@pytest.mark.proves("PLN-010")
def test_a_sortie_flown_as_planned_leaves_the_map_of_the_plan(planned: Planned, tmp_path: Path) -> None:
    folder = planned.file.parent
    belief, (flown,), _ = beliefs_after(
        planned.scene, folder, {"D01-N-ONE": track_file(planned, tmp_path)}, []
    )
    assert flown.share == pytest.approx(1.0, abs=0.04)
    assert belief.expected == pytest.approx(planned.made.after.expected, rel=0.03)


@pytest.mark.proves("PLN-010")
def test_half_of_a_sortie_leaves_the_rest_in_the_gaps(planned: Planned, tmp_path: Path) -> None:
    track = track_file(planned, tmp_path, 0.5)
    belief, (flown,), _ = beliefs_after(planned.scene, planned.file.parent, {"D01-N-ONE": track}, [])
    assert 0.2 < flown.share < 0.8
    assert planned.made.after.expected < belief.expected < planned.made.before.expected
    assert flown.covered.sum() == pytest.approx(flown.share * flown.planned.sum(), rel=0.1)


def test_a_flight_elsewhere_changes_nothing(planned: Planned, tmp_path: Path) -> None:
    track = track_file(planned, tmp_path, north_deg=1.0)
    belief, (flown,), _ = beliefs_after(planned.scene, planned.file.parent, {"D01-N-ONE": track}, [])
    assert flown.share == 0.0
    assert np.array_equal(belief.rate, planned.made.before.rate)


def test_what_was_flown_is_not_planned_again(planned: Planned, tmp_path: Path) -> None:
    track = track_file(planned, tmp_path)
    belief, flown, _ = beliefs_after(planned.scene, planned.file.parent, {"D01-N-ONE": track}, [])
    assert not replan(planned.scene, planned.slots, belief, flown, LITTLE).sorties


def test_a_report_counts_where_a_look_was_and_nowhere_else(planned: Planned, tmp_path: Path) -> None:
    tracks = {"D01-N-ONE": track_file(planned, tmp_path)}
    seen = beliefs_after(planned.scene, planned.file.parent, tracks, [])[1][0].covered
    row, column = np.unravel_index(np.argmax(seen), seen.shape)
    lon, lat = (float(each[row, column]) for each in planned.scene.ground.grid.middles())
    _, _, (report,) = beliefs_after(planned.scene, planned.file.parent, tracks, [Reported(lon, lat)])
    assert 0.0 < report.chance_real < 1.0
    for place in (Reported(-110.29, 30.80), Reported(10.0, 10.0)):
        with pytest.raises(AtalayaError, match="PLN-015"):
            beliefs_after(planned.scene, planned.file.parent, tracks, [place])


def test_another_grid_is_refused(planned: Planned, tmp_path: Path) -> None:
    scene, _ = scene_of(tmp_path, tiny(prior={"cell_m": 1500.0}))
    with pytest.raises(AtalayaError, match="PLN-014"):
        beliefs_after(scene, planned.file.parent, {"D01-N-ONE": track_file(planned, tmp_path)}, [])


def test_a_sortie_the_plan_does_not_know(planned: Planned, tmp_path: Path) -> None:
    with pytest.raises(AtalayaError, match="PLN-005"):
        beliefs_after(planned.scene, planned.file.parent, {"X": track_file(planned, tmp_path)}, [])


@pytest.mark.parametrize("height_msl_m", [1100.0, 1450.0])
def test_a_height_under_the_clearance_is_refused_with_the_reason(tmp_path: Path, height_msl_m: float) -> None:
    made = plan(tmp_path, tiny(platform=[platform(height_msl_m=height_msl_m)]), Effort(200)).made
    assert not made.sorties
    assert any("150 m" in reason for reason in made.refused[0].reasons)


@pytest.mark.parametrize("hours", [0.17, 0.2, 0.3])
def test_flights_too_short_to_reach_anything_are_refused(tmp_path: Path, hours: float) -> None:
    made = plan(tmp_path, tiny(platform=[platform(hours=hours)]), Effort(200)).made
    assert not made.sorties
    assert made.refused[0].reasons


def test_a_sensor_on_no_record_keeps_its_aircraft_down(tmp_path: Path) -> None:
    made = plan(tmp_path, tiny(payload=[])).made
    assert not made.sorties
    assert made.refused
    assert all(any("[[payload]]" in reason for reason in each.reasons) for each in made.refused)
