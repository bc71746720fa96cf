"""Footage: key-frame triage, full decode, one-pass index, copies for browsers, frame clock, writing."""

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader
from atalaya.footage.frame_clock import bind_frames
from atalaya.footage.remux import web_copy
from atalaya.footage.writer import KlvVideoWriter, StreamFormat
from bench.measure import Measure, best_of, interleaved
from tests.made_stream import START_US, make, packet

ROOM = "footage"
PYAV = f"PyAV {av.__version__}"
WIDTH, HEIGHT, RATE, FRAMES = 1920, 1080, 30, 240
SECONDS = FRAMES / RATE
REPEATS = 4


def measures() -> Iterator[Measure]:
    """Every measure of the room."""
    with tempfile.TemporaryDirectory(prefix="atalaya-bench-") as folder:
        path = Path(folder) / "1080p.ts"
        yield written(path)
        yield from decoding(path)
        yield one_pass(path)
        yield copying(path, Path(folder))
        yield from clock(Path(folder))


def ground(generator: np.random.Generator) -> NDArray[np.uint8]:
    """Ground-like texture larger than a picture: noise of several scales."""
    total = np.zeros((HEIGHT + 512, WIDTH + 512), np.float32)
    for step, weight in ((128, 60.0), (32, 30.0), (8, 18.0), (2, 8.0)):
        coarse = generator.standard_normal((total.shape[0] // step + 1, total.shape[1] // step + 1))
        fine = np.kron(coarse, np.ones((step, step), np.float32))[: total.shape[0], : total.shape[1]]
        total += weight * fine.astype(np.float32)
    shown: NDArray[np.uint8] = np.clip(128 + total * 0.6, 16, 235).astype(np.uint8)
    return shown


def written(path: Path) -> Measure:
    """Write the 1080p test clip: 8 s at 6 Mbit/s, a key frame each second, KLV and a time stamp per frame."""
    texture = ground(np.random.default_rng(1))
    form = StreamFormat(WIDTH, HEIGHT, Fraction(RATE), bit_rate=6_000_000)

    def run() -> None:
        with KlvVideoWriter(path, form) as writer:
            for n in range(FRAMES):
                view = texture[n : n + HEIGHT, 2 * n : 2 * n + WIDTH]
                t_us = START_US + n * 1_000_000 // RATE
                writer.write(view, t_us, packet(t_us, n))

    return Measure(ROOM, "write 1080p H.264 + KLV + SEI", SECONDS / best_of(1, run), "x real time")


def decoding(path: Path) -> Iterator[Measure]:
    """Key frames (opening and indexing counted as ours) and all frames, against the bare library."""
    long = path.with_name("long.ts")
    long.write_bytes(path.read_bytes() * REPEATS)
    span = REPEATS * SECONDS

    def our_keys() -> None:
        with Clip.open(long) as clip:
            assert len(list(FrameReader(clip).key_frames())) == REPEATS * FRAMES // RATE

    def their_keys() -> None:
        with av.open(str(long)) as container:
            stream = _single(container)
            stream.codec_context.skip_frame = "NONKEY"
            for _ in container.decode(stream):
                pass

    ours, theirs = interleaved(3, our_keys, their_keys)
    name = "key-frame triage, 1080p H.264"
    yield Measure(ROOM, name, span / ours, "x real time", 25, "more", PYAV, span / theirs)

    clip = Clip.open(path)
    reader = FrameReader(clip)

    def our_frames() -> None:
        assert sum(1 for _ in reader.all()) == FRAMES

    def their_frames() -> None:
        with av.open(str(path)) as container:
            for _ in container.decode(_single(container)):
                pass

    ours, theirs = interleaved(3, our_frames, their_frames)
    yield Measure(ROOM, "full decode: time over bare decode", ours / theirs, "x", 1.15, "less")
    yield Measure(
        ROOM, "full decode, 1080p H.264, grey", FRAMES / ours, "frames/s", None, "more", PYAV, FRAMES / theirs
    )


def _single(container: Any) -> Any:
    stream = container.streams.video[0]
    stream.thread_type = "NONE"
    return stream


def one_pass(path: Path) -> Measure:
    """KLV, PTS, positions, key flags and time stamps of every packet, against bare demultiplexing."""

    def ours() -> None:
        with Clip.open(path) as clip:
            clip.metadata()

    def theirs() -> None:
        with av.open(str(path)) as container:
            for _ in container.demux():
                pass

    mine, bare = interleaved(5, ours, theirs)
    size = path.stat().st_size / 1e6
    return Measure(
        ROOM, "one pass: KLV and frame index", size / mine, "MB/s", None, "more", PYAV, size / bare
    )


def copying(path: Path, folder: Path) -> Measure:
    """The MP4 for browsers, hash of the recording included."""
    clip = Clip.open(path.with_name("long.ts"))
    clip.frame_index()

    def run() -> None:
        web_copy(clip, folder / "cache").path.unlink()

    name = "copy for browsers (H.264, not coded anew)"
    return Measure(ROOM, name, REPEATS * SECONDS / best_of(3, run), "x real time")


def clock(folder: Path) -> Iterator[Measure]:
    """Frame clock on written streams: residual without delay, error of a found 7.5 s delay."""
    for lag, name, goal in (
        (0, "frame clock: largest residual", 0.0),
        (225, "7.5 s delay: error in frames", 1.0),
    ):
        made = make(
            folder / f"lag{lag}.ts", StreamFormat(160, 128, carriage="synchronous"), 450, lag_frames=lag
        )
        with Clip.open(made.path) as clip:
            (stream,) = clip.metadata()
            sizes = [len(one) for one in made.packets[: 450 - lag]]
            places = np.cumsum([0, *sizes[:-1]])
            times = np.array(made.times_us[: 450 - lag])
            bound = bind_frames(clip.frame_index(), times, stream.pts_at(places), stream.pos_at(places))
        worst = float(np.abs(bound.residual_us).max())
        error = abs(bound.offset_us + lag * 1e6 / 30) / (1e6 / 30)
        yield Measure(ROOM, name, error if lag else worst, "frames" if lag else "us", goal, "less")
