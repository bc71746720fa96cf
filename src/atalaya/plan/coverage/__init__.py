"""Paths that see a whole area: polygons with holes, lines at the best headings, shortest ways between them.

In: a polygon in a plane (metres) or in longitudes and latitudes, a swath, a cost. Out: a path with what the
sensor does on each leg, its cost beside a lower bound, what it covers and leaves. Lines are ordered as a
rural postman's tour (each a node with two directions) over exact shortest ways in the visibility graph.

Names that need numba are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.plan.coverage.costs import Cost, Length, Ramped, Time
from atalaya.plan.coverage.gaps import gaps
from atalaya.plan.coverage.path import CoveragePath

if TYPE_CHECKING:
    from atalaya.plan.coverage.geodetic import GeodeticPath, cover_geodetic
    from atalaya.plan.coverage.planner import best_single_direction, cover

_HEAVY = {
    "best_single_direction": "planner",
    "cover": "planner",
    "cover_geodetic": "geodetic",
    "GeodeticPath": "geodetic",
}

__all__ = [
    "Cost",
    "CoveragePath",
    "GeodeticPath",
    "Length",
    "Ramped",
    "Time",
    "best_single_direction",
    "cover",
    "cover_geodetic",
    "gaps",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HEAVY[name]}"), name)
