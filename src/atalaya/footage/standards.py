"""Which standards a recording follows, in words, and what its packets say against them."""

from collections.abc import Iterable

import numpy as np

from atalaya.base.finding import Finding, Severity
from atalaya.footage.metadata import StreamMetadata
from atalaya.klv.keys import Family
from atalaya.klv.values import State

_NAMES = {
    Family.EG0104: "EG 0104",
    Family.ST0102_LOCAL: "ST 0102",
    Family.ST0102_UNIVERSAL: "ST 0102",
    Family.RVT: "ST 0806",
    Family.MIIS: "ST 1204",
    Family.RANGE_IMAGE: "ST 1002",
    Family.SAR: "ST 1206",
}
_NESTED = {
    48: "ST 0102",
    73: "ST 0806",
    94: "ST 1204",
    95: "ST 1206",
    97: "ST 1002",
    98: "ST 1601",
    99: "ST 1602",
    100: "ST 1607",
    101: "ST 1607",
    102: "ST 1010",
}


def standards_of(streams: Iterable[StreamMetadata]) -> tuple[str, ...]:
    """`ST 0601.4`, `ST 0903.3`, `ST 0102` ..., each once, sorted."""
    found: set[str] = set()
    for stream in streams:
        if Family.ST0601 in stream.packets:
            found |= {f"ST 0601{version}" for version in _versions(stream)} or {"ST 0601"}
        found |= {name for family, name in _NAMES.items() if stream.packets.get(family)}
        found |= {name for tag, name in _NESTED.items() if stream.presence.get(tag)}
        if stream.targets.sets:
            found |= {f"ST 0903.{version}" for version in stream.targets.versions} or {"ST 0903"}
    return tuple(sorted(found))


def _versions(stream: StreamMetadata) -> set[str]:
    states = stream.states.get("uas_ls_version")
    if states is None:
        return set()
    stated = stream.values["uas_ls_version"][states == State.VALUE]
    return {f".{int(version)}" for version in np.unique(stated)}


def stream_findings(streams: Iterable[StreamMetadata]) -> list[Finding]:
    """What framing and contents of the streams are to be known for."""
    found = []
    for stream in streams:
        found += [*stream.findings, *stream.conformance]
        if stream.targets.left_out:
            found.append(Finding("FTG-082", Severity.WARNING, stream.targets.left_out))
    return found
