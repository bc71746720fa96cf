"""Hypotheses: a slant range or a field of view in another unit, off by a factor everybody knows."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from atalaya.footage.audit.corners import PER_LOOK, order_misfits
from atalaya.footage.audit.judge import MATERIAL_DEG, fall, middle, spread
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import residual
from atalaya.footage.audit.split import Split
from atalaya.footage.sensor_track import SensorTrack

_LENGTHS = (3.280839895, 1 / 3.280839895, 1000.0, 1e-3, 1852.0, 1 / 1852.0, 1.0936133, 1 / 1.0936133)
_ANGLES = (2.0, 0.5, 180.0 / np.pi, np.pi / 180.0)
_CLOSE = 0.03
_WIDEST_DEG = 170.0
_MEETS = 0.1
"""Distance of corners from where they belong, in half diagonals, that a field of view must leave."""


@dataclass(frozen=True)
class Unit:
    """Divide columns by a factor."""

    columns: tuple[Literal["slant_m", "hfov_deg", "vfov_deg"], ...]
    factor: float

    def apply(self, track: SensorTrack) -> SensorTrack:
        """The track with those columns in the standard's unit."""
        return replace(track, **{name: getattr(track, name) / self.factor for name in self.columns})


def find_slant_unit(track: SensorTrack, split: Split) -> Proposal | None:
    """A slant range in feet, miles or kilometres, while angles and positions agree about the distance."""
    part = track.take(split.rows)
    before = residual(part)
    if not spread(before.along_deg) < 10.0 * MATERIAL_DEG:
        return None
    factor = _known(middle(part.slant_m / before.range_m), _LENGTHS)
    if factor is None:
        return None
    change = Unit(("slant_m",), factor)
    after = residual(change.apply(part))
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    proof = fall(
        (before.slant_deg[fit], before.slant_deg[accept]),
        (after.slant_deg[fit], after.slant_deg[accept]),
        0,
        len(_LENGTHS),
    )
    return _proposal(change, proof.enough, "slant_m", split)


def find_view_unit(track: SensorTrack, split: Split) -> Proposal | None:
    """Half angles or radians stated as field of view: the corners tell, on level ground and on rough."""
    part = track.take(split.rows)
    before = order_misfits(part)[:, 0]
    widest = max(middle(part.hfov_deg), middle(part.vfov_deg))
    changes = [Unit(("hfov_deg", "vfov_deg"), factor) for factor in _ANGLES if widest / factor < _WIDEST_DEG]
    if not changes:
        return None
    misfits = [order_misfits(change.apply(part))[:, 0] for change in changes]
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    best = min(range(len(changes)), key=lambda place: spread(misfits[place][fit]))
    after = misfits[best]
    proof = fall((before[fit], before[accept]), (after[fit], after[accept]), 0, len(_ANGLES), PER_LOOK)
    close = max(proof.fit_after, proof.accept_after) <= _MEETS
    return _proposal(changes[best], proof.enough and close, "hfov_deg, vfov_deg", split)


def _known(ratio: float, factors: tuple[float, ...]) -> float | None:
    return next((factor for factor in factors if abs(ratio / factor - 1.0) <= _CLOSE), None)


def _proposal(change: Unit, proved: bool, column: str, split: Split) -> Proposal | None:
    if not proved:
        return None
    return Proposal(
        "AUD-070",
        change,
        {
            "column": column,
            "factor": round(change.factor, 6),
            "fitted_on": split.fitted,
            "accepted_on": split.accepted,
            "samples": len(split.rows),
        },
        {"column": column, "factor": f"{change.factor:.4g}"},
    )
