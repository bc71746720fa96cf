"""What a flight leaves behind: ST 0601 metadata, bare KLV and track files, faults put in on purpose.

In: a `Flight`, a terrain model, errors of its instruments. Out: packets at array speed, KLV, Parquet.
MISB ST 0601.19, ST 0902, ST 0102.12, ST 1204. Names are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atalaya.sim.record.faults import DAMAGES, FAULTS, Damage, Fault, Record
    from atalaya.sim.record.klv_columns import Stretch, Written, recorded, stretch_of, write_klv
    from atalaya.sim.record.metadata import SortieNames, metadata_columns, packet_of, packets_of

_FROM = {
    "DAMAGES": "faults",
    "Damage": "faults",
    "FAULTS": "faults",
    "Fault": "faults",
    "Record": "faults",
    "SortieNames": "metadata",
    "Stretch": "klv_columns",
    "Written": "klv_columns",
    "metadata_columns": "metadata",
    "packet_of": "metadata",
    "packets_of": "metadata",
    "recorded": "klv_columns",
    "stretch_of": "klv_columns",
    "write_klv": "klv_columns",
}

__all__ = [
    "DAMAGES",
    "FAULTS",
    "Damage",
    "Fault",
    "Record",
    "SortieNames",
    "Stretch",
    "Written",
    "metadata_columns",
    "packet_of",
    "packets_of",
    "recorded",
    "stretch_of",
    "write_klv",
]


def __getattr__(name: str) -> object:
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.sim.record.{_FROM[name]}"), name)
