"""Measure what looks of each detector are worth on the digital range: prints `sign_rates.toml`.

    python -m tools.measure_signs --seeds lab:6000-6020 mine:6100-6120 strip:6200-6220 --keep FOLDER

Hits, scores, false tracklets and extents come from seeds that neither trained the nets nor judge the sites. A
kind of evidence that several detectors claim is fitted by the one that finds it most often.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from atalaya.detect import Detector
from atalaya.detect.registry import detector
from atalaya.locate.model import CLASSES, HitRate
from atalaya.locate.rate_fit import fitted
from atalaya.locate.tracklets import Tracklets, fit_calibration, link
from atalaya.locate.tracklets.places import together
from bench.range_flown import DETECTORS, Flown, asked, seeds_of, trials
from bench.range_looks import BLOCK_M, Trial

Floats = NDArray[np.float64]

NEAR_M = 150.0
"""Tracklets within this distance of a site of the truth are of it, as sites this near are one."""
TOGETHER_M = 75.0
"""Others within this distance of one another are of one ordinary place, if there are two."""
UNKNOWN_M, LEAST_M = 45.0, 15.0
"""Extent of kinds nobody measured, so that a whole place holds them; and the least of any."""
REFERENCE = 0.7
GSD_M = (0.0, 0.9, 1.2, 1.6)
"""Chance falls from the second to the last: measured at the first two, then as the nets' cards end."""


_EXPLAINED = (
    '# [look."detector/version".evidence]: chance of a tracklet by ground sample distance for a facility',
    "# that shows the sign, false tracklets per square kilometre and look; least_score, per_score: from",
    "# scores to cutpoints. tracklets: probability that one is real. [place.sought.evidence]: chance that a",
    "# place of a class gives a tracklet in the reference look: mean, strength of the Beta; extent_m: one",
    "# sigma of the sign's distance from the middle of its place. sought: what is searched for; any: all",
    "# together. [place_m]: one sigma of the middle of what is shown about the middle of the place, by",
    "# tools.measure_places.",
)


@dataclass
class Shown:
    """By one detector of one kind of evidence.

    places: scores of each place (looks,), NaN for a look without a tracklet, by theme and class.
    stray: scores of tracklets of no place. looks_km2: ground looked at. offset2: squared metres per axis from
    the middle of the site, less the error stated, by theme.
    labelled: score, frames, hit share of tracklets, whether they are of a site (ordinary places left out).
    """

    places: dict[tuple[str, str], list[Floats]] = field(default_factory=lambda: defaultdict(list))
    stray: int = 0
    looks_km2: float = 0.0
    offset2: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    labelled: list[tuple[float, float, float, bool]] = field(default_factory=list)


@dataclass
class Counts:
    """Of all trials: by detector and kind of evidence; ordinary places and ground."""

    shown: dict[tuple[str, str], Shown] = field(default_factory=lambda: defaultdict(Shown))
    ordinary: int = 0
    area_km2: float = 0.0


def counted(work: Iterable[tuple[Trial, str, list[Flown]]], detectors: Sequence[Detector]) -> Counts:
    """Count all trials."""
    found = Counts()
    for one, theme, flown in work:
        claims = together(link(pa.concat_tables([each.claims for each in flown])))
        place = _place_of(one, claims)
        found.ordinary += max(int(place.max(initial=-1)) + 1 - len(one.scene.sites), 0)
        found.area_km2 += (BLOCK_M / 1000.0) ** 2
        for each in detectors:
            for kind in sorted({c.evidence for c in each.card.classes if c.evidence}):
                looks = [str(f"S{p.way.number}") for p in flown if p.way.kind in each.card.kinds]
                mine = (claims.detector == each.card.id) & (claims.evidence == kind)
                _count(found.shown[each.card.id, kind], one, theme, claims.take(np.flatnonzero(mine)),
                       place[mine], looks, int(place.max(initial=-1)) + 1)  # fmt: skip
    return found


def _count(
    into: Shown,
    one: Trial,
    theme: str,
    claims: Tracklets,
    place: NDArray[np.int64],
    looks: list[str],
    count: int,
) -> None:
    sites = one.scene.sites
    into.looks_km2 += len(looks) * (BLOCK_M / 1000.0) ** 2
    scores = np.full((max(count, len(sites)), len(looks)), np.nan)
    for n in np.flatnonzero(place >= 0):
        at = place[n], looks.index(str(claims.sortie[n]))
        scores[at] = np.fmax(scores[at], claims.score[n])
    for number, row in enumerate(scores):
        name = CLASSES[2] if number >= len(sites) else CLASSES[0 if sites[number].facility else 1]
        into.places[theme, name].append(row)
    stray, of_site = place == -1, (place >= 0) & (place < len(sites))
    into.stray += int(stray.sum())
    for n in np.flatnonzero(stray | of_site):
        into.labelled.append(
            (float(claims.score[n]), float(claims.frames[n]), float(claims.hit_share[n]), bool(of_site[n]))
        )
    for n in np.flatnonzero(of_site):
        site = sites[int(place[n])]
        east, north = one.country.metres(claims.lon_deg[n : n + 1], claims.lat_deg[n : n + 1])
        away2 = (float(east[0]) - site.east_m) ** 2 + (float(north[0]) - site.north_m) ** 2
        error2 = float(np.trace(claims.own_m2[n]) + (claims.shared_m[n] ** 2).sum())
        into.offset2[theme].append((away2 - error2) / 2.0)


