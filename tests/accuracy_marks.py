"""441 computed places of a real flight against surveyed points: looks, errors, pictures (OpenAthena test)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import geodesic
from atalaya.earth.error import (
    TERMS,
    ErrorBudget,
    Looks,
    Term,
    fit_sigmas,
    inflation,
    locate,
    looks_from_angles,
    sensitivity,
)
from atalaya.earth.surface import LevelSurface

Floats = NDArray[np.float64]

FILE = "OA-CoT-Capture-2024-07-25T04-05-57-386231+00-00.csv"
CONTROL = "Thunderstorm_Pioneer_Range_GCPs.csv"
GROUND = LevelSurface(1470.0)

FITTED = ("heading_deg", "gimbal_elevation_deg", "position_east_m", "position_north_m")
START = np.array([4.0, 1.0, 2.0, 2.0])


@dataclass(frozen=True)
class Marks:
    """looks: from the drone to the computed place. error_m: (n, 2) computed minus nearest surveyed point,
    east and north (a lower bound where the mark was of another point). picture: (n,) which photograph.
    """

    looks: Looks
    error_m: Floats
    picture: NDArray[np.int64]


def marks(folder: Path) -> Marks:
    with (folder / FILE).open() as file:
        rows = list(csv.DictReader(file))
    with (folder / CONTROL).open() as file:
        points = list(csv.DictReader(file))

    def column(name: str, table: list[dict[str, str]]) -> Floats:
        return np.array([float(row[name]) for row in table])

    lon, lat, height = (column(name, rows) for name in ("lon", "lat", "hae"))
    at = [column(f"drone{name}", rows) for name in ("Longitude", "Latitude", "ElevationHAE")]
    level, bearing = geodesic(at[0], at[1], lon, lat)
    sinking = np.degrees(np.arctan2(at[2] - height, level))
    # only height above the ground counts, and heights of this file lie off by a geoid: told over one level
    looks = looks_from_angles(
        *(at[0], at[1], GROUND.height_m + at[2] - height), *(bearing, 0.0, 0.0, 0.0, -sinking)
    )
    near_lon, near_lat = column("Longitude", points), column("Latitude", points)
    away, toward = geodesic(lon[:, None], lat[:, None], near_lon[None, :], near_lat[None, :])
    nearest = np.argmin(away, axis=1)
    every = np.arange(len(rows))
    off, turn = away[every, nearest], np.radians(toward[every, nearest])
    key = (
        "droneLatitude",
        "droneLongitude",
        "droneElevationHAE",
        "cameraSlantAngleDeg",
        "cameraRollAngleDeg",
    )
    pictures: dict[tuple[str, ...], int] = {}
    picture = [pictures.setdefault(tuple(row[name] for name in key), len(pictures)) for row in rows]
    error = -np.stack((off * np.sin(turn), off * np.cos(turn)), axis=1)
    return Marks(looks, error, np.array(picture))


def budget_of(sigma: Floats) -> ErrorBudget:
    terms = {name: Term(0.0, float(one), "calibrated") for name, one in zip(FITTED, sigma, strict=True)}
    return ErrorBudget(**terms, source="fitted to other pictures")  # type: ignore[arg-type]


def stated_ce90_m(found: Marks, rng: np.random.Generator, folds: int = 7) -> Floats:
    """(n,) CE90 of every mark from a budget fitted to, and sized on, other pictures than its own."""
    place = [TERMS.index(name) for name in FITTED]
    moves = sensitivity(GROUND, found.looks)[:, :2][:, :, place]
    radius = np.hypot(*found.error_m.T)
    order = rng.permutation(found.picture.max() + 1)
    ce90 = np.full(len(radius), np.nan)
    for fold in range(folds):
        judged = np.isin(found.picture, order[fold::folds])
        kept = np.flatnonzero(~judged)
        sigma = fit_sigmas(found.error_m[kept], moves[kept], START)
        known = locate(GROUND, found.looks.take(kept), budget_of(sigma), rng=rng)
        factor = inflation(radius[kept], known.ce90_m, found.picture[kept])
        rows = np.flatnonzero(judged)
        ce90[rows] = locate(GROUND, found.looks.take(rows), budget_of(factor * sigma), rng=rng).ce90_m
    return ce90
