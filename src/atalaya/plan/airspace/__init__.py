"""Where a flight may be: volumes with floors, ceilings and times, ground, and the ways around and over them.

In: a `FlightPath` or legs to fly, volumes, terrain. Out: what stands against it, leg by leg, or a `Sortie`
against which nothing stands, or which rules exclude each other. All on the WGS 84 ellipsoid.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.plan.airspace.conflict import Conflict, ConflictTerm, Place
from atalaya.plan.airspace.conflicts import Constraint, ConstraintKind, minimal_conflict
from atalaya.plan.airspace.routed_sortie import Infeasible, LeftOut, LeftOutWhy, RoutedSortie
from atalaya.plan.airspace.volume import Atmosphere, Limit, LimitDatum, Volume, VolumeKind, box

if TYPE_CHECKING:
    from atalaya.plan.airspace.check import check_path
    from atalaya.plan.airspace.routed import route_sortie
    from atalaya.plan.airspace.visibility.free_space import FreeSpace, free_space
    from atalaya.plan.airspace.volume_file import read_volumes

_HEAVY = {
    "FreeSpace": "visibility.free_space",
    "check_path": "check",
    "free_space": "visibility.free_space",
    "read_volumes": "volume_file",
    "route_sortie": "routed",
}

__all__ = [
    "Atmosphere",
    "Conflict",
    "ConflictTerm",
    "Constraint",
    "ConstraintKind",
    "FreeSpace",
    "Infeasible",
    "LeftOut",
    "LeftOutWhy",
    "Limit",
    "LimitDatum",
    "Place",
    "RoutedSortie",
    "Volume",
    "VolumeKind",
    "box",
    "check_path",
    "free_space",
    "minimal_conflict",
    "read_volumes",
    "route_sortie",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.plan.airspace.{_HEAVY[name]}"), name)
