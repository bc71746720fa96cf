"""Lens and pose of every frame of a recording, and its pictures: what products on the ground start from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.campaign.vector_layers import numbers
from atalaya.earth import camera_to_ned, geodetic_to_ecef, ned_basis
from atalaya.earth.camera import Lens, Pose
from atalaya.earth.lens import Pinhole
from atalaya.footage.analyse import Analysis
from atalaya.footage.clip import Clip
from atalaya.footage.decode import FrameReader
from atalaya.footage.stills import still_pixels

Pixels = Literal["grey", "rgb"]


@dataclass(frozen=True)
class FrameCamera:
    """How one frame was taken.

    frame: its number, from 0. t_us: microseconds UTC, None where unknown.
    """

    frame: int
    lens: Lens
    pose: Pose
    t_us: int | None


def image_size(clip: Clip, analysis: Analysis) -> tuple[int, int]:
    """Width and height of a recording's pictures.

    Raises:
        BadInput: EXP-014, it has none.
    """
    if clip.video is not None:
        return clip.video.width, clip.video.height
    if analysis.still is not None:
        return analysis.still.width, analysis.still.height
    raise BadInput("EXP-014", where=clip.source)


def frame_cameras(clip: Clip, analysis: Analysis, rows: NDArray[np.intp]) -> list[FrameCamera | None]:
    """The cameras of some rows of the frame table; None where place, attitude or field of view is not known.

    Raises:
        BadInput: EXP-014, the recording has no pictures.
    """
    width, height = image_size(clip, analysis)
    frames = analysis.frames.take(pa.array(rows))
    origin = geodetic_to_ecef(*(numbers(frames, name) for name in _PLACE))
    turn = _turn(frames)
    hfov, vfov = numbers(frames, "hfov_deg"), numbers(frames, "vfov_deg")
    times = frames["t_us"].to_pylist()
    found: list[FrameCamera | None] = []
    for n, row in enumerate(rows):
        if not (np.isfinite(origin[n]).all() and np.isfinite(turn[n]).all() and 0.0 < hfov[n] < 180.0):
            found.append(None)
            continue
        vertical = float(vfov[n]) if np.isfinite(vfov[n]) else None
        lens = Pinhole.from_fov(width, height, float(hfov[n]), vertical)
        found.append(FrameCamera(int(row), lens, Pose(origin[n], turn[n]), times[n]))
    return found


_PLACE = ("sensor_lon_deg", "sensor_lat_deg", "sensor_height_hae_m")
_ATTITUDE = ("heading_true_deg", "pitch_deg", "roll_deg")
_GIMBAL = ("rel_azimuth_deg", "rel_elevation_deg", "rel_roll_deg")


def attitudes(frames: pa.Table) -> list[NDArray[np.float64]]:
    """Heading, pitch, roll, relative azimuth, elevation, roll, degrees.

    A photograph states absolute camera angles and no attitude of the aircraft: that counts as level to north.
    """
    columns = [numbers(frames, name) for name in (*_ATTITUDE, *_GIMBAL)]
    columns[5] = np.nan_to_num(columns[5])
    photograph = np.isnan(columns[0]) & np.isnan(columns[1]) & np.isfinite(columns[3])
    return [np.where(photograph, 0.0, column) if n < 3 else column for n, column in enumerate(columns)]


def _turn(frames: pa.Table) -> NDArray[np.float64]:
    """(n, 3, 3) rotation from the camera to ECEF."""
    basis = ned_basis(numbers(frames, "sensor_lon_deg"), numbers(frames, "sensor_lat_deg"))
    return np.asarray(basis @ camera_to_ned(*attitudes(frames)))


def pictures(
    clip: Clip, analysis: Analysis, rows: NDArray[np.intp], pixels: Pixels
) -> Iterator[NDArray[np.uint8]]:
    """The pictures of some frames, in ascending order; each decoded once.

    Raises:
        BadInput: FTG-010, FTG-099: there is no picture, or it cannot be decoded.
    """
    if analysis.still is not None:
        yield still_pixels(analysis.still, pixels)
        return
    reader = FrameReader(clip, pixels)
    pts = analysis.index.pts
    wanted = {int(pts[row]) for row in rows}
    for frame in reader.window(int(pts[rows[0]]), int(pts[rows[-1]]) + 1):
        if frame.pts in wanted:
            yield np.array(frame.array)
