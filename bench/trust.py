"""The log: vectors, appending, proofs and checks against their goals, pymerkle on the same entries."""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.store.journal import Journal
from atalaya.store.log_audit import audit_workspace
from atalaya.store.log_store import SqliteEntryStore
from atalaya.trust import (
    Act,
    Checkpoint,
    LogFolder,
    Note,
    Policy,
    Receipt,
    StoredEntry,
    Tree,
    commitment,
    leaf_hash,
    sign_note,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)
from bench.measure import Measure, best_of
from bench.shared import shared
from tests.log_samples import LOG, W1, W2, W3, signed, state
from tests.verifier import FILE, load

ROOM = "trust"
ROOT = Path(__file__).resolve().parents[1]
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
COUNT, WIDTH = 100_000, 100
MANY, MILLION, TEN_MILLION = 500_000, 1_000_000, 10_000_000
GROUP = 1000


@cache
def entries(count: int) -> list[bytes]:
    """Entries that the peer makes alike."""
    data = hashlib.shake_256(b"atalaya bench").digest(count * WIDTH)
    return [data[place : place + WIDTH] for place in range(0, len(data), WIDTH)]


@cache
def peer() -> dict[str, Any] | None:
    """What pymerkle takes; None where `make peers` has not been run."""
    if not PEER_PYTHON.exists():
        return None
    command = [str(PEER_PYTHON), str(ROOT / "bench" / "peers" / "pymerkle_bench.py"), str(COUNT), str(WIDTH)]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found["root"] == Tree(entries(COUNT)).root().hex(), "the peer hashes another tree"
    return found


def compared(measure: str, value: float, unit: str, goal: float | None, count: str, seconds: str) -> Measure:
    """One of ours beside the peer's: entries per second, or microseconds for each."""
    theirs, better = peer(), "more" if unit.endswith("/s") else "less"
    if theirs is None:
        return Measure(ROOM, measure, value, unit, goal, better, note="pymerkle absent: make peers")  # type: ignore[arg-type]
    number = theirs[count] if count else COUNT
    rate = number / theirs[seconds] if better == "more" else 1e6 * theirs[seconds] / number
    name = f"pymerkle {theirs['version']}"
    return Measure(ROOM, measure, value, unit, goal, better, peer=name, peer_value=rate)  # type: ignore[arg-type]


def measures() -> Iterator[Measure]:
    """Every measure of the log."""
    yield vectors()
    yield from appending()
    yield from proving()
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        yield from durable(Path(folder))
        yield from checking(Path(folder))


def vectors() -> Measure:
    """How many of the 518 vectors get the wanted verdict."""
    place = shared("trust/merkle/testdata")
    if place is None:
        return Measure(ROOM, "vectors with the wanted verdict", None, "of 518", 518, note="data absent")
    good = sum(_wanted(path, path.relative_to(place).parts[0]) for path in place.rglob("*.json"))
    return Measure(ROOM, "vectors with the wanted verdict", good, "of 518", 518)


def _wanted(path: Path, folder: str) -> bool:
    v = json.loads(path.read_text())
    proof = [base64.b64decode(node) for node in v["proof"] or []]
    b = {key: base64.b64decode(v.get(key) or "") for key in ("root", "leafHash", "root1", "root2")}
    if folder == "inclusion":
        verdict = verify_inclusion(v["leafIdx"], v["treeSize"], b["leafHash"], proof, b["root"])
    elif folder == "consistency":
        verdict = verify_consistency(v["size1"], v["size2"], proof, b["root1"], b["root2"])
    elif folder == "subtreeinclusion":
        leaf = b["leafHash"]
        verdict = verify_subtree_inclusion(v["leafIdx"], v["start"], v["end"], leaf, proof, b["root"])
    else:
        roots = b["root1"], b["root2"]
        verdict = verify_subtree_consistency(v["start"], v["end"], v["size"], proof, *roots)
    return bool(verdict != v["wantErr"])


def appending() -> Iterator[Measure]:
    """Entries into the tree in memory: in bulk, salted, one by one, each with a signed checkpoint."""
    some = entries(COUNT)
    seconds = best_of(5, lambda: Tree(some).root())
    yield compared("append in bulk, 100 B", COUNT / seconds, "entries/s", 500e3, "", "bulk_s")
    many = entries(MANY)
    seconds = best_of(2, lambda: Tree(many).root())
    yield Measure(ROOM, "append in bulk, 500 k entries", MANY / seconds, "entries/s", 500e3)

    def salted() -> None:
        salts = np.random.default_rng(1).bytes(32 * COUNT)
        made = [commitment(salts[32 * n : 32 * n + 32], entry) for n, entry in enumerate(some)]
        Tree(made).root()

    yield Measure(ROOM, "append in bulk, salted commitments", COUNT / best_of(3, salted), "entries/s")

    def one_by_one() -> None:
        tree = Tree()
        for entry in some:
            tree.append(entry)
        tree.root()

    seconds = best_of(2, one_by_one)
    yield compared("append one by one", COUNT / seconds, "entries/s", None, "", "one_by_one_s")

    def each_signed() -> None:
        tree = Tree()
        for entry in some[:20_000]:
            tree.append(entry)
            text = Checkpoint(LOG.verifier.name, tree.size, tree.root()).text
            Note(text, (sign_note(text, LOG),))

    yield Measure(
        ROOM, "append, a signed checkpoint each", 20_000 / best_of(3, each_signed), "entries/s", 15e3
    )


