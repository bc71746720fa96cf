"""Stated times: precision and zone are data, and an answer that hangs on them is indeterminate."""

import pytest

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput
from atalaya.law.records import InForce, Precision, parse_stated
from atalaya.law.records.stated import ALWAYS_US, exactly, in_force
from tests.law_records import at


@pytest.mark.proves("REG-003")
@pytest.mark.parametrize(
    ("zone", "instant", "status"),
    [
        ("America/New_York", "2025-02-20T03:00Z", InForce.NO),
        ("America/New_York", "2025-02-20T05:00Z", InForce.INDETERMINATE),
        ("America/New_York", "2025-02-20T12:00Z", InForce.INDETERMINATE),
        ("America/New_York", "2025-02-21T05:00Z", InForce.YES),
        ("", "2025-02-19T09:59Z", InForce.NO),
        ("", "2025-02-19T10:00Z", InForce.INDETERMINATE),
        ("", "2025-02-19T23:00Z", InForce.INDETERMINATE),
        ("", "2025-02-21T11:59Z", InForce.INDETERMINATE),
        ("", "2025-02-21T12:00Z", InForce.YES),
    ],
)
def test_effective_on_a_day(zone: str, instant: str, status: InForce) -> None:
    assert in_force(parse_stated("2025-02-20", zone), None, at(instant)) is status


@pytest.mark.parametrize(
    ("text", "zone", "first", "last", "precision"),
    [
        ("2025", "UTC", "2025-01-01T00:00Z", "2026-01-01T00:00Z", Precision.YEAR),
        ("2024-02", "-06:00", "2024-02-01T06:00Z", "2024-03-01T06:00Z", Precision.MONTH),
        ("2024-12", "UTC", "2024-12-01T00:00Z", "2025-01-01T00:00Z", Precision.MONTH),
        ("2025-03-09", "America/New_York", "2025-03-09T05:00Z", "2025-03-10T04:00Z", Precision.DAY),
        ("2025-11-02", "America/New_York", "2025-11-02T04:00Z", "2025-11-03T05:00Z", Precision.DAY),
        ("2025-02-20T14", "UTC", "2025-02-20T14:00Z", "2025-02-20T15:00Z", Precision.HOUR),
        ("2025-02-20T14:30Z", "America/New_York", "2025-02-20T14:30Z", "2025-02-20T14:30Z", Precision.MINUTE),
        ("2025-02-20 14:30:05+01:00", "", "2025-02-20T13:30:05Z", "2025-02-20T13:30:05Z", Precision.SECOND),
        ("2025-02-10/2025-02-16", "UTC", "2025-02-10T00:00Z", "2025-02-17T00:00Z", Precision.DAY),
    ],
)
def test_bounds(text: str, zone: str, first: str, last: str, precision: Precision) -> None:
    stated = parse_stated(text, zone)
    assert (iso(stated.earliest_us), iso(stated.latest_us)) == (iso(at(first)), iso(at(last)))
    assert stated.precision is precision


def test_before_a_day_is_some_time_until_it_begins() -> None:
    stated = parse_stated("before 2021-08-18", "UTC")
    assert (stated.earliest_us, stated.latest_us) == (ALWAYS_US, at("2021-08-18T00:00Z"))


def test_an_instant_of_the_clock_survives_being_written() -> None:
    stated = exactly(1_740_009_600_123_456)
    again = parse_stated(stated.as_json()["at"], stated.as_json()["zone"])
    assert again[:2] == stated[:2]
    assert again.precision is Precision.EXACT


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        *(
            (text, "", "REC-001")
            for text in ("", "20 Feb 2025", "2025-2-20", "2025-13-01", "2025-02-30", "x" * 999)
        ),
        *(
            (text, "", "REC-001")
            for text in ("2025-02-20T25:00", "9999-12-31", "2025-02-16/2025-02-10", "a/b", "/")
        ),
        *((text, "", "REC-001") for text in ("2025/2026/2027", "٢٠٢٥-٠٢-٢٠", "2025-02-20T14:00:61Z")),
        *(
            ("2025-02-20", zone, "REC-002")
            for zone in ("Nowhere/At_All", "+19:00", "../../etc/passwd", "EST5EDT\x00")
        ),
    ],
)
def test_what_is_no_time_or_zone_is_refused(text: str, zone: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_stated(text, zone)
    assert refused.value.code == code
