"""Viewsheds as files: a raster on the terrain's own posts, 0 hidden, 1 seen, 255 unknown."""

from pathlib import Path
from typing import Literal

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.transform import Affine

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.earth import converted_height_m
from atalaya.earth.terrain import Terrain
from atalaya.earth.viewshed import Sight, viewshed_from
from atalaya.store.workspace import written_whole

UNKNOWN = 255


def observer_height_m(
    terrain: Terrain,
    lon_deg: float,
    lat_deg: float,
    height_m: float,
    counted_from: Literal["ground", "msl", "hae"],
) -> float:
    """The observer's height above the ellipsoid, metres; NaN where there is no ground to count from."""
    place = (np.array([lon_deg]), np.array([lat_deg]))
    if counted_from == "ground":
        return float(terrain.height_hae_m(*place)[0]) + height_m
    return float(converted_height_m(np.array([height_m]), *place, have=counted_from, want="hae")[0])


def write_viewshed(
    terrain: Terrain,
    lon_deg: float,
    lat_deg: float,
    height_hae_m: float,
    target: Path,
    *,
    within_m: float | None = None,
    every: int = 1,
) -> float:
    """Write what is seen from one place as GeoTIFF; the share of the known cells that is seen.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    found = viewshed_from(terrain, lon_deg, lat_deg, height_hae_m, within_m=within_m, every=every)
    values = np.where(found.sight == Sight.UNKNOWN, UNKNOWN, found.sight).astype(np.uint8)
    if not values.size:
        raise BadInput("EXP-016", where=f"{lat_deg}, {lon_deg}")
    a, b, c, d, e, f = terrain.grid_map.post_affine
    first_row, first_column = int(found.rows[0]), int(found.columns[0])
    posts = Affine(
        b * every,
        c * every,
        a + b * first_column + c * first_row,
        e * every,
        f * every,
        d + e * first_column + f * first_row,
    )
    convert = terrain.grid_map.to_geodetic
    projected = convert.source_crs if convert is not None else None
    crs = "EPSG:4326" if projected is None else projected.to_wkt()
    profile = {
        "driver": "GTiff",
        "width": values.shape[1],
        "height": values.shape[0],
        "count": 1,
        "dtype": "uint8",
        "crs": crs,
        "transform": posts @ Affine.translation(-0.5, -0.5),
        "nodata": UNKNOWN,
        "compress": "deflate",
        "tiled": values.size > 1 << 20,
    }
    try:
        with written_whole(target) as partial, rasterio.open(partial, "w", **profile) as file:
            file.write(values, 1)
            file.update_tags(
                VALUES="0=hidden 1=seen 255=unknown",
                TERRAIN=terrain.source,
                OBSERVER_HAE_M=f"{height_hae_m:.2f}",
            )
    except RasterioError as error:
        raise AtalayaError("STO-005", where=str(target), detail=str(error)) from error
    return float(found.share_seen)
