"""What ground each search leg saw: footprints along a flight, with resolution and depression.

A look here is a piece of a leg on which one sensor works in one mode, as long as `every_s` says: the ring is
the hull of the frame at its start and end, as it lies on the terrain.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import enu_basis
from atalaya.earth.surface import Surface
from atalaya.sensing.platform import Platform
from atalaya.sim.flight.flight import Flight
from atalaya.sim.flight.frame_track import FrameTrack
from atalaya.sim.flight.frames import poses, stretch_times_us
from atalaya.sim.flight.seen import seen_by

Floats = NDArray[np.float64]

EVERY_S = 2.0
_BLOCK = 20_000


def looks_of(
    flight: Flight,
    surface: Surface,
    platform: Platform | None = None,
    *,
    every_s: float = EVERY_S,
    start_us: int | None = None,
    end_us: int | None = None,
) -> Any:
    """The ground seen, one row per piece, in order of time; pieces that miss the ground are left out.

    Args:
        surface: the ground. platform: for the resolution; without it that is NaN.
        every_s: length of a piece.

    Returns:
        A pyarrow table with columns t_from_us, t_to_us (int64 UTC), leg (int64), sensor, mode (text),
        lon_deg, lat_deg (lists: a closed ring of corners, in order), centre_lon_deg, centre_lat_deg,
        slant_m, depression_deg (from the level plane at the ground), gsd_m (geometric mean of across and
        along on level ground, at the middle).

    Raises:
        BadInput: RNG-004, RNG-005.
    """
    import pyarrow as pa

    parts = list(_parts(flight, surface, platform, every_s, start_us, end_us))
    return pa.concat_tables(parts) if parts else _schema().empty_table()


def _schema() -> Any:
    import pyarrow as pa

    whole, text, real = pa.int64(), pa.string(), pa.float64()
    kinds = {"t_from_us": whole, "t_to_us": whole, "leg": whole, "sensor": text, "mode": text}
    kinds |= {"lon_deg": pa.list_(real), "lat_deg": pa.list_(real)}
    numbers = ("centre_lon_deg", "centre_lat_deg", "slant_m", "depression_deg", "gsd_m")
    return pa.schema({**kinds, **dict.fromkeys(numbers, real)})


def _parts(
    flight: Flight,
    surface: Surface,
    platform: Platform | None,
    every_s: float,
    start_us: int | None,
    end_us: int | None,
) -> Iterator[Any]:
    for t_us in stretch_times_us(flight, 1.0 / every_s, start_us, end_us, _BLOCK):
        last = t_us[-1] + round(every_s * 1e6)
        track = flight.at(np.append(t_us, min(last, flight.start_us + round(flight.duration_s * 1e6))))
        yield _looks(track, surface, platform)


def _looks(track: FrameTrack, surface: Surface, platform: Platform | None) -> Any:
    """Pieces between rows of a track that are of one leg and one sensor."""
    import pyarrow as pa

    same = (track.sensor[1:] == track.sensor[:-1]) & (track.leg[1:] == track.leg[:-1])
    longer = track.t_us[1:] > track.t_us[:-1]
    first = np.flatnonzero(same & longer & (track.sensor[:-1] >= 0))
    seen = seen_by(track, surface)
    lon, lat = seen.lon_deg, seen.lat_deg
    met = np.isfinite(lon)
    first = first[met[first].all(axis=1) & met[first + 1].all(axis=1)]
    up = enu_basis(lon[first, 0], lat[first, 0])[..., 2]
    ahead = poses(track, first).camera_to_ecef[..., 0]
    steep = np.clip(-np.einsum("ni,ni->n", up, ahead), 1e-3, 1.0)
    ring, starts = _rings(lon[:, 1:], lat[:, 1:], first)
    names = [track.sensors[number].split("/", 1) for number in track.sensor[first].tolist()]
    columns = {
        "t_from_us": track.t_us[first],
        "t_to_us": track.t_us[first + 1],
        "leg": track.leg[first],
        "sensor": [name[0] for name in names],
        "mode": [name[1] for name in names],
        "lon_deg": pa.ListArray.from_arrays(starts, ring[:, 0]),
        "lat_deg": pa.ListArray.from_arrays(starts, ring[:, 1]),
        "centre_lon_deg": lon[first, 0],
        "centre_lat_deg": lat[first, 0],
        "slant_m": seen.range_m[first],
        "depression_deg": np.degrees(np.arcsin(steep)),
        "gsd_m": _gsd(track, first, seen.range_m[first], steep, platform),
    }
    return pa.table(columns, schema=_schema())


def _gsd(
    track: FrameTrack, rows: NDArray[np.intp], reach: Floats, steep: Floats, platform: Platform | None
) -> Floats:
    """(n,) metres on level ground, geometric mean of both axes."""
    sizes = np.full((len(track.sensors) + 1, 2), np.nan)
    modes = [mode for one in platform.sensors for mode in one.modes] if platform is not None else []
    for number, mode in enumerate(modes):
        sizes[number] = mode.columns, mode.rows
    size = sizes[track.sensor[rows]]
    across = 2.0 * np.tan(np.radians(track.hfov_deg[rows]) / 2.0) / size[:, 0]
    along = 2.0 * np.tan(np.radians(track.vfov_deg[rows]) / 2.0) / size[:, 1]
    return np.asarray(reach * np.sqrt(across * along / steep))


def _rings(lon: Floats, lat: Floats, first: NDArray[np.intp]) -> tuple[Floats, NDArray[np.int32]]:
    """Closed hulls of the corners of two frames each, counter-clockwise: places, and where each begins."""
    import shapely

    corners = np.stack((lon, lat), axis=-1)
    both = np.concatenate((corners[first], corners[first + 1]), axis=1)
    if not len(both):
        return np.empty((0, 2)), np.zeros(1, np.int32)
    middle = both[:, :1, 0]
    both[..., 0] = middle + (both[..., 0] - middle + 180.0) % 360.0 - 180.0
    hulls = shapely.orient_polygons(shapely.convex_hull(shapely.multipoints(both)))
    ring, whose = shapely.get_coordinates(hulls, return_index=True)
    return ring, np.searchsorted(whose, np.arange(len(hulls) + 1)).astype(np.int32)
