"""The journal of a workspace: order, recovery, deletion, proofs, and what an audit finds."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from atalaya.base.errors import AtalayaError, BadInput, NotFound, VerificationFailed
from atalaya.store import witnessing
from atalaya.store.file_lock import locked
from atalaya.store.journal import Journal
from atalaya.store.log_audit import Audit, audit_workspace
from atalaya.store.witness_folder import WitnessFolder
from atalaya.trust import Act, Bundle, KeyType, leaf_hash, read_entry
from atalaya.trust.witness import Answer
from tests.log_samples import LOG, journal

SECRET = "4.61234,-74.01234 is the place"


def logged(root: Path, count: int = 5) -> Journal:
    opened = journal(root)
    for number in range(count):
        body = {"number": number, "where": f"{SECRET} {number}" * (1 + 300 * (number % 2))}
        opened.act("note", body, actor="ana", about=f"sortie:{number % 2}")
    return opened


def codes(found: Audit) -> set[str]:
    return {finding.code for finding in found.findings}


@pytest.mark.proves("LOG-017")
def test_an_act_is_kept_signed_and_proved(tmp_path: Path) -> None:
    with logged(tmp_path / "w") as log:
        receipt = log.act(
            "plan",
            {"legs": 3},
            actor="ana",
            inputs=["a" * 64],
            outputs=["b" * 64],
            policy="p1",
            about="sortie:1",
        )
        stored = log.entry(receipt.index)
        receipt.check(leaf_hash(stored.commitment), log.policy)
        assert stored.entry is not None
        entry = read_entry(stored.entry)
        assert (entry.prior, entry.act.inputs, entry.act.policy) == (3, ("a" * 64,), "p1")
        assert [found.index for found in log.entries(about="sortie:1")] == [1, 3, 5]
        assert [found.index for found in log.entries("note", start=3)] == [3, 4]
        with pytest.raises(NotFound, match="TRU-043"):
            log.receipt(99)
        with pytest.raises(NotFound, match="TRU-043"):
            log.entry(-1)
    assert audit_workspace(tmp_path / "w").holds


def test_many_acts_share_commits_and_a_broken_one_stops_its_group(tmp_path: Path) -> None:
    with journal(tmp_path / "w") as log:
        assert log.acts([]) == range(0)
        acts = [Act("k", {"n": number}, "ana", about=f"o:{number % 7}") for number in range(700)]
        assert log.acts(acts, group=300) == range(700)
        bad = [Act("k", {}, "ana")] * 10 + [Act("k", {"x": 0.5}, "ana")]
        with pytest.raises(BadInput, match="TRU-026"):
            log.acts(bad, group=4)
        assert log.size == 708
        for index in (0, 255, 256, 699, 707):
            log.receipt(index).check(leaf_hash(log.entry(index).commitment), log.policy)
    assert audit_workspace(tmp_path / "w").entries == 708


def test_it_opens_again_as_it_was_and_keeps_its_name(tmp_path: Path) -> None:
    logged(tmp_path / "w").close()
    with Journal.open(tmp_path / "w") as log:
        assert (log.size, log.key.verifier.name) == (5, LOG.verifier.name)
    with pytest.raises(BadInput, match="TRU-042"):
        Journal.open(tmp_path / "w", origin="other.example/log")
    with Journal.open(tmp_path / "v") as other:
        assert other.key.verifier.name.startswith("atalaya.local/log-")
    (tmp_path / "w" / "keys" / "log.ed25519").unlink()
    with pytest.raises(AtalayaError, match="TRU-017"):
        Journal.open(tmp_path / "w")


@pytest.mark.proves("LOG-008", "LOG-009")
def test_stopped_at_any_step_nothing_acknowledged_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every forced write and every renaming fails once; what opens afterwards holds all acknowledged."""
    whole = tmp_path / "whole"
    logged(whole, 3).close()
    real = {"fsync": os.fsync, "replace": Path.replace, "write": Path.write_bytes}
    for step in range(40):
        root = tmp_path / f"w{step}"
        shutil.copytree(whole, root)
        log, left = Journal.open(root), [step]

        def stopping(name: str, left: list[int] = left) -> Callable[..., object]:
            def stop(*arguments: object) -> object:
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
                return real[name](*arguments)

            return stop

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", stopping("fsync"))
            patch.setattr(Path, "replace", stopping("replace"))
            patch.setattr(Path, "write_bytes", stopping("write"))
            acknowledged = 3
            try:
                log.acts([Act("k", {"n": number}, "ana") for number in range(300)], group=260)
                acknowledged = 303
            except KeyboardInterrupt:
                log.close()
        with Journal.open(root) as again:
            assert again.size in (263, 303)
            assert again.size >= acknowledged
            again.act("after", {}, actor="ana")
        log.close()
        found = audit_workspace(root)
        assert (found.holds, found.unsigned, codes(found)) == (True, 0, set())
        if acknowledged == 303:
            return
    pytest.fail("the last step was not reached")