def proving() -> Iterator[Measure]:
    """Proofs out of trees of a hundred thousand and ten million entries."""
    tree = Tree(entries(COUNT))
    some = np.random.default_rng(2).integers(0, COUNT, 5000).tolist()
    seconds = best_of(5, lambda: [tree.inclusion(index) for index in some])
    yield compared("inclusion proof, 100 k", 1e6 * seconds / 5000, "us", 25, "inclusions", "inclusion_s")
    sizes = np.random.default_rng(3).integers(1, COUNT, 2000).tolist()
    seconds = best_of(3, lambda: [tree.consistency(size) for size in sizes])
    value = 1e6 * seconds / 2000
    yield compared("consistency proof, 100 k", value, "us", None, "consistencies", "consistency_s")
    large = Tree()
    large.extend_hashes(np.random.default_rng(4).bytes(32 * TEN_MILLION))
    some = np.random.default_rng(2).integers(0, TEN_MILLION, 5000).tolist()
    seconds = best_of(3, lambda: [large.inclusion(index) for index in some])
    yield Measure(ROOM, "inclusion proof, 10 M", 1e6 * seconds / 5000, "us", 60, "less")


def durable(folder: Path) -> Iterator[Measure]:
    """Appending to disk: entries, salts and tiles forced to disk, signed and published, 1,000 at a time."""
    count = 50_000
    store = SqliteEntryStore(folder / "l.sqlite", folder / "s.sqlite")
    log, salt = LogFolder(folder / "log"), bytes(32)
    data = entries(COUNT)

    def groups() -> None:
        for _ in range(count // GROUP):
            start = log.size
            part = [
                StoredEntry(start + n, "k", "", 0, commitment(salt, entry), entry, salt)
                for n, entry in enumerate(data[:GROUP])
            ]
            store.append(part)
            log.extend([row.commitment for row in part])
            text = Checkpoint(LOG.verifier.name, log.size, log.root_hash()).text
            log.publish(Note(text, (sign_note(text, LOG),)))

    yield Measure(ROOM, "durable append, groups of 1,000", count / best_of(4, groups), "entries/s", 50e3)
    store.close()
    body = {"sortie": 7, "lat_e7": 46123456, "lon_e7": -740123456, "class": "within terms"}
    acts = [Act("ledger", body, "bench", about=f"sortie:{number % 50}") for number in range(count)]
    with Journal.open(folder / "w") as journal:
        seconds = best_of(3, lambda: journal.acts(acts))
        yield Measure(ROOM, "journal, acts as JSON, groups of 1,000", count / seconds, "acts/s")
        single = best_of(2, lambda: [journal.act("k", body, actor="bench") for _ in range(50)])
        yield Measure(ROOM, "journal, one act with its receipt", 1e3 * single / 50, "ms", better="less")
        opened = best_of(3, lambda: Journal.open(folder / "w").close())
        note = f"{journal.size} entries"
        yield Measure(ROOM, "journal, opening", 1e3 * opened, "ms", better="less", note=note)
    seconds = best_of(1, lambda: audit_workspace(folder / "w"))
    note = f"{journal.size} entries: tiles, commitments, bodies, chains"
    yield Measure(ROOM, "audit of a workspace", seconds, "s", better="less", note=note)


def checking(folder: Path) -> Iterator[Measure]:
    """What a stranger needs: a receipt with its quorum, a million entries as static files."""
    verifier = load()
    salt, data = bytes(32), b'{"n":1}'
    made = [*entries(COUNT)[:-1], commitment(salt, data)]
    tree = Tree(made)
    note = signed(state(tree), W1, W2, W3)
    receipt = Receipt(COUNT - 1, tuple(tree.inclusion(COUNT - 1)), note, salt).as_bytes.decode()
    policy = Policy.k_of_n(LOG.verifier, (W1.verifier, W2.verifier, W3.verifier), 2)
    seconds = best_of(50, lambda: verifier.Verifier(policy.text).proof(receipt, data, None))
    note_text = "policy read, log and three witnesses (one ML-DSA-44), commitment, inclusion"
    yield Measure(ROOM, "separate verifier: one receipt", 1e3 * seconds, "ms", 5, "less", note=note_text)
    ours = best_of(
        50, lambda: Receipt.parse(receipt.encode()).check(leaf_hash(commitment(salt, data)), policy)
    )
    yield Measure(ROOM, "one receipt, our own", 1e3 * ours, "ms", 5, "less")
    log = LogFolder(folder / "million")
    log.extend([number.to_bytes(32, "big") for number in range(MILLION)])
    log.publish(signed(Checkpoint(LOG.verifier.name, MILLION, log.root_hash())))
    (folder / "policy").write_text(Policy.k_of_n(LOG.verifier, (), 0).text)
    command = [sys.executable, str(FILE), "log", str(folder / "policy"), str(folder / "million")]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    yield Measure(ROOM, "separate verifier: log of 1 M entries", seconds, "s", 10, "less")
