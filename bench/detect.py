"""Detectors over video in real time: hot spots in every frame, a net in every third, places on the ground."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np

from atalaya.base.hashing import sha256_file
from atalaya.campaign.detecting.detect import Footage, detect
from atalaya.campaign.detecting.examine import Task
from atalaya.detect.models import vehicles_ir
from atalaya.detect.thermal.hot_spot import HotSpot
from atalaya.footage.writer import KlvVideoWriter, StreamFormat
from atalaya.store.workspace import Workspace
from bench.measure import Measure
from tests.made_stream import START_US, packet

ROOM = "detect"
WIDTH, HEIGHT, SECONDS, RATE = 1920, 1080, 45, 30
SPOTS = 12


class AnyScale:
    """The net of vehicles at whatever ground sample distance the made clip states."""

    def __init__(self) -> None:
        from dataclasses import replace

        self._net = vehicles_ir()
        self.card = replace(self._net.card, gsd_m=(0.0, float("inf")))

    def prepare(self, context: object) -> None:
        """Nothing."""

    def detect(self, tile: object, state: object) -> object:
        """The net's claims, the picture taken as of unknown scale."""
        from dataclasses import replace

        from atalaya.detect import Tile

        assert isinstance(tile, Tile)
        return self._net.detect(replace(tile, gsd_m=float("nan")))


def measures() -> Iterator[Measure]:
    """Real time on the machine's cores, by the clock and by processor time."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "ir.ts"
        _record(clip)
        space = Workspace.open(Path(folder) / "w")
        tasks = [Task(HotSpot(), 1), Task(AnyScale(), 3)]  # type: ignore[arg-type]
        footage = [Footage(sha256_file(clip), clip, clip.name)]
        with ThreadPoolExecutor(2) as executor:
            list(detect(footage, space, tasks, executor, kind="IR"))
            wall, spent = time.perf_counter(), time.process_time()
            (one,) = detect(footage, space, tasks, executor, kind="IR")
            wall, spent = time.perf_counter() - wall, time.process_time() - spent
    assert one.result is not None
    note = f"{SECONDS} s, {one.result['detections']} claims, {one.result['placed']} placed"
    what = "1080p30 thermal + net each third + places, by the clock"
    yield Measure(ROOM, what, SECONDS / wall, "x real time", 1.0, note=note)
    share = 2.0 * SECONDS / spent
    yield Measure(ROOM, "the same by processor time on two cores", share, "x real time", 1.0)


def _record(path: Path) -> None:
    """Textured ground that drifts, with a dozen warm things that drift along."""
    rng = np.random.default_rng(3)
    coarse = rng.normal(110.0, 14.0, (HEIGHT // 24 + 2, 2 * WIDTH // 24))
    ground = np.kron(coarse, np.ones((24, 24)))[:HEIGHT]
    ground = (ground + np.roll(ground, 9, 0) + np.roll(ground, 9, 1) + np.roll(ground, (5, 5), (0, 1))) / 4.0
    ground += rng.normal(0.0, 1.5, ground.shape)
    for row, column in zip(rng.integers(20, HEIGHT - 20, SPOTS), rng.integers(20, WIDTH, SPOTS), strict=True):
        ground[row : row + 5, column : column + 5] += 70.0
    whole = np.clip(ground, 16, 235).astype(np.uint8)
    form = StreamFormat(WIDTH, HEIGHT, frame_rate=Fraction(RATE))
    with KlvVideoWriter(path, form) as writer:
        for number in range(SECONDS * RATE):
            shift = number // 3
            t_us = START_US + number * 1_000_000 // RATE
            writer.write(np.ascontiguousarray(whole[:, shift : shift + WIDTH]), t_us, packet(t_us, number))
