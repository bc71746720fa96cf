"""What a self-calibration found, whether it may be used, and how to use it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.finding import Finding
from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.calibration.corrected_lens import CorrectedLens
from atalaya.earth.calibration.projection import exponential
from atalaya.earth.calibration.statements import (
    COLUMN,
    DRIFT,
    EAST,
    FOCAL,
    HEADING,
    HEIGHT,
    K1,
    LAG,
    PITCH,
    ROLL,
    ROW,
    STATES,
    YAW,
)
from atalaya.earth.camera import Lens, Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis

Floats = NDArray[np.float64]

US_PER_HOUR = 3.6e9


@dataclass(frozen=True)
class State:
    """One shared state: `name` of `STATES`, value and 1 sigma in its unit.

    status: "estimated"; "prior" (not observable: value 0, the prior's sigma); "fixed" (not asked for).
    """

    name: str
    value: float
    sd: float
    prior_sd: float
    status: str


@dataclass(frozen=True)
class FlaggedLook:
    """A picture left out because the rest of the sortie contradicts it.

    look: its name    marks: how many it has    miss_m: how far on the ground (median of its marks)
    sigmas: the same in units of what its stated errors allow
    """

    look: str
    marks: int
    miss_m: float
    sigmas: float


@dataclass(frozen=True)
class RejectedMark:
    """A mark left out of an otherwise good picture: a wrong match, a slip of the hand."""

    look: str
    point: str
    sigmas: float


@dataclass(frozen=True)
class Spread:
    """How far predicted and marked places lie apart: in the picture, and level on the ground (NaN: none)."""

    count: int
    median_px: float
    p90_px: float
    median_m: float
    p90_m: float
    max_m: float


@dataclass(frozen=True)
class HeldOut:
    """The same on marks that had no say in the fit.

    by: what was left out at a time, "point" or "look"
    before, after: with the metadata as they stand; with the shared states found from the rest
    consistency: median of d^2 over its expectation: 1 = the stated errors are right, 4 = twice too small
    floor_m: 1 sigma per level axis to add to every ground place so that they are right: a posterior
        covariance knows nothing of what its model leaves out
    """

    by: str
    before: Spread
    after: Spread
    consistency: float
    floor_m: float


@dataclass(frozen=True)
class PlacedPoint:
    """Where the adjustment puts a point: WGS 84, with its (3, 3) covariance east, north, up, m^2."""

    name: str
    lon_deg: float
    lat_deg: float
    height_hae_m: float
    covariance_m2: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Calibration:
    """Result of `calibrate_sortie`: what all looks of a sortie share, with its covariance.

    Args:
        accepted: whether held-out residuals fell; where not, `apply_pose` and `apply_lens` change nothing.
        states: one per `STATES`, in order.
        covariance: (13, 13) of the states, their units; shared by every look of the sortie. Cross terms
            matter: use it whole.
        middle_us: time the lag refers to.
        sigma0: standard error of unit weight under the stated errors: 1 = they are right; they were
            multiplied by it. redundancy: observations beyond need.
        looks, marks: used.
        residuals: of the used marks after the fit.
        held_out: None where nothing could be left out.
        flagged: looks left out. rejected: marks left out of used looks.
        points: every point the fit placed.
        findings: for people: what was left out, kept at its prior, refused, and why.
    """

    accepted: bool
    states: tuple[State, ...]
    covariance: tuple[tuple[float, ...], ...]
    middle_us: int
    sigma0: float
    redundancy: int
    looks: int
    marks: int
    residuals: Spread
    held_out: HeldOut | None
    flagged: tuple[FlaggedLook, ...]
    rejected: tuple[RejectedMark, ...]
    points: tuple[PlacedPoint, ...]
    findings: tuple[Finding, ...]

    def state(self, name: str) -> State:
        """The state of a name.

        Raises:
            KeyError: there is none.
        """
        return self.states[STATES.index(name)] if name in STATES else _missing(name)

    @property
    def shared(self) -> Floats:
        """(13,) values to apply, in the order of `STATES`: zeros where not accepted."""
        values = np.array([state.value for state in self.states], np.float64)
        return values if self.accepted else np.zeros(len(STATES))

    @property
    def shared_covariance(self) -> Floats:
        """(13, 13) to attach to the sortie: the posterior, or the prior where it was not accepted."""
        if self.accepted:
            return np.array(self.covariance, np.float64)
        return np.diag([state.prior_sd**2 for state in self.states])

    def draws(self, generator: np.random.Generator, count: int) -> Floats:
        """(count, 13) samples of the states from their posterior, for Monte Carlo errors of ground places."""
        values, vectors = np.linalg.eigh(self.shared_covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(self.shared + generator.standard_normal((count, len(STATES))) @ root.T)

    def apply_lens(self, lens: Lens, shared: Floats | None = None) -> Lens:
        """The lens corrected by the calibration (or by given states, one row of `draws`)."""
        at = self.shared if shared is None else shared
        focal, k1, column, row = (float(at[i]) for i in (FOCAL, K1, COLUMN, ROW))
        return CorrectedLens(lens, focal, k1, column, row) if any((focal, k1, column, row)) else lens

    def apply_pose(
        self,
        pose: Pose,
        t_us: int | None = None,
        velocity_m_s: Floats | None = None,
        turn_rate_deg_s: Floats | None = None,
        shared: Floats | None = None,
    ) -> Pose:
        """The pose corrected by the calibration.

        Args:
            pose: stated: origin_m (3,) or (n, 3) ECEF.
            t_us: of the look, for lag drift; default the sortie's middle.
            velocity_m_s, turn_rate_deg_s: ECEF, (3,) or (n, 3), for the lag; default none.
            shared: (13,) states to use instead of the found ones, one row of `draws`.
        """
        at = self.shared if shared is None else shared
        hours = 0.0 if t_us is None else (t_us - self.middle_us) / US_PER_HOUR
        lag = float(at[LAG] + at[DRIFT] * hours)
        origin = np.asarray(pose.origin_m, np.float64)
        lon, lat, _ = ecef_to_geodetic(origin)
        enu = enu_basis(lon, lat)
        north, _ = exponential(-enu[..., 2] * np.radians(at[HEADING]))
        moved = origin + enu @ at[EAST : HEIGHT + 1]
        turned = np.asarray(pose.camera_to_ecef, np.float64)
        if velocity_m_s is not None:
            moved = moved + np.asarray(velocity_m_s, np.float64) * lag
        if turn_rate_deg_s is not None:
            turned = exponential(np.radians(turn_rate_deg_s) * lag)[0] @ turned
        return Pose(moved, north @ turned @ rotation_zyx(at[YAW], at[PITCH], at[ROLL]))


def _missing(name: str) -> State:
    raise KeyError(name)
