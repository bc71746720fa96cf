"""A flight goes from its track to the ledger, the page and the proofs, as a user does it."""

import csv
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from atalaya.base.clock import now_us
from atalaya.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2025, 2, 20, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "en")
    monkeypatch.setenv("ATALAYA_ACTOR", "tester")
    monkeypatch.setenv("ATALAYA_WORKSPACE", str(tmp_path / "mission"))


def fly(path: Path, *, south_km: float = 120.0, level: int = 200, start: datetime = START) -> Path:
    """South from Arizona into Sonora and back, a fix every five seconds at 100 m/s."""
    steps = int(south_km * 10 // 5)
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(
            ["time", "lon_deg", "lat_deg", "height_pressure_m", "ground_speed_mps", "containment_m"]
        )
        for step in range(2 * steps):
            out = step if step < steps else 2 * steps - step
            moment = start + timedelta(seconds=5 * step)
            rows.writerow([moment.isoformat(), -111.5, 32.2 - 0.0045 * out, level * 30.48, 100, 10])
    return path


def paper(name: str, **body: Any) -> dict[str, Any]:
    terms = {"airspace_of": "MEX", "granted_by": "MEX, SRE", "instrument": name, "basis": "chicago-3c"}
    return {
        "id": f"authorisation/{name}",
        "kind": "authorisation",
        "valid_from": "2025-02-20T00:00Z",
        "valid_to": "2025-02-21T00:00Z",
        "body": terms | body,
    }


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "--json"])
    printed = capsys.readouterr().out
    return code, json.loads(printed.splitlines()[-1]) if printed else None


def verified(policy: str, bundle: str) -> int:
    """The exit code of the separate verifier."""
    command = [sys.executable, str(ROOT / "verify" / "atalaya_verify.py"), "bundle", policy, bundle]
    return subprocess.run(command, capture_output=True, check=False).returncode


def record(capsys: pytest.CaptureFixture[str], track: Path, *more: str) -> dict[str, Any]:
    options = ["--airframe", "X1", "--operator", "USA", "--sensor", "eo", *more]
    code, made = run(capsys, "ledger", "record", str(track), *options)
    assert code == 0
    found: dict[str, Any] = made
    return found


def enter(capsys: pytest.CaptureFixture[str], folder: Path, *records: dict[str, Any]) -> None:
    (folder / "records.json").write_text(json.dumps(list(records)), encoding="utf-8")
    assert run(capsys, "registry", "import", str(folder / "records.json"))[0] == 0


def test_a_flight_is_accounted_for_to_the_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    enter(capsys, tmp_path, paper("A", band="FL180-FL250"))
    assert record(capsys, fly(tmp_path / "a.csv"))["id"] == "sortie/X1/0001"
    code, ledger = run(capsys, "ledger")
    assert code == 0
    (sortie,) = ledger["sorties"]
    spent = sortie["seconds_by_class"]
    assert sum(spent.values()) == pytest.approx(sortie["total_s"], abs=1e-6)
    assert spent["not over another State"] > 500
    # entered into the register today: nothing of a flight of 2025 was on record then
    assert spent["recorded only afterwards"] > 500
    assert "within terms" not in spent
    assert ledger["completeness"]["verdict"] == "completeness unverifiable"


