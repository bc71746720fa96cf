"""Flights with a gimballed camera as `SensorTrack`s: true, noisy, and mis-tagged in known ways.

Not a test and not part of the package: the audit's tests and its bench fly with it. All randomness comes from
the generator given.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import (
    angles_zyx,
    azimuth_elevation,
    boresight_ned,
    camera_to_ned,
    corners_in_camera,
    direction,
    ecef_to_geodetic,
    enu_basis,
    geodetic_to_ecef,
    ned_basis,
    point_at_height,
    rotation_zyx,
    undulation_m,
)
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]

PATHS = ("orbit", "leg", "hover", "racetrack")
LOOKS = ("stare", "scan", "fixed", "nadir", "points")


@dataclass(frozen=True)
class Flight:
    """What is flown: path and look, seconds and packets per second, metres above ground, metres of noise."""

    path: str
    look: str
    seconds: float
    rate_hz: float
    height_m: float
    speed_m_s: float
    depression_deg: float
    noise: float = 1.0


def random_flight(rng: np.random.Generator, *, shortest_s: float = 8.0, longest_s: float = 240.0) -> Flight:
    """Any path with any look, up to 5 km up."""
    return Flight(
        path=str(rng.choice(PATHS)),
        look=str(rng.choice(LOOKS, p=[0.4, 0.2, 0.15, 0.05, 0.2])),
        seconds=float(np.exp(rng.uniform(np.log(shortest_s), np.log(longest_s)))),
        rate_hz=float(rng.choice([1.0, 2.0, 5.0, 10.0, 30.0], p=[0.2, 0.2, 0.3, 0.2, 0.1])),
        height_m=float(np.exp(rng.uniform(np.log(80.0), np.log(5000.0)))),
        speed_m_s=float(rng.uniform(12.0, 70.0)),
        depression_deg=float(rng.uniform(15.0, 65.0)),
        noise=float(rng.uniform(0.3, 1.0)),
    )


def fly(rng: np.random.Generator, flight: Flight) -> SensorTrack:
    """A track whose numbers agree exactly: what a perfect sender would state."""
    n = max(2, round(flight.seconds * flight.rate_hz))
    clock = np.arange(n) / flight.rate_hz
    lon0, lat0 = float(rng.uniform(-170, 170)), float(rng.uniform(-60, 65))
    ground0 = float(rng.uniform(0.0, 2500.0))
    east, north, course, turn = _path(rng, flight, clock)
    height = ground0 + flight.height_m + _wander(rng, clock, 0.02 * flight.height_m, 60.0)
    sensor = _offset(lon0, lat0, east, north, height)
    lon, lat, height = ecef_to_geodetic(sensor)
    bank = np.clip(np.degrees(np.arctan(flight.speed_m_s * np.radians(turn) / 9.81)), -35.0, 35.0)
    heading = course + rng.uniform(-8.0, 8.0) + _wander(rng, clock, 0.6, 8.0)
    pitch = rng.uniform(0.5, 5.0) + _wander(rng, clock, 0.8, 6.0)
    roll = bank + rng.uniform(-1.0, 1.0) + _wander(rng, clock, 1.0, 5.0)
    ground = ground0 + _wander(rng, clock, min(15.0, 0.02 * flight.height_m), 20.0)
    camera = _camera(rng, flight, clock, sensor, (lon, lat), (heading, pitch, roll), (lon0, lat0, ground0))
    centre = point_at_height(sensor, np.einsum("nij,nj->ni", ned_basis(lon, lat), camera[:, :, 0]), ground)
    centre_lon, centre_lat, _ = ecef_to_geodetic(centre)
    relative = np.swapaxes(rotation_zyx(heading, pitch, roll), -1, -2) @ camera
    azimuth, elevation, camera_roll = angles_zyx(relative)
    hfov = np.full(n, float(np.exp(rng.uniform(np.log(1.0), np.log(25.0)))))
    vfov = hfov * float(rng.choice([0.75, 0.5625]))
    rays = np.einsum("nij,nkj->nki", ned_basis(lon, lat) @ camera, corners_in_camera(hfov, vfov))
    corner_lon, corner_lat, _ = ecef_to_geodetic(point_at_height(sensor[:, None], rays, ground[:, None]))
    slant = np.linalg.norm(centre - sensor, axis=-1)
    start = 1_700_000_000_000_000 + int(rng.integers(0, 10**12))
    return SensorTrack(
        t_us=start + np.round(clock * 1e6).astype(np.int64),
        sensor_lon_deg=lon,
        sensor_lat_deg=lat,
        sensor_height_m=height,
        heading_true_deg=heading % 360.0,
        pitch_deg=pitch,
        roll_deg=roll,
        rel_azimuth_deg=azimuth,
        rel_elevation_deg=elevation,
        rel_roll_deg=camera_roll % 360.0,
        hfov_deg=hfov,
        vfov_deg=vfov,
        slant_m=slant,
        ground_width_m=2.0 * slant * np.tan(np.radians(hfov) / 2.0),
        centre_lon_deg=centre_lon,
        centre_lat_deg=centre_lat,
        centre_height_m=ground,
        corner_lon_deg=corner_lon,
        corner_lat_deg=corner_lat,
        ce90_m=np.full(n, np.nan),
        le90_m=np.full(n, np.nan),
        corner_source="full",
    )


def _offset(lon: float, lat: float, east: Floats, north: Floats, height: Floats) -> Floats:
    """(n, 3) ECEF of places given by metres east and north of one place, at heights above the ellipsoid."""
    flat = np.stack((east, north, np.zeros_like(east)), axis=-1)
    there = ecef_to_geodetic(geodetic_to_ecef(lon, lat, 0.0) + flat @ enu_basis(lon, lat).T)
    return geodetic_to_ecef(there[0], there[1], height)


def _wander(rng: np.random.Generator, clock: Floats, size: float, period_s: float) -> Floats:
    """A slow smooth change: a few sines of random phase."""
    parts = [
        np.sin(2 * np.pi * clock / (period_s * stretch) + rng.uniform(0, 2 * np.pi))
        for stretch in (0.7, 1.6, 3.1)
    ]
    return np.asarray(size * sum(parts) / 2.0)


def _path(rng: np.random.Generator, flight: Flight, clock: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """East, north (metres from the scene's middle), course and turn rate (degrees)."""
    radius = max(flight.height_m / np.tan(np.radians(flight.depression_deg)), 2.5 * flight.speed_m_s)
    start = float(rng.uniform(0.0, 2.0 * np.pi))
    zero = np.zeros_like(clock)
    if flight.path == "hover":
        return zero + radius * np.sin(start), zero + radius * np.cos(start), zero + rng.uniform(0, 360), zero
    if flight.path == "orbit":
        swept = start + clock * flight.speed_m_s / radius
        rate = np.degrees(flight.speed_m_s / radius) + zero
        return radius * np.sin(swept), radius * np.cos(swept), np.degrees(swept) + 90.0, rate
    course = start + (0.0 if flight.path == "leg" else 1.0) * 0.6 * np.sin(2 * np.pi * clock / 50.0)
    rate = np.degrees(np.gradient(course, clock)) if len(clock) > 1 else zero
    step = flight.speed_m_s * np.gradient(clock) if len(clock) > 1 else zero
    along, across = np.cumsum(step * np.cos(course)), np.cumsum(step * np.sin(course))
    middle = len(clock) // 2
    side = float(rng.uniform(0, 2 * np.pi))
    east = across - across[middle] + radius * np.sin(side)
    north = along - along[middle] + radius * np.cos(side)
    return east, north, np.degrees(course), rate


def _camera(
    rng: np.random.Generator,
    flight: Flight,
    clock: Floats,
    sensor: Floats,
    place: tuple[Floats, Floats],
    attitude: tuple[Floats, Floats, Floats],
    scene: tuple[float, float, float],
) -> Floats:
    """(n, 3, 3) camera to NED: level with the horizon unless the mount is fixed."""
    n = len(clock)
    if flight.look == "fixed":
        side = float(rng.choice([-1.0, 1.0]) * rng.uniform(30, 150))
        down = -max(flight.depression_deg, 20.0)
        return camera_to_ned(*attitude, np.full(n, side), np.full(n, down), np.zeros(n))
    if flight.look == "nadir":
        wobble = direction(np.full(n, rng.uniform(0, 360)), -89.0 + _wander(rng, clock, 0.6, 9.0))
        azimuth, elevation = azimuth_elevation(wobble)
        return rotation_zyx(azimuth, elevation, np.zeros(n))
    reach = 0.25 * flight.height_m
    if flight.look == "points":
        hops = rng.uniform(-reach, reach, (2, 1 + int(clock[-1] // 12.0)))
        aim = hops[:, (clock // 12.0).astype(int)]
    elif flight.look == "scan":
        aim = np.stack([_wander(rng, clock, reach, 18.0), _wander(rng, clock, reach, 27.0)])
    else:
        aim = np.zeros((2, n)) + rng.uniform(-reach, reach, (2, 1))
    target = _offset(scene[0], scene[1], aim[0], aim[1], np.full(n, scene[2]))
    line = np.einsum("nji,nj->ni", ned_basis(*place), target - sensor)
    azimuth, elevation = azimuth_elevation(line)
    return rotation_zyx(azimuth, np.minimum(elevation, -3.0), np.zeros(n))


def with_noise(rng: np.random.Generator, track: SensorTrack, size: float = 1.0) -> SensorTrack:
    """The track as a good sender states it: small white and wandering errors, and the standard's steps."""
    n = len(track)
    clock = (track.t_us - track.t_us[0]) / 1e6

    def blurred(values: Floats, white: float, slow: float = 0.0) -> Floats:
        return values + size * (white * rng.normal(size=n) + _wander(rng, clock, slow, 15.0))

    metre = np.degrees(1.0 / 6_378_137.0)
    squeeze = np.cos(np.radians(track.sensor_lat_deg))
    return replace(
        track,
        sensor_lon_deg=blurred(track.sensor_lon_deg, 0.4 * metre / squeeze[0], 0.3 * metre),
        sensor_lat_deg=blurred(track.sensor_lat_deg, 0.4 * metre, 0.3 * metre),
        sensor_height_m=np.round(blurred(track.sensor_height_m, 0.4, 0.4) / 0.304) * 0.304,
        heading_true_deg=blurred(track.heading_true_deg, 0.06, 0.04) % 360.0,
        pitch_deg=blurred(track.pitch_deg, 0.03, 0.02),
        roll_deg=blurred(track.roll_deg, 0.03, 0.02),
        rel_azimuth_deg=blurred(track.rel_azimuth_deg, 0.02) % 360.0,
        rel_elevation_deg=blurred(track.rel_elevation_deg, 0.02),
        slant_m=blurred(track.slant_m, 0.5, 0.5),
        centre_lon_deg=blurred(track.centre_lon_deg, 0.2 * metre / squeeze[0]),
        centre_lat_deg=blurred(track.centre_lat_deg, 0.2 * metre),
        centre_height_m=np.round(blurred(track.centre_height_m, 0.3) / 0.304) * 0.304,
    )


def world_angles(track: SensorTrack) -> tuple[Floats, Floats]:
    """Azimuth from north and elevation from the level plane of the optical axis, degrees."""
    return azimuth_elevation(
        boresight_ned(
            track.heading_true_deg,
            track.pitch_deg,
            track.roll_deg,
            track.rel_azimuth_deg,
            track.rel_elevation_deg,
        )
    )


MISTAKES = (
    "azimuth absolute",
    "elevation absolute",
    "azimuth plus heading",
    "sensor ellipsoidal",
    "ground ellipsoidal",
    "ground shifted",
    "ground zero",
    "azimuth bias",
    "elevation bias",
)
"""Mistakes that can be combined; each hits another column or adds to it."""

LAGS = {
    "position late": ("sensor_lon_deg", "sensor_lat_deg", "sensor_height_m"),
    "attitude late": ("heading_true_deg", "pitch_deg", "roll_deg"),
    "gimbal late": ("rel_azimuth_deg", "rel_elevation_deg", "rel_roll_deg"),
    "target late": ("centre_lon_deg", "centre_lat_deg", "centre_height_m", "slant_m", "ground_width_m"),
}
FREEZES = {
    "azimuth frozen": ("rel_azimuth_deg",),
    "heading frozen": ("heading_true_deg",),
    "elevation frozen": ("rel_elevation_deg",),
    "slant frozen": ("slant_m",),
    "centre frozen": ("centre_lon_deg", "centre_lat_deg"),
    "sensor frozen": ("sensor_lon_deg", "sensor_lat_deg"),
}


def late(track: SensorTrack, columns: tuple[str, ...], rows: int) -> SensorTrack:
    """The track whose named columns hold the values of some rows earlier; shorter by that many rows."""
    now = track.take(np.arange(rows, len(track)))
    then = track.take(np.arange(0, len(track) - rows))
    return replace(now, **{name: getattr(then, name) for name in columns})


def frozen(track: SensorTrack, columns: tuple[str, ...], first: int, last: int) -> SensorTrack:
    """The track whose named columns keep their value of row `first` up to row `last`."""
    changed = {}
    for name in columns:
        values = getattr(track, name).copy()
        values[first : last + 1] = values[first]
        changed[name] = values
    return replace(track, **changed)


def mistagged(rng: np.random.Generator, track: SensorTrack, mistakes: tuple[str, ...]) -> SensorTrack:
    """The track as a sender with these mistakes would state it."""
    azimuth, elevation = world_angles(track)
    undulation = undulation_m(track.sensor_lon_deg, track.sensor_lat_deg)
    changed: dict[str, Any] = {}

    def now(name: str) -> Floats:
        return np.asarray(changed.get(name, getattr(track, name)))

    for mistake in mistakes:
        match mistake:
            case "azimuth absolute":
                changed["rel_azimuth_deg"] = azimuth
            case "elevation absolute":
                changed["rel_elevation_deg"] = elevation
            case "azimuth plus heading":
                changed["rel_azimuth_deg"] = (track.rel_azimuth_deg + track.heading_true_deg) % 360.0
            case "sensor ellipsoidal":
                changed["sensor_height_m"] = track.sensor_height_m + undulation
            case "ground ellipsoidal":
                changed["centre_height_m"] = track.centre_height_m + undulation
            case "ground shifted":
                size = rng.uniform(0.15, 0.45) * float(
                    np.median(track.sensor_height_m - track.centre_height_m)
                )
                changed["centre_height_m"] = track.centre_height_m + float(rng.choice([-1.0, 1.0])) * size
            case "ground zero":
                changed["centre_height_m"] = np.zeros(len(track))
            case "azimuth bias":
                bias = float(rng.choice([-1.0, 1.0]) * rng.uniform(1.2, 12.0))
                changed["rel_azimuth_deg"] = (now("rel_azimuth_deg") + bias) % 360.0
            case "elevation bias":
                bias = float(rng.choice([-1.0, 1.0]) * rng.uniform(1.2, 5.0))
                changed["rel_elevation_deg"] = now("rel_elevation_deg") + bias
            case _:
                raise ValueError(mistake)
    return replace(track, **changed)
