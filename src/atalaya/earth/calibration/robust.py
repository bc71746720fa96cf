"""Robust fit: wrong looks and wrong marks are found and left out, never averaged in.

A mark's distance d is what it misses by with the look's own error at zero, over what that own error and the
mark's sigma allow together (2 degrees of freedom). Cauchy weights on d / s, s the median's scale (at least
1), find the fit of the majority; what then lies beyond 4.5 s is left out, and the rest is adjusted by plain
least squares, so that the posterior covariance is the textbook's.
"""

from dataclasses import dataclass, replace

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.earth.calibration.adjustment import Adjusted, adjust
from atalaya.earth.calibration.block import SHARED, Block, Flags, Floats, Unknowns, complete
from atalaya.earth.calibration.covariance import Posterior, posterior
from atalaya.earth.calibration.projection import predicted_marks
from atalaya.earth.calibration.statements import COLUMN, DRIFT, FOCAL, K1, ROW

CAUCHY = 2.385
"""Tuning constant: 95 % as efficient as least squares on clean data."""

BEYOND = 4.5
"""How many robust sigmas a look or mark may lie off: 4e-5 of right ones do by chance (2 dof)."""

NOT_OBSERVABLE = 0.7
"""A shared state whose posterior sigma is more than this part of its prior sigma learnt too little."""

_MEDIAN_2_DOF = 1.1774
_ROUNDS = 20
_SNOOPING = 6
_SCALINGS = 4
_FACTOR = (0.05, 20.0)
_COARSE_ROUNDS = 4
_FINE = (FOCAL, COLUMN, ROW, K1, DRIFT)
"""States that only a nearly right attitude can tell: freed when the coarse ones are found."""


@dataclass(frozen=True)
class Fitted:
    """A fit.

    flagged: (L,) looks, rejected: (N,) marks of other looks    distance: (N,) in sigmas, see above
    factor: on the stated errors of looks and marks that makes sigma0 one; the posterior is under
        errors so scaled
    """

    adjusted: Adjusted
    posterior: Posterior
    flagged: Flags
    rejected: Flags
    distance: Floats
    factor: float


def fit(block: Block, start: Unknowns | None = None) -> Fitted:
    """Robust fit, then least squares on what belongs together, with unobservable states left at their prior.

    Raises:
        BadInput: EAR-048, the observations do not suffice.
    """
    now, distance, spread = _majority(block, start or block.start())
    limit = BEYOND * spread
    flagged = look_scores(block, distance) > limit
    rejected = (distance > limit) & ~flagged[block.mark_look]
    weights = np.where(rejected | flagged[block.mark_look], 0.0, 1.0)
    found = adjust(block, _without(now, flagged), weights)
    found, weights = _snooped(found, weights)
    factor, found = _rescaled(block, found, weights)
    rejected = (weights == 0.0) & ~flagged[block.mark_look]
    found = _observable(found)
    with np.errstate(invalid="ignore", divide="ignore"):
        sigmas = distance / spread
    return Fitted(found, posterior(found, 1.0), flagged, rejected, sigmas, factor)


def _rescaled(block: Block, found: Adjusted, weights: Floats) -> tuple[float, Adjusted]:
    """Stated errors of looks, marks and ranges multiplied by one factor that makes sigma0 one (variance
    component); priors of shared states and surveyed points keep theirs."""
    factor = 1.0
    for _ in range(_SCALINGS):
        if found.redundancy < 10:
            return max(1.0, found.sigma0), found
        step = found.sigma0
        factor = float(np.clip(factor * step, *_FACTOR))
        scaled = replace(
            block,
            position_sd_m=block.position_sd_m * factor,
            attitude_sd_deg=block.attitude_sd_deg * factor,
            mark_sd_px=block.mark_sd_px * factor,
            range_sd_m=block.range_sd_m * factor,
        )
        found = adjust(scaled, found.unknowns, weights)
        if abs(step - 1.0) < 0.02:
            break
    return factor, found


