"""Journeys of a legal adviser with the register, by its verbs."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from atalaya.cli.main import main
from tests.law_records import companies, sdn_text


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a verb of the register in a workspace; its exit code and what it printed, JSON where asked for."""
    monkeypatch.setenv("ATALAYA_WORKSPACE", str(tmp_path / "w"))
    monkeypatch.setenv("ATALAYA_ACTOR", "legal adviser")

    def call(*arguments: str) -> tuple[int, Any]:
        code = main(["registry", *arguments])
        out = capsys.readouterr().out
        return code, json.loads(out) if "--json" in arguments and out else out

    return call


def regimes(shown: dict[str, Any]) -> dict[str, str]:
    return {one["regime"]: one["in_force"] for one in shown["regimes"]}


@pytest.mark.proves("REG-021")
def test_the_eight_on_the_command_line(run: Any) -> None:
    assert run("designated", "CJNG", "--json")[0] == 4, "nothing is recorded yet"
    assert run("example", "--json") == (
        0,
        {"schema": "atalaya.registry.example/1", "added": 61, "corrected": 0, "unchanged": 0},
    )
    assert run("example", "--json")[1]["unchanged"] == 61
    for at, zone, expected in (
        ("2025-02-19", "", "no"),
        ("2025-02-20", "America/New_York", "indeterminate"),
        ("2025-02-20T12:00Z", "", "indeterminate"),
        ("2025-02-21", "America/New_York", "yes"),
    ):
        code, shown = run("designated", "Cártel del Golfo", "--at", at, "--zone", zone, "--json")
        assert code == 0
        assert regimes(shown) == {
            "FTO": expected,
            "SDGT": expected,
            "SDNTK": "yes",
            "ILLICIT-DRUGS-EO14059": "yes",
        }
    code, shown = run("designated", "TdA", "--at", "2025-03-01", "--known", "2020", "--json")
    assert (code, shown["error"]["code"]) == (4, "REC-028"), "in 2020 this register knew no such name"


