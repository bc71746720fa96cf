"""Made worlds of sites: what stands where, how sorties err, and the scans that follow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.table import SHARED_TERMS
from atalaya.earth.ortho.grid import Grid
from atalaya.locate import HitRate, Scan, SiteModel, make_scan
from atalaya.locate.area import Area

Floats = NDArray[np.float64]
MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
CRS = "+proj=laea +lat_0=20 +lon_0=-100 +datum=WGS84 +units=m +no_defs +type=crs"


def flat_area(
    side_m: float, per_m2: tuple[float, float, float], *, cell_m: float = 100.0, split: int = 1
) -> Area:
    """A square whose south-west corner is (0, 0), with the same expectation everywhere."""
    n = round(side_m / cell_m)
    density = np.repeat(np.array(per_m2)[:, None], n * n, axis=1)
    return Area(Grid(CRS, 0.0, side_m, cell_m, n, n), density, np.zeros(n * n), split)


def plain_model(chance: float) -> SiteModel:
    """Every facility gives a tracklet with the same chance."""
    return SiteModel(
        usual=(HitRate(chance), HitRate(0.3), HitRate(0.01)), reference=chance, half_life_days=(np.inf,) * 3
    )


@dataclass(frozen=True)
class World:
    """Where things are, and the scans of them."""

    area: Area
    truth: Floats
    scans: list[Scan]


def plain_world(
    seed: int,
    sites: int,
    scans: int,
    clutter: float,
    chance: float,
    *,
    sd_m: float = 15.0,
    side_m: float = 10_000.0,
) -> World:
    """Sites all alike, seen by every scan, with false tracklets everywhere; no shared errors."""
    rng = np.random.default_rng(seed)
    area = flat_area(side_m, (sites / side_m**2, 0.0, 0.0))
    truth = rng.uniform(0.0, side_m, (sites, 2))
    cells, seen = np.arange(area.cells), np.full(area.cells, chance, np.float32)
    made = []
    for number in range(scans):
        hit = truth[rng.random(sites) < chance]
        false = rng.uniform(0.0, side_m, (rng.poisson(clutter), 2))
        z = np.concatenate((hit + rng.normal(0.0, sd_m, hit.shape), false))
        own = np.broadcast_to(np.eye(2) * sd_m**2, (len(z), 2, 2))
        made.append(_scan("a", number, "heat", cells, seen, clutter / side_m**2, z, own, None))
    return World(area, truth, made)


def _scan(
    sortie: str,
    number: int,
    evidence: str,
    cells: NDArray[np.int64],
    chance: NDArray[np.float32],
    clutter: float,
    z: Floats,
    own: Floats,
    shared: Floats | None,
) -> Scan:
    names = tuple(f"{sortie}.{number}.{evidence}.{k}" for k in range(len(z)))
    return make_scan(
        sortie=sortie,
        t_us=number * MINUTE_US,
        evidence=evidence,
        sensor="IR",
        cells=cells,
        chance=chance,
        clutter_per_m2=max(clutter, 1e-12),
        z_m=z,
        own_m2=own,
        shared_m=shared,
        tracklet=names,
    )


def angle_effect(azimuth_deg: float, sigma_deg: float, slant_m: float, depression_deg: float) -> Floats:
    """(2, 20) metres per unit of boresight azimuth and elevation errors, east and north."""
    azimuth, down = np.radians(azimuth_deg), np.radians(depression_deg)
    sigma = np.radians(sigma_deg)
    along, across = (
        np.array([np.sin(azimuth), np.cos(azimuth)]),
        np.array([np.cos(azimuth), -np.sin(azimuth)]),
    )
    effect = np.zeros((2, SHARED_TERMS))
    effect[:, 9] = across * slant_m * np.cos(down) * sigma
    effect[:, 10] = along * slant_m / np.sin(down) * sigma
    return effect


def biased_world(
    seed: int,
    *,
    sites: int,
    sorties: int,
    looks: int,
    azimuths_deg: tuple[float, ...],
    sd_m: float = 5.0,
    clutter: float = 5.0,
    chance: float = 0.8,
    sigma_deg: float = 0.2,
    side_m: float = 6_000.0,
) -> World:
    """Sorties that share two angles each, seen through azimuths in turn from 3 km up at 45 degrees."""
    rng = np.random.default_rng(seed)
    area = flat_area(side_m, (sites / side_m**2, 0.0, 0.0))
    truth = rng.uniform(200.0, side_m - 200.0, (sites, 2))
    cells, seen = np.arange(area.cells), np.full(area.cells, chance, np.float32)
    made = []
    for sortie in range(sorties):
        bias = rng.normal(size=SHARED_TERMS)
        for look in range(looks):
            effect = angle_effect(azimuths_deg[look % len(azimuths_deg)], sigma_deg, 3000.0 * 2**0.5, 45.0)
            hit = truth[rng.random(sites) < chance]
            z = hit + effect @ bias + rng.normal(0.0, sd_m, hit.shape)
            z = np.concatenate((z, rng.uniform(0.0, side_m, (rng.poisson(clutter), 2))))
            own = np.broadcast_to(np.eye(2) * sd_m**2, (len(z), 2, 2))
            shared = np.broadcast_to(effect, (len(z), 2, SHARED_TERMS))
            number = sortie * 1440 + look
            made.append(_scan(f"s{sortie}", number, "heat", cells, seen, clutter / side_m**2, z, own, shared))
    return World(area, truth, made)