def _without(unknowns: Unknowns, flagged: Flags) -> Unknowns:
    return replace(unknowns, pose=np.where(flagged[:, None], 0.0, unknowns.pose))


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _majority(block: Block, start: Unknowns) -> tuple[Unknowns, Floats, float]:
    """Unknowns of the majority, the marks' distances from it, and the scale of the distances.

    A doubtful look's own errors are loosened with its marks: many sharp marks would otherwise hold the shared
    states by its attitude prior, however little each counts.
    """
    now, weights, spread = start, np.ones(block.marks), 1.0
    distance, trust = np.zeros(block.marks), np.ones((block.looks, 1))
    fine = np.isin(np.arange(SHARED), _FINE)
    coarse = bool((block.shared_sd[~fine] > 0).any())
    for number in range(_ROUNDS):
        held = fine & (coarse and number < _COARSE_ROUNDS)
        loose = replace(
            block,
            position_sd_m=block.position_sd_m / np.sqrt(trust),
            attitude_sd_deg=block.attitude_sd_deg / np.sqrt(trust),
        )
        now = adjust(loose, now, weights, held, rounds=6 if number == 0 else 2).unknowns
        distance = innovation_distance(block, now)
        spread = max(1.0, float(np.median(distance)) / _MEDIAN_2_DOF)
        before, weights = weights, _cauchy(distance, spread)
        trust = _cauchy(look_scores(block, distance), spread)[:, None]
        if np.max(np.abs(weights - before)) < 1e-3 and not held.any():
            break
    return now, distance, spread


def _cauchy(distance: Floats, spread: float) -> Floats:
    return np.asarray(1.0 / (1.0 + (np.minimum(distance, 1e6) / (CAUCHY * spread)) ** 2))


def look_scores(block: Block, distance: Floats) -> Floats:
    """(L,) median distance of each look's marks, 0 for a look without."""
    return np.array([_median(distance[block.mark_look == look]) for look in range(block.looks)])


def innovation_distance(block: Block, unknowns: Unknowns) -> Floats:
    """(N,) how far each mark is from its prediction with the look's own error at zero, in sigmas (2 dof).

    Own errors without a prior cannot be zero: those looks are judged at their fitted pose.
    """
    sd = block.pose_sd()
    open_look = ~complete(sd)
    pose = np.where(open_look[:, None], unknowns.pose, 0.0)
    marks = predicted_marks(block, replace(unknowns, pose=pose))
    own = marks.by_camera[:, :, SHARED:] * np.where(open_look[:, None], 0.0, sd)[block.mark_look][:, None, :]
    allowed = own @ np.swapaxes(own, 1, 2) + np.eye(2) * (block.mark_sd_px**2)[:, None, None]
    miss = block.mark_px - marks.value
    blind = ~complete(miss)
    miss[blind], allowed[blind] = 0.0, np.eye(2)
    squared = np.einsum("ni,ni->n", miss, np.linalg.solve(allowed, miss[:, :, None])[:, :, 0])
    return np.where(blind, np.inf, np.sqrt(squared))


def _snooped(found: Adjusted, weights: Floats) -> tuple[Adjusted, Floats]:
    """Data snooping (Baarda 1968): the worst mark of each point goes while it is beyond the limit."""
    for _ in range(_SNOOPING):
        used = weights > 0
        if found.redundancy < 10:
            break
        seen = posterior(found, 1.0)
        worst = np.where(
            used, np.nanmax(np.abs(np.where(used[:, None], seen.standardised, 0.0)), axis=1), 0.0
        )
        checked = np.where(
            used, np.nanmin(np.where(used[:, None], seen.redundancy_numbers, 1.0), axis=1), 0.0
        )
        worst[checked < 0.02] = 0.0  # nothing checks these: their residual says nothing
        spread = max(1.0, float(np.median(worst[used])) / 1.08)  # larger of two normal values: median 1.08
        peak = np.zeros(found.block.points)
        np.maximum.at(peak, found.block.mark_point, worst)
        wrong = (worst > BEYOND * spread) & (worst >= peak[found.block.mark_point])
        if not wrong.any():
            break
        weights = np.where(wrong, 0.0, weights)
        found = adjust(found.block, found.unknowns, weights)
    return found, weights


def _observable(found: Adjusted) -> Adjusted:
    """The fit with every shared state frozen that learns too little, the worst first."""
    block = found.block
    prior = block.shared_sd
    finite = (prior > 0) & np.isfinite(prior)
    while True:
        sd = np.sqrt(np.maximum(np.diag(posterior(found, 1.0).shared), 0.0))
        ratio = np.where(finite & ~found.frozen, sd / np.where(finite, prior, 1.0), 0.0)
        worst = int(np.argmax(ratio))
        if ratio[worst] <= NOT_OBSERVABLE:
            return found
        frozen = found.frozen.copy()
        frozen[worst] = True
        shared = np.where(frozen, 0.0, found.unknowns.shared)
        found = adjust(block, replace(found.unknowns, shared=shared), found.weights, frozen)


def try_fit(block: Block) -> Fitted | None:
    """A fit, or None where what is left does not suffice."""
    try:
        return fit(block)
    except BadInput:
        return None
