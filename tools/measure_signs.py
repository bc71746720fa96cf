"""Measure what looks of each detector are worth on the digital range: prints `sign_rates.toml`.

    python tools/measure_signs.py --seeds lab:6000-6003 mine:6100-6103 strip:6200-6203

Hits, false tracklets and extents are counted on seeds that neither trained the nets nor judge the sites.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from atalaya.campaign.detecting.tasks import tasks_named
from atalaya.detect import Detector
from atalaya.earth.ellipsoid import geod
from atalaya.locate.tracklets import Tracklets, fit_calibration, link
from atalaya.locate.tracklets.places import together
from bench.range_looks import BLOCK_M, Pass, Trial, claims_on, shots, trial, usual_passes
from bench.range_sites import truth_of

NEAR_M = 90.0
REFERENCE = 0.7
GSD_M = (0.0, 0.9, 1.2, 1.6)
"""Chance falls from the second to the last: measured at the first two, then as the nets' cards end."""


@dataclass
class Counts:
    """Of one kind of evidence: hits of each place over its looks, false claims, offsets."""

    hits: dict[str, list[list[bool]]] = field(default_factory=lambda: defaultdict(list))
    false: int = 0
    looks_km2: float = 0.0
    offset2: list[float] = field(default_factory=list)
    labelled: list[tuple[float, int, float, bool]] = field(default_factory=list)


def counted(
    work: Iterator[tuple[Trial, list[tuple[Pass, pa.Table]]]], detectors: Sequence[Detector]
) -> dict[tuple[str, str], Counts]:
    """Counts by detector and kind of evidence."""
    found: dict[tuple[str, str], Counts] = defaultdict(Counts)
    for one, flown in work:
        for detector in detectors:
            for kind in sorted({c.evidence for c in detector.card.classes if c.evidence}):
                _count(found[detector.card.id, kind], one, flown, detector, kind)
    return found


def _count(
    into: Counts, one: Trial, flown: list[tuple[Pass, pa.Table]], detector: Detector, kind: str
) -> None:
    truth = truth_of(one)
    hits: dict[int, list[bool]] = {n: [] for n in range(len(truth.id))}
    for way, table in flown:
        if way.kind not in detector.card.kinds:
            continue
        into.looks_km2 += (BLOCK_M / 1000.0) ** 2
        mine = table.filter(pa.compute.equal(table["detector"], detector.card.id))
        mine = mine.filter(pa.compute.equal(mine["evidence"], kind))
        claims = together(link(mine)) if mine.num_rows else None
        near = np.full(0, -1) if claims is None else _nearest(claims, truth, into.offset2)
        for n in hits:
            hits[n].append(bool((near == n).any()))
        if claims is not None:
            inside = _in_block(one, claims)
            into.false += int(((near < 0) & inside).sum())
            columns = (claims.score, claims.frames, claims.hit_share, near >= 0)
            into.labelled += [tuple(row) for row in zip(*columns, strict=True)]
    for n, seen in hits.items():
        into.hits["facility" if truth.facility[n] else "confuser"].append(seen)


def _in_block(one: Trial, claims: Tracklets) -> np.ndarray:
    east, north = one.country.metres(claims.lon_deg, claims.lat_deg)
    west, south, right, top = one.block_m
    return np.asarray((east > west) & (east < right) & (north > south) & (north < top))


def _nearest(claims: Tracklets, truth: Any, offset2: list[float]) -> np.ndarray:
    near = np.full(len(claims), -1)
    for k in range(len(claims)):
        m = len(truth.id)
        _, _, away = geod().inv(
            np.full(m, claims.lon_deg[k]), np.full(m, claims.lat_deg[k]), truth.lon_deg, truth.lat_deg
        )
        best = int(np.argmin(away))
        error2 = float(np.trace(claims.own_m2[k]) + (claims.shared_m[k] ** 2).sum())
        if away[best] <= NEAR_M + 2.0 * error2**0.5:
            near[k] = best
            offset2.append((float(away[best]) ** 2 - error2) / 2.0)
    return near


