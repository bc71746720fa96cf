"""All scans of a campaign, worked through in one order, and the sites that follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from atalaya.locate.area import Area
from atalaya.locate.filter import Met, Places, ScanField, Undetected, drop_weak, step
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan, canonical
from atalaya.sensing.search_map import SearchMap

_RASTER_STEP_US = 43_200_000_000
"""Time is let pass over the undetected in steps of half a day."""


@dataclass(slots=True)
class _Running:
    """Where the walk through the scans stands."""

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
        self._field = ScanField(area)
        self._run = self._fresh()

    def add(self, scans: Iterable[Scan]) -> None:
        """Take scans in; those known already are left out."""
        merged = canonical([*self.scans, *scans])
        known = len(self.scans)
        if [scan.id for scan in merged[:known]] != [scan.id for scan in self.scans]:
            self._run, known = self._fresh(), 0
        self.scans = merged
        for number in range(known, len(merged)):
            self._take(number)

    def search_map(self, like: SearchMap) -> SearchMap:
        """Undetected facilities per cell of the map the area was made from; sites are not in it."""
        return self._run.undetected.search_map(like)

    def _fresh(self) -> _Running:
        return _Running(Places(), Undetected.before(self.area))

    def _take(self, number: int) -> None:
        run, scan = self._run, self.scans[number]
        if number == 0:
            run.t_us = run.raster_us = scan.t_us
        run.places.survive(self.model.survival(scan.t_us - run.t_us))
        run.t_us = max(run.t_us, scan.t_us)
        if run.t_us - run.raster_us >= _RASTER_STEP_US:
            run.undetected.survive(self.model.survival(run.t_us - run.raster_us), self.model)
            run.raster_us = run.t_us
        run.met.append(step(run.places, run.undetected, self._field, scan, number, self.model))
        drop_weak(run.places, run.undetected, self.model)
