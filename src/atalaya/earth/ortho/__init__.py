"""Pictures laid on the ground: orthophotos of frames, mosaics of many.

In: frames (picture, lens, pose, time) and a surface. Out: cloud-optimised GeoTIFFs with what each cell holds,
how well it was seen and by which frame; heights above the WGS 84 ellipsoid, both datums in the metadata.

`write_orthophoto` and `write_mosaic` make files of any size in bounded memory; `orthophoto` gives a small one
in memory. A cell is SEEN, OCCLUDED by higher ground, OUTSIDE the frame or without terrain, never smeared.
"""

from atalaya.earth.ortho.composite import Feather
from atalaya.earth.ortho.frame import Frame
from atalaya.earth.ortho.grid import Grid, grid_of_frame, grid_of_frames, utm_crs
from atalaya.earth.ortho.mosaic import MosaicFiles, Preference, View, write_mosaic
from atalaya.earth.ortho.orthophoto import CellState, Orthophoto, orthophoto, orthophoto_blocks
from atalaya.earth.ortho.product import OrthophotoFiles, write_orthophoto
from atalaya.earth.ortho.quality import FirstOrderError, GroundError, Looks

__all__ = [
    "CellState",
    "Feather",
    "FirstOrderError",
    "Frame",
    "Grid",
    "GroundError",
    "Looks",
    "MosaicFiles",
    "Orthophoto",
    "OrthophotoFiles",
    "Preference",
    "View",
    "grid_of_frame",
    "grid_of_frames",
    "orthophoto",
    "orthophoto_blocks",
    "utm_crs",
    "write_mosaic",
    "write_orthophoto",
]
