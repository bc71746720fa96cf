"""The UTM zone of a place, and the corner of a country about it."""

import numpy as np
from pyproj import Transformer

from atalaya.base.errors import BadInput

_LAST_LAT_DEG = 80.0
_FARTHEST_M = 600_000.0
_CENTRAL_M = 500_000.0


def utm_epsg(lon_deg: float, lat_deg: float) -> int:
    """EPSG code of the UTM zone, WGS 84, of a place (without the exceptions about Norway)."""
    zone = int(np.clip(np.floor((lon_deg + 180.0) / 6.0) + 1, 1, 60))
    return (32600 if lat_deg >= 0.0 else 32700) + zone


def utm_corner(
    lon_deg: float, lat_deg: float, shape: tuple[int, int], post_m: float
) -> tuple[int, float, float]:
    """EPSG code, and west and north of a grid of posts about a place, on whole metres.

    Raises:
        BadInput: CTY-002, no place within 80 degrees of latitude, or the grid leaves the zone by far.
    """
    if not (-180.0 <= lon_deg <= 180.0 and -_LAST_LAT_DEG <= lat_deg <= _LAST_LAT_DEG):
        raise BadInput("CTY-002", where=f"{lon_deg:g}, {lat_deg:g}")
    epsg = utm_epsg(lon_deg, lat_deg)
    east, north = Transformer.from_crs(4326, epsg, always_xy=True).transform(lon_deg, lat_deg)
    west, top = round(east - (shape[1] - 1) * post_m / 2.0), round(north + (shape[0] - 1) * post_m / 2.0)
    half = max(abs(west - _CENTRAL_M), abs(west + (shape[1] - 1) * post_m - _CENTRAL_M))
    if half > _FARTHEST_M:
        raise BadInput("CTY-002", where=f"{lon_deg:g}, {lat_deg:g}")
    return epsg, float(west), float(top)
