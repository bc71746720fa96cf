"""What a detector is given: one picture, one cube, or two passes over the same ground."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Unit = Literal["DN", "radiance", "reflectance", "K", "sigma0"]
"""What a value of a pixel is. Eight-bit thermal video is "DN": its gain moves, it is never kelvin."""


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Bands of a cube: middles and full widths at half maximum, (b,) nanometres each."""

    middle_nm: NDArray[np.float64]
    fwhm_nm: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Pixels with what a detector may need to know of them.

    Args:
        array: (rows, columns) or (rows, columns, bands), uint8, uint16, int16 or float32; never written to.
        kind: of the sensor, as `sensing.Sensor.kind` has it: "EO", "IR", "HSI", "MSI", "SAR".
        unit: of the values.
        gsd_m: ground sample distance, geometric mean of both axes; NaN where unknown.
        bands: of a cube.
        valid: (rows, columns) bool, False where there are no data; None for everywhere.
        before: the earlier pass, registered onto this one, in the shape of `array`; None where there is one
            picture alone.
        t_us: when, microseconds UTC; -1 unknown.
        index: number of the frame in its clip, or of the first line in its strip.
    """

    array: NDArray[Any]
    kind: str
    unit: Unit = "DN"
    gsd_m: float = float("nan")
    bands: Bands | None = None
    valid: NDArray[np.bool_] | None = None
    before: NDArray[Any] | None = None
    t_us: int = -1
    index: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.array.shape[:2]
        return int(rows), int(columns)
