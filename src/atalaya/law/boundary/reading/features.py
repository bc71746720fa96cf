"""Features of a file as they stand in it: attributes, raw polygons, coordinate system."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.law.boundary.reading.json_file import from_json
from atalaya.law.boundary.reading.parquet_file import from_parquet
from atalaya.law.boundary.reading.vector_file import from_vector


@dataclass(frozen=True, eq=False)
class Feature:
    """One feature.

    Args:
        fields: its attributes.
        shape: its geometry, None where the file has none; not yet valid.
        closed: whether rings had to be closed to read it.
    """

    fields: Mapping[str, Any]
    shape: shapely.Geometry | None
    closed: bool = False


@dataclass(frozen=True, eq=False)
class Features:
    """All features of a file.

    Args:
        features: in the order of the file.
        crs: what the file says about its coordinates (anything pyproj understands); "" when it says nothing.
    """

    features: tuple[Feature, ...]
    crs: str


Reader = Callable[[Path], tuple[list[tuple[Mapping[str, Any], shapely.Geometry | None, bool]], str]]

READERS: dict[str, Reader] = {
    ".geojson": from_json,
    ".json": from_json,
    ".topojson": from_json,
    ".parquet": from_parquet,
    ".geoparquet": from_parquet,
    ".gpkg": from_vector,
    ".shp": from_vector,
    ".fgb": from_vector,
    ".kml": from_vector,
}


def read_features(path: Path) -> Features:
    """Everything a boundary file holds, unrepaired.

    Raises:
        NotFound: LAY-007, no such file.
        BadInput: LAY-008, a kind of file that is not read; LAY-009, it is not what it claims to be.
    """
    if not path.is_file():
        raise NotFound("LAY-007", where=str(path))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput("LAY-008", where=str(path), known=", ".join(sorted(READERS)))
    try:
        rows, crs = reader(path)
    except AtalayaError:
        raise
    except Exception as error:
        raise BadInput("LAY-009", where=str(path), detail=f"{type(error).__name__}: {error}") from error
    return Features(tuple(Feature(*row) for row in rows), crs)
