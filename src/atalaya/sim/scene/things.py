"""Things of a scene: what is painted on the ground, what stands on it, what drifts away from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Decal:
    """A flat area on the ground: a field, a burn scar, a dump, a pool.

    Args:
        id: unique in its country or scene; "" for what nobody needs to name.
        evidence: type of sign it is ("track", "dump", "scar" ...); "" for ordinary ground.
        site: id of the site it belongs to; "" for none.
        material: name of what it is made of.
        ring_m: (n, 2) float64, corners of a simple polygon, metres east and north; not closed.
        heat_k: how much warmer than that material would be there.
        on_h: from and to, local mean solar hours, of what heats it; (0, 24) all day, past midnight 19 to 30.
    """

    id: str
    evidence: str
    site: str
    material: str
    ring_m: Floats
    heat_k: float = 0.0
    on_h: tuple[float, float] = (0.0, 24.0)


@dataclass(frozen=True, slots=True)
class Solid:
    """An upright box on the ground: a roof, a tarpaulin on poles, a drum, a generator, a house.

    Args:
        id, evidence, site: as of a Decal.
        east_m, north_m: of its middle.
        length_m, width_m: along and across its bearing. bearing_deg: of its length, from grid north.
        bottom_m, top_m: heights above the ground under its middle.
        material: of the top. side: of its walls.
        heat_k: how much warmer than that material would be, while it runs. on_h: when, as of a Decal.
        concealment: share of it hidden under crowns, 0 to 1. canopy_m: height of these crowns.
    """

    id: str
    evidence: str
    site: str
    east_m: float
    north_m: float
    length_m: float
    width_m: float
    bearing_deg: float
    bottom_m: float
    top_m: float
    material: str
    side: str
    heat_k: float = 0.0
    concealment: float = 0.0
    canopy_m: float = 8.0
    on_h: tuple[float, float] = (0.0, 24.0)


@dataclass(frozen=True, slots=True)
class Plume:
    """A gas that leaks from a place and drifts with the wind.

    Args:
        id, evidence, site: as of a Decal.
        east_m, north_m, height_m: of its source, above the ground.
        gas: name of its absorption spectrum, for example "methane".
        rate_kg_h: how much leaks. heat_k: how much warmer than the air it leaves.
    """

    id: str
    evidence: str
    site: str
    east_m: float
    north_m: float
    height_m: float
    gas: str
    rate_kg_h: float
    heat_k: float = 0.0
