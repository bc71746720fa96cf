"""Numbered flights over numbered ground for the trials of the range: any platform, leg, wind, error budget.

Not a test and not part of the package: tests and the bench fly with it. All randomness comes from the seed.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from atalaya.earth.error import ErrorBudget
from atalaya.earth.rough_terrain import rough_ground
from atalaya.earth.terrain import Terrain
from atalaya.klv.encode_columns import Packets
from atalaya.plan.flight import LayeredWind, fly
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform
from atalaya.sensing.platforms import platform
from atalaya.sensing.profile import default_budget, profiles
from atalaya.sim.flight.errors import Errors, StatedSurface, errors_of, stated_track
from atalaya.sim.flight.flight import Flight, flight_of
from atalaya.sim.flight.frames import frame_times_us
from atalaya.sim.flight.seen import seen_by
from atalaya.sim.record.faults import Record
from atalaya.sim.record.metadata import SortieNames, packets_of

PLATFORMS = ("mq9a", "mq9b", "scaneagle", "small-multirotor")
BUDGETS = {"mq9a": "turret-ins", "mq9b": "turret-ins", "scaneagle": "tactical-fixed-wing"}
START_US = 1_768_490_000_000_000
PLACES = ((-107.0, 25.6), (-71.5, -14.2), (13.4, 46.6), (101.0, 17.5))
"""West and north of the ground; the geoid lies 26 m under, 43, 46 over, 33 under the ellipsoid there."""


@dataclass(frozen=True)
class Trial:
    """A clip of a flight: what the aircraft states of it."""

    platform: Platform
    flight: Flight
    errors: Errors
    surface: StatedSurface
    record: Record

    def packets(self, record: Record | None = None) -> Packets:
        """What is sent of a record."""
        sent = record or self.record
        return packets_of(sent.stated, sent.seen, SortieNames())


@cache
def ground(place: int, posts: int = 1201) -> Terrain:
    """Rough ground about 35 km wide, of its own roughness."""
    west, north = PLACES[place]
    rng = np.random.default_rng((11, place))
    deviation = float(rng.uniform(80.0, 450.0))
    made = rough_ground(
        rng, posts=posts, west_deg=west, north_deg=north, mean_m=1500.0, deviation_m=deviation
    )
    return made.terrain()


def budget_of(name: str) -> ErrorBudget:
    """The budget of the platform's profile over a usual terrain model."""
    wanted = BUDGETS.get(name, name)
    one = next(profile for profile in profiles("platform") if profile.name == wanted)
    terrain = next(profile for profile in profiles("terrain") if profile.name == "copernicus-glo30")
    return default_budget(one, terrain)


@cache
def flown(seed: int) -> tuple[Platform, Flight, Errors, StatedSurface]:
    """A flight with search legs, turns and an orbit, and the errors of its instruments."""
    rng = np.random.default_rng((12, seed))
    place = int(rng.integers(len(PLACES)))
    plane = platform(PLATFORMS[int(rng.integers(len(PLATFORMS)))])
    big = plane.loiter_ms > 50.0
    terrain = ground(place)
    west, north = PLACES[place]
    lon, lat = west + 1200 / 3600 / 2, north - 1200 / 3600 / 2
    height = terrain.ceiling_hae_m + float(rng.uniform(1500.0, 4500.0) if big else rng.uniform(300.0, 1200.0))
    sensor = plane.sensors[int(rng.integers(len(plane.sensors)))]
    side = float(rng.choice([-90.0, 90.0, 0.0, 40.0, -120.0]))
    depression = float(rng.uniform(30.0, 70.0) if rng.random() < 0.85 else 90.0)
    modes = [mode.name for mode in sensor.modes]
    task = SensorTask(sensor.name, modes[int(rng.integers(len(modes)))], side, depression)
    span = 0.05 if big else 0.012
    turned = rng.uniform(0.0, 2.0 * np.pi)
    east, north_ = np.cos(turned), np.sin(turned)
    points = [Waypoint(lon - span, lat - span, height - 60.0)]
    for row in range(2):
        across = (row - 0.5) * span * 0.9
        for along in (-span, span) if row == 0 else (span, -span):
            x, y = along * east - across * north_, along * north_ + across * east
            leg = LegKind.SEARCH if along * (1 - 2 * row) < 0 else LegKind.TURN
            points.append(Waypoint(lon + x, lat + y, height, leg=leg, task=task))
    radius = float(rng.choice([-1.0, 1.0])) * (3000.0 if big else 400.0)
    points.append(
        Waypoint(
            lon,
            lat,
            height,
            WaypointKind.LOITER,
            LegKind.LOITER,
            task,
            loiter_s=200.0,
            loiter_radius_m=radius,
        )
    )
    points.append(Waypoint(lon + span, lat + span, height))
    wind = LayeredWind(
        (0.0, 9000.0), (1.0, float(rng.uniform(2.0, 15.0 if big else 5.0))), (0.0, float(rng.uniform(0, 360)))
    )
    path = fly(points, plane, start_us=START_US + seed * 10**9, fuel=plane.tank.capacity, wind=wind)
    flight = flight_of(path, points, plane, wind=wind, seed=seed, terrain=terrain)
    errors = errors_of(budget_of(plane.name), flight, seed)
    return plane, flight, errors, StatedSurface(terrain, *errors.shared_terrain_m)


def trial(seed: int, attempt: int = 0) -> Trial:
    """A clip of half a minute to two minutes of the flight of a seed, where its sensor is at work."""
    plane, flight, errors, surface = flown(seed)
    rng = np.random.default_rng((13, seed, attempt))
    lasts = min(float(rng.uniform(35.0, 120.0)), 0.8 * flight.duration_s)
    rate = float(rng.choice([5.0, 10.0, 30.0]))
    coarse = flight.at(frame_times_us(flight, 1.0))
    begin = int(rng.choice(np.flatnonzero(coarse.sensor >= 0)))
    start = min(int(coarse.t_us[begin]), flight.start_us + int((flight.duration_s - lasts) * 1e6))
    t_us = frame_times_us(flight, rate, start, start + int(lasts * 1e6))
    stated = stated_track(flight, t_us, errors)
    return Trial(plane, flight, errors, surface, Record(stated, seen_by(stated, surface)))
