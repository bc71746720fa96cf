"""The journey of a log: acts, witnesses, proofs for a stranger with the separate verifier, deletion."""

import ast
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from atalaya.cli.main import main
from atalaya.store.journal import Journal
from atalaya.trust import Checkpoint, prover
from atalaya.trust.wire import proof_lines
from tests.log_samples import LOG, W3
from tests.verifier import FILE, run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with Journal.open(tmp_path / "w", origin=LOG.verifier.name) as log:
        for number in range(5):
            log.act("note", {"days": number, "where": "SECRET" * 3}, actor="ana", about="sortie:1")
    return tmp_path


def cli(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = main(["audit", *(str(argument) for argument in arguments), "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out.splitlines()[0]) if out else {}


def witness(place: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Two witnesses, both needed, both have signed; the policy file."""
    for name in ("partner", "state"):
        extra = ["--ml-dsa"] if name == "state" else []
        assert cli(capsys, "witness", "make", place / name, "--name", f"{name}.example/w", *extra)[0] == 0
        assert cli(capsys, "witness", "watch", place / name, place / "w" / "keys" / "log.vkey")[0] == 0
    keys = [place / name / "witness.vkey" for name in ("partner", "state")]
    workspace = ("--workspace", place / "w")
    assert cli(capsys, "witness", "expect", *keys, "--needed", 2, *workspace)[0] == 0
    courier(place, capsys, "partner")
    courier(place, capsys, "state")
    return place / "w" / "keys" / "witnesses.policy"


def courier(place: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    workspace = ("--workspace", place / "w")
    question, answer = place / "question", place / "answer"
    assert cli(capsys, "witness", "request", f"{name}.example/w", "-o", question, *workspace)[0] == 0
    assert cli(capsys, "witness", "cosign", place / name, question, "-o", answer)[0] == 0
    code, told = cli(capsys, "witness", "add", answer, *workspace)
    assert (code, told["witnesses"]) == (0, [f"{name}.example/w"])


@pytest.mark.proves("LOG-014", "LOG-015")
def test_a_stranger_checks_it_all(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = witness(place, capsys)
    workspace = ("--workspace", place / "w")
    (place / "old").write_bytes((place / "w" / "log" / "checkpoint").read_bytes())
    with Journal.open(place / "w") as log:
        log.act("later", {}, actor="ana")
        proof = prover.consistency(log.folder, 6, 7)
    (place / "proof").write_text(proof_lines(proof))
    courier(place, capsys, "partner")
    courier(place, capsys, "state")

    code, told = cli(capsys, "prove", 2, 4, "-o", place / "facts.json", *workspace)
    assert (code, told["facts"], told["witnessed"]) == (0, 2, True)
    assert cli(capsys, "prove", 3, "-o", place / "3.tlog-proof", *workspace)[0] == 0
    code, line = run("bundle", policy, place / "facts.json")
    assert code == 0
    assert line.startswith(f"HOLDS: {LOG.verifier.name}, 7 entries; signed by partner.example/w at ")
    assert run("bundle", policy, place / "facts.json", "--lang", "es")[1].startswith("ES VÁLIDO")
    assert run("receipt", policy, place / "3.tlog-proof", place / "3.entry")[0] == 0
    new = place / "w" / "log" / "checkpoint"
    assert run("consistency", policy, place / "old", new, place / "proof")[0] == 0
    assert run("consistency", policy, new, place / "old", place / "proof")[0] == 6
    assert run("log", policy, place / "w" / "log", place / "old")[0] == 0
    assert cli(capsys, "verify", place / "facts.json", "--policy", policy)[1]["facts"] == 2
    assert cli(capsys, "verify", place / "facts.json")[0] == 2
    assert cli(capsys, "verify", place / "w", "--policy", policy)[1]["covered"] == 7

    strict, known = place / "strict.policy", policy.read_text().partition("group ")[0]
    group = "group all3 all partner.example/w state.example/w third\nquorum all3\n"
    strict.write_text(f"{known}witness third {W3.verifier}\n{group}")
    assert run("bundle", strict, place / "facts.json")[0] == 6
    (place / "3.entry").write_bytes(b"{}")
    assert run("receipt", policy, place / "3.tlog-proof", place / "3.entry")[0] == 6
    tile = place / "w" / "log" / "tile" / "entries" / "000.p" / "7"
    tile.write_bytes(tile.read_bytes()[:-1] + b"\0")
    assert run("log", policy, place / "w" / "log")[0] == 6
    assert run("log", policy, place / "w" / "log")[1].strip() == "DOES NOT HOLD: tile 0"
    assert run("log", policy, place / "w" / "log", "--lang", "es")[1].strip() == "NO ES VÁLIDO: tesela 0"
    (place / "odd.json").write_bytes(b"{\xff")
    code, line = run("bundle", policy, place / "odd.json")
    assert (code, line.strip()) == (6, "DOES NOT HOLD: wrong form")
    for missing in (place / "nothing.json", place):
        code, line = run("bundle", policy, missing)
        assert (code, line.strip()) == (2, f"cannot read {missing}")
        code, line = run("bundle", missing, place / "facts.json", "--lang", "es")
        assert (code, line.strip()) == (2, f"no se puede leer {missing}")


@pytest.mark.proves("LOG-015")
def test_figures_of_a_page_are_checked_by_the_stranger(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = witness(place, capsys)
    with Journal.open(place / "w") as log:
        data = log.bundle({"days": (4, "/body/days"), "who": (2, "/actor")}).as_bytes
    (place / "page.json").write_bytes(data)
    assert run("bundle", policy, place / "page.json")[0] == 0
    for old, new in (
        (b'"value": 4', b'"value": 5'),
        (b'"value": 4', b'"value": true'),
        (b'"fact": 1', b'"fact": 0'),
        (b'"fact": 1', b'"fact": -1'),
        (b"/body/days", b"/body"),
        (b'\\"days\\":4', b'\\"days\\":5'),
        (b'"ana"', b'"eva"'),
        (b'"schema"', b'"scheme"'),
        (b'"figures": {', b'"figures": {"days": {"fact": 1, "pointer": "/body/days", "value": 4},'),
    ):
        assert old in data
        (place / "page.json").write_bytes(data.replace(old, new))
        assert run("bundle", policy, place / "page.json")[0] == 6, new


@pytest.mark.proves("LOG-012", "LOG-016")
def test_deleting_listing_and_tampering(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = ("--workspace", place / "w")
    assert cli(capsys, "delete", 3, "--reason", " ", "--actor", "eva", *workspace)[0] == 2
    assert cli(capsys, "delete", 3, "--reason", "order 7", "--actor", "eva", *workspace)[1]["record"] == 5
    assert cli(capsys, "delete", 3, "--reason", "order 7", "--actor", "eva", *workspace)[1]["record"] is None
    assert cli(capsys, "delete", 9, "--reason", "order 7", "--actor", "eva", *workspace)[0] == 4
    main(["audit", "log", str(place / "w"), "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["erased"] for line in lines] == [False, False, False, True, False, False]
    assert cli(capsys, "log", place / "w", "--kind", "deletion")[1]["entry"]["body"]["reason"] == "order 7"
    assert main(["audit", "log", str(place / "w"), "--about", "sortie:1", "--limit", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert cli(capsys, "prove", "--all", "-o", place / "all.json", *workspace)[1]["left_out"] == 1
    assert cli(capsys, "prove", "-o", place / "all.json", *workspace)[0] == 2
    code, told = cli(capsys, "verify", place / "w")
    assert (code, told["erased"], told["entries"], told["covered"]) == (0, 1, 5, None)
    with sqlite3.connect(place / "w" / "ledger.sqlite") as database:
        database.execute("UPDATE log_entries SET entry = replace(entry, 'days', 'week') WHERE idx = 1")
    database.close()
    code, told = cli(capsys, "verify", place / "w")
    assert (code, told["holds"], told["findings"][0]["code"]) == (6, False, "TRU-062")
    assert main(["audit", "verify", str(place / "w")]) == 6
    capsys.readouterr()
    assert cli(capsys, "verify", place / "elsewhere")[0] == 4
    assert cli(capsys, "log", place / "elsewhere")[0] == 4
    assert not (place / "elsewhere").exists()


def test_a_refusal_by_courier_says_why(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = ("--workspace", place / "w")
    witness(place, capsys)
    question, answer = place / "question", place / "answer"
    name = "partner.example/w"
    assert cli(capsys, "witness", "request", name, "--old", 2, "-o", question, *workspace)[0] == 0
    code, told = cli(capsys, "witness", "cosign", place / "partner", question, "-o", answer)
    assert (code, told["error"]["code"]) == (6, "TRU-065")
    assert answer.read_bytes() == b"6\n"
    assert cli(capsys, "witness", "add", answer, *workspace)[0] == 6
    question.write_bytes(b"nonsense")
    assert cli(capsys, "witness", "cosign", place / "partner", question, "-o", answer)[0] == 3
    assert cli(capsys, "witness", "request", "nobody", "-o", question, *workspace)[0] == 4
    assert cli(capsys, "witness", "add", place / "nothing", *workspace)[0] == 4
    assert cli(capsys, "witness", "watch", place / "partner", "nothing.vkey")[0] == 4
    assert cli(capsys, "verify", place / "w", "--policy", place / "nothing")[0] == 4
    assert cli(capsys, "witness", "ask", name, "ftp://partner.example", *workspace)[0] == 2


@pytest.mark.proves("LOG-014")
def test_the_verifier_is_short_and_needs_only_cryptography() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").partition(".")[0])
    assert imported - set(sys.stdlib_module_names) <= {"cryptography"}
    assert "cryptography.hazmat" in text


def test_checkpoints_in_the_workspace_are_plain_notes(place: Path) -> None:
    text = (place / "w" / "log" / "checkpoint").read_bytes().partition(b"\n\n")[0] + b"\n"
    assert Checkpoint.parse(text).size == 5
