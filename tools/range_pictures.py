"""Labelled pictures of the digital range: COCO files to train and judge detectors on.

    python tools/range_pictures.py FOLDER --theme lab --seeds 0 40 --kind EO

Each seed is a country of its own with facilities, look-alikes and empty ground; cameras look at them from
drawn directions, at drawn ground sample distances. Signs of one type that lie together get one box. Split by
seed.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from atalaya.earth.attitude import camera_to_ned
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, geodetic_to_ecef, ned_basis
from atalaya.earth.lens import Pinhole
from atalaya.sim.camera import CameraLook, Renderer
from atalaya.sim.camera.renderer import Picture
from atalaya.sim.country import Country, make_country
from atalaya.sim.scene import Scene, make_scene
from atalaya.sim.weather import Weather

SIZE = (640, 512)
SIDE_M = 9_000.0
THEMES: dict[str, dict[str, Any]] = {
    "lab": {"lon_deg": -110.3, "lat_deg": 31.1, "relief": "mountain", "wetness": None},
    "mine": {"lon_deg": -70.1, "lat_deg": -12.9, "relief": "hill", "wetness": 0.95},
    "strip": {"lon_deg": -90.6, "lat_deg": 17.2, "relief": "hill", "wetness": 0.5},
    "leak": {"lon_deg": -98.5, "lat_deg": 25.6, "relief": "plain", "wetness": 0.25},
}
DAY_US, HOUR_US = 1_773_100_800_000_000, 3_600_000_000
"""2026-03-10 00:00 UTC."""
LEAST_PX = 4.0
JOINED_PX = 6.0


Sign = tuple[str, float, float, float, float, bool]
"""Evidence type; first column and row, last column and row; whether its site is a facility."""


@dataclass(frozen=True)
class Shot:
    """One picture with its signs."""

    picture: Picture
    gsd_m: float
    depression_deg: float
    site: str
    signs: list[Sign]


def world_of(seed: int, theme: str) -> tuple[Country, Scene, Weather]:
    """A small country with its sites and weather, all from a seed."""
    rng = np.random.default_rng((0x5EED, seed))
    country = make_country(
        seed, width_m=SIDE_M, height_m=SIDE_M, post_m=45.0, worked_m=90.0, cover_m=8.0, **THEMES[theme]
    )
    scene = make_scene(country, seed, theme=theme, facilities=6, confusers_per_facility=2.0)
    weather = Weather(
        float(rng.uniform(5, 30)), float(rng.uniform(4, 14)), float(rng.uniform(15e3, 40e3)), 0.1
    )
    return country, scene, weather


def shots(seed: int, theme: str, kind: Literal["EO", "IR"], per_site: int) -> Iterator[Shot]:
    """Pictures of each site, and as many of ground without any."""
    rng = np.random.default_rng((0xCA7, seed))
    country, scene, weather = world_of(seed, theme)
    look = CameraLook(kind, blur_px=float(rng.uniform(0.4, 1.0)), noise=float(rng.uniform(1.0, 3.0)))
    renderer = Renderer(country, scene, weather, look, seed=seed)
    facility = {site.id: site.facility for site in scene.sites}
    west, south, east, north = country.bounds_m
    empty = rng.uniform((west + 800, south + 800), (east - 800, north - 800), (len(scene.sites), 2))
    targets = [(site.id, site.east_m, site.north_m) for site in scene.sites]
    targets += [("", float(e), float(n)) for e, n in empty]
    for name, east_m, north_m in targets:
        for _ in range(per_site):
            gsd = float(np.exp(rng.uniform(np.log(0.3), np.log(1.3))))
            down = float(rng.uniform(30.0, 85.0))
            t_us = _time_us(rng, kind, country)
            lens, pose = _view(country, east_m, north_m, gsd, down, rng)
            picture = renderer.picture(lens, pose, t_us, int(rng.integers(1 << 30)))
            yield Shot(picture, gsd, down, name, _boxes(picture, renderer, facility))


def _time_us(rng: np.random.Generator, kind: str, country: Country) -> int:
    """By day for a day camera; by night, when engines run, as often as by day for a thermal one."""
    lon = float(country.lonlat(*(sum(country.bounds_m[k::2]) / 2.0 for k in (0, 1)))[0])
    by_night = kind == "IR" and rng.random() < 0.7
    hour = rng.uniform(20.0, 23.9) if by_night else rng.uniform(8.5, 16.0)
    return DAY_US + round((hour - lon / 15.0) * HOUR_US)


def _view(
    country: Country, east_m: float, north_m: float, gsd_m: float, down_deg: float, rng: np.random.Generator
) -> tuple[Pinhole, Pose]:
    off = rng.normal(0.0, 0.2 * SIZE[1] * gsd_m, 2)
    lon, lat = (float(part) for part in country.lonlat(east_m + off[0], north_m + off[1]))
    ground = float(country.terrain.height_hae_m(np.array([lon]), np.array([lat]))[0])
    slant, azimuth = float(rng.uniform(3_000.0, 8_000.0)), float(rng.uniform(0.0, 360.0))
    place, basis = geodetic_to_ecef(lon, lat, ground), ned_basis(lon, lat)
    down, turn = np.radians(down_deg), np.radians(azimuth)
    toward = np.array([np.cos(down) * np.cos(turn), np.cos(down) * np.sin(turn), np.sin(down)])
    origin = place - slant * (basis @ toward)
    there = ecef_to_geodetic(origin)
    rotation = ned_basis(there[0], there[1]) @ camera_to_ned(azimuth, 0.0, 0.0, 0.0, -down_deg, 0.0)
    angle = 2.0 * np.degrees(np.arctan(gsd_m * np.sqrt(np.sin(down)) * SIZE[0] / 2.0 / slant))
    return Pinhole.from_fov(*SIZE, float(angle)), Pose(origin, rotation)


def _boxes(picture: Picture, renderer: Renderer, facility: dict[str, bool]) -> list[Sign]:
    """Boxes of signs in sight; those of one site and type that touch are one."""
    seen = picture.sightings
    groups: dict[tuple[str, str], list[NDArray[np.float64]]] = {}
    for n in np.flatnonzero(seen.visible_px >= 0.5):
        thing = renderer.things[int(seen.index[n])]
        if thing.evidence and thing.evidence != "track":
            groups.setdefault((thing.site, thing.evidence), []).append(
                np.append(seen.box[n], seen.visible_px[n])
            )
    return [
        (evidence, float(box[0]), float(box[1]), float(box[2]), float(box[3]), facility.get(site, False))
        for (site, evidence), parts in groups.items()
        for box in _joined(np.array(parts))
        if box[4] >= LEAST_PX and (box[2:4] - box[:2]).min() >= 1.0
    ]


def _joined(boxes: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Boxes (first column, row, last column, row, pixels) joined where they are near one another."""
    left = list(boxes)
    done = []
    while left:
        one = left.pop()
        near = [
            n
            for n, other in enumerate(left)
            if (other[:2] <= one[2:4] + JOINED_PX).all() and (other[2:4] >= one[:2] - JOINED_PX).all()
        ]
        if not near:
            done.append(one)
            continue
        some = np.array([one, *(left[n] for n in near)])
        left = [other for n, other in enumerate(left) if n not in near]
        left.append(np.r_[some[:, :2].min(axis=0), some[:, 2:4].max(axis=0), some[:, 4].sum()])
    return done


