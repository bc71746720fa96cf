"""How a party reads a rule or a date: kept beside it and attributed, never put in its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atalaya.law.records.fields import Fields
from atalaya.law.records.stated import Stated


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading, such as "effective from 00:00 local time".

    Args:
        of: id of the record read. reader: office or party whose reading it is.
        wording: its words, in `language`.
        start, end: the times it reads out of the record; None where it says nothing on them.
    """

    of: str
    reader: str
    wording: str
    language: str = ""
    start: Stated | None = None
    end: Stated | None = None
    sources: tuple[str, ...] = ()
    note: str = ""


def read_reading(body: Mapping[str, Any], where: str) -> Reading:
    """Read and check the body of a reading.

    Raises:
        BadInput: REC-001, REC-002, REC-010, REC-011, REC-012.
    """
    fields = Fields(body, where)
    reading = Reading(
        fields.text("of", most=256),
        fields.text("reader", most=1000),
        fields.text("wording"),
        fields.text("language", "", most=16),
        fields.stated("start"),
        fields.stated("end"),
        fields.texts("sources"),
        fields.text("note", ""),
    )
    fields.close()
    return reading
