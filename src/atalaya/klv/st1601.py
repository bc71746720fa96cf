"""ST 1601.2, Geo-Registration set: tag 98 of ST 0601 and of ST 1607 segments."""

from typing import Final

from atalaya.klv import mdarray
from atalaya.klv.item import Item, Kind
from atalaya.klv.table import Table


def _array(tag: int, name: str, title: str, nested: str) -> Item:
    return Item(tag, name, title, Kind.NESTED, nested=nested)


ITEMS: Final[tuple[Item, ...]] = (
    Item(1, "registration_version", "Document Version", Kind.UINT),
    Item(2, "algorithm_name", "Algorithm Name", Kind.TEXT),
    Item(3, "algorithm_version", "Algorithm Version", Kind.TEXT),
    _array(4, "tie_point_pixels", "Correspondence Points Row and Column", "codes"),
    _array(5, "tie_point_positions_deg", "Correspondence Points Latitude and Longitude", "reals"),
    Item(6, "second_image_name", "Second Image Name", Kind.TEXT),
    Item(7, "configuration_id", "Algorithm Configuration Identifier", Kind.BYTES, length=16),
    _array(8, "tie_point_elevations_m", "Correspondence Points Elevation", "reals"),
    _array(9, "pixel_uncertainty_codes", "Row and Column Standard Deviations and Correlations", "codes"),
    _array(10, "position_uncertainty_codes", "Position Standard Deviations and Correlations", "codes"),
)
"""Items 9 and 10 mix ranges row by row; their codes are handed on as they are."""

TABLE: Final = Table(
    "ST 1601", ITEMS, {"codes": mdarray.nested(mdarray.UINT), "reals": mdarray.nested(mdarray.FLOAT)}
)
