"""Clips of a flight: pictures rendered on threads, coded in order, metadata in each, truth beside them."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.whole_file import whole_file
from atalaya.earth.camera import Pose
from atalaya.earth.lens import Pinhole
from atalaya.earth.surface import Surface
from atalaya.footage.writer import KlvVideoWriter, StreamFormat
from atalaya.klv import timebase
from atalaya.sim.camera.renderer import Picture, Renderer
from atalaya.sim.camera.sightings import Sightings
from atalaya.sim.flight.errors import Errors, stated_track
from atalaya.sim.flight.flight import Flight
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import frame_times_us, poses
from atalaya.sim.flight.seen import Seen, seen_by
from atalaya.sim.record.faults import Damage, Fault, Record
from atalaya.sim.record.metadata import SortieNames, packet_of, packets_of
from atalaya.sim.record.targets import targets_set

Ints = NDArray[np.int64]

_LEAST_PX, _MOST_PX, _MOST_HZ = 64, 8192, 120.0


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """What to record of a flight.

    Args:
        start_us, end_us: window, the end left out.
        form: of the stream; its size is that of the pictures, whose angle of view across is the sensor's.
        names: what the recording says in words.
        errors: of the instruments; None for none.
        faults: put into the metadata, in order; one that could not be seen in the clip is left out.
        damages: done to the packets on their way. fault_seed: of what faults and damages draw.
        targets: whether things in sight are reported as ST 0903 does.
    """

    start_us: int
    end_us: int
    form: StreamFormat
    names: SortieNames
    errors: Errors | None = None
    faults: tuple[Fault, ...] = ()
    damages: tuple[Damage, ...] = ()
    fault_seed: int = 0
    targets: bool = False


@dataclass(frozen=True, eq=False)
class RecordedClip:
    """What came of it.

    Args:
        path: of the file. t_us: (n,) of its frames. truth, stated: track as flown, as said.
        seen: what the aircraft says it sees. sightings: of each frame. faults: names of those put in.
    """

    path: Path
    t_us: Ints
    truth: FrameTrack
    stated: FrameTrack
    seen: Seen
    sightings: tuple[Sightings, ...]
    faults: tuple[str, ...]


def record_clip(
    path: Path,
    flight: Flight,
    renderer: Renderer,
    surface: Surface,
    order: ClipOrder,
    *,
    workers: int = 2,
    progress: Callable[[float], None] | None = None,
) -> RecordedClip:
    """Record a clip; the same bytes on any number of threads. Its file appears whole or not at all.

    Args:
        surface: the terrain model the aircraft computes with.

    Raises:
        BadInput: RNG-005, the flight is not in the window; KLV-002, a value no item holds;
            CAM-001, an odd size.
        OSError: the file cannot be written.
    """
    rate = float(order.form.frame_rate)
    t_us = frame_times_us(flight, rate, order.start_us, order.end_us)
    truth = _framed(flight.at(t_us), order.form)
    record, injected = _stated(flight, t_us, surface, order)
    packets = packets_of(record.stated, record.seen, order.names)
    harms = [
        damage.harm(len(packets), np.random.default_rng((order.fault_seed, 0xDA, number)))
        for number, damage in enumerate(order.damages)
    ]
    first = round((int(t_us[0]) - flight.start_us) * rate / 1e6)
    sightings: list[Sightings] = []
    with whole_file(path) as partial, KlvVideoWriter(partial, order.form) as writer:
        for row, picture in enumerate(_pictures(renderer, truth, order.form, first, workers)):
            packet = packets[row]
            if order.targets:
                extra = targets_set(renderer, picture.sightings, order.form, int(t_us[row]))
                packet = packet_of(record.stated, record.seen, order.names, row, extra)
            for harm in harms:
                packet = harm(row, packet)
            stamp = int(t_us[row]) + 1_000_000 * timebase.doubt_s(int(t_us[row]))
            writer.write((picture.luma, picture.cb, picture.cr), stamp, packet)
            sightings.append(picture.sightings)
            if progress is not None:
                progress((row + 1) / len(t_us))
    injected = (*injected, *(damage.name for damage in order.damages))
    return RecordedClip(path, t_us, truth, record.stated, record.seen, tuple(sightings), injected)


def video_form(width: int, height: int, rate_hz: float, **also: object) -> StreamFormat:
    """A stream of pictures of a size; `also` as `StreamFormat` takes them.

    Raises:
        BadInput: CAM-002, a size or rate of no stream.
    """
    even = width % 2 == 0 and height % 2 == 0
    if not (even and min(width, height) >= _LEAST_PX and max(width, height) <= _MOST_PX):
        raise BadInput("CAM-002", form=f"{width} x {height}")
    if not 1.0 <= rate_hz <= _MOST_HZ:
        raise BadInput("CAM-002", form=f"{rate_hz:g} Hz")
    rate = Fraction(rate_hz).limit_denominator(1001)
    return StreamFormat(width, height, rate, key_interval=max(1, round(rate_hz)), preset="superfast", **also)  # type: ignore[arg-type]


def _stated(flight: Flight, t_us: Ints, surface: Surface, order: ClipOrder) -> tuple[Record, tuple[str, ...]]:
    stated = _framed(stated_track(flight, t_us, order.errors), order.form)
    record = Record(stated, seen_by(stated, surface))
    injected = []
    for number, fault in enumerate(order.faults):
        wrong = fault.inject(record, np.random.default_rng((order.fault_seed, number)))
        if wrong is not None:
            record = wrong
            injected.append(fault.name)
    return record, tuple(injected)


def _framed(track: FrameTrack, form: StreamFormat) -> FrameTrack:
    """The track of a camera whose pictures have square pixels and the stream's size."""
    half = np.tan(np.radians(track.hfov_deg) / 2.0) * form.height / form.width
    return replace(track, vfov_deg=np.degrees(2.0 * np.arctan(half)))


def _pictures(
    renderer: Renderer, truth: FrameTrack, form: StreamFormat, first: int, workers: int
) -> Iterator[Picture]:
    pose = poses(truth)

    def work(row: int) -> Picture:
        lens = Pinhole.from_fov(
            form.width, form.height, float(truth.hfov_deg[row]), float(truth.vfov_deg[row])
        )
        one = Pose(pose.origin_m[row], pose.camera_to_ecef[row])
        return renderer.picture(lens, one, int(truth.t_us[row]), first + row)

    rows = range(len(truth))
    if workers <= 1:
        yield from map(work, rows)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Picture]] = deque()
        for row in rows:
            waiting.append(pool.submit(work, row))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
