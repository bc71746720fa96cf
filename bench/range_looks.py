"""Looks of the digital range at whole blocks of ground: pictures rendered, errors drawn, claims placed.

A trial is a country with sites in a block. A pass takes pictures that cover the block without gaps; its
sortie shares errors as the budget says, each picture has its own. What a detector claims is placed as anyone
would who knows the stated pose alone. No video is coded: pictures go to the detectors as rendered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from atalaya.campaign.detecting.placed import Origin, claim_rows
from atalaya.detect import Context, Detector, Tile, admitted
from atalaya.detect.table import detection_schema
from atalaya.earth.attitude import camera_to_ned
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef, ned_basis
from atalaya.earth.error import ErrorBudget, Looks, looks_from_pose
from atalaya.earth.error.effects import SENSOR, TURN, effect_map, turned
from atalaya.earth.lens import Pinhole
from atalaya.sensing.profile import default_budget, profile
from atalaya.sim.camera import CameraLook, Renderer
from atalaya.sim.country import Country, make_country
from atalaya.sim.scene import Scene, make_scene
from atalaya.sim.weather import Weather
from tools.range_pictures import DAY_US, HOUR_US, THEMES, rgb_of

Floats = NDArray[np.float64]

BLOCK_M = 2_500.0
SIDE_M = 5_600.0
FACILITIES = 3
SIZE = (640, 512)
OVERLAP = 0.9
"""Share of a picture's ground that the next begins after."""


@dataclass(frozen=True)
class Trial:
    """A country with sites in a block in its middle."""

    seed: int
    country: Country
    scene: Scene
    weather: Weather
    budget: ErrorBudget

    @property
    def block_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north in the country's metres."""
        west, south, east, north = self.country.bounds_m
        middle = (west + east) / 2.0, (south + north) / 2.0
        half = BLOCK_M / 2.0
        return middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half


@dataclass(frozen=True)
class Pass:
    """One pass over the block.

    Args:
        number: of the sortie, from 0. kind: of the camera. gsd_m: on level ground, at the middle of pictures.
        depression_deg, azimuth_deg: of the optical axis. hour: local solar. slant_m: to the middle.
    """

    number: int
    kind: Literal["EO", "IR"]
    gsd_m: float
    depression_deg: float
    azimuth_deg: float
    hour: float
    slant_m: float


@dataclass(frozen=True)
class Shot:
    """One picture of a pass: lens, pose as stated, luma and colour."""

    lens: Pinhole
    stated: Pose
    grey: NDArray[np.uint8]
    rgb: NDArray[np.uint8]


def trial(seed: int, theme: str) -> Trial:
    """The country of a seed."""
    country = make_country(
        seed, width_m=SIDE_M, height_m=SIDE_M, post_m=45.0, worked_m=90.0, cover_m=8.0, **THEMES[theme]
    )
    rng = np.random.default_rng((0x7121A1, seed))
    weather = Weather(
        float(rng.uniform(5, 30)), float(rng.uniform(4, 14)), float(rng.uniform(15e3, 40e3)), 0.1
    )
    budget = default_budget(profile("platform", "turret-ins"), profile("terrain", "unknown"))
    bare = Trial(seed, country, Scene(), weather, budget)
    scene = make_scene(
        country, seed, theme=theme, facilities=FACILITIES, confusers_per_facility=2.0,
        areas=[shapely.box(*bare.block_m).buffer(-150.0)],
    )  # fmt: skip
    return replace(bare, scene=scene)


def usual_passes(seed: int) -> list[Pass]:
    """Day, night, day from another side: three sorties."""
    rng = np.random.default_rng((0x9A55, seed))
    found = []
    for number, kind in enumerate(("EO", "IR", "EO")):
        hour = rng.uniform(20.5, 23.5) if kind == "IR" else rng.uniform(9.0, 15.5)
        found.append(
            Pass(
                number,
                "IR" if kind == "IR" else "EO",
                float(rng.uniform(0.5, 0.9)),
                float(rng.uniform(40.0, 75.0)),
                float(rng.uniform(0.0, 360.0)),
                float(hour),
                float(rng.uniform(4_000.0, 8_000.0)),
            )
        )
    return found


def shots(one: Trial, way: Pass) -> tuple[int, list[Shot]]:
    """Fly a pass: when, and its pictures."""
    rng = np.random.default_rng((0xF1A, one.seed, way.number))
    renderer = Renderer(one.country, one.scene, one.weather, CameraLook(way.kind), seed=one.seed)
    lon = float(one.country.lonlat(*_middle(one))[0])
    t_us = DAY_US + round((24.0 * way.number + way.hour - lon / 15.0) * HOUR_US)
    shared, taken = rng.standard_normal(20), []
    for number, (lens, pose) in enumerate(_views(one, way)):
        picture = renderer.picture(lens, pose, t_us, number)
        stated = _stated(pose, one.budget, np.append(shared, rng.standard_normal(20)))
        taken.append(Shot(lens, stated, picture.luma, rgb_of(picture)))
    return t_us, taken