@pytest.mark.proves("LAW-030", "LAW-033")
def test_a_planned_flight_is_asked_for_and_every_answer_is_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soon = datetime.fromtimestamp(now_us() // 1_000_000, UTC) + timedelta(days=1)
    plan = fly(tmp_path / "plan.csv", start=soon)
    until = {"valid_from": "2025-01-01", "valid_to": "2090-01-01", "zone": "UTC"}
    enter(capsys, tmp_path, {**paper("A", sensors=["eo"]), **until})
    ask = ["law", "may", str(plan), "--airframe", "X1", "--operator", "USA", "--sensor", "eo"]
    code, answer = run(capsys, *ask)
    assert (code, answer["verdict"]) == (5, "refused")
    assert answer["deciding"]["rule"] == "LAW-032"  # nobody registered the sensor
    inspected = {"airframe": "X1", "inspector": "an inspector", "unarmed": True}
    enter(
        capsys,
        tmp_path,
        {"id": "payload/eo", "kind": "payload", "body": {"name": "camera", "sensor": "eo"}},
        {"id": "inspection/1", "kind": "inspection", "valid_from": "2025-01-01T00:00Z", "body": inspected},
    )
    code, answer = run(capsys, *ask)
    findings = {ground["finding"] for ground in answer["grounds"] if ground["verdict"] != "allowed"}
    assert findings <= {"indeterminate"}  # the line itself, nearer than the errors
    code, logged = run(capsys, "audit", "log")
    assert json.dumps(logged).count("gate") >= 1


def test_why_names_the_paper_and_the_term(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    enter(capsys, tmp_path, paper("A", band="FL180-FL190"))
    record(capsys, fly(tmp_path / "a.csv"))
    code, why = run(capsys, "law", "why", "X1/0001", "--at", "2025-02-20T10:20:00Z")
    assert code == 0
    assert why["entry"]["class"] == "outside terms"
    assert why["entry"]["reasons"] == [{"record": "authorisation/A", "term": "altitude", "row": 1}]
    assert {term["term"]: term["met"] for term in why["terms"]["MEX"]}["altitude"] == "no"
    assert main(["law", "why", "X1/0001", "--at", "2025-02-21T10:20:00Z"]) == 3
    assert "LED-024" in capsys.readouterr().err
    assert main(["law", "why", "X1/0002"]) == 4


def test_the_page_is_one_sheet_in_both_languages_and_every_figure_is_proved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(capsys, tmp_path, *(paper(f"P{n}") for n in range(12)))
    assert main(["registry", "example"]) == 0
    for n in range(6):
        record(capsys, fly(tmp_path / f"{n}.csv", start=START + timedelta(days=n)))
    bodies = {}
    for lang in ("en", "es"):
        monkeypatch.setenv("ATALAYA_LANG", lang)
        for edition in ("committee", "host", "press"):
            page = tmp_path / f"{lang}-{edition}.pdf"
            code, made = run(
                capsys, "ledger", "page", "--edition", edition, "--state", "MEX", "--output", str(page)
            )
            assert code == 0
            assert page.read_bytes().count(b"/Type /Page\n") <= 1
            assert verified(made["policy"], made["bundle"]) == 0
            bundle = json.loads(Path(made["bundle"]).read_text(encoding="utf-8"))
            assert len(bundle["figures"]) == made["figures"] > 40
            bodies[edition] = json.loads(bundle["facts"][0]["entry"])["body"]
            forged = json.dumps(bundle).replace('"value": 6', '"value": 5')
            (tmp_path / "forged.json").write_text(forged, encoding="utf-8")
            assert verified(made["policy"], str(tmp_path / "forged.json")) == 6
    assert "X1" not in json.dumps(bodies["press"])
    assert bodies["press"]["sum_ms"] % 900_000 == 0


@pytest.mark.proves("LAW-038")
def test_a_mark_of_collection_stays_when_papers_come_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from atalaya.campaign.collections import Collected, mark_collections
    from atalaya.campaign.registers import open_registers
    from atalaya.store.catalogue import ClipRecord, ExploitRecord

    record(capsys, fly(tmp_path / "a.csv"))
    with open_registers(tmp_path / "mission") as registers:
        catalogue = registers.workspace.catalogue()
        clip = ClipRecord("ab" * 32, "a.ts", 1, "mpegts", 0, 1740045600000000, 1740047600000000, 10, None)
        catalogue.register(clip, ExploitRecord(clip.sha256, "repaired", "1", {}, ()))
        assert mark_collections(registers, catalogue, []) == {clip.sha256}
        before = registers.journal.size
        assert mark_collections(registers, catalogue, []) == {clip.sha256}
        assert registers.journal.size == before
        assert Collected(clip.sha256, "", ()).is_marked
        catalogue.close()


def test_broken_input_says_what_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger"]) == 4
    assert not (tmp_path / "mission").exists()
    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    assert main(["ledger", "record", str(empty), "--airframe", "X1", "--operator", "USA"]) == 3
    track = fly(tmp_path / "a.csv")
    assert main(["ledger", "record", str(track), "--airframe", "X1", "--operator", "Mexico"]) == 3
    assert main(["ledger", "record", str(tmp_path / "no.csv"), "--airframe", "X1", "--operator", "USA"]) == 4
    record(capsys, track)
    record(capsys, track)  # the same flight again is the same flight
    other = fly(tmp_path / "b.csv", south_km=30)
    arguments = ["--airframe", "X1", "--operator", "USA", "--number", "1"]
    assert main(["ledger", "record", str(other), *arguments]) == 3
    assert "LED-011" in capsys.readouterr().err
    kept = next((tmp_path / "mission" / "tracks").iterdir())
    kept.write_bytes(b"changed")
    code, ledger = run(capsys, "ledger")
    assert code == 7
    assert ledger["sorties"][0]["error"]["code"] == "LED-014"


def test_the_tempo_is_listed_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for n in (0, 7, 8):
        record(capsys, fly(tmp_path / f"{n}.csv", start=START + timedelta(days=n)))
    picture = tmp_path / "tempo.png"
    code, tempo = run(capsys, "ledger", "tempo", "--by", "month", "--output", str(picture))
    assert code == 0
    assert [(row["period"], row["sorties"]) for row in tempo["rows"]] == [("2025-02", 3)]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_was_kept_and_then_edited_is_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(capsys, fly(tmp_path / "a.csv"))
    _, before = run(capsys, "ledger")
    for kept in (tmp_path / "mission" / "accounts").iterdir():
        kept.write_text(kept.read_text(encoding="utf-8").replace("MEX", "GTM"), encoding="utf-8")
    _, after = run(capsys, "ledger")
    assert after["sorties"] == before["sorties"]
    assert {state for entry in after["sorties"][0]["entries"] for state in entry["states"]} == {"MEX", "USA"}
    assert run(capsys, "audit", "verify", str(tmp_path / "mission"))[0] == 0
    track = next((tmp_path / "mission" / "tracks").iterdir())
    track.write_bytes(track.read_bytes() + b"\n")
    code, audit = run(capsys, "audit", "verify", str(tmp_path / "mission"))
    assert (code, audit["holds"]) == (6, False)
    assert audit["damaged_tracks"][0]["code"] == "LED-014"


def test_each_sortie_is_abroad_where_its_own_operator_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(capsys, fly(tmp_path / "a.csv"))
    track = fly(tmp_path / "b.csv", start=START + timedelta(days=1))
    assert run(capsys, "ledger", "record", str(track), "--airframe", "M1", "--operator", "MEX")[0] == 0
    page = tmp_path / "page.pdf"
    _, made = run(capsys, "ledger", "page", "--output", str(page))
    body = json.loads(json.loads(Path(made["bundle"]).read_text(encoding="utf-8"))["facts"][0]["entry"])[
        "body"
    ]
    assert {state["state"] for state in body["states"]} == {"MEX", "USA"}
    assert body["payload"]["armament"] == "not stated"


def test_proofs_are_renewed_when_a_witness_has_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(capsys, fly(tmp_path / "a.csv"))
    _, made = run(capsys, "ledger", "page", "--output", str(tmp_path / "page.pdf"))
    assert made["witnessed"]
    old = Path(made["bundle"]).read_bytes()
    record(capsys, fly(tmp_path / "b.csv", start=START + timedelta(days=1)))
    code, renewed = run(capsys, "ledger", "renew", made["bundle"])
    assert (code, renewed["figures"]) == (0, made["figures"])
    assert Path(made["bundle"]).read_bytes() != old
    assert verified(made["policy"], made["bundle"]) == 0


def test_an_entry_that_ties_rows_to_the_log_is_not_deleted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(capsys, fly(tmp_path / "a.csv"))
    place = ["--workspace", str(tmp_path / "mission")]
    erase = ["audit", "delete", "0", "--reason", "asked to", "--actor", "tester", *place]
    assert main(erase) == 5
    assert "LED-040" in capsys.readouterr().err
    assert run(capsys, "ledger")[0] == 0


@pytest.mark.proves("LAW-041")
def test_no_gate_answers_from_a_register_that_was_tampered_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    enter(capsys, tmp_path, paper("A"))
    track = fly(tmp_path / "a.csv")
    record(capsys, track)
    with closing(sqlite3.connect(tmp_path / "mission" / "ledger.sqlite")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE rec_rows SET body = replace(body, 'chicago-3c', 'bilateral') WHERE row = 1")
        database.commit()
    for question in (
        ["law", "may", str(track), "--airframe", "X1", "--operator", "USA"],
        ["law", "why", "X1/0001"],
        ["ledger"],
        ["ledger", "page", "--output", str(tmp_path / "page.pdf")],
        ["audit", "verify", str(tmp_path / "mission")],
    ):
        assert main(question) == 6, question
        assert "LED-030" in capsys.readouterr().err
    assert not (tmp_path / "page.pdf").exists()
