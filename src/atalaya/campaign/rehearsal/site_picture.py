"""Each site from above, as a day camera sees it at noon: a PNG to look at, a GeoTIFF to lay on a map."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import NotFound
from atalaya.campaign.rehearsal.world import World
from atalaya.earth.attitude import camera_to_ned
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import geodetic_to_ecef, ned_basis
from atalaya.earth.lens import Pinhole
from atalaya.store.workspace import written_whole

PIXELS = 768
ABOVE_M = 6_000.0
"""High enough that the picture is almost a map."""
_DAY_US, _HOUR_US = 86_400_000_000, 3_600_000_000
_LEAST_M = 60.0


def write_site_pictures(world: World, folder: Path, start_us: int, only: str = "") -> list[Path]:
    """Write `sites/<id>.png` and `.tif` for every site, or for one.

    Args:
        start_us: of the day; pictures are of its local noon.

    Raises:
        NotFound: RHS-010, there is no such site. AtalayaError: STO-005, nothing can be written there.
    """
    from atalaya.sim.camera import CameraLook, Renderer

    sites = [site for site in world.scene.sites if only in ("", site.id)]
    if only and not sites:
        names = ", ".join(site.id for site in world.scene.sites)
        raise NotFound("RHS-010", name=only[:60], names=names)
    renderer = Renderer(
        world.country, world.scene, world.weather, CameraLook("EO", noise=0.8), seed=world.country.seed
    )
    written = []
    for number, site in enumerate(sites):
        half = max(min(site.radius_m, 250.0) * 1.15, _LEAST_M)
        lon = float(world.country.lonlat(site.east_m, site.north_m)[0])
        noon = start_us - start_us % _DAY_US + round((12.0 - lon / 15.0) * _HOUR_US)
        picture = renderer.picture(*_from_above(world, site.east_m, site.north_m, half), noon, number)
        rgb = _rgb(picture.luma, picture.cb, picture.cr)
        path = folder / "sites" / f"{site.id}.png"
        _write_png(path, rgb)
        _write_tiff(path.with_suffix(".tif"), rgb, world, site.east_m, site.north_m, half)
        written.append(path)
    return written


def _from_above(world: World, east_m: float, north_m: float, half_m: float) -> tuple[Pinhole, Pose]:
    """A camera over a place, grid north up, that sees `half_m` metres to each side of it."""
    country = world.country
    lon, lat = (float(part) for part in country.lonlat(east_m, north_m))
    ground = float(country.terrain.height_hae_m(np.array([lon]), np.array([lat]))[0])
    up_lon, up_lat = (float(part) for part in country.lonlat(east_m, north_m + 100.0))
    place = geodetic_to_ecef(lon, lat, ground)
    ahead = ned_basis(lon, lat).T @ (geodetic_to_ecef(up_lon, up_lat, ground) - place)
    north_deg = float(np.degrees(np.arctan2(ahead[1], ahead[0])))
    turned = ned_basis(lon, lat) @ camera_to_ned(north_deg, 0.0, 0.0, 0.0, -90.0, 0.0)
    angle = 2.0 * float(np.degrees(np.arctan(half_m / ABOVE_M)))
    return Pinhole.from_fov(PIXELS, PIXELS, angle), Pose(geodetic_to_ecef(lon, lat, ground + ABOVE_M), turned)


def _rgb(luma: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3) of video planes (ITU-R BT.601)."""
    y = (luma.astype(np.float32) - 16.0) * (255.0 / 219.0)
    blue, red = (np.repeat(np.repeat(c.astype(np.float32) - 128.0, 2, 0), 2, 1) for c in (cb, cr))
    planes = (y + 1.596 * red, y - 0.392 * blue - 0.813 * red, y + 2.017 * blue)
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def _write_png(path: Path, rgb: NDArray[np.uint8]) -> None:
    from matplotlib.image import imsave

    with written_whole(path) as partial:
        imsave(partial, rgb, format="png")


def _write_tiff(
    path: Path, rgb: NDArray[np.uint8], world: World, east_m: float, north_m: float, half_m: float
) -> None:
    """On level ground through the site: relief shifts what lies higher or lower by little from so far up."""
    import rasterio
    from rasterio.transform import from_bounds

    bounds = (east_m - half_m, north_m - half_m, east_m + half_m, north_m + half_m)
    with (
        written_whole(path) as partial,
        rasterio.open(
            partial,
            "w",
            driver="GTiff",
            dtype="uint8",
            count=3,
            height=PIXELS,
            width=PIXELS,
            crs=f"EPSG:{world.country.epsg}",
            transform=from_bounds(*bounds, PIXELS, PIXELS),
            compress="deflate",
            photometric="RGB",
        ) as file,
    ):
        file.write(np.moveaxis(rgb, -1, 0))
