"""Volumes from files: GeoJSON (RFC 7946), KML, GeoPackage and what else GDAL reads.

Properties of a feature: `kind` ("keep_in", "keep_out"), `name`, `floor_m` and `ceiling_m` with `datum` (or
`floor_datum`, `ceiling_datum`: "msl", "hae", "agl"), or `floor_fl` and `ceiling_fl`; `valid_from` and
`valid_to` (ISO 8601 with Z or an offset); `buffer_m`, `vertical_buffer_m`; `edge` ("geodesic", "parallel"). A
height without a datum is refused, never guessed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from atalaya.base.clock import EPOCH
from atalaya.base.errors import BadInput, DatumError, NotFound
from atalaya.plan.airspace.volume import Limit, LimitDatum, Volume, VolumeKind

Row = tuple[Mapping[str, Any], shapely.Geometry | None]

MOST_BYTES = 200_000_000
MOST_FEATURES = 100_000
_KINDS = {
    "keep_in": VolumeKind.KEEP_IN,
    "keep_out": VolumeKind.KEEP_OUT,
    "inclusion": VolumeKind.KEEP_IN,
    "exclusion": VolumeKind.KEEP_OUT,
}


def read_volumes(path: Path | str, *, kind: VolumeKind | None = None) -> tuple[Volume, ...]:
    """All volumes of a file, one for each polygon of a feature.

    Args:
        kind: of features that do not say theirs; None to refuse them.

    Raises:
        NotFound: FLT-014 no such file.
        BadInput: FLT-015 not readable; FLT-010 no valid polygon; FLT-011 a property that cannot be; FLT-013
        too large.
        DatumError: FLT-012 a height without a datum.
    """
    file = Path(path)
    if not file.is_file():
        raise NotFound("FLT-014", where=str(path))
    if file.stat().st_size > MOST_BYTES:
        raise BadInput("FLT-013", where=str(path), detail=f"{file.stat().st_size} bytes")
    rows = _json_rows(file) if file.suffix.lower() in (".geojson", ".json") else _vector_rows(file)
    if len(rows) > MOST_FEATURES:
        raise BadInput("FLT-013", where=str(path), detail=f"{len(rows)} > {MOST_FEATURES}")
    found = [
        volume for at, row in enumerate(rows) for volume in _volumes(row, f"{file.name}, {at + 1}", kind)
    ]
    if not found:
        raise BadInput("FLT-015", where=str(path), detail="0")
    return tuple(found)


def volumes_of(feature: Mapping[str, Any], where: str) -> tuple[Volume, ...]:
    """The volumes of one GeoJSON feature; errors as `read_volumes`."""
    try:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        raise BadInput("FLT-015", where=where, detail=str(error)[:200]) from error
    return tuple(_volumes((feature.get("properties") or {}, shape), where, None))


def _json_rows(file: Path) -> list[Row]:
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"), parse_constant=_no_constant)
        features = data["features"] if data.get("type") == "FeatureCollection" else [data]
        rows: list[Row] = []
        for feature in features:
            shape, properties = feature["geometry"], feature.get("properties") or {}
            if not isinstance(properties, dict):
                raise TypeError("properties")
            rows.append((properties, None if shape is None else shapely.from_geojson(json.dumps(shape))))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        shapely.errors.GEOSException,
    ) as error:
        raise BadInput(
            "FLT-015", where=str(file), detail=f"{type(error).__name__}: {str(error)[:200]}"
        ) from error
    return rows


def _no_constant(text: str) -> float:
    raise ValueError(text)


def _vector_rows(file: Path) -> list[Row]:
    try:
        rows: list[Row] = []
        for layer, kind in pyogrio.list_layers(file):
            if kind is not None:
                rows += _layer_rows(file, str(layer))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, ProjError) as error:
        raise BadInput("FLT-015", where=str(file), detail=str(error)[:200]) from error
    return rows


def _layer_rows(file: Path, layer: str) -> list[Row]:
    meta, _, blobs, columns = pyogrio.raw.read(file, layer=layer)
    names = [str(name) for name in meta["fields"]]
    fields = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)] or [
        {} for _ in blobs
    ]
    shapes = shapely.from_wkb(blobs)
    crs = CRS.from_user_input(meta["crs"]) if meta["crs"] else None
    if crs is not None and crs.to_epsg() not in (4326, 4979):
        move = Transformer.from_crs(crs, 4326, always_xy=True)
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1])))
    return list(zip(fields, shapes, strict=True))


def _volumes(row: Row, where: str, kind: VolumeKind | None) -> Iterator[Volume]:
    properties, shape = row
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise BadInput("FLT-010", where=where, detail="-" if shape is None else shape.geom_type)
    known = {str(key).lower(): value for key, value in properties.items() if not _empty(value)}
    limits = _limit(known, "floor", where), _limit(known, "ceiling", where)
    for part in shapely.get_parts(shape):
        rings = tuple(shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors))
        try:
            volume = Volume(
                str(known.get("name", where)),
                _kind(known, where, kind),
                rings,
                *limits,
                valid=_valid(known, where),
                buffer_m=_number(known, "buffer_m", where) or 0.0,
                vertical_buffer_m=_number(known, "vertical_buffer_m", where) or 0.0,
                source=where,
            )
            yield replace(volume, edge="parallel") if _edge(known, where) == "parallel" else volume
        except BadInput as error:
            if error.code in ("FLT-010", "FLT-011", "FLT-013") and error.where != where:
                raise type(error)(error.code, where=f"{where}: {error.where}", **error.details) from error
            raise


def _empty(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and np.isnan(value))


def _number(known: Mapping[str, Any], field: str, where: str) -> float | None:
    if field not in known:
        return None
    try:
        value = float(known[field])
    except (TypeError, ValueError) as error:
        raise BadInput("FLT-011", where=where, field=field, value=str(known[field])[:80]) from error
    if not np.isfinite(value):
        raise BadInput("FLT-011", where=where, field=field, value=str(value))
    return value


def _kind(known: Mapping[str, Any], where: str, otherwise: VolumeKind | None) -> VolumeKind:
    named = _KINDS.get(str(known.get("kind", "")).lower().replace("-", "_"))
    if named is None and "kind" not in known:
        named = otherwise
    if named is None:
        raise BadInput("FLT-011", where=where, field="kind", value=str(known.get("kind", "-"))[:80])
    return named


def _edge(known: Mapping[str, Any], where: str) -> str:
    edge = str(known.get("edge", "geodesic")).lower()
    if edge not in ("geodesic", "parallel"):
        raise BadInput("FLT-011", where=where, field="edge", value=edge[:80])
    return edge


def _limit(known: Mapping[str, Any], which: str, where: str) -> Limit | None:
    level, height = _number(known, f"{which}_fl", where), _number(known, f"{which}_m", where)
    if level is not None:
        return Limit(level, LimitDatum.FL)
    if height is None:
        return None
    datum = str(known.get(f"{which}_datum", known.get("datum", "unknown"))).lower()
    if datum not in ("msl", "hae", "agl"):
        raise DatumError("FLT-012", where=where, datum=datum[:80])
    return Limit(height, LimitDatum(datum))


def _valid(known: Mapping[str, Any], where: str) -> tuple[tuple[int | None, int | None], ...]:
    start, end = (_time(known, field, where) for field in ("valid_from", "valid_to"))
    return () if start is None and end is None else ((start, end),)


def _time(known: Mapping[str, Any], field: str, where: str) -> int | None:
    if field not in known:
        return None
    try:
        moment = datetime.fromisoformat(str(known[field]))
        since = moment - EPOCH  # a time without zone cannot be subtracted: TypeError
    except (TypeError, ValueError) as error:
        raise BadInput("FLT-011", where=where, field=field, value=str(known[field])[:80]) from error
    return round(since.total_seconds() * 1e6)
