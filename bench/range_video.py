"""Pictures of the range: 720p at 30 frames a second over mountains, rendered and coded; a ray per pixel.

ATALAYA_BENCH_FULL=1 for ten seconds of each view instead of three. Real time is counted in CPU time of two
cores, all threads and the encoder together: other work on the machine does not count. Wall time and load
stand in the notes. Tiles of the first picture are baked before, those that come into view meanwhile count.
"""

import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.camera import Pose
from atalaya.earth.geoid import undulation_m
from atalaya.earth.lens import Pinhole
from atalaya.footage.writer import KlvVideoWriter
from atalaya.sim.camera import CameraLook, Picture, Renderer, kernels
from atalaya.sim.camera import renderer as camera
from atalaya.sim.camera.frame_geometry import FrameGeometry, Rays, cast_blocks, frame_geometry
from atalaya.sim.country import Country, make_country
from atalaya.sim.record.video import video_form
from atalaya.sim.scene.scene import Scene
from atalaya.sim.texture import Kind
from atalaya.sim.weather import Weather
from bench.measure import Measure
from tests.plain_camera import looking_at

ROOM = "range_video"
FULL = os.environ.get("ATALAYA_BENCH_FULL") == "1"
FRAMES = 300 if FULL else 90
RATE_HZ = 30.0
START_US = 1_768_500_000_000_000
VIEWS = ((3000.0, 10.0), (8000.0, 4.0))
"""Slant, metres, and field of view across, degrees."""
DEPRESSIONS_DEG = (60.0, 45.0, 30.0, 15.0)
NO_PEER = "no open peer that renders MISB footage is known"


def measures() -> Iterator[Measure]:
    """Every view by day and in the thermal, then one of them with a ray for every pixel."""
    for kind in ("EO", "IR"):
        for slant_m, view_deg in VIEWS:
            for depression_deg in DEPRESSIONS_DEG:
                yield _view(kind, slant_m, view_deg, depression_deg)
    yield _brute_force()


@cache
def country() -> Country:
    """Mountains, 36 km square, with all that a made country has."""
    return make_country(7, lon_deg=-107.3, lat_deg=26.1, width_m=36e3, height_m=36e3, cover_m=10.0)


def pose(number: int, slant_m: float, depression_deg: float) -> Pose:
    """A camera at 90 m/s that looks at ground moving along with it, turning two degrees a second."""
    ground = country()
    west, south, east, north = ground.bounds_m
    at = number / RATE_HZ
    x, y = 0.5 * (west + east) + 90.0 * at, 0.5 * (south + north) + 20.0 * at
    lon, lat = (float(part) for part in ground.lonlat(x, y))
    height = float(ground.height_msl_m(x, y)) + float(undulation_m(lon, lat))
    # heights under the aim change post by post; the aircraft's do not
    base = looking_at(lon, lat, 1500.0, 40.0 + 2.0 * at, depression_deg, slant_m)
    return Pose(base.origin_m + (height - 1500.0) * _up(lon, lat), base.camera_to_ecef)


def _up(lon: float, lat: float) -> NDArray[np.float64]:
    x, y = np.radians(lon), np.radians(lat)
    return np.array([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])


def _view(kind: Kind, slant_m: float, view_deg: float, depression_deg: float) -> Measure:
    renderer = Renderer(country(), Scene(), Weather(), CameraLook(kind), seed=1)
    lens = Pinhole.from_fov(1280, 720, view_deg)

    def one(number: int) -> Picture:
        at_us = START_US + round(number * 1e6 / RATE_HZ)
        return renderer.picture(lens, pose(number, slant_m, depression_deg), at_us, number)

    for number in (0, 1):
        one(number)
    baked = renderer.texture.baked
    wall, used, coding = _coded(one)
    video_s = FRAMES / RATE_HZ
    note = (
        f"{1e3 * used / FRAMES:.1f} ms of CPU a picture, of it {1e3 * coding / FRAMES:.1f} coding; "
        f"{renderer.texture.baked - baked} tiles baked on the way; wall {video_s / wall:.2f}x "
        f"at load {os.getloadavg()[0]:.1f}; {NO_PEER}"
    )
    name = f"{kind} 720p30, {slant_m / 1e3:.0f} km, {depression_deg:.0f} deg down"
    return Measure(ROOM, name, 2.0 * video_s / used, "x real time", 1.0, note=note)


def _brute_force() -> Measure:
    """The same pictures with a ray for every pixel, the same texture and the same finish."""
    renderer = Renderer(country(), Scene(), Weather(), CameraLook("EO"), seed=1)
    lens, where = Pinhole.from_fov(1280, 720, VIEWS[0][1]), pose(0, VIEWS[0][0], 30.0)

    def ours() -> NDArray[np.uint8]:
        return renderer.picture(lens, where, START_US, 0).luma

    def theirs() -> NDArray[np.uint8]:
        with mock.patch.object(camera, "frame_geometry", _cast_everywhere):
            return ours()

    off = np.abs(ours().astype(int) - theirs()) > 8
    used = []
    for action in (ours, theirs):
        start = time.thread_time()
        for _ in range(3):
            action()
        used.append((time.thread_time() - start) / 3.0)
    note = (
        "pictures a second of a core, 30 deg down from 3 km; "
        f"{1e6 * off.mean():.0f} of a million pixels differ visibly"
    )
    name, peer = "EO picture against a ray per pixel", "Terrain.hits per pixel"
    return Measure(ROOM, name, 1.0 / used[0], "/s", None, "more", peer, 1.0 / used[1], note)


def _cast_everywhere(ground: Country, lens: Pinhole, where: Pose) -> FrameGeometry | None:
    geometry = frame_geometry(ground, lens, where)
    if geometry is None:
        return None
    kinds = np.full_like(geometry.kinds, kernels.CAST)
    rays = Rays(lens, where.camera_to_ecef)
    exact_of, exact = cast_blocks(ground, where.origin_m, rays, kinds, lens)
    return replace(geometry, kinds=kinds, exact_of=exact_of, exact=exact)


def _coded(one: Callable[[int], Picture]) -> tuple[float, float, float]:
    """Render on two threads, code in order; seconds of wall, of CPU, of CPU for coding alone."""
    wall, used = time.perf_counter(), time.process_time()
    form = video_form(1280, 720, RATE_HZ)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        waiting = deque(pool.submit(one, number) for number in range(4))
        pictures = []
        with KlvVideoWriter(Path(folder, "clip.ts"), form) as writer:
            for number in range(FRAMES):
                picture = waiting.popleft().result()
                if number + 4 < FRAMES:
                    waiting.append(pool.submit(one, number + 4))
                writer.write((picture.luma, picture.cb, picture.cr), START_US + number * 33_333)
                if number % 10 == 0:
                    pictures.append(picture)
        wall, used = time.perf_counter() - wall, time.process_time() - used
        # the encoder has threads of its own: some pictures are coded again alone
        with KlvVideoWriter(Path(folder, "again.ts"), form) as writer:
            before = time.process_time()
            for number, picture in enumerate(pictures):
                writer.write((picture.luma, picture.cb, picture.cr), START_US + number * 33_333)
            writer.close()
            coding = (time.process_time() - before) * FRAMES / len(pictures)
    return wall, used, coding
