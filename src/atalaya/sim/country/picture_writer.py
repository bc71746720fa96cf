"""The picture of a country as files: PNG to look at, GeoTIFF to lay over other maps."""

from pathlib import Path

from atalaya.base.errors import AtalayaError
from atalaya.base.whole_file import whole_file
from atalaya.sim.country.country import Country
from atalaya.sim.country.picture import country_picture


def write_picture(
    country: Country,
    png: Path | str,
    *,
    geotiff: Path | str | None = None,
    pixels: int = 1600,
    names: bool = True,
) -> None:
    """Write the picture; the same country gives the same bytes.

    Args:
        png: with names of towns and villages if `names`. geotiff: without names, in the country's projection.

    Raises:
        BadInput: CTY-001, fewer than 16 or more than 8192 pixels.
        AtalayaError: CTY-014, it cannot be written.
    """
    import rasterio
    from PIL import Image
    from rasterio.errors import RasterioError
    from rasterio.transform import from_origin

    named = country_picture(country, pixels=pixels, names=names)
    try:
        with whole_file(Path(png)) as path:
            Image.fromarray(named).save(path, format="PNG")
        if geotiff is None:
            return
        plain = country_picture(country, pixels=pixels) if names else named
        west, south, east, north = country.bounds_m
        high, wide = plain.shape[:2]
        with (
            whole_file(Path(geotiff)) as path,
            rasterio.open(
                path,
                "w",
                driver="GTiff",
                dtype="uint8",
                count=3,
                height=high,
                width=wide,
                crs=f"EPSG:{country.epsg}",
                transform=from_origin(west, north, (east - west) / wide, (north - south) / high),
                photometric="rgb",
                compress="deflate",
                tiled=True,
            ) as file,
        ):
            file.write(plain.transpose(2, 0, 1))
    except (OSError, RasterioError) as error:
        raise AtalayaError("CTY-014", where=str(png), detail=str(error)[:200]) from error
