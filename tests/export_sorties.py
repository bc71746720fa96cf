"""Sorties, fences and flight plan fields for the tests of exports: one worked, any number at random."""

import numpy as np

from atalaya.plan.exports import (
    Fence,
    FenceCircle,
    FencePolygon,
    FlightPlanFields,
    Home,
    RallyPoint,
    corridors_of,
)
from atalaya.plan.exports.route import Swath
from atalaya.plan.flight_path import FlightPath
from atalaya.plan.sortie import Sortie
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind

T0_US = 1_795_000_000_000_000
LEG_US = 600_000_000

VIDEO = SensorTask("eo", "wide", 90.0, 45.0)
STILLS = SensorTask("eo", "narrow", 0.0, 90.0, 120.0)

HOME = Home(-110.3, 31.6, 1425.0)
FENCE = Fence(
    (
        FencePolygon(((-111.0, 31.0), (-109.0, 31.0), (-109.0, 32.0), (-111.0, 32.0))),
        FencePolygon(((-110.2, 31.1), (-110.1, 31.1), (-110.1, 31.2)), inclusion=False),
    ),
    (FenceCircle(-110.9, 31.9, 500.0, inclusion=False),),
)
RALLY = (RallyPoint(-110.3, 31.61, 1800.0), RallyPoint(-110.2, 31.65, 2000.5))

FIELDS = FlightPlanFields(
    "ATLY01",
    "Q9",
    "M",
    "SDGRY",
    "S",
    "KFHU",
    "ZZZZ",
    80.0,
    sts=("STATE", "SAR"),
    clearances={"Guatemala": None, "México": "DGN 12345"},
    endurance_min=1200,
)


def path_of(waypoints: tuple[Waypoint, ...]) -> FlightPath:
    count = len(waypoints)
    return FlightPath(
        T0_US + np.arange(count) * LEG_US,
        np.array([point.lon_deg for point in waypoints]),
        np.array([point.lat_deg for point in waypoints]),
        np.array([point.height_msl_m for point in waypoints]),
        np.linspace(1000.0, 400.0, count),
        np.arange(count),
    )


def sortie_of(waypoints: tuple[Waypoint, ...], name: str = "S01") -> Sortie:
    return Sortie(name, "mq9a", "mq9-1", "Fort Huachuca", "Rancho", waypoints, path_of(waypoints), 1.2)


def worked() -> Sortie:
    """Take-off, a video leg, a turn, a leg of stills, an orbit, home."""
    kind, leg = WaypointKind, LegKind
    return sortie_of(
        (
            Waypoint(-110.3, 31.6, 1425.0, kind.TAKEOFF, leg.TRANSIT, airspeed_ms=80.0),
            Waypoint(-110.25, 31.5, 6000.0, kind.FLY, leg.SEARCH, VIDEO, label="=1 <entry> & ñ"),
            Waypoint(-110.05, 31.5, 6000.0, kind.FLY, leg.TURN),
            Waypoint(-110.05, 31.52, 6100.0, kind.FLY, leg.SEARCH, STILLS, airspeed_ms=70.0),
            Waypoint(-110.25, 31.52, 6000.0, kind.LOITER, leg.TRANSIT, STILLS, 1800.0, -1500.0),
            Waypoint(-110.28, 31.58, 3000.0, kind.FLY, leg.TRANSIT),
            Waypoint(-110.3, 31.6, 1425.0, kind.LAND),
        )
    )


