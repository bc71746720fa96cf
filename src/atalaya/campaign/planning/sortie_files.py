"""One file per sortie and format, each read again and compared before it is believed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding
from atalaya.campaign.planning.made_plan import MadePlan, PlannedSortie
from atalaya.plan.exports import Fence, FencePolygon, FlightPlanFields, Home, MissionOptions, export
from atalaya.sensing.endurance import endurance_h

Ring = tuple[tuple[float, float], ...]

MOST_CORNERS = 80
FENCE_ROOM_DEG = 0.02
BESIDE_DEG = 0.0015


def write_sortie(made: MadePlan, planned: PlannedSortie, folder: Path, name: str) -> list[Finding]:
    """Write one sortie in one format.

    Raises:
        Usage: XPT-008, no such format.
        BadInput: PLN-010, a flight plan without what the operator must say; XPT-0xx, it cannot be written so.
        VerificationFailed: XPT-010, read again it is not what was planned.
    """
    request = made.request
    base = request.bases[planned.sortie.base]
    home = Home(base.lon_deg, base.lat_deg, base.height_msl_m)
    suffix = {"wpl": "waypoints"}.get(name, name)
    path = folder / f"{planned.sortie.id}.{suffix}"
    fields = _flight_plan(made, planned) if name == "fpl" else None
    options = MissionOptions(cruise_ms=planned.use.airspeed_ms)
    found = export(
        planned.sortie,
        path,
        format=name,
        home=home,
        fence=fence_of(planned),
        flight_plan=fields,
        options=options,
    )
    return list(found.findings)


def fence_of(planned: PlannedSortie) -> Fence:
    """Where an autopilot must turn home: ground that is open to the sortie, near its path.

    Corners are few, as autopilots hold few.
    """
    path = planned.sortie.path
    told = [(point.lon_deg, point.lat_deg) for point in planned.sortie.waypoints]
    flown = shapely.union(
        shapely.linestrings(np.column_stack((path.lon_deg, path.lat_deg))), shapely.linestrings(told)
    )
    near = flown.convex_hull.buffer(FENCE_ROOM_DEG, quad_segs=2)
    # lines that were found open run a little beyond cells that were closed with room to spare
    area = near.intersection(planned.open).union(flown.buffer(BESIDE_DEG, quad_segs=2))
    part = max(shapely.get_parts(area), key=lambda each: each.intersection(flown).length)
    polygons = [FencePolygon(_corners(shapely.Polygon(part.exterior), flown), inclusion=True)]
    polygons += [
        FencePolygon(_around(shapely.Polygon(hole), flown), inclusion=False) for hole in part.interiors
    ]
    return Fence(polygons=tuple(polygons))


def _around(hole: shapely.Polygon, flown: BaseGeometry) -> Ring:
    """Few corners about ground to keep out of, nothing flown among it; else that ground itself."""
    step = 1e-4
    while step < FENCE_ROOM_DEG:
        wide = hole.buffer(step, quad_segs=2).simplify(step / 2.0)
        if wide.intersects(flown):
            break
        if wide.covers(hole) and len(wide.exterior.coords) <= MOST_CORNERS:
            return _ring(wide)
        step *= 1.5
    return _ring(hole)


def _ring(area: shapely.Polygon) -> Ring:
    return tuple((float(x), float(y)) for x, y in shapely.get_coordinates(area.exterior)[:-1])


def _corners(area: shapely.Polygon, inside: BaseGeometry | None = None) -> Ring:
    """At most `MOST_CORNERS` corners of an area; what must stay inside does."""
    found, step = area, 1e-4
    while len(found.exterior.coords) > MOST_CORNERS:
        found = area.simplify(step)
        if inside is not None and not found.covers(inside):
            found = area.buffer(step).simplify(step)
        step *= 1.5
    return _ring(found)


def require_fields(stated: Mapping[str, Any]) -> None:
    """What a flight plan cannot do without.

    Raises:
        BadInput: PLN-010.
    """
    missing = [key for key in ("aircraft_type", "wake", "equipment", "surveillance") if not stated.get(key)]
    if missing:
        raise BadInput("PLN-010", where="[flight_plan]", missing=", ".join(missing))


def _flight_plan(made: MadePlan, planned: PlannedSortie) -> FlightPlanFields:
    stated = made.request.flight_plan
    require_fields(stated)
    return FlightPlanFields(
        aircraft_id=str(stated.get("aircraft_id") or "".join(filter(str.isalnum, planned.sortie.aircraft)))[
            :7
        ],
        aircraft_type=str(stated["aircraft_type"]),
        wake=str(stated["wake"]),
        equipment=str(stated["equipment"]),
        surveillance=str(stated["surveillance"]),
        departure=str(stated.get("departure", "ZZZZ")),
        destination=str(stated.get("destination", stated.get("departure", "ZZZZ"))),
        cruise_ms=planned.use.airspeed_ms,
        type_name=str(stated.get("type_name", planned.sortie.platform.upper())),
        search="delay",
        sts=tuple(stated.get("sts", ())),
        clearances=_clearances(made, planned),
        endurance_min=int(60.0 * endurance_h(made.request.fleets[planned.fleet].platform, reserve_share=0.0)),
    )


def _clearances(made: MadePlan, planned: PlannedSortie) -> dict[str, str | None]:
    """State to the instrument that lets this flight be there; None where none is on record."""
    found: dict[str, str | None] = {}
    for ground in planned.answer.grounds:
        for state in ground.states:
            if state == made.request.fleets[planned.fleet].operator_state:
                continue
            found.setdefault(state, None)
            for reason in ground.reasons:
                if reason.record in made.instruments:
                    found[state] = made.instruments[reason.record]
    return found
