"""A country from its files; every layer may be missing or be a user's own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from atalaya.base.errors import BadInput, NotFound
from atalaya.sim.country.country import Country
from atalaya.sim.country.country_writer import COVER, DESCRIPTION, LAYERS_FILE, TERRAIN, VERSION
from atalaya.sim.country.layers import (
    HOUSES,
    PATCHES,
    ROADS,
    SETTLEMENTS,
    STREAMS,
    LayerKind,
    decal,
    ground_line,
    settlement,
    solid,
)
from atalaya.sim.country.read_layers import LayerFile
from atalaya.sim.country.read_rasters import Frame, read_cover, read_terrain

T = TypeVar("T")

_MOST_POSTS, _MOST_CELLS = 40_000_000, 400_000_000


def read_country(folder: Path | str) -> Country:
    """Read what `write_country` wrote, or what a user put in its place.

    terrain.tif must be there and state its vertical datum; in another grid or CRS it is resampled. Without
    cover.tif all ground is bare soil; without country.gpkg, or a layer of it, there is nothing of the kind.
    Features of other CRS are projected, those outside the country left out, lines and areas cut at its edge.

    Raises:
        NotFound: CTY-007, no country.json or no terrain.tif.
        BadInput: CTY-006 and CTY-008 to CTY-015, a file, layer, column or value that does not serve.
        DatumError: EAR-010 to EAR-012, the vertical datum of the terrain is not stated, or not known.
    """
    root = Path(folder)
    for name in (DESCRIPTION, TERRAIN):
        if not (root / name).is_file():
            raise NotFound("CTY-007", where=str(root), detail=name)
    told = _description(root / DESCRIPTION)
    heights = read_terrain(root / TERRAIN, told.posts)
    cover = read_cover(root / COVER, told.cells)
    frame = told.posts
    country = Country(
        told.name,
        told.seed,
        frame.epsg,
        frame.west_m,
        frame.north_m,
        frame.cell_m,
        heights,
        cover,
        told.cells.cell_m,
    )
    return _with_layers(country, root / LAYERS_FILE)


def _with_layers(country: Country, path: Path) -> Country:
    from dataclasses import replace

    if not path.exists():
        return country
    with_bounds = LayerFile(path, country.epsg, country.bounds_m)

    def read(kind: LayerKind, make: Callable[[Any, dict[str, Any]], T]) -> tuple[T, ...]:
        return tuple(make(shape, row) for shape, row in with_bounds.rows(kind))

    return replace(
        country,
        lines=(*read(STREAMS, ground_line), *read(ROADS, ground_line)),
        patches=read(PATCHES, decal),
        settlements=read(SETTLEMENTS, settlement),
        solids=read(HOUSES, solid),
    )


@dataclass(frozen=True)
class _Told:
    name: str
    seed: int
    posts: Frame
    cells: Frame


def _description(path: Path) -> _Told:
    where = str(path)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput("CTY-008", where=where, detail=str(error)[:120]) from error
    if not isinstance(told, dict) or told.get("version") != VERSION:
        raise BadInput("CTY-008", where=where, detail="version")
    name = told.get("name")
    if not isinstance(name, str):
        raise BadInput("CTY-008", where=where, detail="name")
    seed, epsg = _whole(told, "seed", where, 0, 2**63), _whole(told, "epsg", where, 1, 2**31)
    rows, columns = (
        _whole(told, "rows", where, 2, _MOST_POSTS),
        _whole(told, "columns", where, 2, _MOST_POSTS),
    )
    west, north = _number(told, "west_m", where, -2e7, 2e7), _number(told, "north_m", where, -2e7, 2e7)
    post, cell = _number(told, "post_m", where, 0.1, 1e4), _number(told, "cover_m", where, 0.1, 1e4)
    high, wide = (max(1, int(np.ceil((size - 1) * post / cell - 1e-9))) for size in (rows, columns))
    if rows * columns > _MOST_POSTS or high * wide > _MOST_CELLS:
        raise BadInput("CTY-008", where=where, detail=f"{rows} x {columns}, {high} x {wide}")
    if not _metric(epsg):
        raise BadInput("CTY-008", where=where, detail=f"epsg {epsg}")
    return _Told(
        name,
        seed,
        Frame(epsg, west, north, post, (rows, columns)),
        Frame(epsg, west, north, cell, (high, wide)),
    )


def _metric(epsg: int) -> bool:
    try:
        crs = CRS.from_epsg(epsg)
    except CRSError:
        return False
    return crs.is_projected and all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info)


def _whole(told: dict[str, Any], key: str, where: str, least: int, below: int) -> int:
    value = told.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < below:
        raise BadInput("CTY-008", where=where, detail=f"{key} = {str(value)[:40]}")
    return value


def _number(told: dict[str, Any], key: str, where: str, least: float, most: float) -> float:
    value = told.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise BadInput("CTY-008", where=where, detail=f"{key} = {str(value)[:40]}")
    return float(value)
