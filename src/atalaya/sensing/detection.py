"""Chance of detection per look: from sensor, field of view, height, depression, cover and time of day.

One chain, each link stated and monotone: slant and field of view give the ground sample distance; light
(EO) or thermal contrast (IR) scales the signal to noise; GIQE-5 makes NIIRS of both, and NIIRS the sample
distance of a flawless imager; Johnson's criteria give the chance to tell a thing of a size, given time; the
time it stays in view gives the chance per look. Cover does not lower that chance: it hides a share of
facilities from every look alike. Constants: `detection.toml`, each with its class. Haze, clutter and false
alarms are not in it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.sensing.flat_footprint import gsd_m
from atalaya.sensing.giqe import equivalent_gsd_m, johnson, line_pairs, niirs
from atalaya.sensing.platform import FieldOfView, Sensor

Floats = NDArray[np.float64]

_LIT = frozenset({"EO", "HSI", "MSI"})
_THERMAL = frozenset({"IR", "GAS"})
_BY_PROGRAM = frozenset({"HSI", "MSI"})
DESCRIBED_KINDS = _LIT | _THERMAL | {"LIDAR"}
"""Kinds of sensor this model speaks of."""

_LEAST_SNR = 1e-6


@dataclass(frozen=True, slots=True)
class Facility:
    """What is searched for: a place, never a person.

    Args:
        size_m: critical dimension, metres: of a roof, a pit, a cleared strip's width.
        cleared_share: of its ground that no canopy covers.
    """

    size_m: float
    cleared_share: float | None = None


@dataclass(frozen=True, slots=True)
class LookQuality:
    """What one look is worth; arrays as the arguments broadcast.

    gsd_m: geometric mean of both axes      niirs: GIQE-5
    chance: of detection of a facility that is not hidden, by this look
    hidden: share of facilities that cover hides from every look at this depression
    """

    gsd_m: Floats
    niirs: Floats
    chance: Floats
    hidden: Floats

    @property
    def rate(self) -> Floats:
        """Effort of one look in the exponential law: -ln(1 - chance)."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log1p(-self.chance))

    @property
    def pod(self) -> Floats:
        """Chance of detection of any facility, hidden ones counted as lost."""
        return np.asarray((1.0 - self.hidden) * self.chance)


def look_quality(
    sensor: Sensor,
    fov: FieldOfView,
    facility: Facility,
    *,
    height_agl_m: ArrayLike,
    depression_deg: ArrayLike,
    dwell_s: ArrayLike,
    sun_elevation_deg: ArrayLike = 45.0,
    canopy_share: ArrayLike = 0.0,
) -> LookQuality:
    """What one look of a sensor is worth.

    Args:
        height_agl_m: over the ground that is looked at. depression_deg: of the line of sight there.
        dwell_s: how long a place stays in view.
        sun_elevation_deg: true or apparent, degrees. canopy_share: of the ground covered as seen from above.

    Raises:
        BadInput: SNS-006, a figure out of range; SNS-007, a sensor that this model does not describe (SAR).
    """
    height = _within("height_agl_m", height_agl_m, 0.0, 100_000.0, above=True)
    depression = _within("depression_deg", depression_deg, 0.0, 90.0, above=True)
    dwell = _within("dwell_s", dwell_s, 0.0, np.inf)
    size = _within("facility.size_m", facility.size_m, 0.0, 1e6, above=True)
    slant = height / np.sin(np.radians(depression))
    across, along = gsd_m(slant, fov)
    gsd = np.sqrt(across * along)
    snr = np.maximum(sensor.snr * signal_share(sensor.kind, sun_elevation_deg), _LEAST_SNR)
    quality = niirs(gsd, sensor.rer, snr, depression)
    in_time = johnson(line_pairs(size, equivalent_gsd_m(quality)), constant("n50"))
    # spectra are searched by programs, which need no time to find what is in a pixel
    found = 1.0 if sensor.kind in _BY_PROGRAM else -np.expm1(-dwell * in_time / constant("search_time_s"))
    chance = in_time * found
    parts = np.broadcast_arrays(gsd, quality, chance, hidden_share(canopy_share, depression, facility))
    return LookQuality(*(np.array(part, np.float64) for part in parts))


def hidden_share(
    canopy_share: ArrayLike, depression_deg: ArrayLike, facility: Facility | None = None
) -> Floats:
    """Share of facilities that cover hides: (1 - cleared) (1 - (1 - canopy)^(1 / sin depression)).

    Gaps of a canopy that is open to 1 - c from above let (1 - c)^(1 / sin d) of slanted lines through
    (Beer-Lambert, leaves at random).
    """
    canopy = _within("canopy_share", canopy_share, 0.0, 1.0)
    depression = _within("depression_deg", depression_deg, 0.0, 90.0, above=True)
    stated = facility.cleared_share if facility is not None else None
    cleared = _within("cleared_share", constant("cleared_share") if stated is None else stated, 0.0, 1.0)
    return np.asarray((1.0 - cleared) * (1.0 - (1.0 - canopy) ** (1.0 / np.sin(np.radians(depression)))))


def signal_share(kind: str, sun_elevation_deg: ArrayLike) -> Floats:
    """Signal to noise by the sun's elevation, as a share of what the profile states.

    EO: with the root of the light. IR: by thermal contrast, least about the crossover. LIDAR brings its own
        light.

    Raises:
        BadInput: SNS-007, a kind that this model does not describe.
    """
    sun = _within("sun_elevation_deg", sun_elevation_deg, -90.0, 90.0)
    if kind in _LIT:
        light = 10.0 ** np.interp(sun, constants("light_deg"), np.log10(constants("light_lx")))
        return np.asarray(np.sqrt(np.minimum(light / constant("light_full_lx"), 1.0)))
    if kind in _THERMAL:
        away = (sun - constant("thermal_crossover_deg")) / constant("thermal_width_deg")
        least = constant("thermal_least")
        return np.asarray(least + (1.0 - least) * -np.expm1(-(away**2)))
    if kind == "LIDAR":
        return np.ones_like(sun)
    raise BadInput("SNS-007", kind=kind)


def constant(name: str) -> float:
    """One constant of `detection.toml`."""
    return float(_table()[name]["value"])


def constants(name: str) -> Floats:
    """One list of it."""
    return np.array(_table()[name]["value"], np.float64)


def constant_sources() -> Mapping[str, tuple[str, str]]:
    """Class and source of every constant."""
    return {name: (str(one["class"]), str(one["source"])) for name, one in _table().items()}


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("atalaya.sensing") / "detection.toml").read_text(encoding="utf-8"))


def _within(name: str, value: ArrayLike, least: float, most: float, *, above: bool = False) -> Floats:
    found = np.asarray(value, np.float64)
    low = found > least if above else found >= least
    if not (low & (found <= most)).all():
        bad = found[~(low & (found <= most))]
        raise BadInput("SNS-006", name=name, value=float(bad.flat[0]), allowed=f"{least:g} ... {most:g}")
    return found
