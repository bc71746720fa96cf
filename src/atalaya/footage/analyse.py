"""One recording, end to end: metadata, clock, audit, repaired geometry, frame table, targets, verdict."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity, merged
from atalaya.base.language import figure
from atalaya.earth import converted_height_m
from atalaya.earth.surface import Surface
from atalaya.footage.audit import Audit, MissStats, apply_repairs, audit_track, frame_centre_miss, miss_stats
from atalaya.footage.clip import Clip
from atalaya.footage.frame_clock import FrameClock, bind_frames
from atalaya.footage.frame_index import FrameIndex
from atalaya.footage.frame_table import ABSOLUTE_HEIGHTS, frame_table
from atalaya.footage.ground_view import view_ground
from atalaya.footage.klv_stream import NONE, KlvStream
from atalaya.footage.lost_packets import lost_packets
from atalaya.footage.metadata import StreamMetadata, main_stream, read_streams
from atalaya.footage.resample import at_frames
from atalaya.footage.security import Markings, Unarmed, markings_of, unarmed
from atalaya.footage.sensor_track import SensorTrack
from atalaya.footage.source import Source
from atalaya.footage.standards import standards_of, stream_findings
from atalaya.footage.still_track import StillTrack, track_of_still
from atalaya.footage.stills import Still, read_still
from atalaya.footage.target_heights import TargetAudit, audit_target_heights
from atalaya.footage.targets import target_table
from atalaya.footage.time_base import TimeBase, time_base
from atalaya.footage.track_source import HeldColumns, track_from_eg0104, track_from_st0601
from atalaya.klv.keys import Family

STRETCH_BYTES = 4 << 20
"""KLV read at a time: some minutes of flight, so that progress moves and memory stays small."""

TERRAIN_APART_M = 25.0
"""Terrain and stated target heights that differ by more (in the middle) hint at a wrong unit or datum."""

BACK_US, JUMP_US = 1_000_000, 600_000_000
"""Steps of the metadata's time, back or forward beyond that of PTS, that mean another recording."""


@dataclass(frozen=True)
class Reading:
    """How a recording is to be read.

    Args:
        as_recorded: leave out the repairs (they are still looked for and reported).
        keyframes: table only the frames where decoding can start.
        surface: model of the ground that lines of sight meet; None for the level the stream states.
        surface_id: a few letters that tell this model from another, for the names of files.
    """

    as_recorded: bool = False
    keyframes: bool = False
    surface: Surface | None = None
    surface_id: str = ""

    @property
    def variant(self) -> str:
        """Name of this way of reading, for file names and the catalogue."""
        parts = ["as-recorded" if self.as_recorded else "repaired"]
        parts += ["keyframes"] if self.keyframes else []
        parts += [f"terrain-{self.surface_id}".rstrip("-")] if self.surface is not None else []
        return "-".join(parts)


@dataclass(frozen=True)
class Analysis:
    """What came out of one recording.

    Args:
        index: its frames. streams: its KLV streams. main: the one that says where the sensor looked.
        clock: how frames were bound to it, in the stream's own count. time_base: how that becomes UTC.
        audit, target_audit: what the geometry says.
        frames: the frame table; one row per packet where there are no frames (bare KLV).
        targets: reported targets.
        findings: everything a reader should know, worst first.
        still: what a photograph says of itself.
    """

    index: FrameIndex
    streams: tuple[StreamMetadata, ...]
    main: StreamMetadata | None
    clock: FrameClock | None
    time_base: TimeBase
    standards: tuple[str, ...]
    audit: Audit
    target_audit: TargetAudit
    frames: pa.Table
    targets: pa.Table
    markings: Markings
    unarmed: Unarmed
    findings: tuple[Finding, ...]
    still: Still | None = None

    @property
    def centre_miss(self) -> MissStats:
        """Stated against derived frame centre, of the derived columns as they are."""
        if "terrain" in self.frames["ground_source"].unique().to_pylist():
            return miss_stats(self.frames["centre_miss_m"].drop_null().to_numpy())
        applied = any(repair.applied for repair in self.audit.repairs)
        return self.audit.repaired if applied else self.audit.as_recorded


