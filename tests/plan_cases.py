"""Random work for one sortie: ground, airspace, wind, fuel, search legs. One seed, one case."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import Terrain, undulation_m
from atalaya.plan.airspace import Limit, LimitDatum, Volume, VolumeKind
from atalaya.plan.flight import ConstantWind, LayeredWind, WindField
from atalaya.plan.plane import TangentPlane
from atalaya.plan.waypoint import LegKind, SensorTask, Waypoint, WaypointKind
from atalaya.sensing.platform import Platform, Tank

START_US = 1_700_000_000_000_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    legs: tuple[tuple[Waypoint, ...], ...]
    base: Waypoint
    platform: Platform
    volumes: tuple[Volume, ...]
    terrain: Terrain | None
    wind: WindField
    start_us: int
    fuel: float
    clearance_m: float


def platform(**changes: object) -> Platform:
    figures: dict[str, object] = {
        "name": "trial", "labels": {}, "empty_kg": 2223.0, "payload_kg": 200.0,
        "tank": Tank("kg", 1800.0, 2.4e-4, 1.5, 1.2, 1.6), "loiter_ms": 60.0, "cruise_ms": 80.0, "climb_ms":
        5.0, "descent_ms": 6.0, "ceiling_msl_m": 7600.0, "bank_deg": 25.0, "sensors": (),
    }  # fmt: skip
    return Platform(**{**figures, **changes})  # type: ignore[arg-type]


SMALL = platform(
    name="small", empty_kg=18.0, payload_kg=2.0, tank=Tank("Wh", 1600.0, 220.0, 0.0, 1.3, 2.2),
    loiter_ms=22.0, cruise_ms=26.0, climb_ms=3.0, descent_ms=3.0, ceiling_msl_m=4500.0, bank_deg=35.0,
)  # fmt: skip


def hills(rng: np.random.Generator, plane: TangentPlane, span_deg: float) -> Terrain:
    """Smooth hills up to some 3 km on a lattice of 160 x 160 posts about a place."""
    n = 160
    row, column = np.mgrid[0:n, 0:n]
    height = np.zeros((n, n))
    for _ in range(10):
        at, wide = rng.uniform(0, n, 2), rng.uniform(4, 20)
        height += rng.uniform(100, 1000) * np.exp(
            -((column - at[0]) ** 2 + (row - at[1]) ** 2) / (2 * wide**2)
        )
    step = span_deg / n
    affine = (plane.lon_deg - span_deg / 2, step, 0.0, plane.lat_deg + span_deg / 2, 0.0, -step)
    return Terrain.from_posts(height, 4326, affine, vertical_datum="msl", kind="dtm")


def star(
    rng: np.random.Generator, plane: TangentPlane, radius_m: float, at: Floats, corners: int, **more: object
) -> Volume:
    """A concave polygon about a place of the plane."""
    angle = (np.arange(corners) + rng.uniform(0.1, 0.9, corners)) * 2 * np.pi / corners
    reach = radius_m * rng.uniform(0.4, 1.0, corners)
    lon, lat = plane.to_lonlat(at + reach[:, None] * np.column_stack((np.cos(angle), np.sin(angle))))
    return Volume(rings=(np.column_stack((lon, lat)),), **more)  # type: ignore[arg-type]


def keep_out(
    rng: np.random.Generator, plane: TangentPlane, scale_m: float, ground: bool, name: str
) -> Volume:
    datums = [LimitDatum.MSL, LimitDatum.HAE, *([LimitDatum.AGL] if ground else [])]
    floor = Limit(rng.uniform(0, 2500), rng.choice(datums)) if rng.random() < 0.5 else None
    ceiling = Limit(rng.uniform(2600, 7000), rng.choice(datums)) if rng.random() < 0.5 else None
    begin = START_US + int(rng.uniform(-3600e6, 8000e6))
    valid = () if rng.random() < 0.6 else ((begin, None if rng.random() < 0.5 else begin + int(3600e6)),)
    return star(
        rng, plane, scale_m * rng.uniform(0.03, 0.4), rng.uniform(-scale_m, scale_m, 2), int(rng.integers(5,
        20)), name=name, kind=VolumeKind.KEEP_OUT, floor=floor, ceiling=ceiling, valid=valid,
        buffer_m=float(rng.choice([0.0, 100.0, 1000.0])), vertical_buffer_m=float(rng.choice([0.0, 50.0])),
    )  # fmt: skip


def case(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    plane = TangentPlane(rng.uniform(-179, 179), rng.uniform(-55, 60))
    flier = SMALL if rng.random() < 0.3 else platform()
    scale_m = 12_000.0 if flier is SMALL else 50_000.0
    ground = hills(rng, plane, 4.0 if flier is not SMALL else 1.0) if rng.random() < 0.7 else None
    volumes = [
        keep_out(rng, plane, scale_m, ground is not None, f"out{k}") for k in range(rng.integers(0, 7))
    ]
    if rng.random() < 0.5:
        ring = star(
            rng, plane, scale_m * rng.uniform(1.4, 2.4), np.zeros(2), int(rng.integers(6, 14)),
            name="in", kind=VolumeKind.KEEP_IN, buffer_m=50.0, ceiling=Limit(rng.uniform(4500, 9000)),
        )  # fmt: skip
        volumes.append(ring)
    base = _base(rng, plane, scale_m, ground)
    legs = tuple(_leg(rng, plane, scale_m) for _ in range(rng.integers(1, 5)))
    strongest = 0.45 * flier.loiter_ms
    wind: WindField = ConstantWind(rng.uniform(0, strongest), rng.uniform(0, 360))
    if rng.random() < 0.3:
        wind = LayeredWind((0.0, 3000.0), tuple(rng.uniform(0, strongest, 2)), tuple(rng.uniform(0, 360, 2)))
    fuel = flier.tank.capacity * rng.uniform(0.05, 1.0)
    return Case(
        legs, base, flier, tuple(volumes), ground, wind, START_US, fuel, float(rng.choice([60.0, 150.0]))
    )


def _base(rng: np.random.Generator, plane: TangentPlane, scale_m: float, ground: Terrain | None) -> Waypoint:
    lon, lat = plane.to_lonlat(rng.uniform(-0.6 * scale_m, 0.6 * scale_m, 2))
    height = 10.0 if ground is None else float(ground.height_hae_m(lon, lat) - undulation_m(lon, lat))
    return Waypoint(float(lon), float(lat), height, WaypointKind.TAKEOFF, label="base")


def _leg(rng: np.random.Generator, plane: TangentPlane, scale_m: float) -> tuple[Waypoint, ...]:
    at, angle, height = (
        rng.uniform(-0.8 * scale_m, 0.8 * scale_m, 2),
        rng.uniform(0, 2 * np.pi),
        rng.uniform(300, 3500),
    )
    length = scale_m * rng.uniform(0.05, 0.4)
    lon, lat = plane.to_lonlat(np.array([at, at + length * np.array([np.cos(angle), np.sin(angle)])]))
    return tuple(
        Waypoint(float(x), float(y), float(height), leg=LegKind.SEARCH, task=SensorTask("eo", "wide"))
        for x, y in zip(lon, lat, strict=True)
    )
