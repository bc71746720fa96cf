"""Sites held against the truth of the digital range."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.rehearsal.score import read_table
from atalaya.earth.ellipsoid import geod
from atalaya.earth.error.circular import CHI2_2_90

Floats = NDArray[np.float64]

LIKELY = 0.55
"""From here on the word is "likely"; a site of two kinds of evidence is then declared."""
NEAR_M = 60.0
SIGMAS = 3.0


@dataclass(frozen=True, eq=False)
class FoundSites:
    """n sites: places, p of a facility, covariance (n, 2, 2) m2 east, north, whether declared as likely."""

    lon_deg: Floats
    lat_deg: Floats
    p: Floats
    covariance: Floats
    declared: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TrueSites:
    """m true places: ids, lon_deg, lat_deg, whether each is a facility (else a look-alike)."""

    id: tuple[str, ...]
    lon_deg: Floats
    lat_deg: Floats
    facility: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SiteMatch:
    """Which site is which true place: (n,) its number, -1 for none; how far; whether the ellipse holds it."""

    truth: NDArray[np.int64]
    offset_m: Floats
    held: NDArray[np.bool_]


def true_sites(folder: Path) -> TrueSites:
    """The truth of flights.

    Raises:
        BadInput: RHS-006, it is missing or damaged.
    """
    table = read_table(folder / "truth" / "sites.parquet")
    return TrueSites(
        tuple(table["id"].to_pylist()),
        np.asarray(table["lon_deg"], np.float64),
        np.asarray(table["lat_deg"], np.float64),
        np.array(table["facility"].to_pylist(), np.bool_),
    )


def matched(found: FoundSites, truth: TrueSites) -> SiteMatch:
    """Each site to the nearest true place within reach, each true place to one site, the most probable first.

    Reach is 60 metres, or three deviations where the stated error is larger.
    """
    n = len(found.p)
    whose, offset, held = np.full(n, -1), np.full(n, np.nan), np.zeros(n, np.bool_)
    taken: set[int] = set()
    for k in np.argsort(-found.p, kind="stable"):
        if not len(truth.id):
            break
        m = len(truth.id)
        azimuth, _, away = geod().inv(
            np.full(m, found.lon_deg[k]), np.full(m, found.lat_deg[k]), truth.lon_deg, truth.lat_deg
        )
        reach = max(NEAR_M, SIGMAS * float(np.sqrt(np.trace(found.covariance[k]))))
        free = [int(t) for t in np.argsort(away, kind="stable") if away[t] <= reach and int(t) not in taken]
        if not free:
            continue
        best = free[0]
        taken.add(best)
        whose[k], offset[k] = best, away[best]
        turn = np.radians(azimuth[best])
        step = away[best] * np.array([np.sin(turn), np.cos(turn)])
        held[k] = step @ np.linalg.solve(found.covariance[k], step) <= CHI2_2_90
    return SiteMatch(whose, offset, held)


def found_of(sites: Sequence[Any]) -> FoundSites:
    """Columns of `locate.Site`s; declared where their word is likely or stronger."""
    strong = {"likely", "very_likely", "almost_certain"}
    return FoundSites(
        np.array([site.lon_deg for site in sites], np.float64),
        np.array([site.lat_deg for site in sites], np.float64),
        np.array([site.facility for site in sites], np.float64),
        np.array([site.covariance_m2 for site in sites], np.float64).reshape(-1, 2, 2),
        np.array([str(site.word) in strong for site in sites], np.bool_),
    )
