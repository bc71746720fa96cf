"""A scene: the sites in a country, and every thing that makes them up."""

from dataclasses import dataclass

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


@dataclass(frozen=True, eq=False)
class Scene:
    """Sites and things; nothing in it moves, nobody is in it."""

    sites: tuple[TrueSite, ...] = ()
    decals: tuple[Decal, ...] = ()
    solids: tuple[Solid, ...] = ()
    plumes: tuple[Plume, ...] = ()
