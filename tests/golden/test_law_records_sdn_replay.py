"""The recorded history of the OFAC list, replayed: organisations of 18 Aug 2021 to 3 May 2024, 4,410 events.

Kept day by day in jackdwyer/specially-designated-nationals-list; counts of its README.
"""

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from atalaya.law.records import Draft, InForce
from atalaya.law.records.designated import designated
from atalaya.law.records.example import DESIGNATIONS, example_records
from atalaya.law.records.importers.entry import Issue
from atalaya.law.records.importers.issue import Holding, plan_issue
from atalaya.law.records.importers.sdn import read_sdn
from atalaya.law.records.importers.sdn_history import issues
from atalaya.law.records.names import NameTable
from atalaya.law.records.persons import is_personal_form
from atalaya.law.records.register import Register
from atalaya.store.record_store import open_record_store
from tests.law_records import NOW, at, stated
from tests.shared_data import shared

FOLDER = "airspace/ofac-sdn-history"
EVENTS = {
    "add": 3565,
    "delete": 392,
    "change:remarks": 336,
    "change:program": 65,
    "change:program+remarks": 27,
    "change:name+program+remarks": 13,
    "change:name": 6,
    "change:name+remarks": 6,
}


def issue(name: str, time: str) -> Issue:
    return read_sdn(shared(f"{FOLDER}/{name}").read_text(encoding="utf-8"), "ofac-sdn", stated(time))


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> tuple[Register, Counter[str], Counter[str]]:
    """The register after the example, the first list and every event; events and findings counted."""
    first = issue("sdn_2021-first_orgs.csv", "2021-08-18")
    text = gzip.decompress(Path(shared(f"{FOLDER}/events_orgs.csv.gz")).read_bytes()).decode()
    events: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    with open_record_store(tmp_path_factory.mktemp("sdn") / "ledger.sqlite") as store:
        store.append([Draft(record) for record in example_records(DESIGNATIONS)])
        holding = Holding.of(store.register(), "ofac-sdn")
        assert plan_issue(holding, first).events == {"add": 3711}
        holding.take(store.append(plan_issue(holding, first).drafts))
        for following in issues(text, "ofac-sdn", first.entries):
            plan = plan_issue(holding, following)
            holding.take(store.append(plan.drafts))
            events.update(plan.events)
            findings.update({found.code: found.count for found in plan.findings})
        return store.register(), events, findings


@pytest.mark.proves("REG-030")
def test_first_list_and_events_are_the_last_list(
    replay: tuple[Register, Counter[str], Counter[str]],
) -> None:
    register, events, _ = replay
    assert events == EVENTS
    last = issue("sdn_2024-05-03_orgs.csv", "2024-05-04")
    assert len(last.entries) == 6884
    holding = Holding.of(register, "ofac-sdn")
    held = {
        number: (listed["name"], tuple(listed["programmes"]), listed.get("text_sha256", ""))
        for number, listed in holding.carried().items()
    }
    assert held == {
        number: (entry.name, tuple(status.programme for status in entry.statuses), entry.text_sha256)
        for number, entry in last.entries.items()
    }
    assert plan_issue(holding, last).drafts == ()


@pytest.mark.proves("REG-030")
def test_the_two_lists_as_issues_differ_by_what_the_events_add_up_to() -> None:
    first, last = (
        issue("sdn_2021-first_orgs.csv", "2021-08-18"),
        issue("sdn_2024-05-03_orgs.csv", "2024-05-03"),
    )
    with open_record_store(None) as store:
        holding = Holding("ofac-sdn")
        holding.take(store.append(plan_issue(holding, first).drafts))
        plan = plan_issue(holding, last, expect_gone=len(first.entries.keys() - last.entries.keys()))
    assert plan.events["add"] == len(last.entries.keys() - first.entries.keys())
    assert plan.events["add"] - plan.events["delete"] == EVENTS["add"] - EVENTS["delete"] == 6884 - 3711


@pytest.mark.proves("REG-022")
def test_words_that_changed_are_no_new_designations(
    replay: tuple[Register, Counter[str], Counter[str]],
) -> None:
    register, _, findings = replay
    assert findings["REC-033"] >= 39  # 17 ILLICIT-DRUGS-EO14059, 16 BELARUS-EO14038, 6 PEESA-EO14039
    for entry in (8237, 10386, 10900, 11438, 11439, 11440, 15871, 17671):
        answers = designated(register, f"organisation/ofac-sdn-{entry}", at("2022-01-01"), NOW)
        drugs = [one for one in answers if one.regime.startswith("ILLICIT-DRUGS")]
        assert [one.regime for one in drugs] == ["ILLICIT-DRUGS-EO14059"]
        assert drugs[0].in_force is InForce.YES
    rows = register.history("organisation/ofac-sdn-8237")
    assert [row.body["name"] for row in rows][0::2] == ["CARRILLO FUENTES ORGANIZATION", "JUAREZ CARTEL"]


@pytest.mark.proves("REG-021")
def test_the_eight_are_joined_with_their_entries(
    replay: tuple[Register, Counter[str], Counter[str]],
) -> None:
    register, _, _ = replay
    names = NameTable(register, NOW)
    for text, entry in (("SINALOA CARTEL", 11440), ("Cártel del Golfo", 10386), ("LOS ZETAS", 11438)):
        assert names.resolve(text).organisation == f"organisation/ofac-sdn-{entry}"
    assert names.resolve("LA FAMILIA MICHOACANA").organisation == "organisation/ofac-sdn-11439"
    assert names.resolve("LA NUEVA FAMILIA MICHOACANA").organisation == "organisation/ofac-sdn-39376"
    assert names.resolve("CLAN DEL GOLFO").organisation == "organisation/ofac-sdn-15871"
    answers = designated(register, "organisation/ofac-sdn-39376", at("2022-11-17T18:49"), NOW)
    assert [one.in_force for one in answers if one.regime.startswith("ILL")] == [InForce.INDETERMINATE]
    unknown = names.resolve("Cartel de Santa Rosa")
    assert unknown.organisation is None


@pytest.mark.proves("REG-011")
def test_no_person_of_the_remarks_survives(replay: tuple[Register, Counter[str], Counter[str]]) -> None:
    register, _, _ = replay
    raw = shared(f"{FOLDER}/sdn_2024-05-03_orgs.csv").read_text(encoding="utf-8")
    linked = {name.strip() for name in re.findall(r"Linked To: (.*?)(?=; |\.?\"?\r?\n|\.$)", raw)}
    persons = {name.rstrip(".") for name in linked if is_personal_form(name.rstrip("."))}
    assert len(persons) > 400
    kept = {
        text
        for row in register.of_kind("organisation")
        for listed in row.body.get("listed", {}).values()
        for text in (listed["name"], *listed.get("names", ()), *listed.get("linked_to", ()))
    }
    assert kept.isdisjoint(persons)
    assert not any(is_personal_form(text) for text in kept)
