"""Sites of a workspace: gathered looks through the filter, with what it all rests on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.campaign.locating.gathered import Known, coverage_of, known_of, shown, tracklets_of
from atalaya.campaign.locating.reviewed import judgements_of
from atalaya.campaign.locating.sign_rates import (
    ANY,
    ONE_PLACE_M,
    background_per_km2,
    cutpoints,
    extent_m,
    place_m,
    usual_model,
)
from atalaya.locate.area import Area, area_of
from atalaya.locate.looks import Coverage, scans_from
from atalaya.locate.scan import Scan
from atalaya.locate.site import Site
from atalaya.locate.site_filter import SiteFilter
from atalaya.locate.tracklets import Tracklets
from atalaya.locate.tracklets.places import together
from atalaya.sensing.search_map import SearchMap

CELL_M = 50.0
"""Edge of the cells that looks are counted on, at most."""

MOST_CELLS = 600_000
"""Fine cells of an area: with all kinds of evidence each takes a kilobyte. Wide areas have coarser ones."""

LEAST = 0.05
"""Existence below which a place is not looked at further."""

LISTED = 0.01
"""Probability of a facility below which a place is not listed: ordinary ground has hundreds of such."""


@dataclass(frozen=True)
class Located:
    """What came of it.

    Args:
        sites: most probable facilities first. tracklets: of all looks, one per place and kind of sign.
        coverage: what each look could see. known: recordings it rests on.
        before, after: the search map; sites are not in the map after.
        moving, astray: tracklets left out: they move; no look covers them, or they lie beyond the map.
        errors: recordings whose detections could not be read. sought: what of, as `sign_rates` names it.
    """

    sites: tuple[Site, ...]
    tracklets: Tracklets
    coverage: tuple[Coverage, ...]
    known: tuple[Known, ...]
    before: SearchMap
    after: SearchMap
    moving: int
    astray: int
    errors: tuple[AtalayaError, ...]
    sought: str = ANY


def locate_sites(root: Path, prior: SearchMap, sought: str = ANY) -> Located:
    """Work out the sites of a workspace; the same for any order in which its recordings came.

    Args:
        prior: facilities expected before the first look. sought: what of, as `sign_rates` names it.

    Raises:
        NotFound: SIT-001, nothing was looked at. BadInput: LOC-003, a map without expectation; SIT-011,
            nothing is known of what is sought; SIT-012,
            the map has too many cells; SIT-015, it shows none of the ground looked at.
    """
    known, errors = known_of(root)
    split = split_of(prior)
    area = area_of(prior, split=split, background_per_km2=background_per_km2())
    tracklets = together(tracklets_of(known))
    if not shown(known, area):
        raise BadInput("SIT-015", where=str(root))
    coverage = coverage_of(known, area)
    placed = scans_from(tracklets, coverage, area, cutpoints=cutpoints())
    found = filtered([with_extent(scan, sought) for scan in placed.scans], area, root, sought)
    return Located(
        placed_sites(found, LEAST, sought),
        tracklets,
        tuple(coverage),
        tuple(known),
        prior,
        found.search_map(prior),
        len(placed.moving),
        len(placed.astray),
        tuple(errors),
        sought,
    )


def split_of(prior: SearchMap) -> int:
    """Fine cells along the edge of a cell of a search map: 50 m ones, or as fine as there is room for.

    Raises:
        BadInput: SIT-012, even the cells of the map are too many.
    """
    rows, columns = prior.rate.shape
    room = int(np.sqrt(MOST_CELLS / (rows * columns)))
    if room < 1:
        km = (f"{side * prior.cell_m / 1000.0:.0f}" for side in (columns, rows))
        raise BadInput("SIT-012", where=" x ".join(km) + " km", cells=rows * columns, most=MOST_CELLS)
    return min(max(1, int(np.ceil(prior.cell_m / CELL_M))), room)


def filtered(scans: Sequence[Scan], area: Area, root: Path | None = None, sought: str = ANY) -> SiteFilter:
    """Scans through the filter, with the reviews a workspace holds."""
    found = SiteFilter(area, usual_model(sought))
    found.add(scans)
    if root is not None:
        found.review(judgements_of(root))
    return found


def placed_sites(found: SiteFilter, least: float, sought: str = ANY) -> tuple[Site, ...]:
    """Sites of a filter, with the doubt of where in what it shows a place has its middle."""
    doubt = place_m(sought) ** 2 * np.eye(2)
    kept = [site for site in apart(found.sites(least)) if site.facility >= LISTED]
    return tuple(replace(site, own_m2=site.own_m2 + doubt) for site in kept)


def apart(sites: Sequence[Site]) -> tuple[Site, ...]:
    """Sites of which none lies within `ONE_PLACE_M` of a more probable one: such are parts of that place.

    Args:
        sites: the most probable first.
    """
    if len(sites) < 2:
        return tuple(sites)
    tree = cKDTree(np.array([site.z_m for site in sites]))
    kept = np.ones(len(sites), np.bool_)
    for n, site in enumerate(sites):
        if kept[n]:
            near = [k for k in tree.query_ball_point(site.z_m, ONE_PLACE_M) if k > n]
            kept[near] = False
    return tuple(site for n, site in enumerate(sites) if kept[n])


def with_extent(scan: Scan, sought: str = ANY) -> Scan:
    """A scan whose tracklets are told as places of what they are signs of: a dump lies beside its camp."""
    spread = extent_m(scan.evidence, sought) ** 2 * np.eye(2)
    return replace(scan, own_m2=scan.own_m2 + spread, id="")
