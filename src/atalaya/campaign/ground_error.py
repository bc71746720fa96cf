"""The error of places seen in a recording: budget of its platform, looks of its frames, CE90 of centres."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.campaign.cameras import attitudes
from atalaya.campaign.vector_layers import numbers
from atalaya.earth.error import ErrorBudget, GroundPoints, Looks, Method, locate, looks_from_angles
from atalaya.earth.surface import Surface
from atalaya.footage.analyse import Analysis
from atalaya.footage.metadata import PLATFORM_TAG
from atalaya.klv.keys import Family
from atalaya.sensing import default_budget, profile_for, with_rounding

Floats = NDArray[np.float64]

SEED = 20_120_629
"""Of the error draws: the same recording gives the same figures."""

ERROR_COLUMNS = (
    *("centre_ce90_m", "centre_le90_m", "ellipse_major_m", "ellipse_minor_m", "ellipse_azimuth_deg"),
    "error_method",
)


def budget_of(analysis: Analysis, terrain_source: str) -> ErrorBudget:
    """What a recording's places err by: defaults of its platform and terrain, rounding of its items."""
    budget = default_budget(
        profile_for("platform", platform_model(analysis)), profile_for("terrain", terrain_source)
    )
    main = analysis.main
    if main is None or main.family is not Family.ST0601:
        return budget
    return with_rounding(budget, {tag for tag, count in main.presence.items() if count})


def platform_model(analysis: Analysis) -> str:
    """Maker and model as the recording states them, "" where it does not."""
    if analysis.still is not None:
        return f"{analysis.still.make} {analysis.still.model}".strip()
    contents = analysis.main.contents[PLATFORM_TAG] if analysis.main else {}
    return next((text.decode("utf-8", "replace") for text in contents), "")


def centre_looks(frames: pa.Table) -> Looks:
    """The optical axis of every frame, with how fast the aircraft and the camera moved."""
    place = [numbers(frames, name) for name in ("sensor_lon_deg", "sensor_lat_deg", "sensor_height_hae_m")]
    return looks_from_angles(
        *place, *attitudes(frames), velocity_ned_mps=_velocity(frames, *place), slew_ned_dps=_slew(frames)
    )


def with_error(frames: pa.Table, surface: Surface, budget: ErrorBudget) -> pa.Table:
    """The frame table with the error of each frame centre; null where the axis meets no ground."""
    points = locate(surface, centre_looks(frames), budget, rng=np.random.default_rng(SEED))
    for name, column in zip(ERROR_COLUMNS, _columns(points), strict=True):
        frames = frames.append_column(name, column)
    return frames


def _columns(points: GroundPoints) -> list[pa.Array]:
    ellipse = points.ellipse
    real = (points.ce90_m, points.le90_m, ellipse[:, 0], ellipse[:, 1], ellipse[:, 2])
    words = np.array([Method(code).name.lower().replace("_", "-") for code in range(len(Method))])
    return [*(pa.array(values, mask=~np.isfinite(values)) for values in real), pa.array(words[points.method])]


def _seconds(frames: pa.Table) -> Floats:
    return numbers(frames, "pts") / 90_000.0


def _velocity(frames: pa.Table, lon_deg: Floats, lat_deg: Floats, height_m: Floats) -> Floats:
    """(n, 3) north, east, down, metres per second; 0 where it cannot be told."""
    seconds = _seconds(frames)
    lon = np.degrees(np.unwrap(np.radians(np.nan_to_num(lon_deg))))
    north = _rate(lat_deg, seconds) * 111_132.0
    east = _rate(lon, seconds) * 111_320.0 * np.cos(np.radians(lat_deg))
    return np.nan_to_num(np.column_stack([north, east, -_rate(height_m, seconds)]))


def _slew(frames: pa.Table) -> Floats:
    """(n, 3) rotation of the line of sight about north, east and down, degrees per second."""
    seconds = _seconds(frames)
    bearing = np.degrees(np.unwrap(np.radians(np.nan_to_num(numbers(frames, "bearing_true_deg")))))
    down = _rate(bearing, seconds)
    tilt = -_rate(numbers(frames, "depression_deg"), seconds)
    across = np.radians(bearing + 90.0)
    return np.nan_to_num(np.column_stack([tilt * np.cos(across), tilt * np.sin(across), down]))


def _rate(values: Floats, seconds: Floats) -> Floats:
    if len(values) < 2 or not (np.diff(seconds) > 0).all():
        return np.zeros(len(values))
    return np.asarray(np.gradient(values, seconds))