def hit_rate(looks: list[list[bool]]) -> tuple[float, float, float]:
    """Mean, strength of the Beta, share that ever shows: by moments of the first two looks."""
    both = np.array([row[:2] for row in looks if len(row) >= 2], float)
    every = np.concatenate([np.array(row, float) for row in looks]) if looks else np.zeros(1)
    mean = float(np.clip(float(every.mean()), 0.005, 0.98))
    if not len(both):
        return mean, 10.0, 1.0
    first, second = float(both.mean()), float((both[:, 0] * both[:, 1]).mean())
    within = second - first**2
    strength = (first - second) / within if within > 1e-6 else 30.0
    return mean, float(np.clip(strength, 0.3, 30.0)), 1.0


def as_toml(found: dict[tuple[str, str], Counts], seeds: str) -> str:
    """The file."""
    lines = [
        "# What looks are worth, measured on the digital range:",
        f"# python tools/measure_signs.py --seeds {seeds}",
        '# [look."detector/version".evidence]: chance of a tracklet by ground sample distance for a facility',
        "# that shows the sign, and false tracklets per square kilometre and look. tracklets: probability",
        "# that one is real. [place.evidence]: chance that a place of a class gives a tracklet in the",
        "# reference look: mean, strength of the Beta, share that ever shows it; extent_m: one sigma of the",
        "# sign's distance from the middle of its place.",
        "",
        "[reference]",
        f"chance = {REFERENCE}",
        "extent_m = 12.0",
    ]
    for (detector, kind), each in sorted(found.items()):
        clutter = max(each.false, 0.5) / max(each.looks_km2, 1e-9)
        lines += ["", f'[look."{detector}".{kind}]', f"gsd_m = {list(GSD_M)}"]
        lines += [f"chance = [{REFERENCE}, {REFERENCE}, 0.5, 0.2]", f"clutter_per_km2 = {clutter:.4f}"]
    for detector in sorted({name for name, _ in found}):
        rows = [row for (name, _), each in found.items() if name == detector for row in each.labelled]
        if len(rows) >= 30 and 0 < sum(row[3] for row in rows) < len(rows):
            score, frames, share, real = (np.array(column, float) for column in zip(*rows, strict=True))
            fit = fit_calibration(score, frames, share, real)
            lines += ["", f'[look."{detector}".tracklets]', f"base_rate = {fit.base_rate:.4f}"]
            lines += [f"intercept = {fit.intercept:.4f}", f"per_score = {fit.per_score:.4f}"]
    for kind in sorted({kind for _, kind in found}):
        best = max((key for key in found if key[1] == kind), key=lambda key: _worth(found[key]))
        each = found[best]
        extent = max(4.0, float(np.sqrt(max(float(np.mean(each.offset2)), 0.0)))) if each.offset2 else 12.0
        lines += ["", f"[place.{kind}]"]
        for name in ("facility", "confuser"):
            mean, strength, shown = hit_rate(each.hits[name])
            lines.append(f"{name} = [{mean:.3f}, {strength:.2f}, {shown:.2f}]")
        lines += ["background = 0.02", f"extent_m = {extent:.1f}"]
    return "\n".join(lines) + "\n"


def _worth(each: Counts) -> float:
    rows = each.hits["facility"]
    return float(np.mean([hit for row in rows for hit in row])) if any(rows) else 0.0


def _work(seeds: Sequence[str], detectors: Sequence[Detector]) -> Iterator[Any]:
    for part in seeds:
        theme, _, span = part.partition(":")
        first, _, last = span.partition("-")
        for seed in range(int(first), int(last)):
            one = trial(seed, theme)
            flown = []
            for way in usual_passes(seed):
                t_us, taken = shots(one, way)
                flown.append((way, claims_on(one, way, t_us, taken, detectors)))
            yield one, flown


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="+", required=True)
    asked = parser.parse_args()
    detectors = [task.detector for task in tasks_named((), 1)]
    print(as_toml(counted(_work(asked.seeds, detectors), detectors), " ".join(asked.seeds)), end="")


if __name__ == "__main__":
    main()