def claims_on(
    one: Trial, way: Pass, t_us: int, taken: Sequence[Shot], detectors: Sequence[Detector]
) -> pa.Table:
    """Run detectors over the pictures of a pass; what they claim, placed."""
    tables = [detection_schema().empty_table()]
    for detector in detectors:
        if way.kind not in detector.card.kinds:
            continue
        state = detector.prepare(Context(way.kind, SIZE[1], SIZE[0], gsd_m=way.gsd_m))
        for number, shot in enumerate(taken):
            array = shot.rgb if detector.card.extra.get("colour") else shot.grey
            tile = Tile(array, way.kind, gsd_m=way.gsd_m, t_us=t_us, index=number)
            claims = admitted(detector.detect(tile, state), detector.card, tile.shape).candidates
            when = np.full(len(claims), t_us + number * 1_000_000)
            tables.append(
                claim_rows(
                    Origin(f"{one.seed}-{way.number}-{number}", f"S{way.number}", way.kind),
                    detector.card, claims, np.full(len(claims), number, np.int32), when,
                    looks_at(shot.lens, shot.stated, claims.middle.astype(np.float64)),
                    one.country.terrain, one.budget,
                )
            )  # fmt: skip
    return pa.concat_tables(tables)


def looks_at(lens: Pinhole, pose: Pose, pixel: Floats) -> Looks:
    """Lines of sight through pixels (n, 2) of one picture."""
    n = len(pixel)
    direction = lens.directions(pixel[:, 0], pixel[:, 1])
    poses = Pose(np.repeat(pose.origin_m[None], n, 0), np.repeat(pose.camera_to_ecef[None], n, 0))
    return looks_from_pose(poses, direction, _tangent(lens))


def _tangent(lens: Pinhole) -> float:
    edge = lens.directions(np.array([0.0, 1.0]), np.array([0.0, 0.0]))
    return float(edge[1, 1] - edge[0, 1])


def _middle(one: Trial) -> tuple[float, float]:
    west, south, east, north = one.block_m
    return (west + east) / 2.0, (south + north) / 2.0


def _views(one: Trial, way: Pass) -> Iterator[tuple[Pinhole, Pose]]:
    """Pictures whose ground covers the block; columns run across the line of sight."""
    down, turn = np.radians(way.depression_deg), np.radians(way.azimuth_deg)
    tangent = way.gsd_m * np.sqrt(np.sin(down)) / way.slant_m
    lens = Pinhole.from_fov(*SIZE, float(2.0 * np.degrees(np.arctan(tangent * SIZE[0] / 2.0))))
    across, along = (way.slant_m * tangent * size * OVERLAP for size in SIZE)
    along /= np.sin(down)
    reach = BLOCK_M / np.sqrt(2.0)
    east, north = _middle(one)
    west, south, right, top = one.block_m
    for u in np.arange(-reach, reach + across, across):
        for v in np.arange(-reach, reach + along, along):
            e = east + u * np.cos(turn) + v * np.sin(turn)
            n = north - u * np.sin(turn) + v * np.cos(turn)
            margin = 0.5 * max(across, along)
            if west - margin < e < right + margin and south - margin < n < top + margin:
                yield lens, _toward(one.country, float(e), float(n), way)


def _toward(country: Country, east_m: float, north_m: float, way: Pass) -> Pose:
    lon, lat = (float(part) for part in country.lonlat(east_m, north_m))
    ground = float(country.terrain.height_hae_m(np.array([lon]), np.array([lat]))[0])
    place, basis = geodetic_to_ecef(lon, lat, ground), ned_basis(lon, lat)
    down, turn = np.radians(way.depression_deg), np.radians(way.azimuth_deg)
    ahead = np.array([np.cos(down) * np.cos(turn), np.cos(down) * np.sin(turn), np.sin(down)])
    origin = place - way.slant_m * (basis @ ahead)
    there = ecef_to_geodetic(origin)
    rotation = ned_basis(there[0], there[1]) @ camera_to_ned(
        way.azimuth_deg, 0.0, 0.0, 0.0, -way.depression_deg, 0.0
    )
    return Pose(origin, rotation)


def _stated(pose: Pose, budget: ErrorBudget, draws: Floats) -> Pose:
    """What the aircraft says of a pose: wrong by draws (40,), shared ones first."""
    looks = looks_from_pose(Pose(pose.origin_m[None], pose.camera_to_ecef[None]), np.array([[1.0, 0.0, 0.0]]))
    effect = effect_map(looks, [budget])[0] @ draws
    axes = turned(pose.camera_to_ecef.T, np.broadcast_to(effect[TURN], (3, 3)))
    return Pose(pose.origin_m + effect[SENSOR], axes.T)


def places_of(one: Trial) -> dict[str, Any]:
    """Sites of the truth: ids, longitude, latitude, whether each is a facility."""
    sites = one.scene.sites
    east, north = np.array([s.east_m for s in sites]), np.array([s.north_m for s in sites])
    lon, lat = one.country.lonlat(east, north)
    return {
        "id": [site.id for site in sites],
        "lon": np.asarray(lon),
        "lat": np.asarray(lat),
        "facility": np.array([site.facility for site in sites]),
    }
