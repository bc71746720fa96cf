"""Places of sites and errors of sorties, solved together.

z = x + J b + e: b are the errors a sortie shares, 20 unit normals, e is drawn anew for each tracklet. The
mean of many looks of one sortie is no better than the sortie's own error; looks from other courses are.
"""

from atalaya.locate.bias.blocks import SortieBlock, block_of
from atalaya.locate.bias.joint import Solution, solve

__all__ = ["Solution", "SortieBlock", "block_of", "solve"]
