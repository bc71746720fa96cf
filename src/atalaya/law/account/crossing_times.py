"""Crossings of the drawn line with their times, at constant speed along the geodesic of each step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.law.account.path import Path
from atalaya.law.account.port import Index

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LineCrossings:
    """Crossings in order of time.

    step: (m,) number of the step of the path. t_us: (m,) int64, estimated
    entering: (m,) bool. lon_deg, lat_deg: (m,) the place
    """

    step: NDArray[np.int64]
    t_us: NDArray[np.int64]
    entering: NDArray[np.bool_]
    lon_deg: Floats
    lat_deg: Floats

    def __len__(self) -> int:
        return len(self.t_us)

    def as_json(self) -> list[dict[str, object]]:
        """One object per crossing."""
        return [
            {"t": iso(t), "entering": entering, "lon_deg": round(lon, 7), "lat_deg": round(lat, 7)}
            for t, entering, lon, lat in zip(
                self.t_us.tolist(),
                self.entering.tolist(),
                self.lon_deg.tolist(),
                self.lat_deg.tolist(),
                strict=True,
            )
        ]


def crossed(
    index: Index, area: int, path: Path, steps: NDArray[np.intp], depth0_m: Floats, depth1_m: Floats
) -> LineCrossings:
    """The crossings of some steps of a path.

    Args:
        depth0_m, depth1_m: (k,) depth at both ends of each step. They decide on which side the ends lie:
            where a grazing step gives another count of crossings, the one that these sides ask for is kept.
    """
    ends = (path.lon_deg[steps], path.lat_deg[steps], path.lon_deg[steps + 1], path.lat_deg[steps + 1])
    found = index.crossings(area, *ends)
    inside0, inside1 = depth0_m > 0.0, depth1_m > 0.0
    wrong = _contradicted(found.segment, found.entering, inside0, inside1)
    keep = ~wrong[found.segment]
    single = np.flatnonzero(wrong & (inside0 != inside1))
    share = np.abs(depth0_m[single]) / np.maximum(np.abs(depth0_m[single]) + np.abs(depth1_m[single]), 1e-9)
    east = (ends[2][single] - ends[0][single] + 180.0) % 360.0 - 180.0
    segment = np.concatenate((found.segment[keep], single))
    fraction = np.concatenate((found.fraction[keep], share))
    entering, lon, lat = (
        np.concatenate((found.entering[keep], inside1[single])),
        np.concatenate((found.lon_deg[keep], ends[0][single] + share * east)),
        np.concatenate((found.lat_deg[keep], ends[1][single] + share * (ends[3] - ends[1])[single])),
    )
    order = np.lexsort((fraction, segment))
    step = steps[segment[order]].astype(np.int64)
    span_us = path.t_us[step + 1] - path.t_us[step]
    t_us = path.t_us[step] + np.rint(fraction[order] * span_us).astype(np.int64)
    return LineCrossings(step, t_us, entering[order], lon[order], lat[order])


def _contradicted(
    segment: NDArray[np.int64],
    entering: NDArray[np.bool_],
    inside0: NDArray[np.bool_],
    inside1: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """(k,) whether a step's crossings do not lead from the side of its start to the side of its end."""
    state = inside0.copy()
    wrong = np.zeros(len(inside0), np.bool_)
    for number, enters in zip(segment.tolist(), entering.tolist(), strict=True):
        wrong[number] |= state[number] == enters
        state[number] = enters
    contradicted: NDArray[np.bool_] = wrong | (state != inside1)
    return contradicted


def merged(parts: list[LineCrossings]) -> LineCrossings:
    """Several chunks as one."""
    if not parts:
        none = np.empty(0, np.int64)
        return LineCrossings(none, none, np.empty(0, np.bool_), np.empty(0), np.empty(0))
    return LineCrossings(
        np.concatenate([part.step for part in parts]),
        np.concatenate([part.t_us for part in parts]),
        np.concatenate([part.entering for part in parts]),
        np.concatenate([part.lon_deg for part in parts]),
        np.concatenate([part.lat_deg for part in parts]),
    )
