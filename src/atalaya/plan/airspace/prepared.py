"""Volumes as the arrays the compiled checks take."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import DatumError
from atalaya.earth.ellipsoid import geodetic_to_ecef
from atalaya.plan.airspace import kernels
from atalaya.plan.airspace.volume import Atmosphere, Limit, LimitDatum, Volume, VolumeKind

Floats = NDArray[np.float64]
_CODES = {LimitDatum.MSL: kernels.MSL, LimitDatum.HAE: kernels.HAE, LimitDatum.AGL: kernels.AGL}


@dataclass(frozen=True, eq=False)
class Prepared:
    """v volumes: columns as in `kernels.meetings`. needs_ground: whether one is measured from the ground."""

    volumes: tuple[Volume, ...]
    edges: Floats
    first: NDArray[np.int64]
    limits: Floats
    buffers: Floats
    valid: Floats
    valid_first: NDArray[np.int64]
    kinds: NDArray[np.int64]
    caps: Floats
    spans: Floats
    needs_ground: bool


def prepared(volumes: Sequence[Volume], atmosphere: Atmosphere | None = None) -> Prepared:
    """Volumes made ready; the same volumes are made ready once.

    Args:
        atmosphere: turns flight levels into heights.

    Raises:
        DatumError: FLT-012, a volume is limited by a flight level and no atmosphere is given.
    """
    return _prepared(tuple(volumes), atmosphere)


@lru_cache(maxsize=32)
def _prepared(volumes: tuple[Volume, ...], atmosphere: Atmosphere | None) -> Prepared:
    edges, counts, limits, valid, caps = [], [], [], [], []
    for volume in volumes:
        parts = []
        for ring in volume.dense_rings:
            place = geodetic_to_ecef(ring[:, 0], ring[:, 1], 0.0)
            parts.append(np.column_stack((place, np.arange(len(place)) == 0)))
        joined = np.vstack(parts)
        edges.append(joined)
        counts.append(len(joined))
        middle = 0.5 * (joined[:, :3].min(axis=0) + joined[:, :3].max(axis=0))
        caps.append((*middle, np.linalg.norm(joined[:, :3] - middle, axis=1).max() + _bulge(joined[:, :3])))
        limits.append(
            (
                *_limit(volume, volume.floor, atmosphere, -1e9),
                *_limit(volume, volume.ceiling, atmosphere, 1e9),
            )
        )
        valid.append([(_bound(a, kernels.OPEN_START), _bound(b, kernels.OPEN_END)) for a, b in volume.valid])
    count = len(volumes)
    return Prepared(
        volumes,
        np.vstack(edges) if edges else np.empty((0, 4)),
        np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        np.array(limits, np.float64).reshape(count, 4),
        np.array([(v.buffer_m, v.vertical_buffer_m) for v in volumes], np.float64).reshape(count, 2),
        np.array([pair for pairs in valid for pair in pairs], np.float64).reshape(-1, 2),
        np.concatenate(([0], np.cumsum([len(pairs) for pairs in valid]))).astype(np.int64),
        np.array([v.kind is VolumeKind.KEEP_IN for v in volumes], np.int64),
        np.array(caps, np.float64).reshape(count, 4),
        np.array([_span(pairs) for pairs in valid], np.float64).reshape(count, 2),
        any(
            limit is not None and limit.datum is LimitDatum.AGL
            for v in volumes
            for limit in (v.floor, v.ceiling)
        ),
    )


def _bulge(place: Floats) -> float:
    """How far the ellipsoid inside a ring can rise out of the ball about its vertices."""
    reach = float(np.linalg.norm(place - place.mean(axis=0), axis=1).max())
    return reach**2 / 6.0e6


def _limit(
    volume: Volume, limit: Limit | None, atmosphere: Atmosphere | None, without: float
) -> tuple[float, float]:
    if limit is None:
        return float(kernels.MSL), without
    if limit.datum is LimitDatum.FL:
        if atmosphere is None:
            raise DatumError("FLT-012", where=volume.name, datum="fl")
        return float(kernels.MSL), atmosphere.height_msl_m(limit.value)
    return float(_CODES[limit.datum]), limit.value


def _bound(t_us: int | None, otherwise: int) -> float:
    return float(otherwise if t_us is None else t_us)


def _span(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    if not pairs:
        return float(kernels.OPEN_START), float(kernels.OPEN_END)
    return min(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
