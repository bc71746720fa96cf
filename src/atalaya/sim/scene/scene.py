"""A scene: the sites in a country, and every thing that makes them up."""

from dataclasses import dataclass, replace
from typing import TypeVar

from atalaya.base.finding import Finding
from atalaya.sim.scene.hours import heat_share, solar_hour
from atalaya.sim.scene.things import Decal, Plume, Solid


@dataclass(frozen=True, slots=True)
class TrueSite:
    """A place with a reason to be looked at.

    Args:
        id: unique in its scene. kind: key of the recipe it was made by ("lab", "charcoal_pit", "farm" ...).
        facility: whether it is what is searched for; else it only looks like it.
        east_m, north_m: of its middle, metres in the country's projection.
        radius_m: that holds all its things.
    """

    id: str
    kind: str
    facility: bool
    east_m: float
    north_m: float
    radius_m: float


_Warm = TypeVar("_Warm", Decal, Solid)


@dataclass(frozen=True, eq=False)
class Scene:
    """Sites and things; nothing in it moves, nobody is in it.

    Heats are those while things run; `at` gives the scene with the heats of one moment, for the renderer.

    Args:
        theme, seed: it was made with. solar_offset_h: local mean solar time less UTC (longitude / 15).
        notes: what could not be placed as its recipe asks, and why.
    """

    sites: tuple[TrueSite, ...] = ()
    decals: tuple[Decal, ...] = ()
    solids: tuple[Solid, ...] = ()
    plumes: tuple[Plume, ...] = ()
    theme: str = ""
    seed: int = 0
    solar_offset_h: float = 0.0
    notes: tuple[Finding, ...] = ()

    def at(self, t_us: int) -> "Scene":
        """The same scene with `heat_k` of every thing as it is at that moment.

        Args:
            t_us: microseconds UTC since 1970.
        """
        hour = solar_hour(t_us, self.solar_offset_h)
        return replace(
            self,
            decals=tuple(_as_warm_as(thing, hour) for thing in self.decals),
            solids=tuple(_as_warm_as(thing, hour) for thing in self.solids),
        )


def _as_warm_as(thing: _Warm, hour: float) -> _Warm:
    share = heat_share(thing.on_h, hour) if thing.heat_k else 1.0
    return thing if share == 1.0 else replace(thing, heat_k=thing.heat_k * share)
