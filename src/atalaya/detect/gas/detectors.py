"""The gas detector as `atalaya.detectors` knows it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.detect.candidates import Candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context
from atalaya.detect.peaks import regions
from atalaya.detect.tile import Tile

_LONG_STRIP = 1000


@cache
def gas_card() -> ModelCard:
    """Card of `Gas`."""
    return ModelCard(
        name="gas",
        version="1",
        kinds=("HSI", "GAS"),
        units=("DN", "radiance", "reflectance"),
        classes=(CardClass("plume", "plume"),),
        training="None: the absorption is the user's, statistics are the scene's.",
        intended="Plumes of a gas that absorbs sunlight in the sensor's bands, by day, without cloud.",
        forbidden="No claim about persons. Plumes have lawful sources; a rate needs a wind the user states.",
    ).sealed()


@dataclass(frozen=True, slots=True)
class Gas:
    """Plumes of one gas; the picture is a whole scene or strip, lines along its first axis.

    Args:
        absorption: signature of `read_absorption`.
        by_column: statistics for each column of a push-broom imager; None for strips of a thousand lines and
            more: in a shorter one a plume along the flight is most of what its columns see.
    """

    absorption: Any
    by_column: bool | None = None

    @property
    def card(self) -> ModelCard:
        """What it says of itself."""
        return gas_card()

    def prepare(self, context: Context) -> None:
        """Nothing: every scene is judged by itself."""

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Plumes, scored by their strength in deviations of the scene.

        Raises:
            BadInput: SPC-014 no bands, or no table of them; SPC-009 the absorption ends before the sensor
                does; SPC-001, SPC-002, SPC-004 see `gas_columns`.
        """
        import numpy as np

        from atalaya.detect.gas.gas_filter import gas_columns
        from atalaya.detect.gas.plume import LEAST_PX, SIGMAS, plume_strength
        from atalaya.detect.spectral.library import resampled

        if tile.bands is None or tile.array.ndim != 3:
            raise BadInput("SPC-014", need="wavelengths")
        absorption = resampled(self.absorption, tile.bands)
        own = len(tile.array) >= _LONG_STRIP if self.by_column is None else self.by_column
        columns = gas_columns(tile.array, absorption, valid=tile.valid, by_column=own)
        strength = np.asarray(plume_strength(columns))
        return regions(strength, SIGMAS, least_px=LEAST_PX)
