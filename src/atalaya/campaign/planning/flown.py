"""What was truly covered: a flown track against the search legs that were planned."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.errors import BadInput, NotFound
from atalaya.campaign.planning.credit import coverage
from atalaya.campaign.planning.ground import SearchGround

if TYPE_CHECKING:
    from atalaya.earth.track import Track

Floats = NDArray[np.float64]

GAP_S = 120.0
"""Where nothing was recorded for longer, nothing counts as seen."""


@dataclass(frozen=True)
class FlownSortie:
    """One planned sortie and how it was flown.

    Args:
        id: of the plan. end_us: last fix.
        planned, covered: (rows, columns) coverage W L / A by plan and by track.
        legs_m: length of the search legs planned. on_m: of those, how much was flown within tolerance.
    """

    id: str
    end_us: int
    planned: Floats
    covered: Floats
    legs_m: float
    on_m: float

    @property
    def share(self) -> float:
        """Of the search legs that were planned, the part flown."""
        return min(self.on_m / self.legs_m, 1.0) if self.legs_m > 0.0 else 1.0


def read_plan(folder: Path) -> dict[str, Any]:
    """The object of a plan's folder.

    Raises:
        NotFound: PLN-012, no plan there. BadInput: PLN-013, it is none this program wrote.
    """
    path = folder / "plan.json" if folder.is_dir() else folder
    if not path.is_file():
        raise NotFound("PLN-012", where=str(folder))
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise BadInput("PLN-013", where=str(path), detail=str(error)[:120]) from error
    if not isinstance(found, dict) or found.get("schema") != "atalaya.plan/1":
        raise BadInput("PLN-013", where=str(path), detail="schema")
    sorties = found.get("sorties")
    if not isinstance(sorties, list) or not all(isinstance(each, dict) and "id" in each for each in sorties):
        raise BadInput("PLN-013", where=str(path), detail="sorties")
    return found


def planned_sortie(plan: Mapping[str, Any], sortie_id: str) -> dict[str, Any]:
    """One sortie of a plan.

    Raises:
        NotFound: PLN-005, there is none of that id.
    """
    for each in plan["sorties"]:
        if each["id"] == sortie_id:
            return dict(each)
    known = ", ".join(str(each["id"]) for each in plan["sorties"])
    raise NotFound("PLN-005", name=sortie_id, known=known)


def flown_sortie(
    planned: Mapping[str, Any], track: "Track", ground: SearchGround, tolerance_m: float
) -> FlownSortie:
    """Hold a track against a sortie: the sensor counts as on where the track keeps to a planned search leg.

    Args:
        planned: one sortie of `atalaya.plan/1`.
        tolerance_m: how far beside a search leg still counts as on it.

    Raises:
        BadInput: PLN-013, the sortie lacks what a plan says of one.
    """
    try:
        sweep_m, ahead_m, lon, lat, looks = _orders(planned)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadInput("PLN-013", where=str(planned.get("id")), detail=repr(error)[:120]) from error
    places = np.column_stack(ground.metres(lon, lat))
    length = np.hypot(*np.diff(places, axis=0).T)
    by_plan = coverage(ground, lon, lat, looks, sweep_m, ahead_m)
    known = np.isfinite(track.lon_deg + track.lat_deg)
    flown_lon, flown_lat, t_us = track.lon_deg[known], track.lat_deg[known], track.t_us[known]
    on = _on_legs(places, looks, np.column_stack(ground.metres(flown_lon, flown_lat)), tolerance_m)
    on[:-1] &= np.diff(t_us) <= GAP_S * 1e6
    steps = np.hypot(*np.diff(np.column_stack(ground.metres(flown_lon, flown_lat)), axis=0).T)
    return FlownSortie(
        str(planned["id"]),
        int(t_us[-1]),
        by_plan,
        coverage(ground, flown_lon, flown_lat, on, sweep_m, ahead_m),
        float(length[looks[:-1]].sum()),
        float(steps[on[:-1]].sum()),
    )


def _orders(planned: Mapping[str, Any]) -> tuple[float, float, Floats, Floats, NDArray[np.bool_]]:
    """Sweep width, how far ahead the look lies, the waypoints and whether a look begins at each."""
    use, points = planned["search"], planned["waypoints"]
    depression = float(use["depression_deg"])
    ahead_m = float(use["height_agl_m"]) / np.tan(np.radians(depression)) if depression < 90.0 else 0.0
    lon, lat = (np.array([float(p[key]) for p in points]) for key in ("lon_deg", "lat_deg"))
    looks = np.array([p["leg"] == "search" for p in points], np.bool_)
    looks[-1] = False
    return float(use["sweep_width_m"]), float(ahead_m), lon, lat, looks


def _on_legs(
    places: Floats, looks: NDArray[np.bool_], flown: Floats, tolerance_m: float
) -> NDArray[np.bool_]:
    """(n,) whether the aircraft was on a search leg, there and at its next fix."""
    starts, ends = places[:-1][looks[:-1]], places[1:][looks[:-1]]
    if not len(starts):
        return np.zeros(len(flown), np.bool_)
    corridors = shapely.linestrings(np.stack((starts, ends), axis=1))
    tree = shapely.STRtree(corridors)
    points = shapely.points(flown)
    near = tree.query(points, predicate="dwithin", distance=tolerance_m)[0]
    there = np.zeros(len(flown), np.bool_)
    there[near] = True
    on = there.copy()
    on[:-1] &= there[1:]
    on[-1:] = False
    return on
