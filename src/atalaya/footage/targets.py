"""What detectors on board reported (ST 0903 VMTI), as a table; objects are shown as given, never followed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.earth import geodesic
from atalaya.earth.surface import Surface
from atalaya.footage.ground_view import pixels_on_ground
from atalaya.footage.sensor_track import Floats, SensorTrack
from atalaya.klv import st0903
from atalaya.klv.framer import PacketTable
from atalaya.klv.spans import Spans
from atalaya.klv.st0903 import VmtiReport, VmtiState

if TYPE_CHECKING:
    from atalaya.footage.time_base import TimeBase

MOST_TARGETS = 2_000_000
"""Rows kept of one recording; a hostile stream cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class ReportedTarget:
    """One reported object of one packet; None where the report is silent. Pixels count from 0, WGS 84."""

    packet: int
    t_us: int
    target_id: int
    row: int | None
    column: int | None
    frame_width: int | None
    frame_height: int | None
    confidence_pct: int | None
    lon_deg: float | None
    lat_deg: float | None
    height_hae_m: float | None


class TargetReader:
    """Reads the VMTI sets of one stream in order, remembering what the stream said once."""

    def __init__(self) -> None:
        self._state = VmtiState()
        self.rows: list[ReportedTarget] = []
        self.sets = 0
        self.versions: set[int] = set()
        self.left_out = 0

    def embedded(self, spans: Spans, t_us: NDArray[np.int64], first_row: int) -> None:
        """Sets inside ST 0601 packets (item 74); `t_us` are the packets' times."""
        for row in np.flatnonzero(spans.at >= 0):
            report = st0903.read(spans.value(int(row)), self._state)
            self._add(report, first_row + int(row), int(t_us[row]))

    def standalone(self, packets: PacketTable) -> None:
        """Sets that travel by themselves, with their own time."""
        for row in range(len(packets)):
            report = st0903.read(packets.value(row), self._state)
            t_us = report.items.number(2)
            self._add(report, -1, -1 if t_us is None else int(t_us))

    def _add(self, report: VmtiReport, packet: int, t_us: int) -> None:
        self.sets += 1
        if report.version is not None:
            self.versions.add(report.version)
        for target in report.targets:
            if len(self.rows) >= MOST_TARGETS:
                self.left_out += 1
                continue
            place = target.location.height_hae_m if target.location else target.height_hae_m
            self.rows.append(
                ReportedTarget(
                    packet=packet,
                    t_us=t_us,
                    target_id=target.target_id,
                    row=target.row,
                    column=target.column,
                    frame_width=report.frame_width,
                    frame_height=report.frame_height,
                    confidence_pct=target.confidence_pct,
                    lon_deg=target.longitude_deg,
                    lat_deg=target.latitude_deg,
                    height_hae_m=place if isinstance(place, float) else None,
                )
            )


def target_table(
    rows: list[ReportedTarget],
    track: SensorTrack,
    image: tuple[int, int] | None,
    surface: Surface | None = None,
    base: "TimeBase | None" = None,
) -> pa.Table:
    """Reported targets with the place their pixel points at.

    Args:
        rows: as read.
        track: the derived track, one row per packet (rows refer to it by `packet`).
        image: width and height of the video in pixels, for reports that never state their frame size.
        surface: model of the ground that pixels are followed to; None for the target's stated height.
        base: how time stamps become UTC; None leaves them as they are.

    Returns:
        Arrow table: the report's own columns, `pixel_lon_deg`, `pixel_lat_deg` (where the pixel's ray meets
        the ground) and `miss_m` between that and the stated place.
    """
    lon, lat, miss = _by_pixel(rows, track, image, surface)
    stamps = np.array([row.t_us for row in rows], np.int64)
    packets = np.array([row.packet for row in rows], np.int64)
    t_us = (base.utc_us(stamps, packets) if base is not None else stamps).tolist()
    columns = {
        "packet": pa.array([row.packet if row.packet >= 0 else None for row in rows], pa.int64()),
        "t_us": pa.array([None if t < 0 else t for t in t_us], pa.int64()),
        "time": pa.array([None if t < 0 else t for t in t_us], pa.timestamp("us", tz="UTC")),
        "stamp_us": pa.array([row.t_us if row.t_us >= 0 else None for row in rows], pa.int64()),
        "target_id": pa.array([row.target_id for row in rows], pa.int64()),
        "row": pa.array([row.row for row in rows], pa.int64()),
        "column": pa.array([row.column for row in rows], pa.int64()),
        "frame_width": pa.array([row.frame_width for row in rows], pa.int64()),
        "frame_height": pa.array([row.frame_height for row in rows], pa.int64()),
        "confidence_pct": pa.array([row.confidence_pct for row in rows], pa.int64()),
        "lon_deg": pa.array([row.lon_deg for row in rows], pa.float64()),
        "lat_deg": pa.array([row.lat_deg for row in rows], pa.float64()),
        "height_hae_m": pa.array([row.height_hae_m for row in rows], pa.float64()),
        "pixel_lon_deg": pa.array(lon, mask=np.isnan(lon)),
        "pixel_lat_deg": pa.array(lat, mask=np.isnan(lat)),
        "miss_m": pa.array(miss, mask=np.isnan(miss)),
    }
    return pa.table(columns)


def _by_pixel(
    rows: list[ReportedTarget],
    track: SensorTrack,
    image: tuple[int, int] | None,
    surface: Surface | None,
) -> tuple[Floats, Floats, Floats]:
    """Longitude and latitude each pixel points at, and metres to the stated place; NaN where unknown."""
    lon, lat, miss = (np.full(len(rows), np.nan) for _ in range(3))
    sizes = [
        (row.frame_width or (image or (0, 0))[0], row.frame_height or (image or (0, 0))[1]) for row in rows
    ]
    for width, lines in sorted({size for size in sizes if all(size)}):
        chosen = [
            n
            for n, row in enumerate(rows)
            if sizes[n] == (width, lines)
            and 0 <= row.packet < len(track)
            and row.row is not None
            and row.column is not None
            and (surface is not None or row.height_hae_m is not None)
        ]
        if not chosen:
            continue
        column, line, height = (
            np.array([getattr(rows[n], name) for n in chosen], np.float64)  # None becomes NaN
            for name in ("column", "row", "height_hae_m")
        )
        poses = track.take(np.array([rows[n].packet for n in chosen], np.intp))
        lon[chosen], lat[chosen] = pixels_on_ground(poses, column, line, width, lines, height, surface)
    stated_lon, stated_lat = (
        np.array([np.nan if value is None else value for value in values])
        for values in ([row.lon_deg for row in rows], [row.lat_deg for row in rows])
    )
    miss[:] = geodesic(lon, lat, stated_lon, stated_lat)[0]
    return lon, lat, miss
