"""docs/howto/registry.md names every kind of record, every field of every body, and every word they take."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from atalaya.law.records.authorisation import LegalBasis
from atalaya.law.records.bodies import read_body
from atalaya.law.records.counter import COUNTERS
from atalaya.law.records.designation import DATE_NAMES
from atalaya.law.records.fields import Fields
from atalaya.law.records.payload import SENSORS
from atalaya.law.records.record import KINDS
from atalaya.law.records.sortie import Status
from tests.unit.test_law_records_bodies import BODIES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "howto" / "registry.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (\w+) \| (.*) \|$", PAGE, re.MULTILINE))
RING = [[-110, 31], [-109, 31], [-109, 32], [-110, 31]]
WHOLE: Mapping[str, dict[str, Any]] = {
    **BODIES,
    "authorisation": {
        "airspace_of": "MEX",
        "granted_by": "SRE",
        "instrument": "n",
        "basis": "standing-rule",
        "rule": {"near": "MEX", "within_m": 92600},
        "area": {"type": "Polygon", "coordinates": [RING]},
    },
    "revocation": {"authorisation": "authorisation/x", "by": "SRE"},
    "sortie": {"airframe": "N1", "number": 1, "operator_state": "USA"},
}


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", text))


def test_every_kind_has_a_row() -> None:
    assert ROWS.keys() & KINDS == KINDS
    assert WHOLE.keys() == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_of_a_body_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[str] = set(WHOLE[kind])
    take = Fields.take

    def noted(self: Fields, name: str) -> Any:
        taken.add(name)
        return take(self, name)

    monkeypatch.setattr(Fields, "take", noted)
    read_body(kind, WHOLE[kind], kind)
    shared = words(PAGE[PAGE.index("`about` is {") :]) if "about" in taken else set()
    assert taken - words(ROWS[kind]) - shared == set()


def test_every_word_a_field_takes_is_named() -> None:
    after = words(PAGE[PAGE.index("`about` is {") :])
    assert after >= SENSORS
    assert COUNTERS.keys() <= after
    assert {unit for units in COUNTERS.values() for unit in units} <= after
    assert {str(basis) for basis in LegalBasis} <= words(ROWS["authorisation"])
    assert {str(status) for status in Status} <= words(ROWS["sortie"])
    assert set(DATE_NAMES) <= words(ROWS["designation"])
