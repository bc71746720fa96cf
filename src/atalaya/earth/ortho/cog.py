"""Cloud-optimised GeoTIFFs of any size, written block by block, whole or not at all."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError
from atalaya.earth.ortho.grid import Grid

VERTICAL_CRS = "EPSG:4979 (WGS 84 ellipsoidal height, metres)"
"""What heights in products are measured in."""

_TILE = 512


@dataclass(frozen=True)
class Band:
    """One band of a raster: its name and what its values are."""

    name: str
    unit: str = ""


@dataclass(frozen=True)
class RasterPlan:
    """One file to be.

    Args:
        path: where it will be.
        grid: its cells.
        dtype: "uint8", "uint32", "float32" or "float64".
        bands: in order.
        overviews: how coarser levels are made: "average" of values, "nearest" for codes.
        tags: of the whole file, beside the datums.
        masked: whether it has an internal mask of what is valid.
        nodata: value without meaning.
    """

    path: Path
    grid: Grid
    dtype: Literal["uint8", "uint32", "float32", "float64"]
    bands: Sequence[Band]
    overviews: Literal["average", "nearest"]
    tags: Mapping[str, str] = field(default_factory=dict)
    masked: bool = False
    nodata: float | None = None


class RasterFile:
    """A raster being written, to be had from `rasters_whole`."""

    def __init__(self, plan: RasterPlan, working: Path) -> None:
        self.plan = plan
        self._working = working
        self._file: Any = None

    def __enter__(self) -> Self:
        import rasterio
        from rasterio.transform import from_origin

        grid, plan = self.plan.grid, self.plan
        self._file = rasterio.open(
            self._working,
            "w",
            driver="GTiff",
            width=grid.width,
            height=grid.height,
            count=len(plan.bands),
            dtype=plan.dtype,
            crs=grid.crs,
            transform=from_origin(grid.west_m, grid.north_m, grid.cell_m, grid.cell_m),
            tiled=True,
            blockxsize=_TILE,
            blockysize=_TILE,
            compress="deflate",
            zlevel=1,
            interleave="pixel",
            bigtiff="if_safer",
            photometric="rgb" if _is_rgb(plan) else "minisblack",
            nodata=plan.nodata,
        )
        datums = {"HORIZONTAL_CRS": grid.crs, "VERTICAL_CRS": VERTICAL_CRS}
        self._file.update_tags(**datums, **plan.tags)
        for number, band in enumerate(plan.bands, 1):
            self._file.set_band_description(number, band.name)
            if band.unit:
                self._file.set_band_unit(number, band.unit)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(
        self, row: int, column: int, values: NDArray[Any], valid: NDArray[np.bool_] | None = None
    ) -> None:
        """A block: values (bands, rows, columns); valid (rows, columns) for files with a mask."""
        from rasterio.windows import Window

        window = Window(column, row, values.shape[2], values.shape[1])
        self._file.write(values, window=window)
        if valid is not None:
            self._file.write_mask(valid, window=window)

    def publish(self, target: Path) -> None:
        """Turn what was written into a COG with overviews."""
        from rasterio.shutil import copy

        predictor = "FLOATING_POINT" if self.plan.dtype.startswith("float") else "STANDARD"
        copy(
            self._working,
            target,
            driver="COG",
            blocksize=_TILE,
            compress="DEFLATE",
            predictor=predictor,
            overview_resampling=self.plan.overviews,
            bigtiff="IF_SAFER",
        )


def _is_rgb(plan: RasterPlan) -> bool:
    return plan.dtype == "uint8" and [band.name for band in plan.bands] == ["red", "green", "blue"]


@contextmanager
def rasters_whole(
    plans: Sequence[RasterPlan], texts: Mapping[Path, str] | None = None
) -> Iterator[list[RasterFile]]:
    """Several files that belong together: all appear when the block ends, none when it fails.

    Args:
        plans: rasters to be written by the caller.
        texts: small files that belong to them.

    What is written goes to a tiled file beside each target first (memory stays bounded), then to the COG.

    Raises:
        AtalayaError: EAR-085, a file cannot be written.
    """
    import rasterio
    from rasterio.errors import RasterioError

    made: list[tuple[Path, Path]] = []
    working: list[Path] = []
    where = str(plans[0].path) if plans else ""
    try:
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True, GDAL_NUM_THREADS="1"):
            files = []
            with ExitStack() as stack:
                for plan in plans:
                    plan.path.parent.mkdir(parents=True, exist_ok=True)
                    working.append(_beside(plan.path, "working"))
                    files.append(stack.enter_context(RasterFile(plan, working[-1])))
                yield files
            for file in files:
                made.append((_beside(file.plan.path, "partial"), file.plan.path))
                file.publish(made[-1][0])
            for path, text in (texts or {}).items():
                made.append((_beside(path, "partial"), path))
                made[-1][0].write_text(text, encoding="utf-8")
        for partial, target in made:
            partial.replace(target)
    except (OSError, RasterioError) as error:
        raise AtalayaError("EAR-085", where=where, detail=str(error)) from error
    finally:
        for path in (*working, *(partial for partial, _ in made)):
            path.unlink(missing_ok=True)


def _beside(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.stem}.{os.getpid()}.{kind}.tif")
