"""A push-broom spectrometer: one line of pixels across the flight, each with a spectrum."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.lens import Pinhole
from atalaya.sim.spectrum import FIRST_NM, LAST_NM

Floats = NDArray[np.float64]
Quantity = Literal["radiance", "reflectance"]

_MOST_COLUMNS, _MOST_BANDS = 8192, 1024


def _within(name: str, value: ArrayLike, low: float, high: float) -> None:
    if not low <= np.float64(value) <= high:  # type: ignore[arg-type]
        raise BadInput("CUB-001", name=name, value=value, allowed=f"{low:g} ... {high:g}")


@dataclass(frozen=True, slots=True)
class CubeNoise:
    """Noise of a detector.

    Args:
        snr: signal to noise of light from level ground that reflects 0.3 under the sun at the zenith.
        read_share: of the variance there that does not come from the light itself, 0 to 1.
        stripe: standard deviation of the gains of pixels along the slit that calibration left, fixed.
    """

    snr: float = 250.0
    read_share: float = 0.3
    stripe: float = 0.001

    def __post_init__(self) -> None:
        _within("snr", self.snr, 1.0, 1e7)
        _within("read_share", self.read_share, 0.0, 1.0)
        _within("stripe", self.stripe, 0.0, 0.2)


@dataclass(frozen=True, eq=False)
class PushBroom:
    """An imager of one row.

    Args:
        columns: pixels across. fov_deg: full angle across.
        wavelengths_nm, fwhm_nm: (bands,) middle and full width at half maximum of each, 350 to 2500 nm, in
            order; one width serves for all.
        noise: of its detector.
        name: of the sensor, for the header.
        exposed: share of the time from line to line in which it collects light.

    Raises:
        BadInput: CUB-001, a value out of range.
    """

    columns: int
    fov_deg: float
    wavelengths_nm: Floats
    fwhm_nm: Floats
    noise: CubeNoise = CubeNoise()
    name: str = "range push-broom"
    exposed: float = 0.9

    def __post_init__(self) -> None:
        wavelengths = np.atleast_1d(np.asarray(self.wavelengths_nm, np.float64))
        widths = np.asarray(self.fwhm_nm, np.float64)
        object.__setattr__(self, "wavelengths_nm", wavelengths)
        if widths.shape not in ((), (1,), wavelengths.shape) or wavelengths.ndim != 1:
            raise BadInput("CUB-001", name="fwhm_nm", value=widths.shape, allowed=str(wavelengths.shape))
        object.__setattr__(self, "fwhm_nm", np.broadcast_to(widths, wavelengths.shape))
        _within("columns", self.columns, 2, _MOST_COLUMNS)
        _within("fov_deg", self.fov_deg, 0.01, 120.0)
        _within("bands", len(wavelengths), 1, _MOST_BANDS)
        for name, values, low, high in (
            ("wavelengths_nm", wavelengths, FIRST_NM, LAST_NM),
            ("fwhm_nm", self.fwhm_nm, 0.5, 400.0),
        ):
            _within(name, float(np.min(values)), low, high)
            _within(name, float(np.max(values)), low, high)
        if (np.diff(wavelengths) <= 0.0).any():
            raise BadInput("CUB-001", name="wavelengths_nm", value="...", allowed="rising")
        _within("exposed", self.exposed, 0.0, 1.0)

    @classmethod
    def even(
        cls, columns: int, fov_deg: float, bands: int, from_nm: float = 400.0, to_nm: float = 2450.0,
        noise: CubeNoise | None = None, name: str = "range push-broom",
    ) -> "PushBroom":  # fmt: skip
        """Bands at equal steps, each as wide as a step.

        Raises:
            BadInput: CUB-001, a value out of range.
        """
        _within("bands", bands, 2, _MOST_BANDS)
        step = (to_nm - from_nm) / (bands - 1)
        wavelengths = np.linspace(from_nm, to_nm, bands)
        return cls(columns, fov_deg, wavelengths, np.asarray(step), noise or CubeNoise(), name)

    @property
    def lens(self) -> Pinhole:
        """Of one row, as `earth` projects it: row 0 is the line, columns run to the right in the image."""
        flat = Pinhole.from_fov(self.columns, 1, self.fov_deg)
        return Pinhole(self.columns, 1, flat.focal_x_px, flat.focal_x_px, flat.centre_column, 0.0)

    @property
    def bands(self) -> int:
        """How many."""
        return len(self.wavelengths_nm)
