"""Hypotheses: a slant range or a field of view in another unit, off by a factor everybody knows."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from atalaya.earth import geodetic_to_ecef
from atalaya.footage.audit.corners import order_misfits
from atalaya.footage.audit.judge import MATERIAL_DEG, fall, middle, spread
from atalaya.footage.audit.report import Proposal
from atalaya.footage.audit.sighting import residual, stated_corners
from atalaya.footage.audit.split import Split
from atalaya.footage.sensor_track import SensorTrack

_LENGTHS = (3.280839895, 1 / 3.280839895, 1000.0, 1e-3, 1852.0, 1 / 1852.0, 1.0936133, 1 / 1.0936133)
_ANGLES = (2.0, 0.5, 180.0 / np.pi, np.pi / 180.0)
_CLOSE = 0.03


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
    """Half angles or radians stated as field of view: the corners tell."""
    part = track.take(split.rows)
    corners = stated_corners(part)
    sensor = geodetic_to_ecef(part.sensor_lon_deg, part.sensor_lat_deg, part.sensor_height_m)
    rays = corners - sensor[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
        across = 0.5 * (rays[:, 1] + rays[:, 2] - rays[:, 0] - rays[:, 3])
        middle_ray = rays.mean(axis=1)
        seen = np.linalg.norm(across, axis=-1) / np.linalg.norm(middle_ray, axis=-1)
    angle = 2.0 * np.degrees(np.arctan(seen / 2.0))
    factor = _known(middle(part.hfov_deg / angle), _ANGLES)
    if factor is None:
        return None
    change = Unit(("hfov_deg", "vfov_deg"), factor)
    before, after = order_misfits(part)[:, 0], order_misfits(change.apply(part))[:, 0]
    fit, accept = np.searchsorted(split.rows, split.fit), np.searchsorted(split.rows, split.accept)
    proof = fall((before[fit], before[accept]), (after[fit], after[accept]), 0, len(_ANGLES))
    return _proposal(change, proof.enough, "hfov_deg, vfov_deg", split)


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
