"""How well a picture can be interpreted: NIIRS by the General Image Quality Equation, version 5.

NGA, GIQE 5.0 (2015): with GSD in inches,
NIIRS = 9.57 - 3.32 log10 GSDw + 3.32 (1 - exp(-1.9 / SNR)) log10 RER - 2 (log10 RER)^4 - 1.8 / SNR,
GSDw = GSD / sin(elevation)^(1/4). Johnson's criteria (1958) give the chance to tell a thing from its
background. What is reported is NIIRS and a chance of detection, never that somebody "would identify"
anything.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]

INCH_M = 0.0254
N50_DETECT = 1.0
"""Line pairs across the critical dimension at which half of observers detect (Johnson; +- 0.25)."""


def niirs(gsd_m: ArrayLike, rer: ArrayLike, snr: ArrayLike, elevation_deg: ArrayLike = 90.0) -> Floats:
    """NIIRS by GIQE-5; arguments broadcast.

    Args:
        gsd_m: ground sample distance in the plane of the image, geometric mean of both axes, metres.
        rer: relative edge response. snr: signal to noise.
        elevation_deg: of the sensor as seen from the ground.

    Raises:
        BadInput: SNS-006, any of them not above zero, or an elevation above 90.
    """
    gsd, edge, noise, elevation = (
        _above_zero(name, value)
        for name, value in (("gsd_m", gsd_m), ("rer", rer), ("snr", snr), ("elevation_deg", elevation_deg))
    )
    if (elevation > 90.0).any():
        raise BadInput("SNS-006", name="elevation_deg", value=float(elevation.max()), allowed="0 ... 90")
    log_edge = np.log10(edge)
    return np.asarray(
        9.57
        - 3.32 * np.log10(weighted_gsd_m(gsd, elevation) / INCH_M)
        + 3.32 * -np.expm1(-1.9 / noise) * log_edge
        - 2.0 * log_edge**4
        - 1.8 / noise
    )


def weighted_gsd_m(gsd_m: ArrayLike, elevation_deg: ArrayLike) -> Floats:
    """GSDw: ground sample distance, weighted for the slope of the look."""
    sine = np.sin(np.radians(np.asarray(elevation_deg, np.float64)))
    return np.asarray(np.asarray(gsd_m, np.float64) / sine**0.25)


def combined_rer(across: ArrayLike, along: ArrayLike) -> Floats:
    """Relative edge response of two axes: (max min^2)^(1/3)."""
    first, second = _above_zero("rer", across), _above_zero("rer", along)
    return np.asarray(np.cbrt(np.maximum(first, second) * np.minimum(first, second) ** 2))


def equivalent_gsd_m(quality_niirs: ArrayLike) -> Floats:
    """Ground sample distance, metres, at which a flawless imager (RER 1, no noise) gives a NIIRS."""
    return np.asarray(10.0 ** ((9.57 - np.asarray(quality_niirs, np.float64)) / 3.32) * INCH_M)


def line_pairs(size_m: ArrayLike, gsd_m: ArrayLike) -> Floats:
    """Line pairs across a thing: two samples make one."""
    return np.asarray(np.asarray(size_m, np.float64) / (2.0 * np.asarray(gsd_m, np.float64)))


def johnson(pairs: ArrayLike, n50: ArrayLike = N50_DETECT) -> Floats:
    """Chance to tell a thing, given unlimited time: x^E / (1 + x^E), x = N / N50, E = 2.7 + 0.7 x.

    Target transfer probability function of the Night Vision Laboratory (Ratches 1976). Known to be coarse
    (Vollmerhausen, Optical Engineering 43(11), 2004).
    """
    x = np.asarray(pairs, np.float64) / np.asarray(n50, np.float64)
    with np.errstate(divide="ignore", over="ignore"):
        # in logarithms: x^E overflows where the chance is simply 1
        return np.asarray(1.0 / (1.0 + np.exp(-(2.7 + 0.7 * x) * np.log(x))))


def _above_zero(name: str, value: ArrayLike) -> Floats:
    found = np.asarray(value, np.float64)
    if not (np.isfinite(found) & (found > 0.0)).all():
        raise BadInput("SNS-006", name=name, value=np.min(found) if found.size else "?", allowed="> 0")
    return found