def _place_of(one: Trial, claims: Tracklets) -> NDArray[np.int64]:
    """(n,) number of the place of each tracklet: sites first, then ordinary places; -1 none, -2 elsewhere."""
    east, north = (np.asarray(each) for each in one.country.metres(claims.lon_deg, claims.lat_deg))
    flat = np.stack((east, north), axis=1)
    sites = np.array([(site.east_m, site.north_m) for site in one.scene.sites])
    away, nearest = cKDTree(sites).query(flat)
    west, south, right, top = one.block_m
    inside = (east > west) & (east < right) & (north > south) & (north < top)
    place = np.where(away <= NEAR_M, nearest, np.where(inside, -1, -2)).astype(np.int64)
    loose = np.flatnonzero(place == -1)
    if len(loose):
        pairs = cKDTree(flat[loose]).query_pairs(TOGETHER_M, output_type="ndarray")
        n = len(loose)
        graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        group = connected_components(graph, directed=False)[1]
        several = np.flatnonzero(np.bincount(group) > 1)
        number = np.full(int(group.max()) + 1, -1)
        number[several] = len(sites) + np.arange(len(several))
        place[loose] = number[group]
    return place


def as_toml(found: Counts, command: str) -> str:
    """The file."""
    return "\n".join([*_head(command, found), *_looks(found), *_places(found)]) + "\n"


def _head(command: str, found: Counts) -> Iterator[str]:
    yield from ("# What looks are worth, measured on the digital range:", f"# {command}", *_EXPLAINED)
    yield ""
    yield "[reference]"
    yield f"chance = {REFERENCE}"
    yield f"extent_m = {UNKNOWN_M}"
    yield f"background_per_km2 = {found.ordinary / found.area_km2:.1f}"


def _looks(found: Counts) -> Iterator[str]:
    for (name, kind), each in sorted(found.shown.items()):
        hits = [row[0] for row in each.labelled]
        yield from ("", f'[look."{name}".{kind}]', f"gsd_m = {list(GSD_M)}")
        yield f"chance = [{REFERENCE}, {REFERENCE}, 0.5, 0.2]"
        yield f"clutter_per_km2 = {max(each.stray, 0.5) / max(each.looks_km2, 1e-9):.4f}"
        if hits:
            yield f"least_score = {min(hits):.4g}"
            yield f"per_score = {_fit(each)[0]:.4g}"
    for name in sorted({name for name, _ in found.shown}):
        rows = [row for (of, _), each in found.shown.items() if of == name for row in each.labelled]
        if len(rows) >= 30 and 0 < sum(row[3] for row in rows) < len(rows):
            score, frames, share, real = (np.array(column, float) for column in zip(*rows, strict=True))
            fit = fit_calibration(score, frames, share, real)
            yield from ("", f'[look."{name}".tracklets]', f"base_rate = {fit.base_rate:.4f}")
            yield from (f"intercept = {fit.intercept:.4f}", f"per_score = {fit.per_score:.4f}")


def _places(found: Counts) -> Iterator[str]:
    for kind in sorted({kind for _, kind in found.shown}):
        each = max((one for (_, of), one in found.shown.items() if of == kind), key=_worth)
        if not each.labelled:
            continue
        _, rates = _fit(each)
        for theme in sorted({theme for theme, _ in rates}):
            yield from ("", f"[place.{theme}.{kind}]")
            for name in CLASSES:
                rate = rates.get((theme, name)) or rates["any", name]
                yield f"{name} = [{rate.mean:.3f}, {rate.strength:.2f}]"
            own = each.offset2 if theme == "any" else {theme: each.offset2[theme]}
            away = [value for values in own.values() for value in values]
            extent = max(float(np.mean(away)), 0.0) ** 0.5 if away else UNKNOWN_M
            yield f"extent_m = {max(LEAST_M, extent):.1f}"


def _fit(each: Shown) -> tuple[float, dict[tuple[str, str], HitRate]]:
    least = min(row[0] for row in each.labelled)
    return fitted({key: np.array(rows) - least for key, rows in each.places.items()})


def _worth(each: Shown) -> float:
    rows = [row for (_, name), of in each.places.items() if name == CLASSES[0] for row in of]
    return float(np.mean([float(np.mean(~np.isnan(row))) for row in rows if len(row)] or [0.0]))


def main() -> None:
    """Measure and print."""
    told = asked(__doc__)
    detectors = [detector(name) for name in DETECTORS]
    found = counted(trials(seeds_of(told.seeds), detectors, told.keep), detectors)
    print(as_toml(found, f"python -m tools.measure_signs --seeds {' '.join(told.seeds)}"), end="")


if __name__ == "__main__":
    main()
