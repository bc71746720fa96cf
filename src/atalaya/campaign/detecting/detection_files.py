"""Where detections of a recording lie in a workspace, and how they look on a map."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from atalaya.campaign.exploit import ID_LENGTH
from atalaya.campaign.vector_layers import numbers
from atalaya.earth.error import circular_error_m
from atalaya.store.vector import Layer

FOLDER = "detections"


@dataclass(frozen=True)
class DetectionFiles:
    """Paths of one recording's files; `result` is written last, so that what it stands beside is whole."""

    root: Path
    sha256: str

    def _path(self, suffix: str) -> Path:
        return self.root / FOLDER / f"{self.sha256[:ID_LENGTH]}{suffix}"

    @property
    def detections(self) -> Path:
        """The table of `detect.table`."""
        return self._path(".parquet")

    @property
    def coverage(self) -> Path:
        """The cells looked at, by detector."""
        return self._path(".coverage.parquet")

    @property
    def geopackage(self) -> Path:
        """The detections as points."""
        return self._path(".gpkg")

    @property
    def scores(self) -> Path:
        """Maps of scores of a cube."""
        return self._path(".scores.tif")

    @property
    def result(self) -> Path:
        """The `atalaya.detect/1` object."""
        return self._path(".json")


def known_results(root: Path) -> list[Path]:
    """Objects of all recordings that were worked on, in order of their names."""
    return sorted((root / FOLDER).glob("*.json"))


def detection_layer(table: pa.Table) -> Layer:
    """Detections that have a place, as points with their error."""
    lon, lat, height = (numbers(table, name) for name in ("lon_deg", "lat_deg", "height_hae_m"))
    rows = np.flatnonzero(np.isfinite(lon))
    some = table.take(pa.array(rows))
    fields: dict[str, NDArray[Any]] = {
        name: np.asarray(some[name].to_pylist(), object)
        for name in ("clip", "sensor", "detector", "evidence", "label")
    }
    for name in ("frame", "score", "column", "row", "gsd_m", "slant_m", "depression_deg", "azimuth_true_deg"):
        fields[name] = np.asarray(some[name])
    fields["t_us"] = np.asarray(some["t_us"])
    p = numbers(some, "p")
    fields["p"] = np.ma.masked_invalid(p)
    fields["ce90_m"] = _ce90(some)
    points = shapely.points(lon[rows], lat[rows], height[rows]) if len(rows) else np.empty(0, object)
    return Layer("detections", "Point Z", np.asarray(points, object), fields)


def _ce90(table: pa.Table) -> NDArray[np.float64]:
    ee, en, nn = (numbers(table, f"cov_{name}") for name in ("ee", "en", "nn"))
    if not len(ee):
        return np.empty(0)
    covariance = np.stack((np.stack((ee, en), axis=1), np.stack((en, nn), axis=1)), axis=1)
    return np.asarray(circular_error_m(covariance))
