"""Change detectors as `atalaya.detectors` knows them: a tile with the registered earlier pass in `before`."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.detect.candidates import Candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context
from atalaya.detect.peaks import regions
from atalaya.detect.tile import Tile

_NEVER = "No claim about persons. Fields, floods, tides and lawful works change as well."
LEAST_PX = 6
"""Pixels of the smallest change handed on."""
SCAR_INDEX = 0.27
"""Drop of NBR from which ground counts as burnt or stripped (Key and Benson 2006)."""


@cache
def radar_card() -> ModelCard:
    """Card of `SarChange`."""
    return ModelCard(
        name="sar-change",
        version="1",
        kinds=("SAR",),
        units=("DN", "sigma0"),
        classes=(CardClass("change", "change"),),
        training="Constants chosen on simulated pairs of 1 to 16 looks with 0.4 to 20 % change.",
        intended="Two registered passes on any linear scale, the whole scene as one picture.",
        forbidden=_NEVER,
        extra={"pair": True},
    ).sealed()


@dataclass(frozen=True, slots=True)
class SarChange:
    """Change between two radar pictures; the picture is the whole scene."""

    card: ModelCard = field(default_factory=radar_card)

    def prepare(self, context: Context) -> None:
        """Nothing: every pair is judged by itself."""

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Changed regions, scored by their strength over the threshold.

        Raises:
            BadInput: SPC-014, no earlier pass; SPC-011, passes of other shapes.
        """
        from atalaya.detect.change.radar import radar_change

        if tile.before is None:
            raise BadInput("SPC-014", need="before")
        found = radar_change(tile.before, tile.array, tile.valid)
        return regions(found.strength, 1.0, least_px=LEAST_PX)


@cache
def optical_card() -> ModelCard:
    """Card of `OpticalChange`."""
    return ModelCard(
        name="optical-change",
        version="1",
        kinds=("EO", "MSI", "HSI"),
        units=("DN", "radiance", "reflectance"),
        classes=(CardClass("change", "change"), CardClass("scar", "scar")),
        training="None.",
        intended="Two registered passes in one unit and like light, the whole scene as one picture.",
        forbidden=f"{_NEVER} Shadows move with the sun.",
        extra={"pair": True},
    ).sealed()


@dataclass(frozen=True, slots=True)
class OpticalChange:
    """Change of brightness between two optical passes, and scars where the sensor has bands for NBR."""

    card: ModelCard = field(default_factory=optical_card)

    def prepare(self, context: Context) -> None:
        """Nothing: every pair is judged by itself."""

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Changed regions, scored by their strength over the threshold; scars by their drop of NBR.

        Raises:
            BadInput: SPC-014, no earlier pass; SPC-011, passes of other shapes.
        """
        from atalaya.detect.candidates import joined
        from atalaya.detect.change.radar import radar_change

        if tile.before is None:
            raise BadInput("SPC-014", need="before")
        if tile.before.shape != tile.array.shape:
            raise BadInput("SPC-011", before=tile.before.shape, after=tile.array.shape)
        old, new = (_brightness(part) for part in (tile.before, tile.array))
        parts = [regions(radar_change(old, new, tile.valid).strength, 1.0, least_px=LEAST_PX)]
        scars = _scars(tile)
        if scars is not None:
            parts.append(regions(scars, SCAR_INDEX, label=1, least_px=LEAST_PX))
        return joined(parts)


def _brightness(picture: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    values = np.asarray(picture, np.float64)
    return values if values.ndim == 2 else np.asarray(values.mean(axis=2))


def _scars(tile: Tile) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    from atalaya.detect.change.indices import index_change

    if tile.before is None or tile.bands is None or tile.array.ndim != 3:
        return None
    try:
        drop = index_change(tile.before, tile.array, tile.bands, "nbr")
    except BadInput as error:
        if error.code == "SPC-013":
            return None  # a sensor without short-wave infrared sees change, not scars
        raise
    return drop if tile.valid is None else np.where(tile.valid, drop, np.nan)
