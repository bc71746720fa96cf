"""GeoParquet 1.x, and plain Parquet with a WKB column called geometry."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import shapely

Row = tuple[Mapping[str, Any], shapely.Geometry | None, bool]


def from_parquet(path: Path) -> tuple[list[Row], str]:
    """Features of a Parquet file, and its coordinate system ("" when it names none).

    Raises:
        ValueError, KeyError, TypeError, OSError: it has no geometries in WKB.
    """
    table = pyarrow.parquet.read_table(path)
    about = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    column = about.get("primary_column", "geometry")
    stated = about.get("columns", {}).get(column, {})
    if stated.get("encoding", "WKB") != "WKB":
        raise ValueError(f"geometries are {stated['encoding']}, not WKB")
    fields = table.drop_columns([column]).to_pylist()
    return list(wkb_rows(fields, table.column(column).to_pylist())), _crs(about, stated)


def wkb_rows(fields: Sequence[Mapping[str, Any]], blobs: list[bytes | None]) -> list[Row]:
    """Rows of WKB geometries; one with an open ring is closed, one that is no WKB has none."""
    binary = np.array([blob if blob is None else bytes(blob) for blob in blobs], dtype=object)
    strict = shapely.from_wkb(binary, on_invalid="ignore")
    fixed = shapely.from_wkb(binary, on_invalid="fix")
    rows: list[Row] = []
    for known, first, second in zip(fields, strict, fixed, strict=True):
        rows.append((known, second if first is None else first, first is None and second is not None))
    return rows


def _crs(about: Mapping[str, Any], stated: Mapping[str, Any]) -> str:
    if "crs" in stated:
        return json.dumps(stated["crs"]) if stated["crs"] else ""
    return "OGC:CRS84" if about else ""
