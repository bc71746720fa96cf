"""A small campaign rehearsed as a user does: run, look, score, run again, be killed, run again."""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from atalaya.cli.main import main
from tests.small_rehearsal import CLOSED, FAULT, OPEN, small
from tests.tiny_campaign import write

QUICK = ("--effort", "2000", "--workers", "1", "--progress", "none")
CAMERA_PX = (160, 90)

_CHILD = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from atalaya.campaign.rehearsal.run import run

point, file, folder = sys.argv[1:]
def at(name):
    if name == point:
        os.kill(os.getpid(), signal.SIGKILL)

with ThreadPoolExecutor(1) as executor:
    run(Path(file), Path(folder), executor, iterations=2000, begin=at,
        tell=lambda name, share: at(f"{name} {share:.1f}"))
"""


@dataclass(frozen=True)
class Rehearsed:
    """A campaign that was run: its file, the folder, what was printed in Spanish."""

    file: Path
    folder: Path
    told: str

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def flown(self) -> Path:
        return self.folder / "flown"

    def record(self) -> dict[str, Any]:
        return dict(json.loads((self.flown / "flown.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ATALAYA_WORKSPACE", "ATALAYA_ENGINE"):
            patch.delenv(name, raising=False)
        yield patch


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> Rehearsed:
    folder = tmp_path_factory.mktemp("rehearsal")
    file = write(folder, small(), "small.toml")
    with environment.context() as patch:
        patch.setenv("ATALAYA_LANG", "es")
        code, told = told_by("run", str(file), "--output", str(folder / "out"), *QUICK)
    assert code == 0
    return Rehearsed(file, folder / "out", told)


def told_by(*arguments: str) -> tuple[int, str]:
    """Exit code and stdout of a verb, in this process: what it compiled serves the next."""
    out, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
        code = main(list(arguments))
    print(told.getvalue(), file=sys.stderr)
    return code, out.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def track(rehearsed: Rehearsed) -> Any:
    (sortie,) = rehearsed.record()["sorties"]
    return pyarrow.csv.read_csv(rehearsed.flown / sortie["files"]["track"])


def test_a_run_leaves_plan_flights_and_workspace(rehearsed: Rehearsed) -> None:
    (sortie,) = rehearsed.record()["sorties"]
    assert (rehearsed.folder / "plan" / "plan.json").is_file()
    assert len(sortie["clips"]) == 2
    assert sortie["video_s"] == 2.0
    for name in (*sortie["files"].values(), *(clip["files"][0] for clip in sortie["clips"])):
        assert (rehearsed.flown / name).stat().st_size > 0
    layers = {str(name) for name, _ in pyogrio.list_layers(rehearsed.flown / "truth" / "truth.gpkg")}
    assert "sites" in layers
    sites = pq.read_table(rehearsed.flown / "truth" / "sites.parquet")
    assert sorted(sites["facility"].to_pylist()) == [False, True]
    assert (rehearsed.flown / "country.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_the_truth_says_where_things_are_in_the_picture(rehearsed: Rehearsed) -> None:
    seen = 0
    for clip in rehearsed.record()["sorties"][0]["clips"]:
        rows = pq.read_table(rehearsed.flown / "truth" / f"{Path(clip['files'][0]).stem}.parquet")
        for name, most in zip(("column", "row"), CAMERA_PX, strict=True):
            assert np.all(np.asarray(rows[f"box_{name}_0"]) >= -0.5)
            assert np.all(np.asarray(rows[f"box_{name}_1"]) <= most - 0.5)
        seen += rows.num_rows
    assert seen > 0


@pytest.mark.proves("RHS-001")
def test_truth_is_never_inside_the_workspace(rehearsed: Rehearsed) -> None:
    truth = set(contents(rehearsed.flown / "truth").values())
    names = pq.read_table(rehearsed.flown / "truth" / "sites.parquet")["id"].to_pylist()
    for name, content in contents(rehearsed.workspace).items():
        assert content not in truth, name
        assert not any(str(site).encode() in content for site in names), name


def test_the_same_again_does_nothing_anew_and_prints_the_same(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "es")
    before = contents(rehearsed.folder)
    code, told = told_by("run", str(rehearsed.file), "--output", str(rehearsed.folder), *QUICK)
    assert (code, told) == (0, rehearsed.told)
    after = contents(rehearsed.folder)
    for part in ("plan", "flown", "workspace/log", "workspace/clips", "workspace/tracks"):
        mine = {name: content for name, content in before.items() if name.startswith(f"{part}/")}
        assert mine == {name: content for name, content in after.items() if name.startswith(f"{part}/")}


def test_spanish_is_spanish(rehearsed: Rehearsed) -> None:
    english = r"\b(planned|expected|not|facilities|looked|seen|places|recordings|found|faults|look)\b"
    assert re.findall(english, re.sub(r"`[^`]*`|\S*/\S*", "", rehearsed.told)) == []
    assert "salidas planificadas" in rehearsed.told


def test_score_is_what_run_printed(rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "es")
    code, told = told_by("score", str(rehearsed.workspace))
    assert code == 0
    assert told.strip() in rehearsed.told
    _, shown = told_by("score", str(rehearsed.workspace), "--json")
    _, whole = told_by("run", str(rehearsed.file), "--output", str(rehearsed.folder), *QUICK, "--json")
    assert json.loads(shown) == json.loads(whole)["score"]


def test_a_fault_that_was_put_in_is_found(rehearsed: Rehearsed) -> None:
    shown = json.loads(told_by("score", str(rehearsed.workspace), "--json")[1])
    assert [each["injected"] for each in shown["faults"]] == [[FAULT], [FAULT]]
    assert [each["found"] for each in shown["faults"]] == [[FAULT], [FAULT]]
    assert [each["repairs"] for each in shown["faults"]] == [["AUD-010"], ["AUD-010"]]
    assert shown["sites"]["facilities"] == {"there": 1, "looked_at": 1, "on_video": 1}


@pytest.mark.proves("RHS-002")
def test_every_second_over_the_state_that_allowed_it_is_within_terms(rehearsed: Rehearsed) -> None:
    code, shown = told_by("ledger", "--workspace", str(rehearsed.workspace), "--json")
    assert code == 0
    (sortie,) = rehearsed.record()["sorties"]
    classes = re.findall(r'"seconds": ([0-9.]+), "class": "([^"]+)"', shown)
    assert {name for _, name in classes} == {"within terms"}
    flown_s = sortie["flight_hours"] * 3600.0
    assert sum(float(seconds) for seconds, _ in classes) == pytest.approx(flown_s, abs=2.0)


@pytest.mark.proves("RHS-002")
def test_ground_without_authorisation_is_not_flown_over(rehearsed: Rehearsed) -> None:
    plan = json.loads((rehearsed.folder / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert [area["area"] for area in plan["left_out"]] == ["Closed"]
    flown = track(rehearsed)
    path = shapely.LineString(np.column_stack((flown["lon_deg"], flown["lat_deg"])))
    planned = shapely.LineString([(p["lon_deg"], p["lat_deg"]) for p in plan["sorties"][0]["waypoints"]])
    for line in (path, planned):
        assert not line.intersects(shapely.Polygon(CLOSED))
        assert shapely.Polygon(OPEN).contains(line)


@pytest.mark.proves("RHS-003")
def test_the_log_begins_with_the_word_rehearsal_and_holds(rehearsed: Rehearsed) -> None:
    code, told = told_by("audit", "log", str(rehearsed.workspace), "--json")
    assert code == 0
    acts = [json.loads(line) for line in told.splitlines()]
    first = acts[0]["entries"][0] if "entries" in acts[0] else acts[0]
    assert first["kind"] == "rehearsal"
    assert told_by("audit", "verify", str(rehearsed.workspace))[0] == 0


@pytest.mark.proves("RHS-004")
def test_one_sortie_that_cannot_be_flown_costs_itself_alone_and_the_other_its_bytes_are_the_same(
    rehearsed: Rehearsed, tmp_path: Path
) -> None:
    plan = tmp_path / "plan"
    shutil.copytree(rehearsed.folder / "plan", plan)
    whole = json.loads((plan / "plan.json").read_text(encoding="utf-8"))
    whole["sorties"].append({**whole["sorties"][0], "id": "D01-STRANGE", "platform": "nobody's"})
    (plan / "plan.json").write_text(json.dumps(whole), encoding="utf-8")
    again = tmp_path / "again"
    code, _ = told_by("fly", str(rehearsed.file), str(plan), "--output", str(again), "--progress", "none")
    assert code == 7
    first, second = contents(rehearsed.flown), contents(again)
    for name in ("plan_sha256",):
        shown = [json.loads(each.pop("flown.json")) for each in (first, second)]
        assert shown[0].pop(name) != shown[1].pop(name)
        assert shown[0] == shown[1]
    assert first == second


@pytest.mark.proves("RHS-005")
def test_a_workspace_of_real_recordings_is_left_alone(rehearsed: Rehearsed, tmp_path: Path) -> None:
    clip = rehearsed.flown / rehearsed.record()["sorties"][0]["clips"][0]["files"][0]
    assert told_by("exploit", str(clip), "--workspace", str(tmp_path / "workspace"), "--workers", "1")[0] == 0
    before = contents(tmp_path)
    assert told_by("run", str(rehearsed.file), "--output", str(tmp_path), *QUICK)[0] == 3
    assert contents(tmp_path) == before


def test_another_file_does_not_fly_into_the_folder(rehearsed: Rehearsed, tmp_path: Path) -> None:
    other = write(tmp_path, small(wind={"from_deg": 90.0, "speed_ms": 2.0}), "other.toml")
    before = contents(rehearsed.folder)
    assert told_by("run", str(other), "--output", str(rehearsed.folder), *QUICK)[0] == 3
    assert contents(rehearsed.folder) == before


def test_killed_anywhere_the_next_run_completes(rehearsed: Rehearsed, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    shutil.copytree(rehearsed.folder / "plan", folder / "plan")
    (second,) = [clip["files"][0] for clip in rehearsed.record()["sorties"][0]["clips"]][1:]
    for point in (f"{Path(second).name} 0.5", "ledger", "score"):
        child = subprocess.run(
            [sys.executable, "-c", _CHILD, point, str(rehearsed.file), str(folder)],
            capture_output=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        assert child.returncode == -signal.SIGKILL, child.stderr.decode()
        for path in folder.rglob("*.parquet"):
            if not path.name.startswith("."):
                pq.read_table(path)
        assert (folder / "flown" / "flown.json").exists() == (point in ("ledger", "score"))
    code, _ = told_by("run", str(rehearsed.file), "--output", str(folder), *QUICK)
    assert code == 0
    whole = contents(rehearsed.flown)
    found = contents(folder / "flown")
    assert {name: found.get(name) for name in whole} == whole
    assert told_by("audit", "verify", str(folder / "workspace"))[0] == 0
    shown = [told_by("score", str(each), "--json")[1] for each in (rehearsed.workspace, folder / "workspace")]
    assert shown[0] == shown[1]
