"""A pattern laid on the ground: from metres around a datum to longitudes and latitudes."""

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from atalaya.base.errors import BadInput
from atalaya.plan.patterns.pattern import Pattern

Floats = NDArray[np.float64]
WGS84 = Geod(ellps="WGS84")
MOST_M = 500_000.0


def on_the_ground(pattern: Pattern, lon_deg: float, lat_deg: float) -> tuple[Floats, Floats]:
    """Longitudes and latitudes, (k,) degrees WGS 84, of a pattern around a datum.

    Each point keeps its geodesic distance and true bearing from the datum (azimuthal equidistant).

    Raises:
        BadInput: COV-006 reaches farther than 500 km; COV-007 the datum is no position or at a pole.
    """
    if not (-180 <= lon_deg <= 360 and -90 < lat_deg < 90):
        raise BadInput("COV-007", detail=f"datum {lon_deg:g}, {lat_deg:g}")
    east, north = pattern.points.T
    distance = np.hypot(east, north)
    if distance.max() > MOST_M:
        raise BadInput("COV-006", width_km=f"{distance.max() / 1e3:.0f}", most_km=f"{MOST_M / 1e3:.0f}")
    azimuth = np.degrees(np.arctan2(east, north))
    lon, lat, _ = WGS84.fwd(np.full(len(east), lon_deg), np.full(len(east), lat_deg), azimuth, distance)
    return np.asarray(lon), np.asarray(lat)
