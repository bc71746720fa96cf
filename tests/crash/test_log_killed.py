"""The log and its witness are killed at random moments: nothing acknowledged is lost, nothing forks."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from atalaya.store.journal import Journal
from atalaya.store.log_audit import audit_workspace
from tests.log_kills import ROOT, kill_appending, kill_witness


@pytest.mark.proves("LOG-008", "LOG-009", "LOG-012")
def test_no_acknowledged_entry_is_lost(tmp_path: Path) -> None:
    acknowledged, lost = kill_appending(tmp_path / "w", np.random.default_rng(5), 8)
    assert acknowledged >= 8
    assert lost == 0


@pytest.mark.proves("LOG-007")
def test_a_witness_remembers_all_it_has_signed(tmp_path: Path) -> None:
    told, forgotten = kill_witness(tmp_path / "witness.sqlite", np.random.default_rng(5), 5)
    assert told >= 5
    assert forgotten == 0


@pytest.mark.proves("LOG-010")
def test_processes_append_to_one_log(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from atalaya.store.journal import Journal\n"
        "with Journal.open(Path(sys.argv[1])) as log:\n"
        "    for n in range(25): print(log.act('k', {'n': n}, actor=sys.argv[2]).index)"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "w"), name], stdout=subprocess.PIPE, cwd=ROOT
        )
        for name in ("ana", "eva", "leo")
    ]
    told = [int(word) for child in children for word in child.communicate()[0].split()]
    assert sorted(told) == list(range(75))
    found = audit_workspace(tmp_path / "w")
    assert (found.holds, found.entries, found.findings) == (True, 75, ())
    with Journal.open(tmp_path / "w") as log:
        for name in ("ana", "eva", "leo"):
            order = [
                entry.index for entry in log.entries() if f'"actor":"{name}"'.encode() in (entry.entry or b"")
            ]
            assert len(order) == 25
