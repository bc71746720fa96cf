"""A sortie's metadata written as bare KLV, a track of it as Parquet: hours of flight in bounded memory."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.surface import Surface
from atalaya.klv.encode_columns import Packets
from atalaya.sim.flight.errors import Errors, stated_track
from atalaya.sim.flight.flight import Flight
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import stretch_times_us
from atalaya.sim.flight.seen import Seen, seen_by
from atalaya.sim.record.metadata import SortieNames, packets_of

Ints = NDArray[np.int64]

STRETCH = 9_000
"""Frames worked on at once by one thread: some 30 MB."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """Some frames of a recording: the truth, what is stated, what is stated to be seen, and the packets."""

    truth: FrameTrack
    stated: FrameTrack
    seen: Seen
    packets: Packets


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a file: packets and bytes, and how many packets state no frame centre."""

    packets: int
    size: int
    without_ground: int


def recorded(
    flight: Flight,
    surface: Surface,
    names: SortieNames,
    *,
    errors: Errors | None = None,
    rate_hz: float = 30.0,
    start_us: int | None = None,
    end_us: int | None = None,
    workers: int = 2,
    frames: int = STRETCH,
) -> Iterator[Stretch]:
    """The stretches of a recording in order; the same whatever `workers` and `frames` are.

    Args:
        surface: the terrain model the aircraft computes with.
        workers: threads; at most so many stretches and two more are held.

    Raises:
        BadInput: RNG-004, RNG-005 of `frame_times_us`; KLV-002, a value no item holds.
    """
    times = stretch_times_us(flight, rate_hz, start_us, end_us, frames)

    def work(t_us: Ints) -> Stretch:
        return stretch_of(flight, surface, names, t_us, errors)

    if workers <= 1:
        yield from map(work, times)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Stretch]] = deque()
        for t_us in times:
            waiting.append(pool.submit(work, t_us))
            if len(waiting) > workers + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def stretch_of(
    flight: Flight, surface: Surface, names: SortieNames, t_us: Ints, errors: Errors | None = None
) -> Stretch:
    """The recording of some instants."""
    truth = flight.at(t_us)
    stated = truth if errors is None else stated_track(flight, t_us, errors)
    seen = seen_by(stated, surface)
    return Stretch(truth, stated, seen, packets_of(stated, seen, names))


def write_klv(
    path: Path,
    flight: Flight,
    surface: Surface,
    names: SortieNames,
    *,
    errors: Errors | None = None,
    track_path: Path | None = None,
    rate_hz: float = 30.0,
    start_us: int | None = None,
    end_us: int | None = None,
    workers: int = 2,
) -> Written:
    """Write a sortie's packets end to end, and its track as Parquet beside it.

    Files appear under their names when they are whole.

    Args:
        path: of the bare KLV file. track_path: of the true track; None for none.

    Raises:
        BadInput: as `recorded`. OSError: nothing can be written there.
    """
    stretches = recorded(
        flight,
        surface,
        names,
        errors=errors,
        rate_hz=rate_hz,
        start_us=start_us,
        end_us=end_us,
        workers=workers,
    )
    packets = size = blind = 0
    part = path.with_name(path.name + ".part")
    with ExitStack() as stack:
        out = stack.enter_context(part.open("wb"))
        table = stack.enter_context(TrackFile(track_path)) if track_path is not None else None
        for stretch in stretches:
            out.write(stretch.packets.data.data)
            packets += len(stretch.packets)
            size += len(stretch.packets.data)
            blind += int(np.isnan(stretch.seen.range_m).sum())
            if table is not None:
                table.add(stretch.truth)
    part.replace(path)
    return Written(packets, size, blind)


class TrackFile:
    """A Parquet file of the columns of `FrameTrack`, stretch by stretch; `sensor` in words."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._writer: Any = None

    def __enter__(self) -> "TrackFile":
        return self

    def add(self, track: FrameTrack) -> None:
        """Append some frames."""
        import pyarrow.parquet as pq

        table = track_table(track)
        if self._writer is None:
            floats = [field.name for field in table.schema if str(field.type) == "double"]
            self._writer = pq.ParquetWriter(
                self._part,
                table.schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=["sensor"],
                use_byte_stream_split=floats,
                write_statistics=False,
            )
        self._writer.write_table(table)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._writer is not None:
            self._writer.close()
            if error is None:
                self._part.replace(self._path)


def track_table(track: FrameTrack) -> Any:
    """A pyarrow table of a track; `sensor` is the name of sensor and mode, null where none looks."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        spec.name: getattr(track, spec.name)
        for spec in fields(track)
        if spec.name not in ("sensor", "sensors")
    }
    indices = pa.array(track.sensor, mask=track.sensor < 0, type=pa.int64())
    columns["sensor"] = pa.DictionaryArray.from_arrays(indices.cast(pa.int32()), pa.array(track.sensors))
    return pa.table(columns)
