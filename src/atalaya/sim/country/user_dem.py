"""Heights of a user's DEM at the posts of a country, above mean sea level (EGM96)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from atalaya.base.errors import BadInput
from atalaya.earth.geoid import undulation_m
from atalaya.earth.vertical import VerticalName

_ROWS = 256


def heights_from(
    path: Path | str,
    epsg: int,
    west_m: float,
    north_m: float,
    post_m: float,
    shape: tuple[int, int],
    datum: VerticalName | None,
) -> NDArray[np.float32]:
    """(rows, columns) metres above mean sea level, bilinear in the DEM.

    Raises:
        BadInput: CTY-006, no data somewhere in the country; EAR-013 to EAR-025, see `Terrain.open`.
        DatumError: EAR-010 to EAR-012. NotFound: EAR-015.
    """
    from atalaya.earth.terrain import Terrain

    back = Transformer.from_crs(epsg, 4326, always_xy=True)
    made = np.empty(shape, np.float32)
    east = west_m + np.arange(shape[1]) * post_m
    with Terrain.open(path, vertical_datum=datum) as ground:
        for start in range(0, shape[0], _ROWS):
            north = north_m - np.arange(start, min(start + _ROWS, shape[0])) * post_m
            lon, lat = (np.asarray(part) for part in back.transform(*np.meshgrid(east, north)))
            made[start : start + len(north)] = ground.height_hae_m(lon, lat) - undulation_m(lon, lat)
    missing = ~np.isfinite(made)
    if missing.any():
        share = f"{100.0 * missing.mean():.3g}"
        last = (west_m + (shape[1] - 1) * post_m, north_m - (shape[0] - 1) * post_m)
        lon, lat = back.transform((west_m, last[0]), (last[1], north_m))
        wanted = f"{lon[0]:.3f} ... {lon[1]:.3f}, {lat[0]:.3f} ... {lat[1]:.3f}"
        raise BadInput("CTY-006", where=f"{path} ({wanted})", share=share)
    return made
