"""ST 1602, Composite Imaging set: tag 99 of ST 0601 and of ST 1607 segments."""

from typing import Final

from atalaya.klv.item import Item, Kind
from atalaya.klv.table import Table


def _uint(tag: int, name: str, title: str, length: int = 0) -> Item:
    return Item(
        tag, name, title, Kind.UINT, length=length, max_length=4, unit="px" if name.endswith("_px") else ""
    )


def _int(tag: int, name: str, title: str) -> Item:
    return Item(tag, name, title, Kind.INT, max_length=4, unit="px")


ITEMS: Final[tuple[Item, ...]] = (
    Item(1, "precision_time_stamp_us", "Precision Time Stamp", Kind.TIME, length=8, unit="us"),
    _uint(2, "composite_version", "Document Version"),
    _uint(3, "source_rows_px", "Source Image Rows"),
    _uint(4, "source_columns_px", "Source Image Columns"),
    _uint(5, "source_area_rows_px", "Source Image AOI Rows"),
    _uint(6, "source_area_columns_px", "Source Image AOI Columns"),
    _int(7, "source_area_x_px", "Source Image AOI Position X"),
    _int(8, "source_area_y_px", "Source Image AOI Position Y"),
    _uint(9, "sub_image_rows_px", "Sub-Image Rows"),
    _uint(10, "sub_image_columns_px", "Sub-Image Columns"),
    _int(11, "sub_image_x_px", "Sub-Image Position X"),
    _int(12, "sub_image_y_px", "Sub-Image Position Y"),
    _uint(13, "active_rows_px", "Active Sub-Image Rows"),
    _uint(14, "active_columns_px", "Active Sub-Image Columns"),
    _int(15, "active_x_px", "Active Sub-Image Offset X"),
    _int(16, "active_y_px", "Active Sub-Image Offset Y"),
    _uint(17, "transparency", "Transparency", 1),
    _uint(18, "z_order", "Z-Order", 1),
)

TABLE: Final = Table("ST 1602", ITEMS)
