"""Cells of like size over the whole Earth, numbered: what looks are counted on, whatever map comes later.

Rows are a two-thousandth of a degree of latitude (55 m) tall; each is cut into as many columns as make them
about as wide. A cell keeps its number for ever, on every machine.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]

ROW_DEG = 0.0005
_ROWS = round(180.0 / ROW_DEG)
_WIDEST = round(360.0 / ROW_DEG)
_BITS = 21
_M_PER_DEG = 111_195.0


def cells_of(lon_deg: ArrayLike, lat_deg: ArrayLike) -> Cells:
    """Numbers of the cells that hold places; arrays broadcast; -1 for what is not finite."""
    lon, lat = np.broadcast_arrays(np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64))
    known = np.isfinite(lon) & np.isfinite(lat)
    lon, lat = np.where(known, lon, 0.0), np.where(known, lat, 0.0)
    row = np.clip(np.floor((lat + 90.0) / ROW_DEG), 0, _ROWS - 1).astype(np.int64)
    across = columns_of(row)
    column = np.floor((lon % 360.0) / 360.0 * across).astype(np.int64) % across
    return np.asarray(np.where(known, (row << _BITS) | column, -1))


def columns_of(row: Cells) -> Cells:
    """Cells in rows, counted from the south pole."""
    lat = (row + 0.5) * ROW_DEG - 90.0
    return np.asarray(np.maximum(np.round(np.cos(np.radians(lat)) * _WIDEST), 1.0), np.int64)


def middles_of(cells: Cells) -> tuple[Floats, Floats]:
    """Longitudes (-180 to 180) and latitudes of the middles of cells, degrees."""
    row, column = cells >> _BITS, cells & ((1 << _BITS) - 1)
    lon = (column + 0.5) * 360.0 / columns_of(row)
    return (lon + 180.0) % 360.0 - 180.0, np.asarray((row + 0.5) * ROW_DEG - 90.0, np.float64)


def areas_m2(cells: Cells) -> Floats:
    """Area of each cell, on the sphere of the mean degree: good to a third of a per cent."""
    row = cells >> _BITS
    lat = np.radians((row + 0.5) * ROW_DEG - 90.0)
    across = 360.0 / columns_of(row)
    return np.asarray(ROW_DEG * across * np.cos(lat) * _M_PER_DEG**2)


def cells_within(west_deg: float, south_deg: float, east_deg: float, north_deg: float) -> Cells:
    """Cells whose middles lie within bounds; east may be less than west across the antimeridian."""
    first, last = (
        int(np.clip(np.floor((lat + 90.0) / ROW_DEG), 0, _ROWS - 1)) for lat in (south_deg, north_deg)
    )
    width = (east_deg - west_deg) % 360.0
    found = []
    for row in range(first, last + 1):
        across = int(columns_of(np.array([row]))[0])
        begin = int(np.floor((west_deg % 360.0) / 360.0 * across))
        count = min(int(np.ceil(width / 360.0 * across)) + 1, across)
        found.append((row << _BITS) | ((begin + np.arange(count)) % across))
    cells = np.concatenate(found).astype(np.int64) if found else np.empty(0, np.int64)
    lon, lat = middles_of(cells)
    inside = ((lon - west_deg) % 360.0 <= width) & (lat >= south_deg) & (lat <= north_deg)
    return cells[inside]
