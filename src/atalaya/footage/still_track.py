"""A photograph as a track of one row: its camera angles are absolute, its ground is level with take-off."""

import math
from dataclasses import dataclass

import numpy as np

from atalaya.base.finding import Finding, Severity
from atalaya.earth import HeightDatum
from atalaya.earth.surface import Surface
from atalaya.footage.sensor_track import Floats, SensorTrack
from atalaya.footage.stills import Still

_KNOWN = ("hae", "msl")


@dataclass(frozen=True)
class StillTrack:
    """The track of a photograph.

    Args:
        track: one row. Platform angles are zero, the camera's absolute angles stand in the relative columns.
        heights_known: whether its heights have a stated datum; where not, only differences of height count
            and the absolute columns must be left empty.
        findings: what was taken for granted.
    """

    track: SensorTrack
    heights_known: bool
    findings: tuple[Finding, ...]


def track_of_still(still: Still, surface: Surface | None = None) -> StillTrack:
    """Position, angles, field of view and ground of one photograph; NaN for what it does not state.

    Args:
        surface: model of the ground; gives a camera that only knows its height above take-off a height.
    """
    absolute = next((height for height in still.heights if height.datum in _KNOWN), None)
    below = next(
        (height.metres for height in still.heights if height.datum in ("ground", "take-off")), math.nan
    )
    findings = []
    datum: HeightDatum = "hae"
    if absolute is not None:
        height = absolute.metres
        datum = "hae" if absolute.datum == "hae" else "msl"
    else:
        height = below  # only the difference to the ground matters then
    foot = math.nan
    if absolute is None and surface is not None:
        foot = float(surface.height_hae_m(_one(still.lon_deg), _one(still.lat_deg))[0])
    if math.isfinite(foot + below):
        height = foot + below
        findings.append(Finding("FTG-084", Severity.WARNING, details={"height": f"{below:.1f}"}))
    ground = height - below
    if math.isfinite(ground) and surface is None:
        findings.append(Finding("FTG-083", Severity.WARNING, details={"height": f"{below:.1f}"}))
    nan = np.full(1, math.nan)
    track = SensorTrack(
        t_us=np.array([still.t_us], np.int64),
        sensor_lon_deg=_one(still.lon_deg),
        sensor_lat_deg=_one(still.lat_deg),
        sensor_height_m=_one(height),
        heading_true_deg=_one(0.0),
        pitch_deg=_one(0.0),
        roll_deg=_one(0.0),
        rel_azimuth_deg=_one(still.camera.yaw_deg),
        rel_elevation_deg=_one(still.camera.pitch_deg),
        rel_roll_deg=_one(still.camera.roll_deg),
        hfov_deg=_one(_field_of_view_deg(still.width, still.focal_px)),
        vfov_deg=_one(_field_of_view_deg(still.height, still.focal_px)),
        slant_m=nan.copy(),
        ground_width_m=nan.copy(),
        centre_lon_deg=nan.copy(),
        centre_lat_deg=nan.copy(),
        centre_height_m=_one(ground),
        corner_lon_deg=np.full((1, 4), math.nan),
        corner_lat_deg=np.full((1, 4), math.nan),
        ce90_m=nan.copy(),
        le90_m=nan.copy(),
        sensor_height_datum=datum,
        centre_height_datum=datum,
        standard="EXIF/XMP",
    )
    return StillTrack(track, absolute is not None or math.isfinite(foot + below), tuple(findings))


def _one(value: float) -> Floats:
    return np.array([value], np.float64)


def _field_of_view_deg(pixels: int, focal_px: float) -> float:
    """Full angle of a centred pinhole image."""
    return math.degrees(2.0 * math.atan(pixels / (2.0 * focal_px))) if focal_px > 0 else math.nan
