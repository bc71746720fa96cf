"""A plan as the flight it means: geodesic legs at constant speed between its waypoints, nothing left open."""

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.ellipsoid import geod
from atalaya.earth.track import Track, track_of

Floats = NDArray[np.float64]

STEP_S = 10.0


def planned_track(plan: Track, off_track_m: float) -> Track:
    """The waypoints with a place every ten seconds between them, so that no gap is left to speculate about.

    Args:
        plan: waypoints with the times they are to be reached.
        off_track_m: how far the aircraft may be from its plan, for waypoints that state nothing.
    """
    step_us = np.diff(plan.t_us)
    parts = np.maximum(np.ceil(step_us / (STEP_S * 1e6)).astype(np.int64), 1)
    leg = np.repeat(np.arange(len(parts)), parts)
    share = (np.arange(len(leg)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[leg]
    ends = (plan.lon_deg[:-1], plan.lat_deg[:-1], plan.lon_deg[1:], plan.lat_deg[1:])
    azimuth, _, length_m = geod().inv(*(np.array(part) for part in ends))
    lon, lat, _ = geod().fwd(plan.lon_deg[leg], plan.lat_deg[leg], azimuth[leg], length_m[leg] * share)
    at_waypoint = share == 0.0  # exactly as planned, without the rounding of the geodesic
    lon = np.where(at_waypoint, plan.lon_deg[leg], lon)
    lat = np.where(at_waypoint, plan.lat_deg[leg], lat)

    def along(values: Floats) -> Floats:
        between: Floats = values[leg] + (values[1:] - values[:-1])[leg] * share
        return np.append(between, values[-1])

    radius = np.where(np.isfinite(plan.containment_m), plan.containment_m, off_track_m)
    return track_of(
        np.append(plan.t_us[leg] + np.rint(share * step_us[leg]).astype(np.int64), plan.t_us[-1]),
        np.append(lon, plan.lon_deg[-1]),
        np.append(lat, plan.lat_deg[-1]),
        aircraft=plan.aircraft,
        height_hae_m=along(plan.height_hae_m),
        height_msl_m=along(plan.height_msl_m),
        height_pressure_m=along(plan.height_pressure_m),
        containment_m=along(radius),
        callsigns=plan.callsigns,
        source=plan.source,
        sha256=plan.sha256,
        format=plan.format,
    )
