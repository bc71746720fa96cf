"""The error of places seen in a recording: budget of its platform, looks of its frames, CE90 of centres."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.campaign.cameras import attitudes
from atalaya.campaign.vector_layers import numbers
from atalaya.earth.error import (
    ErrorBudget,
    GroundPoints,
    Looks,
    Method,
    locate,
    looks_from_angles,
    with_target_error,
)
from atalaya.earth.surface import HitStatus, Surface
from atalaya.footage.analyse import Analysis
from atalaya.footage.metadata import ERROR_TAG, PLATFORM_TAG, StreamMetadata
from atalaya.klv.keys import Family
from atalaya.klv.packet import decode_packet
from atalaya.klv.st1010 import Sdcc
from atalaya.sensing import (
    StatedErrors,
    default_budget,
    profile_for,
    stated_errors,
    with_rounding,
    with_stated,
)

Floats = NDArray[np.float64]

SEED = 20_120_629
"""Of the error draws: the same recording gives the same figures."""

RANGE_MEASURED = 1 << 4
RANGE_SIGMA_M = 5.0
"""One sigma of a measured slant range whose sender states none: an ordinary rangefinder at long range."""

ERROR_COLUMNS = (
    *("centre_ce90_m", "centre_le90_m", "ellipse_major_m", "ellipse_minor_m", "ellipse_azimuth_deg"),
    "error_method",
)


def budget_of(analysis: Analysis, surface: Surface) -> ErrorBudget:
    """What a recording's places err by, term by term.

    Defaults of its platform and terrain and the rounding of its items; over them what the stream states of
    itself: the errors of its items (item 102), else the error of its frame centres (items 45 and 46).
    """
    platform = profile_for("platform", platform_model(analysis))
    budget = default_budget(platform, profile_for("terrain", surface.source))
    main = analysis.main
    if main is None or main.family is not Family.ST0601:
        return budget
    budget = with_rounding(budget, {tag for tag, count in main.presence.items() if count})
    stated = _stated_errors(main)
    if stated is not None and stated.deviations:
        latitude = _median(analysis.frames, "sensor_lat_deg")
        return with_stated(budget, stated, lat_deg=latitude, hfov_deg=_median(analysis.frames, "hfov_deg"))
    return _with_stated_centre(budget, analysis.frames, surface)


def _stated_errors(main: StreamMetadata) -> StatedErrors | None:
    """What item 102 says of the items before it, None where there is none that can be read."""
    if main.error_packet is None:
        return None
    items = decode_packet(main.error_packet).items
    pack = items.get(ERROR_TAG)
    if not isinstance(pack, Sdcc):
        return None
    return stated_errors(pack, items.tags[: items.tags.index(ERROR_TAG)])


def _with_stated_centre(budget: ErrorBudget, frames: pa.Table, surface: Surface) -> ErrorBudget:
    """The budget stretched to the stated CE90 of frame centres, where the stream states one."""
    ce90, le90 = _median(frames, "stated_ce90_m"), _median(frames, "stated_le90_m")
    rows = np.flatnonzero(np.isfinite(numbers(frames, "centre_lon_deg")))
    if not (ce90 > 0.0 and len(rows)):
        return budget
    middle = centre_looks(frames).take(rows[[len(rows) // 2]])
    # a terrain model has its own error; the stated one is of the height the stream assumes
    return with_target_error(budget, surface, middle, ce90, le90 if surface.kind == "level" else np.nan)


def _median(frames: pa.Table, name: str) -> float:
    values = numbers(frames, name)
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan


def platform_model(analysis: Analysis) -> str:
    """Maker and model as the recording states them, "" where it does not."""
    if analysis.still is not None:
        return f"{analysis.still.make} {analysis.still.model}".strip()
    contents = analysis.main.contents[PLATFORM_TAG] if analysis.main else {}
    return next((text.decode("utf-8", "replace") for text in contents), "")


def centre_looks(frames: pa.Table, range_m: Floats | None = None) -> Looks:
    """The optical axis of every frame, with how fast the aircraft and the camera moved.

    Args:
        range_m: (n,) measured slant ranges, NaN where none was measured.
    """
    place = [numbers(frames, name) for name in ("sensor_lon_deg", "sensor_lat_deg", "sensor_height_hae_m")]
    measured = np.full(frames.num_rows, np.nan) if range_m is None else range_m
    return looks_from_angles(
        *place,
        *attitudes(frames),
        velocity_ned_mps=_velocity(frames, *place),
        slew_ned_dps=_slew(frames),
        range_m=measured,
        range_sigma_m=np.where(np.isfinite(measured), RANGE_SIGMA_M, np.nan),
    )


def measured_ranges(analysis: Analysis) -> Floats:
    """(n,) slant range of frames where the stream says it was measured, not worked out (item 47, bit 4)."""
    frames, main = analysis.frames, analysis.main
    nothing = np.full(frames.num_rows, np.nan)
    if main is None or "generic_flags" not in main.values:
        return nothing
    packet = numbers(frames, "packet")
    known = np.isfinite(packet)
    flags = np.zeros(frames.num_rows)
    flags[known] = np.nan_to_num(main.values["generic_flags"])[packet[known].astype(np.intp)]
    return np.where(flags.astype(np.int64) & RANGE_MEASURED != 0, numbers(frames, "stated_slant_m"), nothing)


def with_error(analysis: Analysis, surface: Surface) -> pa.Table:
    """The frame table with the error of each frame centre; null where the axis meets no ground."""
    frames, budget = analysis.frames, budget_of(analysis, surface)
    looks = centre_looks(frames, measured_ranges(analysis))
    points = locate(surface, looks, budget, rng=np.random.default_rng(SEED))
    for name, column in zip(ERROR_COLUMNS, _columns(points), strict=True):
        frames = frames.append_column(name, column)
    return frames


def _columns(points: GroundPoints) -> list[pa.Array]:
    met = points.status <= HitStatus.GRAZING  # beyond the model's edge the rest of the draws are no sample
    ellipse = points.ellipse
    real = [
        np.where(met, values, np.nan)
        for values in (points.ce90_m, points.le90_m, ellipse[:, 0], ellipse[:, 1], ellipse[:, 2])
    ]
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
