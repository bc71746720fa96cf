"""What others counted: hours, launches, minutes, fuel; without them an account cannot be verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.law.records.fields import Fields
from atalaya.law.records.stated import Stated

COUNTERS: Mapping[str, frozenset[str]] = {
    "airframe_hours": frozenset({"h"}),
    "launches": frozenset({"count"}),
    "recoveries": frozenset({"count"}),
    "sorties": frozenset({"count"}),
    "datalink_minutes": frozenset({"min"}),
    "video_minutes": frozenset({"min"}),
    "fuel": frozenset({"kg", "l"}),
    "external_tracks": frozenset({"count", "min"}),
}
"""What can be counted, and in which units."""


@dataclass(frozen=True, slots=True)
class Counter:
    """One count over one period.

    Args:
        airframe: registration or id; "" for a whole fleet, which `of` then names.
        counter: one of `COUNTERS`. value, unit: the count.
        start, end: the period counted.
        kept_by: who keeps the counter; another than who keeps the sorties, or it proves nothing.
        cumulative: whether it is the state of a meter at `end`, not what was added in the period.
    """

    counter: str
    value: float
    unit: str
    kept_by: str
    airframe: str = ""
    of: str = ""
    start: Stated | None = None
    end: Stated | None = None
    cumulative: bool = False
    note: str = ""


def read_counter(body: Mapping[str, Any], where: str) -> Counter:
    """Read and check the body of a count.

    Raises:
        BadInput: REC-001, REC-002, REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    kind = fields.choice("counter", COUNTERS.keys())
    value = fields.number("value", least=0)
    if value is None:
        raise BadInput("REC-010", where=where, field="value")
    counter = Counter(
        kind,
        value,
        fields.choice("unit", COUNTERS[kind]),
        fields.text("kept_by", most=1000),
        fields.text("airframe", "", most=256),
        fields.text("of", "", most=1000),
        fields.stated("from"),
        fields.stated("to"),
        bool(fields.flag("cumulative")),
        fields.text("note", ""),
    )
    fields.close()
    if not (counter.airframe or counter.of):
        raise BadInput("REC-010", where=where, field="airframe")
    return counter
