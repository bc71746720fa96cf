"""The ground a clip's examined frames showed: what "looked and saw nothing" is said of."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.campaign.detecting.placed import ClipOnGround
from atalaya.campaign.vector_layers import numbers
from atalaya.earth import camera_to_ned, geodetic_to_ecef, ned_basis
from atalaya.earth.cells import cells_within, middles_of
from atalaya.earth.ellipsoid import enu_basis

Floats = NDArray[np.float64]

STEP_S = 1.0
"""Seconds between frames that are asked what they show."""

FARTHEST_M = 40_000.0
MOST_CELLS = 4_000_000
"""Bounds of one frame that hold more cells than this show ground so far away that nothing is told of it."""

_CORNERS = tuple(f"corner{n}" for n in (1, 2, 3, 4))


def coverage_schema() -> pa.Schema:
    """Columns: cell (of `earth.cells`), t_us of the first frame with it, frames (asked, that show it),
    seen_s, gsd_m, depression_deg (of the middle one), slant_m, azimuth_true_deg (of the first).
    """
    return pa.schema(
        {
            "cell": pa.int64(),
            "t_us": pa.int64(),
            "frames": pa.int32(),
            "seen_s": pa.float32(),
            **dict.fromkeys(("gsd_m", "depression_deg", "slant_m", "azimuth_true_deg"), pa.float32()),
        }
    )


@dataclass(frozen=True, eq=False)
class _Shown:
    """Cells that one frame shows, with the geometry of the view."""

    cell: NDArray[np.int64]
    gsd_m: Floats
    depression_deg: Floats
    slant_m: Floats
    azimuth_deg: Floats


def coverage_table(clip: ClipOnGround, examined: NDArray[np.int32]) -> pa.Table:
    """The ground that examined frames of a clip showed.

    A cell counts as seen where its middle projects into the picture and no ground stands before it. Frames
    without place, attitude or corners show nothing that could be told.

    Args:
        examined: (m,) frames, rising.
    """
    rows = _asked(clip, examined)
    shown = [_shown(clip, int(row)) for row in rows]
    if not any(len(one.cell) for one in shown):
        return coverage_schema().empty_table()
    which = np.repeat(np.arange(len(rows)), [len(one.cell) for one in shown])
    cell = np.concatenate([one.cell for one in shown])
    order = np.lexsort((which, cell))
    cell, which = cell[order], which[order]
    first = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    count = np.diff(np.r_[first, len(cell)])
    t_us = clip.analysis.frames["t_us"].fill_null(-1).to_numpy()[rows[which]]

    def column(name: str) -> Floats:
        return np.concatenate([getattr(one, name) for one in shown])[order]

    return pa.table(
        {
            "cell": cell[first],
            "t_us": t_us[first],
            "frames": count.astype(np.int32),
            "seen_s": (count * STEP_S).astype(np.float32),
            "gsd_m": _middles(column("gsd_m"), first, count),
            "depression_deg": _middles(column("depression_deg"), first, count),
            "slant_m": column("slant_m")[first].astype(np.float32),
            "azimuth_true_deg": column("azimuth_deg")[first].astype(np.float32),
        },
        schema=coverage_schema(),
    )


def _middles(values: Floats, first: NDArray[np.intp], count: NDArray[np.intp]) -> NDArray[np.float32]:
    """The middle of each run, in order of time: the view from abeam of a passing aircraft."""
    return np.asarray(values[first + count // 2], np.float32)


def _asked(clip: ClipOnGround, examined: NDArray[np.int32]) -> NDArray[np.int32]:
    """Examined frames about `STEP_S` apart."""
    if not len(examined):
        return examined
    seconds = numbers(clip.analysis.frames, "pts")[examined] / 90_000.0
    slot = np.floor((seconds - seconds[0]) / STEP_S + 1e-9)
    return np.asarray(examined[np.r_[True, slot[1:] != slot[:-1]]])


def _shown(clip: ClipOnGround, row: int) -> _Shown:
    frames = clip.analysis.frames.slice(row, 1)
    nothing = _Shown(np.empty(0, np.int64), *(np.empty(0) for _ in range(4)))
    lon = np.array([numbers(frames, f"{name}_lon_deg")[0] for name in _CORNERS])
    lat = np.array([numbers(frames, f"{name}_lat_deg")[0] for name in _CORNERS])
    place = [numbers(frames, f"sensor_{name}")[0] for name in ("lon_deg", "lat_deg", "height_hae_m")]
    if not (np.isfinite(lon).all() and np.isfinite(lat).all() and np.isfinite(place).all()):
        return nothing
    lon = lon[0] + (lon - lon[0] + 180.0) % 360.0 - 180.0
    size_deg = (np.ptp(lon), np.ptp(lat))
    if size_deg[0] * size_deg[1] * 4e6 > MOST_CELLS or size_deg[0] > 2.0 or size_deg[1] > 2.0:
        return nothing
    # corners of rough ground do not bound all of it
    edge = [0.1 * size for size in size_deg]
    cells = cells_within(lon.min() - edge[0], lat.min() - edge[1], lon.max() + edge[0], lat.max() + edge[1])
    return _in_sight(clip, frames, cells, np.array(place))


def _in_sight(clip: ClipOnGround, frames: pa.Table, cells: NDArray[np.int64], place: Floats) -> _Shown:
    from atalaya.campaign.cameras import attitudes

    lon, lat = middles_of(cells)
    height = clip.surface.height_hae_m(lon, lat)
    ground = geodetic_to_ecef(lon, lat, height)
    origin = geodetic_to_ecef(*place)
    turn = ned_basis(place[0], place[1]) @ camera_to_ned(*(part[0] for part in attitudes(frames)))
    toward = ground - origin
    ray = toward @ turn
    hfov, vfov = (numbers(frames, name)[0] for name in ("hfov_deg", "vfov_deg"))
    wide = np.tan(np.radians(hfov) / 2.0)
    tall = np.tan(np.radians(vfov) / 2.0) if np.isfinite(vfov) else wide * clip.size[1] / clip.size[0]
    slant = np.linalg.norm(toward, axis=1)
    with np.errstate(invalid="ignore"):
        framed = (ray[:, 0] > 0.0) & (np.abs(ray[:, 1]) <= wide * ray[:, 0])
        framed &= (np.abs(ray[:, 2]) <= tall * ray[:, 0]) & (slant < FARTHEST_M)
    seen = np.flatnonzero(framed)
    seen = seen[_unhidden(clip, lon[seen], lat[seen], origin)]
    unit = np.einsum("nji,nj->ni", enu_basis(lon[seen], lat[seen]), toward[seen] / slant[seen, None])
    steep = np.clip(-unit[:, 2], 1e-3, 1.0)
    gsd = slant[seen] * (2.0 * wide / clip.size[0]) / np.sqrt(steep)
    azimuth = np.degrees(np.arctan2(unit[:, 0], unit[:, 1])) % 360.0
    return _Shown(cells[seen], gsd, np.degrees(np.arcsin(steep)), slant[seen], azimuth)


def _unhidden(clip: ClipOnGround, lon: Floats, lat: Floats, origin: Floats) -> NDArray[np.bool_]:
    sightlines = getattr(clip.surface, "sightlines", None)
    if sightlines is None:
        return np.ones(len(lon), np.bool_)
    return np.asarray(sightlines(lon, lat, origin, above_m=0.5) == 1)
