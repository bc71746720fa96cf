"""The metadata audit: does a recording's geometry close, and if not, which single mistake explains it?

In: a `SensorTrack`. Out: an `Audit` with findings and repairs, each with its evidence; `apply_repairs` makes
the derived columns. Reference: MISB ST 0601 items 5-7, 13-26 and their geometry on WGS 84.
"""

from atalaya.footage.audit.audit import audit_track
from atalaya.footage.audit.report import Audit, MissStats, Repair, apply_repairs, miss_stats
from atalaya.footage.audit.sighting import corner_miss, frame_centre_miss, ground_level, predicted_corners

__all__ = [
    "Audit",
    "MissStats",
    "Repair",
    "apply_repairs",
    "audit_track",
    "corner_miss",
    "frame_centre_miss",
    "ground_level",
    "miss_stats",
    "predicted_corners",
]