def analyse(clip: Clip, reading: Reading, progress: Callable[[float], None] | None = None) -> Analysis:
    """Read a recording through.

    Args:
        progress: called with the share of the file that was read, 0 to 1.

    Raises:
        BadInput: FTG-0xx, the container breaks before anything could be read.
    """
    if clip.kind is Source.STILL:
        return _analyse_still(clip, reading)
    streams = read_streams(_watched(clip, progress))
    index = clip.frame_index()
    main = main_stream(streams)
    stated = _stated_track(main)
    audit = audit_track(stated)
    if reading.as_recorded:
        audit = replace(audit, repairs=tuple(replace(repair, applied=False) for repair in audit.repairs))
    track = apply_repairs(stated, audit.repairs)
    base = time_base(main)
    clock, frames = _frames(index, main, stated, track, base, reading)
    rows = main.targets.rows if main else [row for stream in streams for row in stream.targets.rows]
    image = (clip.video.width, clip.video.height) if clip.video else None
    target_audit = audit_target_heights(rows, track, image, apply=not reading.as_recorded)
    said_by_it = unarmed(streams)
    findings = [*clip.findings, *stream_findings(streams), *audit.findings, *target_audit.findings]
    findings += [*said_by_it.findings, *(clock.findings if clock else ())]
    findings += [*_glued(main), *(lost_packets(main.t_us) if main else ())]
    findings += [*_terrain_findings(frames, reading)]
    if not len(index) and clip.video is not None:
        findings.append(Finding("FTG-081", Severity.ERROR))
    return Analysis(
        index=index,
        streams=streams,
        main=main,
        clock=clock,
        time_base=base,
        standards=standards_of(streams),
        audit=audit,
        target_audit=target_audit,
        frames=frames,
        targets=target_table(target_audit.rows, track, image, reading.surface, base),
        markings=markings_of(streams),
        unarmed=said_by_it,
        findings=tuple(merged(findings)),
    )


def _terrain_findings(frames: pa.Table, reading: Reading) -> list[Finding]:
    """How much of the recording the terrain covers, and whether it agrees with the stated heights."""
    if reading.surface is None:
        return []
    source = reading.surface.source
    posed = frames["bearing_true_deg"].is_valid().to_numpy()
    met = np.array([value == "terrain" for value in frames["ground_source"].to_pylist()], np.bool_)
    found = []
    missing = int((posed & ~met).sum())
    if missing:
        severity = Severity.WARNING if met.any() else Severity.ERROR
        details: dict[str, object] = {"frames": int(posed.sum()), "source": source}
        found.append(Finding("FTG-086", severity, missing, details=details))
    apart = _height_apart_m(frames)[met]
    apart = apart[np.isfinite(apart)]
    if len(apart) and abs(float(np.median(apart))) > TERRAIN_APART_M:
        details = {"metres": figure(float(np.median(apart))), "source": source}
        found.append(Finding("FTG-087", Severity.WARNING, len(apart), details=details))
    return found


def _height_apart_m(frames: pa.Table) -> NDArray[np.float64]:
    """(n,) height of the terrain at the frame centre minus the stated one, metres; NaN where unknown."""

    def column(name: str) -> NDArray[np.float64]:
        return np.asarray(frames[name].to_numpy(zero_copy_only=False), np.float64)

    lon, lat = column("centre_lon_deg"), column("centre_lat_deg")
    msl = converted_height_m(column("stated_centre_height_msl_m"), lon, lat, have="msl", want="hae")
    hae = column("stated_centre_height_hae_m")
    return np.asarray(column("centre_height_hae_m") - np.where(np.isfinite(hae), hae, msl))


