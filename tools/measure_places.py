"""Measure how far the middle of what a place shows lies from its middle: `[place_m]` of `sign_rates.toml`.

    python -m tools.measure_places --seeds lab:6000-6020 mine:6100-6120 strip:6200-6220 --keep FOLDER

For each kind of facility the doubt with which 90 % ellipses hold nine of ten of those found. Run it after
`tools.measure_signs`, whose rates decide what is found.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.locating.sign_rates import ANY, place_m
from atalaya.detect.registry import detector
from atalaya.earth.ellipsoid import geod
from atalaya.earth.error.circular import CHI2_2_90
from bench.range_flown import DETECTORS, asked, seeds_of, trials
from bench.range_sites import Outcome, outcome

Floats = NDArray[np.float64]

MOST_M = 80.0
HELD = 0.9


def errors_of(one: Outcome, sought: str) -> tuple[Floats, Floats]:
    """Of found facilities (k, 2) metres east, north of the truth, and (k, 2, 2) stated without the doubt."""
    found, truth = one.found, one.truth
    rows = np.flatnonzero(one.real)
    true = one.match.truth[rows]
    azimuth, _, away = geod().inv(
        truth.lon_deg[true], truth.lat_deg[true], found.lon_deg[rows], found.lat_deg[rows]
    )
    turn = np.radians(azimuth)
    offset = np.stack((away * np.sin(turn), away * np.cos(turn)), axis=1)
    return offset, found.covariance[rows] - place_m(sought) ** 2 * np.eye(2)


def doubt_m(offset: Floats, covariance: Floats) -> float:
    """Least doubt, metres per axis, with which the ellipses hold their share."""
    for sigma in np.arange(0.0, MOST_M, 0.5):
        solved = np.linalg.solve(covariance + sigma**2 * np.eye(2), offset[:, :, None])[:, :, 0]
        if float(((offset * solved).sum(axis=1) <= CHI2_2_90).mean()) >= HELD:
            return float(sigma)
    return MOST_M


def main() -> None:
    """Measure and print."""
    told = asked(__doc__)
    detectors = [detector(name) for name in DETECTORS]
    found: dict[str, list[tuple[Floats, Floats]]] = defaultdict(list)
    for one, theme, flown in trials(seeds_of(told.seeds), detectors, told.keep):
        for sought in (theme, ANY):
            found[sought].append(errors_of(outcome(one, flown, detectors, sought), sought))
    print(f"# python -m tools.measure_places --seeds {' '.join(told.seeds)}")
    print("[place_m]")
    for sought, parts in sorted(found.items()):
        offset, covariance = (np.concatenate(column) for column in zip(*parts, strict=True))
        print(f"{sought} = {doubt_m(offset, covariance):.1f}")


if __name__ == "__main__":
    main()
