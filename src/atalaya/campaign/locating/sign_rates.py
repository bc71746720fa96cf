"""What looks of each detector are worth: chance by resolution, false tracklets, hit rates by class of place.

A laboratory is known by other signs than an airstrip: rates of places hang on what is sought.

`sign_rates.toml` holds what was measured, with the command that measured it. A detector that is not in it
gets cautious figures, and its evidence counts as uncalibrated.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.locate.conspicuity import Cutpoint, Cutpoints
from atalaya.locate.model import CLASSES, HitRate, Rates, SiteModel
from atalaya.locate.tracklets import TrackletCalibration

Floats = NDArray[np.float64]

_FILE = "sign_rates.toml"

ONE_PLACE_M = 150.0
"""Places nearer to one another than this are one: a camp, its dump and the end of its track."""

ANY = "any"
"""Sought where nobody says what: rates of all kinds of facilities together."""


@dataclass(frozen=True, slots=True)
class SignRate:
    """One detector's looks for one kind of evidence.

    Args:
        gsd_m, chance: that a facility which shows the sign gives a tracklet, between ground sample distances;
            none beyond the last.
        clutter_per_km2: false tracklets per square kilometre of ground, per look.
    """

    gsd_m: tuple[float, ...]
    chance: tuple[float, ...]
    clutter_per_km2: float

    def chance_at(self, gsd_m: Floats) -> Floats:
        """(n,) chance of looks."""
        found = np.interp(np.nan_to_num(gsd_m, nan=np.inf), self.gsd_m, self.chance)
        return np.asarray(np.where(gsd_m <= self.gsd_m[-1], found, 0.0))


CAUTIOUS = SignRate((0.0, 1.0, 4.0), (0.5, 0.5, 0.0), 3.0)
"""Of a detector nobody has measured."""


def rate_of(detector: str, evidence: str) -> SignRate:
    """Of a detector ("name/version") and a kind of evidence."""
    found = _table()["look"].get(detector, {}).get(evidence)
    if found is None:
        return CAUTIOUS
    return SignRate(tuple(found["gsd_m"]), tuple(found["chance"]), float(found["clutter_per_km2"]))


def calibrations() -> Mapping[str, TrackletCalibration]:
    """Of tracklets, by detector."""
    return {
        name: TrackletCalibration(**entry["tracklets"])
        for name, entry in _table()["look"].items()
        if "tracklets" in entry
    }


def cutpoints() -> Cutpoints:
    """From scores to cutpoints, of detectors whose scores were measured."""
    return {
        (detector, kind): Cutpoint(float(found["least_score"]), float(found["per_score"]))
        for detector, kinds in _table()["look"].items()
        for kind, found in kinds.items()
        if "least_score" in found
    }


def sought_names() -> tuple[str, ...]:
    """What may be sought; `ANY` among them."""
    return tuple(sorted(_table()["place"]))


def usual_model(sought: str = ANY) -> SiteModel:
    """What is assumed of places: hit rates by kind of evidence as measured.

    Raises:
        BadInput: SIT-011, nothing of that name was measured.
    """
    table = _places(sought)
    rates: dict[str, Rates] = {}
    for kind, entry in table.items():
        parts = [HitRate(*(float(value) for value in entry[name])) for name in CLASSES]
        rates[kind] = (parts[0], parts[1], parts[2])
    return SiteModel(rates=rates, reference=float(_table()["reference"]["chance"]), one_place_m=ONE_PLACE_M)


def background_per_km2() -> float:
    """Ordinary places that give tracklets again and again: houses, yards, boulders, bends of roads."""
    return float(_table()["reference"]["background_per_km2"])


def place_m(sought: str = ANY) -> float:
    """One sigma, per axis, of the middle of what a place shows about the middle of the place, metres.

    It is of the place, not of a look: no number of looks averages it away.
    """
    return float(_table()["place_m"][sought])


def extent_m(evidence: str, sought: str = ANY) -> float:
    """One sigma of how far from the middle of its place a sign of a kind lies, per axis, metres."""
    entry = _places(sought).get(evidence, {})
    return float(entry.get("extent_m", _table()["reference"]["extent_m"]))


def _places(sought: str) -> dict[str, Any]:
    table: dict[str, dict[str, Any]] = _table()["place"]
    if sought not in table:
        raise BadInput("SIT-011", where=sought[:40], names=", ".join(sorted(table)))
    return table[sought]


@cache
def _table() -> dict[str, Any]:
    text = (files("atalaya.campaign.locating") / _FILE).read_text(encoding="utf-8")
    return tomllib.loads(text)