def rgb_of(picture: Picture) -> NDArray[np.uint8]:
    """(h, w, 3) of the planes of a picture (ITU-R BT.601)."""
    y = (picture.luma.astype(np.float32) - 16.0) * (255.0 / 219.0)
    blue, red = (
        np.repeat(np.repeat(part.astype(np.float32) - 128.0, 2, 0), 2, 1) for part in (picture.cb, picture.cr)
    )
    planes = (y + 1.596 * red, y - 0.392 * blue - 0.813 * red, y + 2.017 * blue)
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def main() -> None:
    """Write pictures and one COCO file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", choices=THEMES, default="lab")
    parser.add_argument("--kind", choices=("EO", "IR"), default="EO")
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 4))
    parser.add_argument("--per-site", type=int, default=2)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    names: dict[str, int] = {}
    for seed in range(*asked.seeds):
        for shot in shots(seed, asked.theme, asked.kind, asked.per_site):
            number = len(images)
            file = f"{asked.theme}-{asked.kind}-{seed:04d}-{number:05d}.png"
            picture = shot.picture.luma if asked.kind == "IR" else rgb_of(shot.picture)
            Image.fromarray(picture).save(asked.folder / file, compress_level=1)
            images.append(
                {"id": number, "file_name": file, "width": SIZE[0], "height": SIZE[1], "gsd_m": shot.gsd_m,
                 "depression_deg": shot.depression_deg, "group": seed, "site": shot.site}
            )  # fmt: skip
            for evidence, c0, r0, c1, r1, facility in shot.signs:
                label = names.setdefault(evidence, len(names))
                box = [c0 - 0.5, r0 - 0.5, c1 - c0 + 1.0, r1 - r0 + 1.0]
                marks.append(
                    {"id": len(marks), "image_id": number, "category_id": label, "bbox": box,
                     "area": box[2] * box[3], "iscrowd": 0, "facility": facility}
                )  # fmt: skip
    categories = [{"id": label, "name": name} for name, label in names.items()]
    whole = {"images": images, "annotations": marks, "categories": categories}
    (asked.folder / "annotations.json").write_text(json.dumps(whole))


if __name__ == "__main__":
    main()
