"""What of an area a flight did not see: polygons to fly again."""

from collections.abc import Iterable

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput
from atalaya.plan.coverage.region import checked_area


def gaps(
    area: BaseGeometry,
    covered: BaseGeometry | Iterable[BaseGeometry],
    *,
    smallest_m2: float = 0.0,
    narrowest_m: float = 0.0,
) -> MultiPolygon:
    """The parts of an area outside what was seen; `cover` takes them, with `within=area`.

    Args:
        area: polygon or polygons, metres.
        covered: what was seen: one geometry or many footprints.
        smallest_m2: smaller parts are dropped.
        narrowest_m: parts are dropped that no disc of this diameter fits into, and so are their thin tails.

    Raises:
        BadInput: COV-001, COV-002 (area), COV-003 (sizes).
    """
    checked = checked_area(area)
    for name, value in (("smallest_m2", smallest_m2), ("narrowest_m", narrowest_m)):
        if not value >= 0:
            raise BadInput("COV-003", name=name, value=value)
    seen = covered if isinstance(covered, BaseGeometry) else shapely.union_all(list(covered))
    left = shapely.difference(checked, seen if seen.is_valid else shapely.make_valid(seen))
    if narrowest_m > 0:
        opened = left.buffer(-narrowest_m / 2).buffer(narrowest_m / 2 * 1.01)
        left = shapely.intersection(left, opened)
    parts = [p for p in shapely.get_parts(left) if isinstance(p, Polygon) and p.area > smallest_m2]
    return MultiPolygon(parts)
