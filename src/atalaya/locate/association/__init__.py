"""Which tracklet is whose: marginal probabilities of associations of one scan.

Each site gives at most one tracklet, each tracklet comes from at most one site. Clusters whose smaller side
is small are solved exactly, all others by belief propagation (Williams & Lau, IEEE TAES 50(4), 2014).
"""

from atalaya.locate.association.marginals import EXACT_UP_TO, Marginals, marginals

__all__ = ["EXACT_UP_TO", "Marginals", "marginals"]
