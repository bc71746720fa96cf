"""Simulated sorties with known truth: what the errors of a budget do to a look, without the code under test.

Truth comes first: a pose, a mark, a ground. The reported pose is then the true one spoilt by drawn errors,
angle by angle; the ground given to `locate` is the true one before it was shifted.
"""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import ecef_to_geodetic, enu_basis, geodetic_to_ecef, ned_basis, rotation_zyx
from atalaya.earth.error import ErrorBudget, GroundPoints, Looks, Term, looks_from_angles
from atalaya.earth.rough_terrain import rough_ground
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]

DEPRESSIONS_DEG = (10.0, 20.0, 40.0, 60.0, 80.0)
RANGES_M = (1_000.0, 5_000.0, 12_000.0, 25_000.0)
GROUNDS = {"flat": 10.0, "hilly": 150.0, "alpine": 450.0}
"""Standard deviation of heights, metres: slopes of about 0.7, 9 and 26 degrees (median)."""
ATTITUDES_DEG = (0.05, 0.2, 0.5)

LON, LAT = -107.0, 25.0
FOCAL_PX = 4000.0
SPEED_MPS = 45.0


@dataclass(frozen=True)
class Stratum:
    depression_deg: float
    range_m: float
    ground: str
    attitude_deg: float


STRATA = tuple(Stratum(*one) for one in product(DEPRESSIONS_DEG, RANGES_M, GROUNDS, ATTITUDES_DEG))


@dataclass(frozen=True)
class Trials:
    """Looks as reported, the truth they saw, from where (ECEF), and which sortie each belongs to."""

    looks: Looks
    true_lon_deg: Floats
    true_lat_deg: Floats
    true_height_m: Floats
    true_origin_m: Floats
    sortie: NDArray[np.int64]


def ground(name: str, seed: int = 7, posts: int = 3601) -> Surface:
    """A square degree of ground, in the middle of which trials are flown."""
    step = 1.0 / 3600.0
    half = posts * step / 2.0
    rough = rough_ground(
        np.random.default_rng(seed),
        posts=posts,
        west_deg=LON - half,
        north_deg=LAT + half,
        mean_m=1000.0,
        deviation_m=GROUNDS[name],
    )
    return rough.terrain()


def budget(attitude_deg: float) -> ErrorBudget:
    """A platform wrong by `attitude_deg` in heading, pitch and roll each, half of the variance shared."""
    part = attitude_deg / np.sqrt(2.0)
    turn, little = Term(part, part), Term(0.1 * attitude_deg, 0.1 * attitude_deg)
    level, up = Term(1.0, 2.0), Term(1.5, 3.0)
    return ErrorBudget(
        *(level, level, up),
        *(turn, turn, turn),
        *(little, little, little),
        *(Term(0.2 * attitude_deg, 0.0),) * 3,
        focal_relative=Term(0.003, 0.001),
        pixel_column_px=Term(0.0, 2.0),
        pixel_row_px=Term(0.0, 2.0),
        time_s=Term(0.05, 0.02),
        terrain_up_m=Term(3.0, 3.0),
        terrain_east_m=Term(4.0, 0.0),
        terrain_north_m=Term(4.0, 0.0),
        geoid_m=Term(0.5, 0.0),
    )


def fly(
    surface: Surface, stratum: Stratum, stated: ErrorBudget, sorties: int, each: int, rng: np.random.Generator
) -> Trials:
    """Looks whose true line meets the ground; poses are drawn before anything is known of what they see."""
    n = 3 * sorties * each
    sortie = np.repeat(np.arange(3 * sorties), each)
    lon, lat, height, azimuth = _places(surface, stratum, n, rng)
    attitude = rng.normal(0.0, 3.0, (n, 2))
    heading = rng.uniform(0.0, 360.0, n)
    gimbal = _gimbal(heading, attitude[:, 0], attitude[:, 1], azimuth, stratum.depression_deg)
    mark = rng.uniform(-0.1, 0.1, (n, 2))
    drawn = _drawn(stated, sortie, rng)
    course = ned_basis(lon, lat) @ np.array([SPEED_MPS, 0.0, 0.0])
    xyz = _cast(surface, lon, lat, height, heading, attitude, gimbal, mark, drawn)
    seen = np.isfinite(xyz[:, 0]) & (surface.height_hae_m(lon, lat) + 30.0 < height)
    kept = _first_sorties(sortie, seen, sorties)
    looks = _reported(lon, lat, height, heading, attitude, gimbal, mark, course, drawn)
    true_lon, true_lat, true_height = ecef_to_geodetic(xyz[kept])
    origin = geodetic_to_ecef(lon, lat, height)[kept]
    return Trials(looks.take(kept), true_lon, true_lat, true_height, origin, sortie[kept])


def _places(
    surface: Surface, stratum: Stratum, n: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats]:
    """Sensors from which the middle line would meet level ground at the stratum's range."""
    lon, lat = LON + rng.uniform(-0.1, 0.1, n), LAT + rng.uniform(-0.1, 0.1, n)
    azimuth = rng.uniform(0.0, 360.0, n)
    foot = geodetic_to_ecef(lon, lat, surface.height_hae_m(lon, lat))
    down, around = np.radians(stratum.depression_deg), np.radians(azimuth)
    back = np.stack(
        (-np.cos(down) * np.sin(around), -np.cos(down) * np.cos(around), np.full(n, np.sin(down))), axis=1
    )
    place = foot + stratum.range_m * np.einsum("nij,nj->ni", enu_basis(lon, lat), back)
    return *ecef_to_geodetic(place), azimuth


