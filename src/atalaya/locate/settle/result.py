"""From the walk through the scans to settled sites."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.bias import Solution
from atalaya.locate.filter import Met, Places, ScanField
from atalaya.locate.judgement import Judgement
from atalaya.locate.model import SiteModel
from atalaya.locate.scan import Scan
from atalaya.locate.settle.doubt import Doubt, doubts
from atalaya.locate.settle.evaluate import Record, evaluate
from atalaya.locate.settle.instructions import Rows, joined, judged, split_off
from atalaya.locate.settle.links import Links, links_of, stacked
from atalaya.locate.settle.positions import of_rows, settle_positions, sortie_numbers
from atalaya.locate.settle.reassociate import reassociate
from atalaya.locate.settle.spare import spared
from atalaya.locate.settle.twins import twins

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Settled:
    """Sites after all scans; rows are common to all parts.

    names: id of each site      places: existence, class, hit rates      found: where
    links: whose each tracklet is      doubt: whose answer hangs on that      record: what looks changed
    """

    names: tuple[str, ...]
    places: Places
    found: Solution
    links: Links
    doubt: Doubt
    record: Record
    reviews: Mapping[int, Sequence[tuple[int, Judgement]]]


def settle(
    walked: Places,
    met: Sequence[Met],
    scans: Sequence[Scan],
    where: ScanField,
    model: SiteModel,
    reviews: Sequence[Judgement],
    *,
    least: float,
    ledger: bool = True,
) -> Settled | None:
    """Place, join, associate and judge the sites the walk has found; None where there are none.

    Args:
        walked, met: what the walk left. least: existence from which what looks changed is recorded.
    """
    alive = np.flatnonzero(walked.r >= model.least_r)
    if len(alive) == 0:
        return None
    sortie, tracklets = sortie_numbers(scans), stacked(scans)
    links = links_of(met, walked.serial[alive])
    rows = Rows.of(walked.founder[alive], scans)
    rows, links = split_off(rows, links, reviews, scans)
    found = settle_positions(links, len(rows.names), tracklets, sortie)
    rows_before = len(rows.names)
    row = twins(found, links, joined(rows, reviews), rows.parted, model.one_place_m)
    rows, links = rows.merged_into(row), links.merged_into(row)
    found = settle_positions(links, len(rows.names), tracklets, sortie)
    orders = judged(rows, reviews, scans)
    first = evaluate(found, links, scans, where, model, orders)
    # existence as the walk weighed it: sites that share tracklets have settled there which of them it is
    first.r = _strongest(walked.r[alive], rows_before, row, len(rows.names))
    again = reassociate(found, first, links, scans, sortie, where, model, rows.barred)
    keep = np.bincount(again.site, minlength=len(rows.names)) > 0
    renumbered = np.cumsum(keep) - 1
    rows, first = rows.take(keep), first.some(np.flatnonzero(keep))
    before, links = links.take(keep[links.site]).merged_into(renumbered), again.merged_into(renumbered)
    found = settle_positions(links, len(rows.names), tracklets, sortie)
    orders = judged(rows, reviews, scans)
    final = evaluate(found, links, scans, where, model, orders)
    kept, links = spared(found, (first, before), (final, links), scans, sortie, where, model)
    if len(kept):
        found = settle_positions(links, len(rows.names), tracklets, sortie)
        some = of_rows(found, links, orders, kept)
        final.put(kept, evaluate(*some[:2], scans, where, model, some[2]))
    doubt = doubts(found, final, links, tracklets, scans, where, model, orders)
    record = Record()
    if ledger:
        _recorded(final.r >= least, found, links, scans, where, model, orders, record)
    return Settled(rows.names, final, found, links, doubt, record, orders)


def _strongest(r: Floats, before: int, row: Index, count: int) -> Floats:
    """(count,) existence of sites joined into rows: the strongest one's; even odds for those split off."""
    whole = np.full(before, _EVEN)
    whole[: len(r)] = r
    best = np.zeros(count)
    np.maximum.at(best, row, whole)
    return best


def _recorded(
    shown: NDArray[np.bool_],
    found: Solution,
    links: Links,
    scans: Sequence[Scan],
    where: ScanField,
    model: SiteModel,
    reviews: Mapping[int, Sequence[tuple[int, Judgement]]],
    record: Record,
) -> None:
    """Work the sites shown through once more and keep what each look changed."""
    chosen = np.flatnonzero(shown)
    some = of_rows(found, links, reviews, chosen)
    evaluate(*some[:2], scans, where, model, some[2], record)
    record.site[:] = [chosen[site] for site in record.site]