@pytest.mark.proves("LOG-009")
def test_nothing_is_signed_over_entries_that_are_gone(tmp_path: Path) -> None:
    root = tmp_path / "w"
    logged(root).close()
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    with Journal.open(root) as log:
        log.act("later", {}, actor="ana")
    for name in ("ledger.sqlite", "salts.sqlite"):
        shutil.copy(copy / name, root / name)
    with pytest.raises(VerificationFailed, match="TRU-041"):
        Journal.open(root)
    assert "TRU-061" in codes(audit_workspace(root))


@pytest.mark.proves("LOG-009")
def test_nothing_is_signed_over_changed_tiles(tmp_path: Path) -> None:
    root = tmp_path / "w"
    logged(root).close()
    tile = root / "log" / "tile" / "0" / "000.p" / "5"
    data = bytearray(tile.read_bytes())
    data[40] ^= 1
    tile.write_bytes(data)
    with pytest.raises(VerificationFailed, match="TRU-040"):
        Journal.open(root)
    tile.unlink()
    with pytest.raises(VerificationFailed, match="TRU-036"):
        Journal.open(root)


@pytest.mark.proves("LOG-010")
def test_two_journals_and_many_threads_write_one_log(tmp_path: Path) -> None:
    root = tmp_path / "w"
    journals = [journal(root, seed) for seed in (1, 2, 3)]

    def write(log: Journal, who: str) -> None:
        for number in range(12):
            receipt = log.act("k", {"who": who, "n": number}, actor=who, about=f"by:{who}")
            receipt.check(leaf_hash(log.entry(receipt.index).commitment), log.policy)

    threads = [
        threading.Thread(target=write, args=(log, f"{place}{half}"))
        for place, log in enumerate(journals)
        for half in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for log in journals:
        assert len(list(log.entries())) == 72
        log.close()
    found = audit_workspace(root)
    assert (found.holds, found.entries) == (True, 72)


def test_a_lock_that_is_kept_too_long_is_told(tmp_path: Path) -> None:
    with locked(tmp_path / "l"), pytest.raises(AtalayaError, match="TRU-047"), locked(tmp_path / "l", 0.01):
        pytest.fail("two held it")
    with locked(tmp_path / "l", 0.0):
        pass


def occurrences(root: Path, needle: bytes) -> int:
    return sum(path.read_bytes().count(needle) for path in root.rglob("*") if path.is_file())


@pytest.mark.proves("LOG-012")
def test_a_deletion_leaves_nothing_and_the_log_still_verifies(tmp_path: Path) -> None:
    root = tmp_path / "w"
    log = logged(root, 8)
    log.acts([Act("k", {"n": number}, "ana") for number in range(300)])
    for index in (3, 4):
        entry = log.entry(index)
        assert entry.salt is not None
        assert occurrences(root, entry.salt) >= 1
        assert occurrences(root, f"{SECRET} {index}".encode()) >= 1
        receipt = log.delete(index, "order 7 of the data protection authority", actor="eva")
        assert receipt is not None
        assert occurrences(root, entry.salt) == 0
        assert occurrences(root, f"{SECRET} {index}".encode()) == 0
        record = read_entry(log.entry(receipt.index).entry or b"")
        assert record.act.body["entry"] == index
        assert record.act.about == f"entry:{index}"
        assert log.entry(index).erased
        log.receipt(index).check(leaf_hash(entry.commitment), log.policy)
        with pytest.raises(NotFound, match="TRU-045"):
            log.bundle({"n": (index, "/body/number")})
        assert log.delete(index, "again", actor="eva") is None
        with pytest.raises(BadInput, match="TRU-044"):
            log.delete(receipt.index, "hide it", actor="eva")
    log.act("after", {}, actor="ana", about="sortie:0")
    log.close()
    found = audit_workspace(root)
    assert (found.holds, found.erased, codes(found)) == (True, 2, set())


@pytest.mark.proves("LOG-012")
def test_entries_can_be_deleted_while_they_are_listed(tmp_path: Path) -> None:
    with journal(tmp_path / "w") as log, journal(tmp_path / "w") as other:
        log.acts([Act("k", {"n": number, "secret": SECRET}, "ana") for number in range(1200)])
        listed = other.entries("k")
        assert next(listed).index == 0
        for entry in log.entries("k", start=995):
            if entry.index < 1003:
                log.delete(entry.index, "order", actor="eva")
        assert [entry.index for entry in listed] == list(range(1, 1200))
        assert sum(entry.erased for entry in log.entries("k")) == 8


@pytest.mark.proves("LOG-012")
def test_a_deletion_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    root = tmp_path / "w"
    log = logged(root)
    body = {"entry": 1, "commitment": log.entry(1).commitment.hex(), "reason": "order"}
    log.act("deletion", body, actor="eva", about="entry:1")
    log.close()
    assert codes(audit_workspace(root)) == {"TRU-064"}
    Journal.open(root).close()
    assert occurrences(root, f"{SECRET} 1".encode()) == 0
    assert codes(audit_workspace(root)) == set()


CHANGES = {
    "a changed body": ("ledger", "UPDATE log_entries SET entry = x'7b7d' WHERE idx = 2", "TRU-062"),
    "a changed kind": ("ledger", "UPDATE log_entries SET kind = 'x' WHERE idx = 2", "TRU-062"),
    "another time": ("ledger", "UPDATE log_entries SET t_us = t_us + 1 WHERE idx = 2", "TRU-062"),
    "a changed commitment": ("ledger", "UPDATE log_entries SET commitment = x'00' WHERE idx = 2", "TRU-062"),
    "an entry taken out": ("ledger", "DELETE FROM log_entries WHERE idx = 2", "TRU-061"),
    "the last entry taken out": ("ledger", "DELETE FROM log_entries WHERE idx = 4", "TRU-061"),
    "two entries exchanged": (
        "ledger",
        "UPDATE log_entries SET idx = CASE idx WHEN 1 THEN -2 ELSE -1 END WHERE idx IN (1, 2);"
        "UPDATE log_entries SET idx = -idx WHERE idx < 0",
        "TRU-062",
    ),
    "a changed salt": ("salts", "UPDATE log_salts SET salt = zeroblob(32) WHERE idx = 2", "TRU-062"),
    "erased without record": (
        "ledger",
        "UPDATE log_entries SET entry = NULL WHERE idx = 2",
        "TRU-063",
    ),
}  # fmt: skip


@pytest.mark.proves("LOG-016")
@pytest.mark.parametrize("change", CHANGES)
def test_an_audit_finds(change: str, tmp_path: Path) -> None:
    root = tmp_path / "w"
    logged(root).close()
    name, statements, code = CHANGES[change]
    with sqlite3.connect(root / f"{name}.sqlite") as database:
        database.executescript(statements)
    database.close()
    found = audit_workspace(root)
    assert not found.holds
    assert code in codes(found)


def test_an_audit_finds_strange_files_and_says_what_is_unsigned(tmp_path: Path) -> None:
    root = tmp_path / "w"
    logged(root).close()
    (root / "log" / "tile" / "0" / "001").write_bytes(bytes(8192))
    found = audit_workspace(root)
    assert (found.holds, codes(found)) == (True, set())
    (root / "log" / "tile" / "0" / "notes.txt").write_bytes(b"x")
    (root / "log" / "tile" / "0" / "000.p" / "2").write_bytes(bytes(64))
    assert codes(audit_workspace(root)) == {"TRU-059", "TRU-036"}
    with pytest.raises(NotFound, match="TRU-058"):
        audit_workspace(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


@pytest.mark.proves("LOG-006", "LOG-007")
def test_witnesses_by_courier_and_by_wire(tmp_path: Path) -> None:
    log = logged(tmp_path / "w")
    partner = WitnessFolder.make(tmp_path / "p", "partner.example/w", KeyType.ML_DSA_44)
    host = WitnessFolder.make(tmp_path / "h", "state.example/w")
    witnessing.expect(log, (partner.key.verifier, host.key.verifier), 2)
    with pytest.raises(BadInput, match="TRU-015"):
        witnessing.expect(log, (log.key.verifier,), 1)

    def send(_url: str, body: bytes) -> Answer:
        return partner.witness().add_checkpoint(body)

    with pytest.raises(NotFound, match="TRU-057"):
        witnessing.ask(log, "", partner.key.verifier, send)
    for folder in (partner, host):
        folder.watch(log.key.verifier)
    brought = witnessing.request(log, 0).as_bytes
    log.act("meanwhile", {}, actor="ana")
    answer = host.witness().add_checkpoint(brought).body
    assert witnessing.accept(log, answer)[0].size == 6
    assert witnessing.ask(log, "", partner.key.verifier, send).size == 7
    assert not log.policy.accepts(log.receipt(2).note)
    answer = host.witness().add_checkpoint(witnessing.request(log, 6).as_bytes).body
    assert witnessing.accept(log, answer)[0].size == 7
    log.act("later", {}, actor="ana")
    assert log.policy.accepts(log.receipt(6).note)
    assert not log.policy.accepts(log.receipt(7).note)
    found = audit_workspace(tmp_path / "w")
    assert (found.holds, found.covered, found.checkpoint.size) == (True, 7, 8)
    assert {name: size for name, (size, _) in found.cosigned.items()} == {
        "partner.example/w": 7,
        "state.example/w": 7,
    }
    with pytest.raises(VerificationFailed, match="TRU-055"):
        witnessing.accept(log, answer.replace(b"state", b"sfate"))
    bundle = Bundle.parse(log.bundle({"n": (2, "/body/number")}).as_bytes)
    assert len(bundle.check(log.policy).cosigned) == 2
    log.close()


@pytest.mark.proves("LOG-013")
def test_a_restored_backup_and_a_rewritten_log_are_found_by_the_witness(tmp_path: Path) -> None:
    logged(tmp_path / "w").close()
    shutil.copytree(tmp_path / "w", tmp_path / "backup")
    partner = WitnessFolder.make(tmp_path / "p", "partner.example/w")

    def send(_url: str, body: bytes) -> Answer:
        return partner.witness().add_checkpoint(body)

    with Journal.open(tmp_path / "w") as log:
        partner.watch(log.key.verifier)
        log.acts([Act("k", {"n": number}, "ana") for number in range(5)])
        witnessing.expect(log, (partner.key.verifier,), 1)
        assert witnessing.ask(log, "", partner.key.verifier, send).size == 11
    with Journal.open(tmp_path / "backup") as log:
        witnessing.expect(log, (partner.key.verifier,), 1)
        with pytest.raises(VerificationFailed, match="TRU-054"):
            witnessing.ask(log, "", partner.key.verifier, send)
        log.acts([Act("k", {"n": -number}, "ana") for number in range(9)])
        with pytest.raises(VerificationFailed, match="TRU-056"):
            witnessing.ask(log, "", partner.key.verifier, send)


def test_a_damaged_kept_checkpoint_is_passed_over_and_told(tmp_path: Path) -> None:
    with logged(tmp_path / "w") as log:
        witnessing.request(log, 0)
        kept = tmp_path / "w" / "log" / "witnessed"
        (kept / "4").write_bytes((kept / "5").read_bytes())
        (kept / "3").write_bytes(b"x")
        log.receipt(2).check(leaf_hash(log.entry(2).commitment), log.policy)
        with pytest.raises(BadInput, match="TRU-038"):
            log.bundle({})
    assert codes(audit_workspace(tmp_path / "w")) == {"TRU-060"}


def test_a_witness_keeps_to_the_key_it_knows(tmp_path: Path) -> None:
    with journal(tmp_path / "w") as log, Journal.open(tmp_path / "v", origin=LOG.verifier.name) as other:
        partner = WitnessFolder.make(tmp_path / "p", "partner.example/w")
        partner.watch(log.key.verifier)
        partner.watch(log.key.verifier)
        with pytest.raises(BadInput, match="TRU-053"):
            partner.watch(other.key.verifier)
    with pytest.raises(AtalayaError, match="TRU-016"):
        WitnessFolder.make(tmp_path / "p", "partner.example/w")
    with pytest.raises(AtalayaError, match="TRU-017"):
        WitnessFolder(tmp_path / "w")


def test_a_ledger_that_is_no_database_is_told(tmp_path: Path) -> None:
    logged(tmp_path / "w").close()
    (tmp_path / "w" / "ledger.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(BadInput, match="TRU-048"):
        Journal.open(tmp_path / "w")
    with pytest.raises(BadInput, match="TRU-048"):
        audit_workspace(tmp_path / "w")