def _gimbal(heading: Floats, pitch: Floats, roll: Floats, azimuth: Floats, depression: float) -> Floats:
    """(n, 2) gimbal azimuth and elevation that put the optical axis on a bearing and depression."""
    down, around = np.radians(depression), np.radians(azimuth)
    axis = np.stack(
        (np.cos(down) * np.cos(around), np.cos(down) * np.sin(around), np.full(len(around), np.sin(down))), 1
    )
    body = np.einsum("nji,nj->ni", rotation_zyx(heading, pitch, roll), axis)
    elevation = -np.arcsin(np.clip(body[:, 2], -1.0, 1.0))
    return np.asarray(np.degrees(np.stack((np.arctan2(body[:, 1], body[:, 0]), elevation), axis=1)))


def _drawn(stated: ErrorBudget, sortie: NDArray[np.int64], rng: np.random.Generator) -> dict[str, Floats]:
    """Reported minus true of every input."""
    out = {}
    for name in ErrorBudget.__dataclass_fields__:
        term = getattr(stated, name)
        if isinstance(term, Term):
            common = rng.normal(0.0, 1.0, sortie.max() + 1)[sortie] * term.shared
            out[name] = common + rng.normal(0.0, 1.0, len(sortie)) * term.own
    return out


def _cast(
    surface: Surface,
    lon: Floats,
    lat: Floats,
    height: Floats,
    heading: Floats,
    attitude: Floats,
    gimbal: Floats,
    mark: Floats,
    drawn: dict[str, Floats],
) -> Floats:
    """(n, 3) where the true line meets the true ground."""
    platform = rotation_zyx(heading, attitude[:, 0], attitude[:, 1])
    head = rotation_zyx(gimbal[:, 0], gimbal[:, 1], 0.0)
    names = ("boresight_azimuth_deg", "boresight_elevation_deg", "boresight_roll_deg")
    askew = rotation_zyx(*(drawn[name] for name in names))
    ray = np.concatenate((np.ones((len(mark), 1)), mark), axis=1)
    ned = ned_basis(lon, lat)
    toward = np.einsum("nij,nj->ni", ned @ platform @ head @ askew, ray)
    parts = (drawn["terrain_east_m"], drawn["terrain_north_m"], drawn["terrain_up_m"] + drawn["geoid_m"])
    # the model lies off by its error, so the true ground lies off the model by minus that
    shift = -np.einsum("nij,nj->ni", enu_basis(lon, lat), np.stack(parts, axis=1))
    hits = surface.hits(geodetic_to_ecef(lon, lat, height) - shift, toward)
    return np.asarray(geodetic_to_ecef(hits.lon_deg, hits.lat_deg, hits.height_hae_m) + shift)


def _reported(
    lon: Floats,
    lat: Floats,
    height: Floats,
    heading: Floats,
    attitude: Floats,
    gimbal: Floats,
    mark: Floats,
    course: Floats,
    drawn: dict[str, Floats],
) -> Looks:
    moved = np.stack([drawn[f"position_{axis}_m"] for axis in ("east", "north", "up")], axis=1)
    true = geodetic_to_ecef(lon, lat, height)
    place = true + np.einsum("nij,nj->ni", enu_basis(lon, lat), moved) + course * drawn["time_s"][:, None]
    pixel = np.stack((drawn["pixel_column_px"], drawn["pixel_row_px"]), axis=1) / FOCAL_PX
    seen = mark * (1.0 + drawn["focal_relative"][:, None]) + pixel
    return looks_from_angles(
        *ecef_to_geodetic(place),
        heading + drawn["heading_deg"],
        attitude[:, 0] + drawn["pitch_deg"],
        attitude[:, 1] + drawn["roll_deg"],
        gimbal[:, 0] + drawn["gimbal_azimuth_deg"],
        gimbal[:, 1] + drawn["gimbal_elevation_deg"],
        drawn["gimbal_roll_deg"],
        direction=np.concatenate((np.ones((len(mark), 1)), seen), axis=1),
        pixel_tangent=1.0 / FOCAL_PX,
        velocity_ned_mps=(SPEED_MPS, 0.0, 0.0),
    )


def _first_sorties(sortie: NDArray[np.int64], seen: NDArray[np.bool_], wanted: int) -> NDArray[np.intp]:
    """Rows of looks that saw something, of the first sorties that have any."""
    names = np.unique(sortie[seen])[:wanted]
    return np.flatnonzero(seen & np.isin(sortie, names))


def errors_m(trials: Trials, points: GroundPoints) -> Floats:
    """(n, 3) stated minus true: east, north, up."""
    stated = geodetic_to_ecef(points.lon_deg, points.lat_deg, trials.true_height_m)
    true = geodetic_to_ecef(trials.true_lon_deg, trials.true_lat_deg, trials.true_height_m)
    frame = enu_basis(trials.true_lon_deg, trials.true_lat_deg)
    off = np.einsum("nji,nj->ni", frame, stated - true)
    off[:, 2] = points.height_hae_m - trials.true_height_m
    return np.asarray(off)


def ranged(trials: Trials, sigma_m: float, rng: np.random.Generator) -> Looks:
    """The looks of trials with a measured slant range of one sigma."""
    places = geodetic_to_ecef(trials.true_lon_deg, trials.true_lat_deg, trials.true_height_m)
    true = np.linalg.norm(places - trials.true_origin_m, axis=1)
    spoilt = true + rng.normal(0.0, sigma_m, len(true))
    return replace(trials.looks, range_m=spoilt, range_sigma_m=np.full(len(true), sigma_m))
