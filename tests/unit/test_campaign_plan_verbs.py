"""Glue of the plan verbs: plans read back, shapes and tables of many forms, what is left of a sortie."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.campaign.planning.plan_read import read_sorties, sortie_of_json
from atalaya.campaign.planning_verbs.effort_table import read_effort_table, read_law
from atalaya.campaign.planning_verbs.flown_line import FlownLine
from atalaya.campaign.planning_verbs.pattern_lines import around_heights
from atalaya.campaign.planning_verbs.planar_file import read_planar
from atalaya.campaign.planning_verbs.resumed_sortie import place_on, rest_of
from atalaya.earth.geoid import converted_height_m
from atalaya.plan.waypoint import LegKind, WaypointKind
from tests.export_sorties import FENCE, random_sortie, worked
from tests.written_plans import sortie_object, write_folder

SQUARE = [[0.0, 0.0], [100.0, 0.0], [100.0, 50.0], [0.0, 50.0]]
HOLE = [[10.0, 10.0], [20.0, 10.0], [20.0, 20.0]]


@pytest.mark.parametrize("seed", range(20))
def test_a_sortie_of_a_plan_is_read_back_as_it_was_planned(seed: int) -> None:
    sortie = random_sortie(np.random.default_rng(seed))
    found = sortie_of_json(json.loads(json.dumps(sortie_object(sortie))))
    for was, now in zip(sortie.waypoints, found.waypoints, strict=True):
        assert now.lon_deg == pytest.approx(was.lon_deg, abs=1e-7)
        assert now.lat_deg == pytest.approx(was.lat_deg, abs=1e-7)
        assert now.height_msl_m == pytest.approx(was.height_msl_m, abs=0.051)
        place = {"lon_deg": was.lon_deg, "lat_deg": was.lat_deg, "height_msl_m": was.height_msl_m}
        assert replace(now, **place) == was
    assert (found.path.t_us == sortie.path.t_us).all()
    assert found.path.fuel == pytest.approx(sortie.path.fuel, rel=1e-5)
    names = ("id", "platform", "aircraft", "base", "recovery")
    assert [getattr(found, n) for n in names] == [getattr(sortie, n) for n in names]


def test_the_fence_of_the_mission_beside_a_plan_comes_with_it(tmp_path: Path) -> None:
    assert read_sorties(write_folder(tmp_path / "a", worked()))[0].fence == FENCE
    assert read_sorties(write_folder(tmp_path / "b", worked(), fence=False))[0].fence is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda plan: plan.update(sorties={}),
        lambda plan: plan["sorties"].append(3),
        lambda plan: plan["sorties"][0].pop("law"),
        lambda plan: plan["sorties"][0].update(waypoints=[]),
        lambda plan: plan["sorties"][0]["waypoints"][1].update(lon_deg="x"),
        lambda plan: plan["sorties"][0]["waypoints"][1].update(lat_deg=91.0),
        lambda plan: plan["sorties"][0]["waypoints"][1].update(height_msl_m=float("nan")),
        lambda plan: plan["sorties"][0]["waypoints"][1].update(time="yesterday"),
        lambda plan: plan["sorties"][0]["waypoints"][1].update(kind="strafe"),
        lambda plan: plan["sorties"][0]["waypoints"][1].update(task=[]),
    ],
)
def test_a_damaged_plan_is_one_clear_error(tmp_path: Path, damage: object) -> None:
    folder = write_folder(tmp_path, worked())
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    damage(plan)  # type: ignore[operator]
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_sorties(folder)
    assert error.value.code == "PLN-013"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([SQUARE, HOLE]),
        json.dumps([[SQUARE, HOLE]]),
        json.dumps({"exterior": SQUARE, "holes": [HOLE]}),
        json.dumps({"hull": [{"x": x, "y": y} for x, y in SQUARE], "obstacles": [HOLE]}),
        json.dumps({"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]], [*HOLE, HOLE[0]]]}),
        "POLYGON ((0 0, 100 0, 100 50, 0 50, 0 0), (10 10, 20 10, 20 20, 10 10))",
        "# field\n0 0\n100, 0\n100;50\n0\t50\n\n# hole\n10 10\n20 10\n20 20\n",
    ],
)
def test_the_same_polygon_in_every_form(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (area,) = read_planar(tmp_path / "a.txt")
    assert area.geometry.area == pytest.approx(100 * 50 - 50)
    assert len(area.geometry.interiors) == 1


@given(st.one_of(st.binary(max_size=200), st.text('[]{}0123456789., -eNaI\n":xytypecord', max_size=200)))
def test_no_text_does_anything_but_be_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str | bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.txt"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    for read in (read_planar, read_effort_table, read_law):
        with suppress(AtalayaError):
            read(file)


def test_tables_with_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\ufeffNombre;p;w2;w1\nA;0,5;2;1\nB;,25;4;3\n", encoding="utf-8")
    table = read_effort_table(tmp_path / "t.csv")
    assert table.names == ("A", "B")
    assert table.worth.tolist() == [0.5, 0.25]
    assert table.speed.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    "text", ["", "p,w\n", "p\n1\n", "w\n1\n", "p,w\n1\n", "p,w\n-1,2\n", "p,w\n1,inf\n", "p,w\nx,2\n"]
)
def test_a_table_that_lacks_something_says_what(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_effort_table(tmp_path / "t.csv")
    assert error.value.code == "CLI-035"


def test_runs_of_a_line_join_to_the_line() -> None:
    points = np.arange(12.0).reshape(6, 2)
    runs = FlownLine("a", points, np.array([True, True, False, True, False])).runs()
    assert [on for _, on in runs] == [True, False, True, False]
    assert np.vstack([runs[0][0][:1], *(part[1:] for part, _ in runs)]).tolist() == points.tolist()


def test_what_is_left_flies_every_later_search_leg_with_its_sensor_and_only_checked_legs_before() -> None:
    sortie = worked()
    rest = rest_of(sortie, (3, 0.0))
    points = rest.sortie.waypoints
    assert points[0].kind is WaypointKind.TAKEOFF
    assert points[-1] == sortie.waypoints[-1]
    begins = next(n for n, p in enumerate(points) if p.leg is LegKind.SEARCH)
    assert points[begins] == sortie.waypoints[3], "the leg is taken up with its task and speed"
    assert all(p.task is None for p in points[:begins])
    known = [(p.lon_deg, p.lat_deg) for p in sortie.waypoints]
    numbers = [known.index((p.lon_deg, p.lat_deg)) for p in points[1 : begins + 1]]
    steps = np.diff([0 if numbers[0] == 1 else len(known) - 1, *numbers])
    assert set(np.abs(steps).tolist()) == {1}, "the way there leaves the sortie's own legs nowhere"


def test_a_place_on_a_leg_is_taken_up_there() -> None:
    sortie = worked()
    assert place_on(sortie, "2") == (2, 0.0)
    leg, share = place_on(sortie, "-110.15,31.5")
    assert leg == 1
    assert share == pytest.approx(0.5, abs=1e-3)
    rest = rest_of(sortie, (leg, share), airborne=True)
    first = rest.sortie.waypoints[0]
    assert first.task == sortie.waypoints[1].task
    assert (first.lon_deg, first.leg) == (pytest.approx(-110.15, abs=1e-3), LegKind.SEARCH)
    straight = rest_of(sortie, (leg, share), direct=True)
    assert len(straight.sortie.waypoints) == len(rest.sortie.waypoints) + 1
    for missing in ("6", "x", "0,0", "nan,nan", "1,2,3"):
        with pytest.raises(NotFound) as error:
            place_on(sortie, missing)
        assert error.value.code == "CLI-037"


def test_a_contour_search_flies_so_much_above_each_level(tmp_path: Path) -> None:
    cone = ConeOfHeights()
    area = {
        "type": "Polygon",
        "coordinates": [[[0.0, 0.0], [0.02, 0.0], [0.02, 0.02], [0.0, 0.02], [0.0, 0.0]]],
    }
    (tmp_path / "a.geojson").write_text(json.dumps(area), encoding="utf-8")
    line = around_heights(
        tmp_path / "a.geojson",
        cone,  # type: ignore[arg-type]
        step_m=100.0,
        cell_m=50.0,
        descending=True,
        shortest_m=0.0,
        above_m=300.0,
    )
    assert line.height_msl_m is not None
    ground = cone.msl_m(line.points[:, 0], line.points[:, 1])
    assert line.height_msl_m - 300.0 == pytest.approx(ground, abs=8.0)
    assert (np.diff(line.height_msl_m) <= 0.0).all(), "from the top downwards"


class ConeOfHeights:
    """A hill about 0.01, 0.01 degrees."""

    def msl_m(self, lon_deg: np.ndarray, lat_deg: np.ndarray) -> np.ndarray:
        return np.asarray(900.0 - 4e4 * np.hypot(lon_deg - 0.01, lat_deg - 0.01))

    def height_hae_m(self, lon_deg: np.ndarray, lat_deg: np.ndarray) -> np.ndarray:
        high = self.msl_m(lon_deg, lat_deg)
        return np.asarray(converted_height_m(high, lon_deg, lat_deg, have="msl", want="hae"))