def _glued(main: StreamMetadata | None) -> list[Finding]:
    """Whether the metadata's time jumps as if several recordings were put into one file."""
    if main is None or len(main) < 2:
        return []
    timed = np.flatnonzero(main.t_us >= 0)
    step = np.diff(main.t_us[timed])
    pts = main.pts[timed]
    known = (pts[1:] >= 0) & (pts[:-1] >= 0)
    usual = np.where(known, np.diff(pts) * 100 // 9, 0)
    jumps = np.flatnonzero((step < -BACK_US) | (step - usual > JUMP_US))
    if not len(jumps):
        return []
    where = f"PID {main.pid}, packet {int(timed[jumps[0] + 1])}"
    return [Finding("FTG-085", Severity.WARNING, len(jumps), where)]


def _analyse_still(clip: Clip, reading: Reading) -> Analysis:
    """A photograph: one row, nothing to audit it against."""
    still = read_still(clip.path)
    found = track_of_still(still, reading.surface)
    base = TimeBase(None, np.zeros(1, np.int64), 0)
    track, here = found.track, np.zeros(1, np.int64)
    # a height that counts from take-off cannot be set against terrain that counts from the sea
    on_ground = reading if found.heights_known else replace(reading, surface=None)
    frames = _table(here, np.ones(1, np.bool_), track.t_us, here, track, track, base, on_ground)
    frames = _photograph_columns(frames, found)
    nothing = miss_stats(np.zeros(0))
    return Analysis(
        index=clip.frame_index(),
        streams=(),
        main=None,
        clock=None,
        time_base=base,
        standards=("EXIF",) + (("XMP",) if still.maker else ()),
        audit=Audit((), (), nothing, nothing),
        target_audit=TargetAudit([], (), nothing, nothing, applied=False, proposed=False),
        frames=frames,
        targets=target_table([], track, None),
        markings=markings_of(()),
        unarmed=unarmed(()),
        findings=tuple(merged([*clip.findings, *still.findings, *found.findings])),
        still=still,
    )


def _photograph_columns(frames: pa.Table, found: StillTrack) -> pa.Table:
    """What a photograph cannot say becomes null: aircraft attitude, and heights without a datum."""
    unknown = ["packet", "heading_true_deg", "pitch_deg", "roll_deg"]
    unknown += [] if found.heights_known else list(ABSOLUTE_HEIGHTS)
    for name in unknown:
        place = frames.schema.get_field_index(name)
        frames = frames.set_column(place, name, pa.nulls(frames.num_rows, frames.schema.field(name).type))
    ground = pa.array(
        ["take-off" if value == "stated" else value for value in frames["ground_source"].to_pylist()]
    )
    frames = frames.set_column(frames.schema.get_field_index("ground_source"), "ground_source", ground)
    exact = pa.array(["exact"] * frames.num_rows)
    return frames.set_column(frames.schema.get_field_index("pose_source"), "pose_source", exact)


def _watched(clip: Clip, progress: Callable[[float], None] | None) -> Iterator[tuple[KlvStream, ...]]:
    """The clip's stretches, telling how far the reading has come."""
    size = max(clip.path.stat().st_size, 1)
    for stretch in clip.segments(STRETCH_BYTES):
        yield stretch
        reached = max((int(part.chunk_pos.max(initial=0)) for part in stretch), default=0)
        if progress is not None:
            progress(min(reached / size, 1.0))


def _stated_track(main: StreamMetadata | None) -> SensorTrack:
    """The record as a track, empty without metadata."""
    if main is None:
        nothing = HeldColumns(np.zeros(0, np.int64), {}, {})
        return track_from_st0601(nothing, np.zeros(0, np.int64))
    columns = HeldColumns(main.t_us, main.values, main.states)
    build = track_from_eg0104 if main.family == Family.EG0104 else track_from_st0601
    return build(columns, main.t_us)


def _frames(
    index: FrameIndex,
    main: StreamMetadata | None,
    stated: SensorTrack,
    track: SensorTrack,
    base: TimeBase,
    reading: Reading,
) -> tuple[FrameClock | None, pa.Table]:
    """Bind frames to packets and table them; without frames each packet is a row."""
    if not len(index) and main is not None:
        n = len(main)
        return None, _table(
            main.pts, np.ones(n, np.bool_), main.t_us, np.arange(n), stated, track, base, reading
        )
    none = np.zeros(0, np.int64)
    t_us, pts, pos = (main.t_us, main.pts, main.pos) if main else (none, none, none)
    clock = bind_frames(index, t_us, pts, pos)
    chosen = np.flatnonzero(index.key) if reading.keyframes else np.arange(len(index))
    own = np.where(clock.row >= 0, t_us[clock.row] - clock.residual_us, NONE) if len(t_us) else clock.t_us
    stamp_us = np.where(clock.t_us >= 0, clock.t_us, own)  # a clock that jumps still times its own packets
    table = _table(
        index.pts[chosen],
        index.key[chosen],
        stamp_us[chosen],
        clock.row[chosen],
        stated,
        track,
        base,
        reading,
        numbers=chosen,
    )
    return clock, table


def _table(
    pts: NDArray[np.int64],
    key: NDArray[np.bool_],
    stamp_us: NDArray[np.int64],
    row: NDArray[np.int64],
    stated: SensorTrack,
    track: SensorTrack,
    base: TimeBase,
    reading: Reading,
    numbers: NDArray[np.int64] | None = None,
) -> pa.Table:
    rows = row.astype(np.intp)
    as_stated, source = at_frames(stated, stamp_us, rows)
    derived = as_stated if track is stated else at_frames(track, stamp_us, rows)[0]
    packet_us = np.where(rows >= 0, stated.t_us[rows] if len(stated) else 0, NONE)
    residual = np.where((rows >= 0) & (stamp_us >= 0), (stamp_us - packet_us).astype(np.float64), np.nan)
    view = view_ground(derived, reading.surface)
    t_us = base.utc_us(stamp_us, row)
    table = frame_table(pts, key, t_us, stamp_us, row, residual, as_stated, derived, view, source)
    if reading.surface is None:
        miss = frame_centre_miss(derived)
        place = table.schema.get_field_index("centre_miss_m")
        table = table.set_column(place, "centre_miss_m", pa.array(miss, mask=~np.isfinite(miss)))
    if numbers is None:
        return table
    return table.set_column(0, "frame", pa.array(numbers.astype(np.int32)))
