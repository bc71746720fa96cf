"""Kill -9 loops over the journal and over a witness; the tests run a few, `make soak` a thousand."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from atalaya.store.journal import Journal
from atalaya.store.log_audit import audit_workspace
from atalaya.store.witness_store import SqliteWitnessMemory
from atalaya.trust import Tree, prover
from atalaya.trust.witness import Request, Witness
from tests.log_samples import LOG, NOW_S, W1, Memory

ROOT = Path(__file__).resolve().parents[1]
KILLS_A_LOG = 20
"""Then a new log is begun, so that checking it whole after every kill stays quick."""


def killed(what: str, place: Path, after_s: float, *more: str) -> list[int]:
    """What a child had acknowledged when it was killed, `after_s` seconds after its first word."""
    command = [sys.executable, "-m", "tests.log_child", what, str(place), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        words = first + child.stdout.read()
    whole = words[: words.rfind(b"\n") + 1]
    return [int(word) for word in whole.split()]


def kill_appending(place: Path, rng: np.random.Generator, kills: int) -> tuple[int, int]:
    """Kill writers again and again; (acknowledged entries, of them lost). A witness follows all along.

    Raises:
        AssertionError: the log forked, or does not verify.
    """
    acknowledged = lost = 0
    for first in range(0, kills, KILLS_A_LOG):
        told, gone = _kill_one_log(place / str(first), rng, min(KILLS_A_LOG, kills - first))
        acknowledged, lost = acknowledged + told, lost + gone
    return acknowledged, lost


def _kill_one_log(root: Path, rng: np.random.Generator, kills: int) -> tuple[int, int]:
    with Journal.open(root) as log:
        witness = Witness((W1,), (log.key.verifier,), Memory(), lambda: NOW_S)
    acknowledged = lost = old = 0
    for _ in range(kills):
        many = str(int(rng.choice([0, 1, 30, 300])))
        indices = killed("append", root, float(rng.uniform(0.0, 0.05)), many)
        acknowledged += len(indices)
        found = audit_workspace(root)
        lost += sum(index >= found.checkpoint.size for index in indices)
        assert found.holds, found.findings
        with Journal.open(root) as log:
            proof = tuple(prover.consistency(log.folder, old, log.size))
            assert witness.add_checkpoint(Request(old, proof, log.note()).as_bytes).status == 200
            old = log.size
    assert audit_workspace(root).findings == ()
    return acknowledged, lost


def kill_witness(path: Path, rng: np.random.Generator, kills: int) -> tuple[int, int]:
    """Kill a witness again and again; (signatures told, of them forgotten)."""
    told = forgotten = 0
    for _ in range(kills):
        sizes = killed("witness", path, float(rng.uniform(0.0, 0.03)))
        told += len(sizes)
        memory = SqliteWitnessMemory(path)
        seen = memory.latest(LOG.verifier.name)
        memory.close()
        assert seen is not None
        forgotten += seen.size < sizes[-1]
        assert seen.root == Tree(number.to_bytes(8, "big") for number in range(seen.size)).root()
    return told, forgotten
