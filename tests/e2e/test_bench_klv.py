"""`python -m bench` without the shared data: says what is absent, measures the rest, keeps to its keys."""

import json
import os
import subprocess
import sys
from pathlib import Path

KEYS = {"room", "measure", "value", "unit", "goal", "met", "peer", "peer_value", "ratio", "note"}
ROOT = Path(__file__).resolve().parents[2]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT,
        env={**os.environ, "ATALAYA_SHARED_DATA": str(ROOT / "absent")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_absent_data_is_said() -> None:
    run = bench("klv", "--json")
    assert run.returncode == 0, run.stderr
    absent, hostile = (json.loads(line) for line in run.stdout.splitlines())
    assert set(absent) == KEYS
    assert absent["value"] is None
    assert absent["met"] is None
    assert "not beside this checkout" in absent["note"]
    assert hostile["value"] > 0


def test_unknown_room() -> None:
    assert bench("cellar").returncode == 2
