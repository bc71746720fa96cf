"""Tracks: where an aircraft was, with the integrity of every fix.

In: our own CSV and Parquet, ADS-B JSON (readsb traces, record lists and lines, column-wise tables), GPX,
MAVLink
.tlog and ArduPilot .bin logs, or plain arrays. Out: `Track`, arrays in order of time with the three height
datums kept apart, and `Integrity`, flags per fix with what may be believed. Nothing is deleted.
RTCA DO-260B for ADS-B accuracy categories; readsb README-json; MAVLink common messages; GPX 1.1.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.earth.track.containment import containment_from_nacp, containment_from_nic
from atalaya.earth.track.integrity_limits import IntegrityLimits
from atalaya.earth.track.track import Track, track_of

if TYPE_CHECKING:
    from atalaya.earth.track.integrity import Flag, Integrity, integrity_of
    from atalaya.earth.track.read import read_tracks

_HEAVY = {
    "Flag": "integrity",
    "Integrity": "integrity",
    "integrity_of": "integrity",
    "read_tracks": "read",
}

__all__ = [
    "Flag",
    "Integrity",
    "IntegrityLimits",
    "Track",
    "containment_from_nacp",
    "containment_from_nic",
    "integrity_of",
    "read_tracks",
    "track_of",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.earth.track.{_HEAVY[name]}"), name)
