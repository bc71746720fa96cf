"""Search patterns: parallel track, creeping line, expanding square, sector, contour and route search.

In: sizes in metres, a bearing, a datum; for the contour search a raster of ground heights. Out: points in a
plane with the legs on which the sensor works, and their longitudes and latitudes. After the IAMSAR Manual.
"""

from atalaya.plan.patterns.contour import contour_search
from atalaya.plan.patterns.geodetic import on_the_ground
from atalaya.plan.patterns.parallel import creeping_line, parallel_track
from atalaya.plan.patterns.pattern import Pattern
from atalaya.plan.patterns.route import route_search
from atalaya.plan.patterns.sector import sector_search
from atalaya.plan.patterns.square import expanding_square

__all__ = [
    "Pattern",
    "contour_search",
    "creeping_line",
    "expanding_square",
    "on_the_ground",
    "parallel_track",
    "route_search",
    "sector_search",
]
