"""What each input of a ground point may be wrong by, and who says so."""

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]
Provenance = Literal["stated", "assumed", "calibrated"]

TERMS = (
    "position_east_m",
    "position_north_m",
    "position_up_m",
    "heading_deg",
    "pitch_deg",
    "roll_deg",
    "gimbal_azimuth_deg",
    "gimbal_elevation_deg",
    "gimbal_roll_deg",
    "boresight_azimuth_deg",
    "boresight_elevation_deg",
    "boresight_roll_deg",
    "focal_relative",
    "pixel_column_px",
    "pixel_row_px",
    "time_s",
    "terrain_up_m",
    "terrain_east_m",
    "terrain_north_m",
    "geoid_m",
)
"""Names of the inputs, in the order every array of this room has them."""

QUANTISED = ("position_up_m", "heading_deg", "pitch_deg", "roll_deg")
"""Inputs that the metadata rounds coarsely enough to matter (ST 0601: 16 bits)."""


@dataclass(frozen=True)
class Term:
    """One sigma of one input, in the unit its name ends with.

    Args:
        shared: part that all looks of the sortie have in common.
        own: part that is drawn anew for this look.
        provenance: "stated" by the stream or the user, "assumed" from a profile, "calibrated" on truth.
    """

    shared: float = 0.0
    own: float = 0.0
    provenance: Provenance = "assumed"

    def __post_init__(self) -> None:
        if not (0.0 <= self.shared < np.inf and 0.0 <= self.own < np.inf):
            raise BadInput("EAR-060", value=min(self.shared, self.own))

    @property
    def total(self) -> float:
        """Of both parts."""
        return float(np.hypot(self.shared, self.own))

    def with_total(self, total: float, provenance: Provenance) -> "Term":
        """The same division into parts, of another size; all of it own where there was nothing to divide."""
        if self.total == 0.0:
            return Term(0.0, total, provenance)
        return Term(self.shared * total / self.total, self.own * total / self.total, provenance)

    def times(self, factor: float) -> "Term":
        """Both parts longer by a factor."""
        return Term(self.shared * factor, self.own * factor, self.provenance)


NONE = Term()


@dataclass(frozen=True)
class ErrorBudget:
    """One sigma of everything that goes into a ground point. A term left out is no error.

    position_*: of the sensor, metres. heading, pitch, roll: of the platform. gimbal_*: of its read-out.
    boresight_*: of the camera on the gimbal, about the camera's own axes. focal_relative: share of the focal
    length. pixel_*: of the mark, pixels. time_s: of the metadata against the picture, with the velocity and
    slew of each look. terrain_up_m: of the terrain model (shared: its tile; own: at this place).
    terrain_east_m, terrain_north_m: of its horizontal place. geoid_m: of what joins heights of sensor and
    terrain.
    quantised_*: one sigma of rounding in the metadata (step / sqrt 12), own to each packet.
    correlations: (name, name, coefficient) of inputs that err together, applied to both parts.
    source: where the figures are from.

    Raises:
        BadInput: EAR-060, a sigma is negative or not a number; EAR-061, impossible correlations.
    """

    position_east_m: Term = NONE
    position_north_m: Term = NONE
    position_up_m: Term = NONE
    heading_deg: Term = NONE
    pitch_deg: Term = NONE
    roll_deg: Term = NONE
    gimbal_azimuth_deg: Term = NONE
    gimbal_elevation_deg: Term = NONE
    gimbal_roll_deg: Term = NONE
    boresight_azimuth_deg: Term = NONE
    boresight_elevation_deg: Term = NONE
    boresight_roll_deg: Term = NONE
    focal_relative: Term = NONE
    pixel_column_px: Term = NONE
    pixel_row_px: Term = NONE
    time_s: Term = NONE
    terrain_up_m: Term = NONE
    terrain_east_m: Term = NONE
    terrain_north_m: Term = NONE
    geoid_m: Term = NONE
    quantised_position_up_m: float = 0.0
    quantised_heading_deg: float = 0.0
    quantised_pitch_deg: float = 0.0
    quantised_roll_deg: float = 0.0
    correlations: tuple[tuple[str, str, float], ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if self.correlations:
            self.mixing()

    def term(self, name: str) -> Term:
        """One of `TERMS`."""
        found: Term = getattr(self, name)
        return found

    def with_terms(self, **terms: Term) -> "ErrorBudget":
        """The budget with some terms replaced."""
        return replace(self, **terms)  # type: ignore[arg-type]

    @property
    def assumed(self) -> tuple[str, ...]:
        """Names of the terms that nobody stated or measured for this flight."""
        return tuple(n for n in TERMS if self.term(n).total > 0.0 and self.term(n).provenance == "assumed")

    def sigmas(self) -> tuple[Floats, Floats]:
        """Shared and own one-sigmas, (20,) each, in the order of `TERMS`; rounding is in the own ones."""
        terms = [self.term(name) for name in TERMS]
        own = np.array([term.own for term in terms])
        for name in QUANTISED:
            place = TERMS.index(name)
            own[place] = np.hypot(own[place], getattr(self, f"quantised_{name}"))
        return np.array([term.shared for term in terms]), own

    def mixing(self) -> Floats:
        """(20, 20) lower triangular L: L times independent unit errors has the stated correlations."""
        matrix = np.eye(len(TERMS))
        for first, second, coefficient in self.correlations:
            row, column = TERMS.index(first), TERMS.index(second)
            matrix[row, column] = matrix[column, row] = coefficient
        try:
            # 16-bit correlations of +-1 round to just over: give them the slack of their rounding
            return np.asarray(np.linalg.cholesky(matrix + 1e-9 * np.eye(len(TERMS))), np.float64)
        except np.linalg.LinAlgError:
            raise BadInput("EAR-061", where=self.source) from None


def field_names() -> tuple[str, ...]:
    """Every field of a budget, for readers of files."""
    return tuple(spec.name for spec in fields(ErrorBudget))
