"""An import killed at any moment leaves whole issues, all their rows in the log, and can be resumed."""

import csv
import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from atalaya.campaign.registers import RECORDS, open_registers
from atalaya.law.records.importers.issue import Holding
from atalaya.law.records.importers.sdn_history import HEADER
from tests.law_records import companies, sdn_text

KILLS, ISSUES, EACH = 4, 60, 8


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A list of 100 companies, and a history that adds eight in each of 60 issues."""
    folder = tmp_path_factory.mktemp("lists")
    first, history = folder / "first.csv", folder / "history.csv"
    first.write_text(sdn_text(companies(100)), encoding="utf-8")
    with history.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for issue in range(ISSUES):
            moment = f"2022-{1 + issue // 28:02d}-{1 + issue % 28:02d}T00:00:00+00:00"
            for n in range(EACH):
                number = 5000 + issue * EACH + n
                writer.writerow([moment, "add", number, f"FIRM {number} LTD", "-0-", "SDGT] [TCO", "-0-"])
    return first, history


def importing(path: Path, workspace: Path) -> "subprocess.Popen[bytes]":
    arguments = [
        "registry",
        "import",
        str(path),
        "--issued",
        "2021-12-01",
        "--json",
        "--workspace",
        str(workspace),
    ]
    command = [sys.executable, "-m", "atalaya.cli.main", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.proves("REG-005", "REG-032", "REG-053")
def test_killed_at_any_moment(files: tuple[Path, Path], tmp_path: Path) -> None:
    first, history = files
    workspace = tmp_path / "whole"
    finished(first, workspace)
    started = time.monotonic()
    finished(history, workspace)
    whole_s = time.monotonic() - started
    expected = entries(workspace)
    assert len(expected) == 100 + ISSUES * EACH

    workspace = tmp_path / "killed"
    finished(first, workspace)
    for share in np.random.default_rng(3).uniform(0.3, 0.9, KILLS):
        process = importing(history, workspace)
        time.sleep(share * whole_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        held = entries(workspace)
        assert (len(held) - 100) % EACH == 0, "an issue is recorded whole or not at all"
    assert finished(history, workspace)["schema"] == "atalaya.registry.import/1"
    assert entries(workspace) == expected
    logged = logged_rows(workspace)
    connection = sqlite3.connect(workspace / "ledger.sqlite")
    rows = [row for (row,) in connection.execute("SELECT row FROM rec_rows ORDER BY row")]
    connection.close()
    assert logged == rows


def finished(path: Path, workspace: Path) -> dict[str, object]:
    """What an import prints that nobody stops."""
    process = importing(path, workspace)
    shown: dict[str, object] = json.loads(process.communicate()[0])
    assert process.returncode == 0
    return shown


def entries(workspace: Path) -> dict[str, tuple[str, ...]]:
    """What the register holds of the list, by entry."""
    with open_registers(workspace) as registers:
        carried = Holding.of(registers.register(), "ofac-sdn").carried()
    return {number: (listed["name"], *listed["programmes"]) for number, listed in carried.items()}


def logged_rows(workspace: Path) -> list[int]:
    """Row numbers that the log names, in its order."""
    with open_registers(workspace) as registers:
        bodies = [
            json.loads(entry.entry)["body"] for entry in registers.journal.entries(RECORDS) if entry.entry
        ]
    return [row["row"] for body in bodies for row in body["rows"]]