def random_sortie(rng: np.random.Generator, name: str = "S01", most: int = 30) -> Sortie:
    """A sortie of the form planners make, with every kind of waypoint, leg and task, anywhere on Earth."""
    count = int(rng.integers(0, most))
    lon0, lat0 = rng.uniform(-178.0, 178.0), rng.uniform(-84.0, 84.0)
    ground = float(rng.uniform(-100.0, 3000.0))
    points = [Waypoint(lon0, lat0, ground, WaypointKind.TAKEOFF)]
    for _ in range(count):
        task = (None, VIDEO, STILLS)[rng.integers(3)]
        loiter = rng.random() < 0.15
        points.append(
            Waypoint(
                lon0 + rng.uniform(-1.5, 1.5),
                lat0 + rng.uniform(-1.5, 1.5),
                ground + rng.uniform(100.0, 9000.0),
                WaypointKind.LOITER if loiter else WaypointKind.FLY,
                (LegKind.SEARCH if rng.random() < 0.7 else LegKind.TURN) if task else LegKind.TRANSIT,
                task,
                float(rng.uniform(10.0, 9000.0)) if loiter else 0.0,
                float(rng.uniform(-3000.0, 3000.0)) if loiter else 0.0,
                float(rng.uniform(15.0, 110.0)) if rng.random() < 0.3 else None,
                ("", "A 1", "-niño", "\ttab", 'a,b;"c"')[rng.integers(5)],
            )
        )
    points.append(Waypoint(lon0, lat0, ground, WaypointKind.LAND))
    return sortie_of(tuple(points), name)


def random_fence(rng: np.random.Generator, at: Waypoint) -> Fence:
    """Star-shaped polygons and circles around a place."""
    polygons = []
    for _ in range(rng.integers(0, 4)):
        angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, int(rng.integers(3, 12))))
        gaps = np.diff(angles, append=angles[0] + 2.0 * np.pi)
        if gaps.max() > 3.0 or gaps.min() < 0.05:  # not star-shaped, or nearly two corners in one
            continue
        radii = rng.uniform(0.2, 1.5, len(angles))
        corners = zip(at.lon_deg + radii * np.cos(angles), at.lat_deg + radii * np.sin(angles), strict=True)
        polygons.append(
            FencePolygon(tuple((float(x), float(y)) for x, y in corners), bool(rng.random() < 0.5))
        )
    circles = tuple(
        FenceCircle(at.lon_deg, at.lat_deg, float(rng.uniform(50.0, 9000.0)), bool(rng.random() < 0.5))
        for _ in range(rng.integers(0, 3))
    )
    return Fence(tuple(polygons), circles)


def named_corridors(sortie: Sortie) -> list[tuple[str, Swath]]:
    return [(sortie.id, swath) for swath in corridors_of(sortie, 1500.0)]


def simple(command: int, frame: int, params: list[float | None], **more: object) -> dict[str, object]:
    return {
        "type": "SimpleItem",
        "command": command,
        "frame": frame,
        "params": params,
        "autoContinue": True,
        **more,
    }


def foreign_plan() -> dict[str, object]:
    """A plan as QGroundControl writes it: a survey, heights in three modes, a fence, a rally point."""
    flown = [simple(16, 3, [0, 0, 0, None, 47.1 + n / 1000, 8.5, 60]) for n in range(3)]
    survey = {
        "type": "ComplexItem",
        "complexItemType": "survey",
        "version": 5,
        "polygon": [],
        "TransectStyleComplexItem": {"Items": [*flown, simple(206, 2, [25, 0, 1, 0, 0, 0, 0])], "version": 1},
    }
    items = [
        simple(22, 3, [15, 0, 0, None, 47.1, 8.4, 50], AltitudeMode=1, Altitude=50, AMSLAltAboveTerrain=None),
        survey,
        simple(16, 0, [0, 0, 0, None, 47.2, 8.5, 650], AltitudeMode=3, AMSLAltAboveTerrain=650),
        simple(16, 10, [0, 0, 0, None, 47.2, 8.6, 80], AltitudeMode=4),
        simple(20, 2, [0, 0, 0, 0, 0, 0, 0]),
    ]
    mission = {
        "version": 2, "firmwareType": 12, "vehicleType": 1, "cruiseSpeed": 15, "hoverSpeed": 5,
        "globalPlanAltitudeMode": 0, "plannedHomePosition": [47.1, 8.4, 440.0], "items": items,
    }  # fmt: skip
    fence = {
        "version": 2,
        "circles": [],
        "polygons": [{"inclusion": True, "version": 1, "polygon": [[47, 8], [48, 8], [48, 9], [47, 9]]}],
    }
    rally = {"version": 2, "points": [[47.1, 8.41, 60]]}
    return {
        "fileType": "Plan", "version": 1, "groundStation": "QGroundControl", "mission": mission,
        "geoFence": fence, "rallyPoints": rally,
    }  # fmt: skip
