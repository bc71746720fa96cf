"""A model card: what a detector says of itself; without one it is not loaded."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.hashing import sha256_bytes
from atalaya.detect.tile import Unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CardClass:
    """One class of a detector.

    Args:
        name: as the model calls it.
        evidence: an evidence type of `sensing.evidence`; "" for what must never pass, such as persons.
    """

    name: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Performance:
    """What was measured under one condition.

    Args:
        condition: in words: data set, split, light, ground sample distance.
        threshold, pd, false_alarms: of a FROC curve, in order of falling threshold.
        per: what false alarms are counted per: "km2" of ground seen, or "image".
    """

    condition: str
    threshold: tuple[float, ...]
    pd: tuple[float, ...]
    false_alarms: tuple[float, ...]
    per: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A STAC MLM card with the fields of our own.

    Args:
        name, version: of the detector. kinds: of sensors it works on. units: of pixels it takes.
        classes: in the order of `Candidates.label`.
        gsd_m: least and most ground sample distance it is meant for; (0, inf) where it does not matter.
        threshold: score from which a claim is handed on.
        calibration: (score, probability) pairs, rising, between which probabilities are read; empty where
            nothing was calibrated.
        base_rate: share of true claims where it was calibrated: a probability says log-odds against it.
        performance: measured, by condition.
        training: data and licences in words. intended, forbidden: use.
        sha256: of the card's canonical JSON.
        extra: the rest of the card, as read.
    """

    name: str
    version: str
    kinds: tuple[str, ...]
    units: tuple[Unit, ...]
    classes: tuple[CardClass, ...]
    gsd_m: tuple[float, float] = (0.0, float("inf"))
    threshold: float = 0.0
    calibration: tuple[tuple[float, float], ...] = ()
    base_rate: float = 0.5
    performance: tuple[Performance, ...] = ()
    training: str = ""
    intended: str = ""
    forbidden: str = ""
    sha256: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def sealed(self) -> "ModelCard":
        """The same with the hash of its own content, for cards made in code."""
        content = {**asdict(self), "sha256": ""}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        return replace(self, sha256=sha256_bytes(text.encode("utf-8")))

    @property
    def id(self) -> str:
        """Name and version."""
        return f"{self.name}/{self.version}"

    def probability(self, score: Floats) -> Floats:
        """Calibrated probabilities of scores; NaN where the card has no calibration."""
        if not self.calibration:
            return np.full(np.shape(score), np.nan)
        known, p = np.array(self.calibration, np.float64).T
        return np.asarray(np.interp(score, known, p))