def test_texts_for_people_in_both_languages(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run("example", "--statements")
    for lang, words in (
        ("en", ("in force", "authorises no flight")),
        ("es", ("vigente", "no autoriza ningún vuelo")),
    ):
        monkeypatch.setenv("ATALAYA_LANG", lang)
        _, text = run("designated", "LNFM", "--at", "2025-02-21T05:00Z")
        assert all(word in text for word in words)
        for verb in (
            ("list", "designation"),
            ("list",),
            ("show", "designation/fto/carteles-unidos"),
            ("statements",),
        ):
            code, text = run(*verb)
            assert code == 0
            assert len(text.splitlines()) > 3
        assert run("name", "Golfo")[0] == 4
        assert run("name", "CDG")[0] == 0


@pytest.mark.proves("REG-041")
def test_a_suggested_name_is_confirmed_by_a_person(run: Any) -> None:
    run("example")
    code, shown = run("name", "Cartel de Jalisco", "--json")
    assert (code, shown["id"]) == (4, None)
    best = shown["suggestions"][0]
    assert best["id"] == "organisation/ofac-sdn-17671"
    code, shown = run("confirm", "Cartel de Jalisco", best["id"], "--json")
    assert code == 0
    (alias,) = shown["records"]
    assert alias["body"]["basis"] == "confirmed"
    assert alias["body"]["by"] == "legal adviser"
    assert alias["body"]["suggested_score"] == best["score"]
    assert alias["issued"]
    assert run("name", "CARTEL DE JALISCO", "--json")[1]["id"] == best["id"]
    assert run("confirm", "Cartel de Jalisco", "organisation/tren-de-aragua")[0] == 3
    assert run("confirm", "X", "organisation/nobody")[0] == 4


@pytest.mark.proves("REG-006", "REG-002")
def test_added_corrected_withdrawn_and_as_known_then(run: Any, tmp_path: Path) -> None:
    body = {"airframe": "N427DF", "inspector": "AFAC", "unarmed": True}
    new = (
        "add",
        "inspection",
        "--id",
        "inspection/1",
        "--valid-from",
        "2025-02-18T09:30",
        "--zone",
        "-06:00",
    )
    code, shown = run(*new, "--json-body", json.dumps(body), "--json")
    assert code == 0
    first = shown["records"][0]
    first["body"]["unarmed"] = False
    path = tmp_path / "corrected.json"
    path.write_text(json.dumps(first))
    assert run("correct", "inspection/1", str(path))[0] == 0
    assert run("correct", "inspection/1", str(path))[0] == 3, "the row it corrects stands no more"
    assert run("correct", "inspection/1", "--withdraw", "another airframe")[0] == 0
    history = run("show", "inspection/1", "--json")[1]["rows"]
    assert [row["body"].get("unarmed", row["body"].get("withdrawn")) for row in history] == [
        True,
        False,
        "another airframe",
    ]
    assert [row["superseded"] for row in history] == [history[1]["recorded"], history[2]["recorded"], None]
    for row, expected in zip(history, (True, False), strict=False):
        then = run("list", "inspection", "--at", "2025-03-01", "--known", row["recorded"], "--json")[1]
        assert [one["body"]["unarmed"] for one in then["records"]] == [expected]
    assert run("list", "inspection", "--at", "2025-03-01", "--json")[1]["records"] == []


@pytest.mark.proves("REG-031")
def test_lists_are_imported_guarded_and_counted(run: Any, tmp_path: Path) -> None:
    whole, short, empty = (tmp_path / f"{name}.csv" for name in ("whole", "short", "empty"))
    whole.write_text(sdn_text(companies(100)))
    short.write_text(sdn_text(companies(70)))
    empty.write_text("")
    code, shown = run("import", str(whole), "--issued", "2021-08-18", "--dry-run", "--json")
    assert (code, shown["rows"], shown["events"]) == (0, 200, {"add": 100})
    assert run("list", "organisation", "--json")[1]["records"] == []
    packed = tmp_path / "whole.csv.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    assert run("import", str(packed), "--issued", "2021-08-18")[0] == 0
    assert run("import", str(short))[0] == 3
    assert run("import", str(empty), "--format", "sdn")[0] == 3
    assert run("import", str(empty))[0] == 3
    assert run("import", str(tmp_path / "none"))[0] == 4
    assert len(run("list", "designation", "--at", "2022-01-01", "--json")[1]["records"]) == 100
    code, shown = run("import", str(short), "--expect-gone", "30", "--json")
    assert (code, shown["events"]) == (0, {"delete": 30})


@pytest.mark.proves("REG-033")
def test_records_of_a_file_are_taken_or_refused_one_by_one(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "counters.csv"
    head = "id,kind,zone,body.counter,body.value,body.unit,body.kept_by,body.airframe,body.from,body.to"
    good = "counter/1,counter,UTC,airframe_hours,12.5,h,hangar,N427DF,2025-02-01,2025-02-28"
    bad = "counter/2,counter,UTC,airframe_hours,many,h,hangar,N427DF,,"
    table.write_text("\n".join([head, good, bad]))
    code, shown = run("import", str(table), "--json")
    assert (code, shown["rows"], [error["code"] for error in shown["errors"]]) == (7, 1, ["REC-011"])
    assert run("import", str(table), "--json")[1]["unchanged"] == 1
    assert run("add", "counter", str(table))[0] == 3, "the id is there already"
    assert (
        run("add", "payload", "--id", "payload/x", "--json-body", '{"name": "x", "sensor": "missile"}')[0]
        == 3
    )
    assert run("add", "payload")[0] == 2
    monkeypatch.setattr("sys.stdin", io.StringIO(table.read_text().replace("counter/1", "counter/3")))
    assert run("add", "counter", "-")[0] == 3, "standard input is JSON"
    form: dict[str, Any] = {
        "id": "counter/3",
        "kind": "counter",
        "body": {"counter": "launches", "value": 4, "unit": "count"},
    }
    form["body"] |= {"kept_by": "ground crew", "airframe": "N427DF"}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(form)))
    assert run("add", "counter", "-")[0] == 0
    assert run("add", "weapon", "-")[0] == 3
    assert run("list", "weapon")[0] == 3
    assert run("show", "payload/x")[0] == 4


@pytest.mark.parametrize(("lang", "words"), [("en", "the file is empty"), ("es", "el archivo está vacío")])
@pytest.mark.parametrize("form", [(), ("--format", "sdn"), ("--format", "json")])
def test_an_empty_file_is_said_to_be_empty(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str, form: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ATALAYA_LANG", lang)
    path = tmp_path / "sdn.csv"
    path.write_text("\n")
    code, shown = run("import", str(path), *form, "--json")
    assert (code, shown["error"]["code"], shown["error"]["what"]) == (3, "REC-052", words)


def test_what_was_issued_in_the_future_is_pointed_at(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "sdn.csv"
    path.write_text(sdn_text(companies(3)))
    code, shown = run("import", str(path), "--issued", "2099-01-01", "--json")
    assert (code, [found["code"] for found in shown["findings"]]) == (0, ["REC-055"])
    assert run("import", str(path), "--issued", "last week", "--json")[1]["error"]["where"] == "--issued"
    body = json.dumps({"registration": "N1"})
    _, shown = run(
        "add", "airframe", "--id", "airframe/N1", "--json-body", body, "--received", "2098", "--json"
    )
    assert [found["code"] for found in shown["findings"]] == ["REC-055"]
    form = {"id": "airframe/N2", "kind": "airframe", "issued": "2024-01-01", "body": {"registration": "N2"}}
    path = tmp_path / "records.json"
    path.write_text(json.dumps([form, {**form, "id": "airframe/N3", "received": "2097-01-01"}]))
    _, shown = run("import", str(path), "--json")
    assert (shown["source"], shown["rows"]) == ("records.json", 2)
    assert "2097-01-02" in shown["findings"][0]["message"]
