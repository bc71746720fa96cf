"""Maps of scores as one GeoTIFF with a band each: what a GIS shows beside the claims."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from atalaya.base.errors import AtalayaError
from atalaya.campaign.detecting.cubes.georeference import Georeference
from atalaya.store.workspace import written_whole


class ScoreRaster:
    """Written scene by scene."""

    def __init__(self, file: rasterio.io.DatasetWriter) -> None:
        self._file = file

    def write(self, band: int, first: int, scores: NDArray[np.float32]) -> None:
        """(lines, columns) of scores from a line on; bands count from 0."""
        lines, columns = scores.shape
        self._file.write(scores.astype(np.float32), band + 1, window=Window(0, first, columns, lines))


@contextmanager
def score_raster(
    target: Path, columns: int, lines: int, names: tuple[str, ...], where: Georeference | None
) -> Iterator[ScoreRaster]:
    """A raster of the strip's own pixels, NaN for no score; it is there when all of it was written.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    profile = {} if where is None else where.profile()
    with warnings.catch_warnings(), written_whole(target) as partial:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        rough = partial.with_name(f"{partial.name}.rough")
        try:
            with rasterio.open(
                rough, "w", driver="GTiff", width=columns, height=lines, count=len(names), dtype="float32",
                nodata=float("nan"), bigtiff="if_safer", interleave="band", **profile,
            ) as file:  # fmt: skip
                for number, name in enumerate(names):
                    file.set_band_description(number + 1, name)
                yield ScoreRaster(file)
            rasterio.shutil.copy(rough, partial, driver="COG", compress="deflate", bigtiff="if_safer")
        except RasterioError as error:
            raise AtalayaError("STO-005", where=str(target), detail=str(error)) from error
        finally:
            rough.unlink(missing_ok=True)
