"""The packaged examples: the eight organisations designated on 20 February 2025, and what parties said."""

from functools import cache
from importlib.resources import files

from atalaya.law.records.importers.generic import read_json
from atalaya.law.records.record import Record

DESIGNATIONS = "designations-2025-02-20.json"
ATTESTATIONS = "attestations-2025-02.json"


@cache
def example_records(*names: str) -> tuple[Record, ...]:
    """The records of the packaged files, by default of both; their record clock is still 0."""
    found: list[Record] = []
    for name in names or (DESIGNATIONS, ATTESTATIONS):
        text = (files("atalaya.law.records") / "data" / name).read_text(encoding="utf-8")
        read = read_json(text, name)
        if read.errors:
            raise read.errors[0]
        found += read.records
    return tuple(found)
