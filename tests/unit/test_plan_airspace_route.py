"""Ways around, over and inside volumes, and what excludes what."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from atalaya.earth import Terrain
from atalaya.plan.airspace import (
    Infeasible,
    Limit,
    RoutedSortie,
    Volume,
    VolumeKind,
    check_path,
    free_space,
    minimal_conflict,
    route_sortie,
)
from atalaya.plan.airspace.visibility.free_space import obstacle
from atalaya.plan.flight import CALM, ConstantWind
from atalaya.plan.plane import TangentPlane
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from tests.plan_cases import START_US, platform, star

PLANE = TangentPlane(-104.0, 24.0)


def at(east_m: float, north_m: float, height_m: float = 1500.0) -> Waypoint:
    lon, lat = PLANE.to_lonlat(np.array([east_m, north_m], float))
    return Waypoint(float(lon), float(lat), height_m, leg=LegKind.SEARCH, task=SensorTask("eo", "wide"))


def base(east_m: float = 0.0, north_m: float = 0.0, height_m: float = 0.0) -> Waypoint:
    lon, lat = PLANE.to_lonlat(np.array([east_m, north_m], float))
    return Waypoint(float(lon), float(lat), height_m, WaypointKind.TAKEOFF, label="base")


def zone(
    name: str, corners: list[tuple[float, float]], kind: VolumeKind = VolumeKind.KEEP_OUT, **more: object
) -> Volume:
    lon, lat = PLANE.to_lonlat(np.array(corners, float))
    return Volume(name, kind, (np.column_stack((lon, lat)),), **more)  # type: ignore[arg-type]


def block(name: str, x0: float, y0: float, x1: float, y1: float, **more: object) -> Volume:
    return zone(name, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], **more)  # type: ignore[arg-type]


LEG = (at(60_000, 0), at(70_000, 0))


def routed(
    volumes: list[Volume], legs: list[tuple[Waypoint, ...]] | None = None, **more: object
) -> RoutedSortie | Infeasible:
    given = {"terrain": None, "wind": CALM, "fuel": 1500.0, **more}
    return route_sortie(
        legs or [LEG], given.pop("base", base()), base(), platform(), volumes, start_us=START_US, **given
    )  # type: ignore[arg-type]


def dijkstra(space_area: shapely.Geometry, start: np.ndarray, goal: np.ndarray) -> float:
    """Shortest way among polygons by a full visibility graph with shapely: the oracle."""
    corners = shapely.get_coordinates(space_area)
    nodes = np.vstack((start, goal, corners))
    n = len(nodes)
    closed = shapely.buffer(space_area, -1e-3)
    length = np.full((n, n), np.inf)
    for i in range(n):
        lines = shapely.linestrings(np.stack((np.repeat(nodes[i : i + 1], n, axis=0), nodes), axis=1))
        free = ~shapely.intersects(closed, lines)
        length[i] = np.where(free, np.linalg.norm(nodes - nodes[i], axis=1), np.inf)
    best, open_ = np.full(n, np.inf), set(range(n))
    best[0] = 0.0
    while open_:
        here = min(open_, key=lambda k: best[k])
        open_.remove(here)
        best = np.minimum(best, best[here] + length[here])
    return float(best[1])


@pytest.mark.parametrize("seed", range(12))
def test_ways_are_the_shortest_of_a_full_visibility_graph(seed: int) -> None:
    rng = np.random.default_rng(seed)
    volumes = [
        star(
            rng,
            PLANE,
            rng.uniform(2000, 9000),
            rng.uniform(-20_000, 20_000, 2),
            7,
            name=str(k),
            kind=VolumeKind.KEEP_OUT,
        )
        for k in range(5)
    ]
    area = shapely.union_all([obstacle(PLANE, one, 20.0).area for one in volumes])
    start, goal = np.array([-32_000.0, rng.uniform(-9e3, 9e3)]), np.array([32_000.0, rng.uniform(-9e3, 9e3)])
    way = free_space(PLANE, volumes, 20.0).way(start, goal)
    assert way is not None
    assert not shapely.intersects(area, shapely.LineString(way))
    found = sum(np.linalg.norm(b - a) for a, b in pairwise(way))
    assert dijkstra(area, start, goal) - 1e-3 <= found <= dijkstra(area, start, goal) + 40.0


def test_around_a_wall_and_over_a_low_one() -> None:
    high = routed([block("wall", 25_000, -30_000, 30_000, 30_000, buffer_m=500.0)])
    assert isinstance(high, RoutedSortie)
    assert max(abs(PLANE.to_plane(p.lon_deg, p.lat_deg)[1]) for p in high.waypoints) > 30_400.0
    low = routed(
        [block("shed", 25_000, -30_000, 30_000, 30_000, ceiling=Limit(2500.0), vertical_buffer_m=100.0)]
    )
    assert isinstance(low, RoutedSortie)
    assert max(abs(PLANE.to_plane(p.lon_deg, p.lat_deg)[1]) for p in low.waypoints) < 3000.0
    assert max(p.height_msl_m for p in low.waypoints) >= 2600.0
    assert low.path.duration_s < high.path.duration_s


def test_inside_a_concave_keep_in() -> None:
    horseshoe = zone(
        "horseshoe",
        [(-9e3, -9e3), (79e3, -9e3), (79e3, 9e3), (50e3, 9e3), (50e3, 0), (20e3, 0), (20e3, 60e3), (-9e3,
        60e3)], VolumeKind.KEEP_IN, buffer_m=200.0,
    )  # fmt: skip
    leg = (at(5_000, 50_000), at(8_000, 40_000))
    found = routed([horseshoe], [inner := (at(55_000, -2_000), at(70_000, -2_000)), leg])
    assert isinstance(found, RoutedSortie), found.message
    assert found.flown == (0, 1)
    assert not check_path(found.path, [horseshoe], None, platform())
    assert inner[0].lon_deg in [p.lon_deg for p in found.waypoints]


@pytest.mark.proves("FLT-108")
def test_a_closed_way_names_what_closes_it() -> None:
    ring = [block("north", -20e3, 15e3, 20e3, 20e3), block("south", -20e3, -20e3, 20e3, -15e3),
            block("east", 15e3, -20e3, 20e3, 20e3), block("west", -20e3, -20e3, -15e3, 20e3)]  # fmt: skip
    found = routed([*ring, block("far", 90e3, 90e3, 95e3, 95e3)])
    assert isinstance(found, Infeasible)
    assert {one.subject for one in found.conflict if one.index >= 0} == {"north", "south", "east", "west"}


@pytest.mark.proves("FLT-108")
@pytest.mark.parametrize(
    ("more", "volumes", "kinds"),
    [
        ({"fuel": 10.0}, [], {"fuel"}),
        ({"wind": ConstantWind(70.0, 0.0)}, [], {"wind"}),
        ({}, [block("over base", -2e3, -2e3, 2e3, 2e3)], {"keep_out"}),
        ({}, [block("work", 40e3, -9e3, 90e3, 9e3, kind=VolumeKind.KEEP_IN)], {"keep_in"}),
        (
            {},
            [
                block("lid", -90e3, -90e3, 90e3, 90e3, kind=VolumeKind.KEEP_IN, ceiling=Limit(3000.0)),
                block("wall", 30e3, -99e3, 35e3, 99e3, ceiling=Limit(4000.0)),
            ],
            {"keep_in", "keep_out"},
        ),
    ],
)
def test_what_excludes_what(more: dict[str, object], volumes: list[Volume], kinds: set[str]) -> None:
    found = routed([*volumes, block("far", 90e3, 90e3, 95e3, 95e3)], **more)
    assert isinstance(found, Infeasible)
    assert {str(one.kind) for one in found.conflict} == kinds
    assert all(part.message in found.message for part in found.conflict)
    assert [part["kind"] for part in found.as_json()["conflict"]] == [
        str(part.kind) for part in found.conflict
    ]  # type: ignore[attr-defined]


def test_ground_raises_a_leg_and_a_ridge_against_a_lid_excludes() -> None:
    height = np.zeros((200, 400))
    height[:, 240:260] = 3000.0
    affine = (PLANE.lon_deg - 1.0, 0.005, 0.0, PLANE.lat_deg + 0.5, 0.0, -0.005)
    ridge = Terrain.from_posts(height, 4326, affine, vertical_datum="msl", kind="dtm")
    leg = (at(22_000, -20_000), at(22_000, 20_000))
    found = routed([], [leg], terrain=ridge)
    assert isinstance(found, RoutedSortie)
    assert found.raised[0][1] > 1500.0
    lid = block("lid", -90e3, -90e3, 90e3, 90e3, kind=VolumeKind.KEEP_IN, ceiling=Limit(3050.0))
    blocked = routed([lid], [leg], terrain=ridge)
    assert isinstance(blocked, Infeasible)
    assert {str(one.kind) for one in blocked.conflict} == {"keep_in", "terrain"}


@pytest.mark.proves("FLT-106")
def test_trailing_legs_are_dropped_for_fuel_and_said() -> None:
    legs = [(at(20_000 * k, 5_000), at(20_000 * k + 10_000, 5_000)) for k in range(1, 12)]
    found = routed([], legs, fuel=60.0)
    assert isinstance(found, RoutedSortie)
    assert 0 < len(found.flown) < len(legs)
    assert found.flown == tuple(range(len(found.flown)))
    assert {str(out.why) for out in found.left_out} == {"fuel"}
    assert found.path.fuel[-1] >= 6.0


def test_minimal_conflicts_by_force() -> None:
    rng = np.random.default_rng(3)
    for _ in range(60):
        cores = [frozenset(rng.choice(9, rng.integers(1, 4), replace=False).tolist()) for _ in range(3)]
        asked = []

        def feasible(kept: tuple[int, ...], cores: list[frozenset[int]] = cores) -> bool:
            asked.append(kept)  # noqa: B023
            return not any(core <= set(kept) for core in cores)

        found = frozenset(minimal_conflict(tuple(range(9)), feasible))
        assert found in cores
        assert not any(core < found for core in cores)
        assert len(asked) < 40
    assert minimal_conflict((1, 2), lambda kept: True) == ()
