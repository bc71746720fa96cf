"""MISB metadata: KLV bytes in, items with names, units and states out, and back to the same bytes.

Follows ST 0601.19 (with ST 0102, 0806, 0903, 1002, 1010, 1204, 1206, 1601, 1602, 1607 inside it), EG 0104 for
what came before it, ST 0902 for the minimum set, ST 0107, 1201 and 1303 for codings, ST 0604 for frame times.
One declarative table of items drives reading, writing, columns, documentation and the conformance verdict.
"""

from atalaya.klv.item import Item, Kind
from atalaya.klv.keys import LABELS, Family, family_of
from atalaya.klv.localset import Field, LocalSet
from atalaya.klv.packet import Packet, decode_packet, encode_packet, encode_set, encode_st0601
from atalaya.klv.st0903 import VmtiReport, VmtiState, VmtiTarget
from atalaya.klv.table import Table
from atalaya.klv.values import UNKNOWN, Malformed, Reason, Special, State, Unknown

__all__ = [
    "LABELS",
    "UNKNOWN",
    "Family",
    "Field",
    "Item",
    "Kind",
    "LocalSet",
    "Malformed",
    "Packet",
    "Reason",
    "Special",
    "State",
    "Table",
    "Unknown",
    "VmtiReport",
    "VmtiState",
    "VmtiTarget",
    "decode_packet",
    "encode_packet",
    "encode_set",
    "encode_st0601",
    "family_of",
]
