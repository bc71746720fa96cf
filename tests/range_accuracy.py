"""Does an exploiter who knows the error budget state honest errors of what the range recorded?

One look per sortie: a pixel of the true picture has a true place on the true ground. What the aircraft sent
(through KLV and back) is located on a terrain model that errs as the budget says. Not a test and
not part of the package: a test and the bench ask it.
"""

from dataclasses import dataclass, replace

import numpy as np

from atalaya.earth import enu_basis, geodetic_to_ecef, ned_basis, pixel_in_camera
from atalaya.earth.error import Draws, ErrorBudget, GroundPoints, Looks, draw, looks_from_angles
from atalaya.earth.error import locate as located
from atalaya.earth.surface import Surface
from atalaya.klv.columns import Columns, decode_columns
from atalaya.klv.framer import Framer
from atalaya.plan.flight import ConstantWind, fly
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.platforms import platform
from atalaya.sim.flight.errors import Errors, StatedSurface, errors_of, stated_track
from atalaya.sim.flight.flight import Flight, flight_of
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import frame_times_us, poses
from atalaya.sim.flight.seen import seen_by
from atalaya.sim.record.metadata import SortieNames, packets_of
from tests.range_trials import START_US, budget_of, ground

WIDTH, HEIGHT = 1280, 720
ITEMS = (5, 13, 14, 16, 17, 18, 19, 20, 79, 80, 90, 91, 104)
ROUNDED = {"quantised_heading_deg": 360.0 / 65535 / np.sqrt(12.0)}
"""The coarsest step of what is sent; the others are of four bytes."""


@dataclass(frozen=True)
class Agreement:
    """Of n looks: truths in the stated 90 % regions, and the 90th percentile of miss over CE90."""

    looks: int
    inside: int
    ratio: float
    median_ce90_m: float


def _flight(rough: Surface) -> Flight:
    plane = platform("mq9a")
    task = SensorTask("eo", "narrow", 90.0, 45.0)
    height = 6500.0
    lon, lat = -106.83, 25.43
    points = (
        Waypoint(lon - 0.05, lat - 0.03, height, leg=LegKind.SEARCH, task=task),
        Waypoint(lon + 0.05, lat - 0.03, height, leg=LegKind.TURN),
        Waypoint(lon + 0.05, lat + 0.03, height, leg=LegKind.SEARCH, task=task),
        Waypoint(lon - 0.05, lat + 0.03, height),
        Waypoint(
            lon,
            lat,
            height,
            WaypointKind.LOITER,
            LegKind.LOITER,
            replace(task, mode="medium"),
            loiter_s=300.0,
            loiter_radius_m=4000.0,
        ),
        Waypoint(lon, lat - 0.05, height),
    )
    wind = ConstantWind(12.0, 300.0)
    path = fly(points, plane, start_us=START_US, fuel=plane.tank.capacity, wind=wind)
    return flight_of(path, points, plane, wind=wind, terrain=rough, seed=4)


def _sent(track: FrameTrack, surface: Surface) -> Columns:
    data = packets_of(track, seen_by(track, surface), SortieNames()).data.tobytes()
    framer = Framer()
    framed = framer.feed(data)
    columns = decode_columns(framed.packets if len(framed.packets) else framer.finish().packets, ITEMS)
    assert len(columns.t_us) == len(track)
    return columns


def _slew(flight: Flight, t_us: int) -> np.ndarray:
    """Rotation of the camera in north, east, down, degrees a second."""
    half = 50_000
    track = flight.at(np.array([t_us - half, t_us + half]))
    before, after = poses(track).camera_to_ecef
    spin = (after @ before.T - before @ after.T) / 2.0
    vector = np.degrees(np.array([spin[2, 1], spin[0, 2], spin[1, 0]])) / (2e-6 * half)
    return np.asarray(ned_basis(track.lon_deg[0], track.lat_deg[0]).T @ vector)


def _look(columns: Columns, mark: np.ndarray, slew: np.ndarray) -> Looks:
    value = {tag: columns.values[item.name] for tag, item in zip(ITEMS, columns.items, strict=True)}
    fov = float(value[16][0]), float(value[17][0])
    tangent = 2.0 * np.tan(np.radians(fov[0] / 2.0)) / WIDTH
    place = (value[14], value[13], value[104])
    angles = (value[5], value[90], value[91], value[18], value[19], value[20])
    velocity = np.stack((value[79], value[80], np.zeros(1)), axis=-1)
    direction = pixel_in_camera(mark[:1], mark[1:], WIDTH, HEIGHT, *fov)
    return looks_from_angles(
        *place,
        *angles,
        direction=direction,
        pixel_tangent=tangent,
        velocity_ned_mps=velocity,
        slew_ned_dps=slew,
    )


def accuracy(sorties: int, seed: int = 0, *, profile: str = "turret-ins") -> Agreement:
    """Fly so many sorties with errors of their own and locate one object in each."""
    rough = ground(0)
    flight = _flight(rough)
    budget = replace(budget_of(profile), **ROUNDED)
    rng = np.random.default_rng((31, seed))
    # a region from 400 draws holds 90 % to 1.5 only: several sets, lest all sorties share that
    draws = [draw(rng) for _ in range(12)]
    times = frame_times_us(flight, 1.0)
    times = times[flight.at(times).sensor >= 0]
    inside, ratios, stated = 0, [], []
    for sortie in range(sorties):
        errors = errors_of(budget, flight, 1_000_003 * seed + sortie)
        found, truth = _one(flight, rough, errors, budget, int(rng.choice(times)), rng, draws[sortie % 12])
        if found is None or not np.isfinite(found.lon_deg[0]):
            continue
        lon, lat = np.array([truth[0]]), np.array([truth[1]])
        inside += bool(found.holds(lon, lat)[0])
        off = geodetic_to_ecef(*truth) - geodetic_to_ecef(
            found.lon_deg[0], found.lat_deg[0], found.height_hae_m[0]
        )
        ratios.append(float(np.hypot(*(off @ enu_basis(truth[0], truth[1]))[:2]) / found.ce90_m[0]))
        stated.append(float(found.ce90_m[0]))
    return Agreement(len(ratios), inside, float(np.percentile(ratios, 90.0)), float(np.median(stated)))


def _one(
    flight: Flight,
    rough: Surface,
    errors: Errors,
    budget: ErrorBudget,
    t_us: int,
    rng: np.random.Generator,
    draws: Draws,
) -> tuple[GroundPoints | None, tuple[float, float, float]]:
    at = np.array([t_us])
    true = flight.at(at)
    pixel = rng.uniform((0.0, 0.0), (WIDTH - 1.0, HEIGHT - 1.0))
    pose = poses(true)
    ray = pixel_in_camera(
        pixel[:1], pixel[1:], WIDTH, HEIGHT, float(true.hfov_deg[0]), float(true.vfov_deg[0])
    )
    met = rough.hits(pose.origin_m, ray @ pose.camera_to_ecef[0].T)
    truth = (float(met.lon_deg[0]), float(met.lat_deg[0]), float(met.height_hae_m[0]))
    if not met.found[0]:
        return None, truth
    # what this place errs by beside its tile belongs to the terrain model, not to the aircraft
    model = StatedSurface(rough, *errors.terrain_m(at)[0].tolist())
    sent = _sent(stated_track(flight, at, errors), model)
    mark = pixel - errors.pixels(at)[0]
    look = _look(sent, mark, _slew(flight, t_us))
    return located(model, look, budget, draws=draws, method="auto"), truth
