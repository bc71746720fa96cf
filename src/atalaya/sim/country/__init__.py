"""Synthetic country: made from a seed at a real place, or read from a user's own layers."""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.sim.country.country import Country, GroundLine, Settlement
from atalaya.sim.country.relief import Relief, ReliefName

if TYPE_CHECKING:
    from atalaya.sim.country.country_reader import read_country
    from atalaya.sim.country.country_writer import write_country
    from atalaya.sim.country.make import make_country
    from atalaya.sim.country.picture import country_picture
    from atalaya.sim.country.picture_writer import write_picture

_HEAVY = {
    "country_picture": "picture",
    "make_country": "make",
    "read_country": "country_reader",
    "write_country": "country_writer",
    "write_picture": "picture_writer",
}

__all__ = [
    "Country",
    "GroundLine",
    "Relief",
    "ReliefName",
    "Settlement",
    "country_picture",
    "make_country",
    "read_country",
    "write_country",
    "write_picture",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.sim.country.{_HEAVY[name]}"), name)
