"""All scans of a campaign, worked through in one order, and the sites that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from atalaya.locate.area import Area
from atalaya.locate.filter import Met, Places, ScanField, Undetected, drop_weak, step
from atalaya.locate.judgement import Judgement, in_force
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan, canonical
from atalaya.locate.settle import settle
from atalaya.locate.settle.links import links_of, stacked
from atalaya.locate.settle.positions import settle_positions, sortie_numbers
from atalaya.locate.site import Site
from atalaya.locate.site_list import listed
from atalaya.sensing.search_map import SearchMap

_RASTER_STEP_US = 43_200_000_000
"""Time is let pass over the undetected in steps of half a day."""


@dataclass(slots=True)
class Running:
    """Where the walk through the scans stands.

    t_us: of the latest scan. raster_us: up to when time has passed over the undetected.
    """

    places: Places
    undetected: Undetected
    met: list[Met] = field(default_factory=list)
    t_us: int = 0
    raster_us: int = 0


class SiteFilter:
    """The state of one area: scans go in, sites and the search map come out.

    Scans are used in canonical order (`scan.canonical`), each once. New scans that come after all known ones
    continue the walk; one that belongs before makes it start again, so that the answer is always that of all
    scans in canonical order, whatever the order and number of calls.

    Args:
        area: the ground. model: what is assumed of places.
    """

    def __init__(self, area: Area, model: SiteModel | None = None) -> None:
        self.area, self.model = area, model or SiteModel()
        self.scans: list[Scan] = []
        self.reviews: list[Judgement] = []
        self._field = ScanField(area)
        self.running = self._fresh()

    def add(self, scans: Iterable[Scan]) -> None:
        """Take scans in; those known already are left out."""
        merged = canonical([*self.scans, *scans])
        known = len(self.scans)
        if [scan.id for scan in merged[:known]] != [scan.id for scan in self.scans]:
            self.running, known = self._fresh(), 0
        self.scans = merged
        for number in range(known, len(merged)):
            self._take(number)

    def review(self, reviews: Iterable[Judgement]) -> None:
        """Take judgements of readers in; repeated ones count once."""
        self.reviews = in_force([*self.reviews, *reviews])

    def sites(self, least: float = 0.05, *, ledger: bool = True) -> tuple[Site, ...]:
        """Sites that exist with at least this probability, the most probable facilities first.

        The walk is not changed by it: more scans may follow.

        Args:
            ledger: False for no record of what each look changed; looks, sorties and confidence are of that
                record.
        """
        run = self.running
        given = (run.places, run.met, self.scans, self._field, self.model, self.reviews)
        settled = settle(*given, least=least, ledger=ledger)
        if settled is None:
            return ()
        return listed(settled, self.scans, self._field, self.model, least)

    def search_map(self, like: SearchMap) -> SearchMap:
        """Undetected facilities per cell of the map the area was made from; sites are not in it."""
        return self.running.undetected.search_map(like)

    def _fresh(self) -> Running:
        return Running(Places(), Undetected.before(self.area))

    def _take(self, number: int) -> None:
        run, scan = self.running, self.scans[number]
        if number and self.scans[number - 1].sortie != scan.sortie:
            self._end_sortie(number)
        if number == 0:
            run.t_us = run.raster_us = scan.t_us
        run.places.survive(self.model.survival(scan.t_us - run.t_us))
        run.t_us = max(run.t_us, scan.t_us)
        if run.t_us - run.raster_us >= _RASTER_STEP_US:
            run.undetected.survive(self.model.survival(run.t_us - run.raster_us), self.model)
            run.raster_us = run.t_us
        run.met.append(step(run.places, run.undetected, self._field, scan, number, self.model))
        drop_weak(run.places, run.undetected, self.model)

    def _end_sortie(self, count: int) -> None:
        """Place all sites anew with the errors of the sorties so far, which the next one does not share."""
        places, scans = self.running.places, self.scans[:count]
        if len(places) == 0 or not any(scan.shared_m.any() for scan in scans):
            return
        places.keep(places.r > 0.0)
        links = links_of(self.running.met, places.serial)
        found = settle_positions(links, len(places), stacked(scans), sortie_numbers(scans), rounds=1)
        places.x, places.p = found.x_m, found.covariance_m2
        places.a, places.sharing = np.zeros_like(places.a), False
