"""What a track as a whole gives away: heights no aircraft flies at, longitude and latitude exchanged."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth.track.track import Track

Floats = NDArray[np.float64]

LOWEST_M, HIGHEST_M = -1_000.0, 25_000.0
"""Heights beyond these are a wrong unit: feet taken for metres, or feet given as flight levels."""

POLAR_DEG = 75.0
"""Positions nearer to a pole are rather exchanged than flown."""

SAMPLE = 2_000
FITS, MISFITS = 0.1, 0.3
"""Share by which the way between positions may differ from stated speed times time to fit it, or not to."""

EARTH_M = 6_371_000.0


def refuse_exchanged(places: Iterable[tuple[Floats | None, Floats | None]], source: str) -> None:
    """Refuse positions most of whose latitudes are beyond 90 degrees and would be good longitudes.

    Raises:
        BadInput: TRK-017.
    """
    count, odd, low, high = 0, 0, np.inf, -np.inf
    for lon, lat in places:
        if lon is None or lat is None or not len(lat):
            continue
        beyond = (np.abs(lat) > 90.0) & (np.abs(lat) <= 360.0) & (np.abs(lon) <= 90.0)
        count, odd = count + len(lat), odd + int(beyond.sum())
        finite = lat[np.isfinite(lat)]
        if len(finite):
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if odd * 2 > count:
        raise BadInput("TRK-017", where=source, low=f"{low:.2f}", high=f"{high:.2f}")


def doubts(track: Track) -> list[Finding]:
    """TRK-018 for heights nobody flies at, TRK-019 where longitude and latitude may be exchanged."""
    found = []
    for name in ("height_hae_m", "height_msl_m", "height_pressure_m"):
        heights = getattr(track, name)
        odd = heights[(heights < LOWEST_M) | (heights > HIGHEST_M)]
        if len(odd):
            details: dict[str, object] = {"column": track.columns.get(name, name), "low": f"{odd.min():,.0f}"}
            details["high"] = f"{odd.max():,.0f}"
            found.append(Finding("TRK-018", Severity.WARNING, len(odd), track.source, details))
    if _may_be_exchanged(track):
        found.append(Finding("TRK-019", Severity.WARNING, 1, track.source))
    return found


def _may_be_exchanged(track: Track) -> bool:
    lon, lat = track.lon_deg[: SAMPLE + 1], track.lat_deg[: SAMPLE + 1]
    fine = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 90.0)
    if len(lat) < 2 or not fine.any() or fine.mean() < 0.5:
        return False
    if np.median(np.abs(lat[fine])) > POLAR_DEG > np.median(np.abs(lon[fine])):
        return True
    lon, lat = np.where(fine, lon, 0.0), np.where(fine, lat, 0.0)
    stated = track.ground_speed_mps[: SAMPLE + 1]
    seconds = np.diff(track.t_us[: SAMPLE + 1]) / 1e6
    way = (stated[1:] + stated[:-1]) / 2.0 * seconds
    usable = fine[1:] & fine[:-1] & (way > 100.0) & (seconds < 60.0)
    if usable.sum() < 20:
        return False
    as_given = float(np.median((_steps_m(lon, lat) / np.where(usable, way, 1.0))[usable]))
    exchanged = float(np.median((_steps_m(lat, lon) / np.where(usable, way, 1.0))[usable]))
    return abs(exchanged - 1.0) < FITS and abs(as_given - 1.0) > MISFITS


def _steps_m(lon_deg: Floats, lat_deg: Floats) -> Floats:
    """(n-1,) metres between neighbours on a sphere (haversine), enough to tell two readings apart."""
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(np.diff(lon) / 2) ** 2
    metres: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return metres
