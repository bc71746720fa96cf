"""Detections of frames linked into tracklets."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.table import SHARED_TERMS, detection_schema
from atalaya.earth.ellipsoid import ECCENTRICITY_SQUARED, SEMI_MAJOR_M
from atalaya.locate.tracklets.calibration import TrackletCalibration
from atalaya.locate.tracklets.table import Tracklets, conforming

if TYPE_CHECKING:
    import pyarrow

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_KEYS = ("sortie", "clip", "sensor", "evidence")
_MOST_DETECTORS = 62
_LEAST_M2 = 1e-4
_LOOSE = 25.0
_SPEED_SIGMAS = 4.0


@dataclass(frozen=True, slots=True)
class LinkRules:
    """When detections are of one look.

    Args:
        sigmas: of own errors within which detections are of one thing.
        gap_s: without a detection, after which a tracklet is closed.
        turn_deg: of the line of sight's azimuth, after which it is another look.
        speed_mps: beyond four deviations of it a thing is moving.
    """

    sigmas: float = 3.0
    gap_s: float = 20.0
    turn_deg: float = 30.0
    speed_mps: float = 1.0


def link(
    detections: "pyarrow.Table",
    calibrations: Mapping[str, TrackletCalibration] | None = None,
    *,
    rules: LinkRules | None = None,
    examined: Mapping[str, NDArray[np.int64]] | None = None,
) -> Tracklets:
    """Tracklets of a table of detections; the same for any order of its rows, repeated ones count once.

    Detections of all detectors of one kind of evidence in one clip are linked together: two detectors that
    see one thing are one claim, and the better of them counts. Those without a place, or with an error that
    is none, are left out.

    Args:
        detections: as `detect.table.detection_schema`.
        calibrations: by detector ("name/version"); tracklets of others are uncalibrated: llr 0.
        rules: when detections are of one look.
        examined: by clip, numbers of the frames looked at, rising; default: those with any detection.

    Raises:
        BadInput: LOC-006, another table; LOC-007, too many detectors.
    """
    columns = _columns(detections)
    if len(columns["order"]) == 0:
        return _none()
    return _summary(columns, calibrations or {}, rules or LinkRules(), examined or {})


def _columns(table: "pyarrow.Table") -> dict[str, Any]:
    """Usable rows as arrays: by group, time, frame, detector; repeated ones dropped."""
    table = conforming(table, detection_schema(), "LOC-006")
    found: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if name.startswith("shared_"):
            found[name] = _lists(column)
        elif str(column.type) == "string":
            found[name], found["names_" + name] = _ranked(column)
        else:
            found[name] = column.to_numpy(zero_copy_only=False)
    _order(found)
    return found


def _lists(column: Any) -> Floats:
    flat = column.fill_null([0.0] * SHARED_TERMS) if column.null_count else column
    return np.asarray(flat.flatten().to_numpy(zero_copy_only=False), np.float64).reshape(-1, SHARED_TERMS)


def _ranked(column: Any) -> tuple[Index, NDArray[np.object_]]:
    """Ranks of texts in alphabetical order, and the texts."""
    coded = column.fill_null("").dictionary_encode()
    names = np.array(coded.dictionary.to_pylist(), object)
    order = np.argsort(names.astype("U")) if len(names) else np.empty(0, np.intp)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return rank[codes], names[order]


def _order(found: dict[str, Any]) -> None:
    own = np.stack([np.asarray(found[name], np.float64) for name in ("own_ee", "own_en", "own_nn")], axis=1)
    place = np.stack([found[name] for name in ("lon_deg", "lat_deg", "own_ee", "own_en", "own_nn")], axis=1)
    usable = np.isfinite(np.asarray(place, np.float64)).all(axis=1)
    usable &= np.isfinite(found["shared_east"] + found["shared_north"]).all(axis=1)
    usable &= np.isfinite(found["azimuth_true_deg"]) & np.isfinite(found["score"])
    usable &= (own[:, 0] > 0.0) & (own[:, 0] * own[:, 2] - own[:, 1] ** 2 > 0.0)
    usable &= np.abs(found["lat_deg"]) < 90.0
    rows = np.flatnonzero(usable)
    names = ("box_column_0", "box_row_0", "box_column_1", "box_row_1")
    keys = [found["score"], *(found[name] for name in names), found["lon_deg"], found["lat_deg"]]
    keys += [found["label"], found["detector"], found["frame"], found["t_us"]]
    keys += [found[name] for name in reversed(_KEYS)]
    rows = rows[np.lexsort([np.nan_to_num(key[rows]) for key in keys])]
    same = np.ones(max(len(rows) - 1, 0), np.bool_)
    for key in keys:
        same &= np.nan_to_num(key[rows][1:]) == np.nan_to_num(key[rows][:-1])
    found["order"] = rows[np.append(True, ~same)] if len(rows) else rows
    found["own"] = own


def _local(lon: Floats, lat: Floats, at: tuple[float, float]) -> Floats:
    """(n, 2) metres east, north of a place: near enough to measure distances of tracklets by."""
    return np.stack(((lon - at[0] + 180.0) % 360.0 - 180.0, lat - at[1]), axis=1) * _metres_per_deg(at[1])


def _metres_per_deg(lat: float) -> Floats:
    sin2 = np.sin(np.radians(lat)) ** 2
    prime = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sin2)
    meridian = prime * (1.0 - ECCENTRICITY_SQUARED) / (1.0 - ECCENTRICITY_SQUARED * sin2)
    return np.array([prime * np.cos(np.radians(lat)), meridian]) * np.pi / 180.0


def _summary(
    found: dict[str, Any],
    calibrations: Mapping[str, TrackletCalibration],
    rules: LinkRules,
    examined: Mapping[str, NDArray[np.int64]],
) -> Tracklets:
    from atalaya.locate.tracklets import kernels

    rows = found["order"]
    at = (float(found["lon_deg"][rows[0]]), float(np.median(found["lat_deg"][rows])))
    x = _local(found["lon_deg"][rows], found["lat_deg"][rows], at)
    own = np.maximum(found["own"][rows], [_LEAST_M2, -np.inf, _LEAST_M2])
    keys = np.stack([found[name][rows] for name in _KEYS], axis=1)
    _, group = np.unique(keys, axis=0, return_inverse=True)
    codes, detector = np.unique(found["detector"][rows], return_inverse=True)
    if len(codes) > _MOST_DETECTORS:
        raise BadInput("LOC-007", count=len(codes), most=_MOST_DETECTORS)
    t_us = found["t_us"][rows].astype(np.int64)
    wide = np.zeros(int(group.max()) + 1)
    np.maximum.at(wide, group, np.maximum(own[:, 0], own[:, 2]))
    # the share of a plane Gaussian inside is that of a line's inside so many sigmas
    gate = -2.0 * np.log(math.erfc(rules.sigmas / math.sqrt(2.0)))
    side = np.sqrt(max(gate, _LOOSE) * 2.0 * wide) + 1e-3
    track = kernels.linked(
        group.astype(np.int64),
        t_us,
        found["frame"][rows].astype(np.int64),
        detector.astype(np.int64),
        found["azimuth_true_deg"][rows].astype(np.float64),
        x,
        own,
        side,
        gate,
        max(gate, _LOOSE),
        rules.gap_s * 1e6,
        rules.turn_deg,
    )
    order = np.argsort(track, kind="stable")
    start = np.append(np.flatnonzero(np.diff(track[order], prepend=-1)), len(order))
    out, weight = np.empty((len(start) - 1, 8)), np.empty(len(order))
    kernels.summarised(start, t_us[order], x[order], own[order], out, weight)
    return _made(found, rows[order], start, out, weight, at, calibrations, rules, examined)


def _made(
    found: dict[str, Any],
    rows: Index,
    start: Index,
    out: Floats,
    weight: Floats,
    at: tuple[float, float],
    calibrations: Mapping[str, TrackletCalibration],
    rules: LinkRules,
    examined: Mapping[str, NDArray[np.int64]],
) -> Tracklets:
    first, last = rows[start[:-1]], rows[start[1:] - 1]
    count = np.diff(start)
    per_deg = _metres_per_deg(at[1])
    frames, share = _frames(found, rows, start, examined)
    best, p, llr = _best(found, rows, start, frames, share, calibrations)
    total = np.add.reduceat(weight, start[:-1])

    def mean(values: Floats) -> Floats:
        summed = np.add.reduceat((weight * values.T).T, start[:-1])
        return np.asarray((summed.T / total).T)

    named = {
        name: found["names_" + name][found[name][best]] for name in (*_KEYS, "detector", "card", "label")
    }
    numbers = ("gsd_m", "slant_m", "depression_deg", "azimuth_true_deg")
    boxes = ("box_column_0", "box_row_0", "box_column_1", "box_row_1")
    begin, end = found["t_us"][first].astype(np.int64), found["t_us"][last].astype(np.int64)
    return Tracklets(
        id=_ids(found, rows, start, named),
        t_us=(begin + end) // 2,
        first_us=begin,
        last_us=end,
        frames=frames,
        detections=count.astype(np.int64),
        hit_share=share,
        score=found["score"][best].astype(np.float64),
        mean_score=_mean_score(found, rows, start, best),
        p=p,
        llr=llr,
        lon_deg=(at[0] + out[:, 0] / per_deg[0] + 180.0) % 360.0 - 180.0,
        lat_deg=at[1] + out[:, 1] / per_deg[1],
        height_hae_m=mean(found["height_hae_m"][rows].astype(np.float64)),
        own_ee=out[:, 2],
        own_en=out[:, 3],
        own_nn=out[:, 4],
        shared_east=mean(found["shared_east"][rows]),
        shared_north=mean(found["shared_north"][rows]),
        speed_mps=out[:, 5],
        moving=out[:, 5] - _SPEED_SIGMAS * out[:, 6] > rules.speed_mps,
        best_frame=found["frame"][best].astype(np.int64),
        best_us=found["t_us"][best].astype(np.int64),
        **named,
        **{name: found[name][best].astype(np.float64) for name in (*numbers, *boxes)},
    )


def _frames(
    found: dict[str, Any], rows: Index, start: Index, examined: Mapping[str, NDArray[np.int64]]
) -> tuple[Index, Floats]:
    """Distinct frames of each track, and their share of the frames examined from its first to its last."""
    frame, clip = found["frame"][rows].astype(np.int64), found["clip"][rows]
    new = np.append(True, np.diff(frame) != 0)
    new[start[:-1]] = True
    frames = np.add.reduceat(new.astype(np.int64), start[:-1])
    possible = np.empty(len(frames))
    first, last = frame[start[:-1]], frame[start[1:] - 1]
    for each in np.unique(clip):
        name = str(found["names_clip"][each])
        seen = np.unique(np.asarray(examined[name])) if name in examined else np.unique(frame[clip == each])
        of = clip[start[:-1]] == each
        inside = np.searchsorted(seen, last[of], "right") - np.searchsorted(seen, first[of], "left")
        possible[of] = np.maximum(inside, frames[of])
    return frames, frames / possible


def _best(
    found: dict[str, Any],
    rows: Index,
    start: Index,
    frames: Index,
    share: Floats,
    calibrations: Mapping[str, TrackletCalibration],
) -> tuple[Index, Floats, Floats]:
    """The claim that counts of each track: most evidence, then highest score; its p and llr."""
    track = np.repeat(np.arange(len(start) - 1), np.diff(start))
    score, detector = found["score"][rows].astype(np.float64), found["detector"][rows]
    llr, p = np.zeros(len(rows)), np.full(len(rows), np.nan)
    for code in np.unique(detector):
        known = calibrations.get(str(found["names_detector"][code]))
        if known is not None:
            of = detector == code
            llr[of] = known.llr(score[of], frames[track[of]].astype(np.float64), share[track[of]])
            p[of] = known.probability(llr[of])
    calibrated = np.isfinite(p)
    order = np.lexsort((-np.arange(len(rows)), score, llr, calibrated, track))
    top = order[start[1:] - 1]
    return rows[top], p[top], llr[top]


def _mean_score(found: dict[str, Any], rows: Index, start: Index, best: Index) -> Floats:
    """Mean score of the claims by the detector whose claim counts."""
    track = np.repeat(np.arange(len(best)), np.diff(start))
    mine = found["detector"][rows] == found["detector"][best][track]
    score = np.where(mine, found["score"][rows].astype(np.float64), 0.0)
    return np.asarray(np.bincount(track, score, len(best)) / np.bincount(track, mine, len(best)))


def _ids(
    found: dict[str, Any], rows: Index, start: Index, named: Mapping[str, NDArray[np.object_]]
) -> NDArray[np.object_]:
    """Hashes of what was linked: the same for the same detections."""
    parts = ("frame", "box_column_0", "box_row_0", "box_column_1", "box_row_1", "score")
    block = np.ascontiguousarray(np.stack([found[name][rows].astype(np.float64) for name in parts], axis=1))
    names = []
    for k in range(len(start) - 1):
        text = "|".join(str(named[key][k]) for key in _KEYS)
        made = hashlib.sha256(text.encode())
        made.update(block[start[k] : start[k + 1]].tobytes())
        names.append(made.hexdigest()[:20])
    return np.array(names, object)


def _none() -> Tracklets:
    from atalaya.locate.tracklets.table import tracklet_schema

    return Tracklets.from_table(tracklet_schema().empty_table())
