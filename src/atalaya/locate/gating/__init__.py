"""Which tracklets could be whose: pairs near enough, with the likelihood of their distance."""

from atalaya.locate.gating.pairs import Pairs, near_pairs

__all__ = ["Pairs", "near_pairs"]
