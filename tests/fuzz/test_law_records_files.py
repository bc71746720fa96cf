"""Files of lists and records, damaged in every way: only declared errors, and what is read is sound."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.law.records.as_json import read_record
from atalaya.law.records.bodies import read_body
from atalaya.law.records.importers.ftm import read_ftm
from atalaya.law.records.importers.generic import read_csv, read_json
from atalaya.law.records.importers.issue import Holding, plan_issue
from atalaya.law.records.importers.sdn import read_sdn
from atalaya.law.records.importers.sdn_history import HEADER, issues
from atalaya.law.records.names import NameTable
from atalaya.law.records.persons import is_personal_form
from atalaya.law.records.record import KINDS
from atalaya.law.records.register import Register
from atalaya.law.records.stated import parse_stated
from tests.law_records import NOW, companies, example_register, sdn_text, stated
from tests.unit.test_law_records_bodies import BODIES
from tests.unit.test_law_records_importers import FORM, FTM

LIST = sdn_text(
    [*companies(6), ("1", "ALFA, LTD", "-0-", "A] [B", "a.k.a. 'X 'Y''; Linked To: DOE, Jane; f.k.a. 'Z'.")]
)
HISTORY = ",".join(HEADER) + "\n2021-08-20T00:00:00Z,add,5,X LTD,-0-,SDNTK,a.k.a. 'Y'.\n"
RECORDS = json.dumps([FORM, {**FORM, "id": "inspection/b"}])
TABLE = "id,kind,valid_from,body.airframe,body.inspector\ninspection/a,inspection,2025-02-18,N1,AFAC\n"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def damaged(draw: st.DrawFn, plain: str) -> str:
    """A text with pieces cut out, doubled, or replaced."""
    text = plain
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(0, len(text)))
        last = draw(st.integers(first, min(len(text), first + 40)))
        piece = draw(
            st.sampled_from(["", text[first:last] * 2, '"', ",", "\n", "\x00", "\ufeff", "-0-", "[" * 50])
        )
        text = text[:first] + (piece or draw(st.text(max_size=8))) + text[last:]
    return text


@pytest.mark.proves("REG-033")
@settings(max_examples=150, deadline=None)
@given(damaged(LIST))
def test_lists(text: str) -> None:
    with contextlib.suppress(BadInput):
        issue = read_sdn(text, "ofac-sdn", stated("2021"))
        for entry in issue.entries.values():
            assert entry.entry.isdecimal()
            assert not any(is_personal_form(name) for name in (entry.name, *entry.names, *entry.linked_to))
        plan = plan_issue(Holding("ofac-sdn"), issue)
        for draft in plan.drafts:
            read_body(draft.record.kind, draft.record.body, draft.record.id)
        Register().added(plan.drafts, 1)


@settings(max_examples=100, deadline=None)
@given(damaged(HISTORY))
def test_histories(text: str) -> None:
    with contextlib.suppress(BadInput):
        for issue in issues(text, "ofac-sdn", read_sdn(LIST, "ofac-sdn", stated("2021")).entries):
            assert issue.entries is not None


@settings(max_examples=150, deadline=None)
@given(damaged("\n".join(FTM)), json_values)
def test_entities(text: str, value: object) -> None:
    odd = json.dumps({"id": "NK-9", "schema": "Company", "properties": {"name": value, "alias": value}})
    with contextlib.suppress(BadInput):
        issue = read_ftm([*text.split("\n"), odd], "opensanctions", stated("2025"))
        for draft in plan_issue(Holding("opensanctions"), issue).drafts:
            read_body(draft.record.kind, draft.record.body, draft.record.id)


@settings(max_examples=150, deadline=None)
@given(damaged(RECORDS), damaged(TABLE))
def test_records(text: str, table: str) -> None:
    for reader, source in ((read_json, text), (read_csv, table)):
        with contextlib.suppress(BadInput):
            read = reader(source, "x")
            for record in read.records:
                assert record.id.startswith(f"{record.kind}/")
                json.dumps(record.body, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(BODIES)), st.text(max_size=12), json_values)
def test_bodies(kind: str, shape: str, field: str, value: object) -> None:
    body = dict(BODIES[shape])
    body[field or next(iter(body))] = value
    with contextlib.suppress(AtalayaError):
        read_body(kind, body, "x")
    with contextlib.suppress(AtalayaError):
        read_record({"id": f"{kind}/x", "kind": kind, "body": body, "valid_from": value})  # type: ignore[dict-item]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=20))
def test_times(text: str, zone: str) -> None:
    with contextlib.suppress(BadInput):
        found = parse_stated(text, zone)
        assert found.earliest_us <= found.latest_us


NAMES = NameTable(example_register(), NOW)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_names(text: str) -> None:
    NAMES.resolve(text)
    assert len(NAMES.suggest(text)) <= 5
