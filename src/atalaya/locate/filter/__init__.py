"""The filter of sites: existence, class and place of each from all scans, and what is still undetected.

Track-oriented marginal multi-Bernoulli/Poisson filter (Williams, IEEE TAES 51(3), 2015) for places that stay,
with a hit rate per site and kind of evidence (`locate.model`).
"""

from atalaya.locate.filter.field import ScanField
from atalaya.locate.filter.places import Places
from atalaya.locate.filter.step import Met, drop_weak, node_odds, step
from atalaya.locate.filter.undetected import Undetected

__all__ = ["Met", "Places", "ScanField", "Undetected", "drop_weak", "node_odds", "step"]
