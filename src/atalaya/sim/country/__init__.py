"""Synthetic country: made from a seed at a real place, or read from a user's own layers."""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.sim.country.country import Country, GroundLine, Settlement
from atalaya.sim.country.relief import Relief, ReliefName

if TYPE_CHECKING:
    from atalaya.sim.country.make import make_country

_HEAVY = {"make_country": "make"}

__all__ = ["Country", "GroundLine", "Relief", "ReliefName", "Settlement", "make_country"]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.sim.country.{_HEAVY[name]}"), name)
