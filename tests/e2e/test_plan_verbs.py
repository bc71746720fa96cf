"""Short journeys through the verbs of `atalaya plan`, and the examples of their page."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from atalaya.cli.main import main
from atalaya.plan.exports import read_mission
from atalaya.plan.exports.mission import Command
from tests.export_sorties import FENCE, worked
from tests.mavlink_vehicle import SmallVehicle, free_port
from tests.written_plans import write_folder

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "plan-verbs.md"
EXAMPLES = re.findall(r"^\$ atalaya (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

FIELD = shapely.Polygon(
    [(-110.30, 31.50), (-110.27, 31.50), (-110.26, 31.53), (-110.29, 31.53)],
    [[(-110.285, 31.51), (-110.28, 31.51), (-110.28, 31.515), (-110.285, 31.515)]],
)
INSTANCE = "n 6\nm 2\ntmax 12\n0 0 0\n1 2 5\n2 -2 6\n4 1 7\n5 -1 4\n6 0 0\n"
CELLS = """name,p,w
a,.1935,.0357142857142857
b,.2581,.0333333333333333
c,.2903,.0714285714285714
d,.2581,.0833333333333333
"""


def feature(name: str, shape: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": name}, "geometry": shapely.geometry.mapping(shape)}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATALAYA_LANG", "en")
    collection = {"type": "FeatureCollection", "features": [feature("Norte", FIELD)]}
    (tmp_path / "field.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (tmp_path / "rings.txt").write_text(
        "0 0\n400 0\n400 200\n0 200\n\n100 50\n200 50\n200 100\n", encoding="utf-8"
    )
    (tmp_path / "instance.txt").write_text(INSTANCE, encoding="utf-8")
    (tmp_path / "cells.csv").write_text(CELLS, encoding="utf-8")
    write_folder(tmp_path / "my-plan", worked())
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main(["plan", *arguments])
    out = capsys.readouterr().out
    return code, [json.loads(line) for line in out.splitlines()] if "--json" in arguments else out


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_of_the_page_runs(place: Path, line: str) -> None:
    arguments = shlex.split(line)
    if "udpin:127.0.0.1:14550" not in arguments:
        assert main(arguments) == 0
        return
    port = free_port()
    told = [word.replace("14550", str(port)) for word in arguments]
    with SmallVehicle(port):
        first = ["plan", "upload", "my-plan", "S01", "--to", f"udpin:127.0.0.1:{port}"]
        assert main(first) == 0
        assert main(told) == 0


def test_every_verb_has_an_example() -> None:
    verbs = {line.split()[1] for line in EXAMPLES}
    assert verbs == {
        "cover",
        "pattern",
        "routes",
        "effort",
        "platforms",
        "export",
        "upload",
        "compare",
        "resume",
    }


def test_cover_never_enters_the_hole_and_says_how_good_it_is(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (shown,) = run(
        capsys, "cover", "field.geojson", "--swath", "300", "--output", "p.geojson", "--json"
    )
    (area,) = shown["areas"]
    assert (code, shown["schema"], area["name"]) == (0, "atalaya.plan-cover/1", "Norte")
    assert area["lower_bound"] <= area["cost"] <= area["best_single_direction"] * (1 + 1e-9)
    assert area["covered_share"] >= 0.999
    written = json.loads((place / "p.geojson").read_text(encoding="utf-8"))
    lines = [shapely.geometry.shape(each["geometry"]) for each in written["features"]]
    hole = shapely.Polygon(FIELD.interiors[0]).buffer(-1e-7)
    assert not any(line.intersects(hole) for line in lines)
    joined = np.vstack([np.asarray(lines[0].coords)[:1], *(np.asarray(line.coords)[1:] for line in lines)])
    assert joined.tolist() == area["points"]


def test_cover_reads_what_a_gis_writes(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def area_m2(file: str) -> float:
        code, (shown,) = run(capsys, "cover", file, "--swath", "600", "--json")
        assert code == 0
        assert shown["areas"][0]["name"] == "Norte"
        assert shown["areas"][0]["covered_share"] >= 0.999
        return float(shown["areas"][0]["area_m2"])

    expected = area_m2("field.geojson")
    to_utm = Transformer.from_crs("EPSG:4326", "EPSG:32612", always_xy=True)
    flat = shapely.transform(FIELD, lambda xy: np.column_stack(to_utm.transform(xy[:, 0], xy[:, 1])))
    for file, shape, crs in (("a.gpkg", FIELD, "EPSG:4326"), ("b.shp", flat, "EPSG:32612")):
        raw = np.array([shapely.to_wkb(shape)], object)
        names = [np.array(["Norte"], object)]
        pyogrio.raw.write(file, raw, names, ["name"], geometry_type="Polygon", crs=crs)
        assert area_m2(file) == pytest.approx(expected, rel=1e-5)


def test_a_broken_area_does_not_stop_the_others(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bow = shapely.Polygon([(-110.2, 31.5), (-110.1, 31.6), (-110.1, 31.5), (-110.2, 31.6)])
    both = {"type": "FeatureCollection", "features": [feature("bow", bow), feature("field", FIELD)]}
    (place / "two.geojson").write_text(json.dumps(both), encoding="utf-8")
    code, (shown,) = run(capsys, "cover", "two.geojson", "--swath", "600", "--json")
    assert code == 7
    assert [area["name"] for area in shown["areas"]] == ["field"]
    assert [(each["name"], each["error"]["code"]) for each in shown["errors"]] == [("bow", "COV-001")]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("cover field.geojson --swath 0", 2),
        ("cover field.geojson --swath 300 --speed 3", 2),
        ("cover field.geojson --swath 300 --cost ramped --speed 3", 2),
        ("cover field.geojson --swath 300 --cost time --speed 3 --wind-speed 2", 2),
        ("cover field.geojson --swath 300 --output a.plan", 2),
        ("cover field.geojson --swath 300 --output a.plan --height 900", 2),
        ("cover field.geojson --swath 300 --output a.doc", 2),
        ("cover field.geojson --swath 300 --output field.geojson", 2),
        ("cover field.geojson --swath 300 --start 5", 2),
        ("cover field.geojson --swath 300 --start 5,5", 3),
        ("cover field.geojson --swath 300 --planar", 3),
        ("cover rings.txt --swath 50", 3),
        ("cover rings.txt --planar --swath 50 --output a.kml", 2),
        ("cover none.gpkg --swath 50", 4),
        ("cover instance.txt --planar --swath 50", 3),
        ("pattern square --at 200,0 --spacing 500 --legs 9", 2),
        ("pattern square --at 0,0 --spacing -5 --legs 9", 3),
        ("pattern route field.geojson", 3),
        ("pattern contour field.geojson --dem none.tif --step 50", 4),
        ("routes none.txt", 4),
        ("routes cells.csv", 3),
        ("routes instance.txt --seconds 0", 2),
        ("effort cells.csv --hours 1 --hours 2", 3),
        ("effort none.csv --hours 1", 4),
        ("effort cells.csv --hours 1 --law none.csv", 4),
        ("effort cells.csv --hours -1", 3),
        ("platforms none", 4),
        ("platforms mq9a --facility 20 --height 99999", 3),
        ("export my-plan --format doc", 2),
        ("export my-plan --format plan --heights terrain", 2),
        ("export my-plan --format plan --sortie S99", 4),
        ("export . --format plan", 4),
        ("upload my-plan S01 --to nonsense", 2),
        ("upload my-plan S01 --to udpout:192.0.2.1:14550", 5),
        ("compare my-plan S01 --with udpin:127.0.0.1:0 --patience 1", 2),
        ("resume my-plan S01 --at 99 --format plan", 4),
        ("resume my-plan S01 --at 2 --format plan --airborne --direct", 2),
    ],
)
def test_a_wrong_call_is_one_clear_error_of_its_class(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: str, code: int
) -> None:
    assert main(["plan", *arguments.split()]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert len(re.findall(r"^[A-Z]{3}-\d{3}  ", said.err, re.MULTILINE)) == 1, said.err


def test_routes_of_a_folder_go_on_past_a_broken_file(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place / "batch"
    folder.mkdir()
    (folder / "a.txt").write_text(INSTANCE, encoding="utf-8")
    (folder / "b.txt").write_text("n 6\nm two\n", encoding="utf-8")
    code, (solved, broken) = run(capsys, "routes", "batch", "--iterations", "200", "--json")
    assert code == 7
    assert (solved["schema"], solved["score"]) == ("atalaya.plan-routes/1", 22.0)
    assert all(route["length"] <= route["budget"] for route in solved["routes"])
    assert broken["file"].endswith("b.txt")


def test_effort_gives_the_answer_of_the_literature(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (shown,) = run(capsys, "effort", "cells.csv", "--hours", "40", "--json")
    assert code == 0
    hours = [cell["hours"][0] for cell in shown["cells"]]
    assert hours == pytest.approx([1.473435, 8.150982, 16.119701, 14.255882], abs=1e-5)
    assert shown["found"] == pytest.approx(0.4492576371, abs=1e-8)
    assert shown["found"] <= shown["bound"] * (1 + 1e-12)


def test_a_resumed_mission_arms_its_sensor_and_keeps_its_fence(place: Path) -> None:
    told = ["resume", "my-plan", "S01", "--at", "-110.15,31.5", "--format", "plan", "--output", "out"]
    assert main(["plan", *told]) == 0
    mission = read_mission(place / "out" / "S01-rest.plan")
    assert mission.fence == FENCE
    said = [item.command for item in mission.items]
    assert said[0] == Command.TAKEOFF
    assert {Command.VIDEO_START, Command.TRIGGER_DISTANCE} <= set(said)


def test_a_vehicle_that_holds_another_flight_is_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    with SmallVehicle(port):
        code, (shown,) = run(
            capsys, "compare", "my-plan", "S01", "--with", f"udpin:127.0.0.1:{port}", "--json"
        )
        assert (code, shown["equal"]) == (6, False)
        assert main(["plan", "compare", "my-plan", "S01", "--with", f"udpin:127.0.0.1:{port}"]) == 6
        assert "CLI-036" in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb", ["cover", "pattern", "routes", "effort", "platforms", "export", "upload", "resume"]
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_help_needs_nothing_heavy(verb: str, language: str) -> None:
    import os
    import subprocess
    import sys

    look = (
        "import sys; from atalaya.cli.main import main\n"
        f"main(['plan', '{verb}', '--help'])\n"
        "heavy = {'numba', 'shapely', 'pyogrio', 'scipy', 'pymavlink', 'rasterio'} & set(sys.modules)\n"
        "sys.exit(9 if heavy else 0)"
    )
    told = {**os.environ, "ATALAYA_LANG": language}
    done = subprocess.run([sys.executable, "-c", look], env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert verb in done.stdout
