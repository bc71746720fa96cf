"""The layers of a prior, read from any raster or vector file onto the grid of the map."""

import json
from pathlib import Path

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.request import PriorLayer
from atalaya.sensing.layers import AsIs, Decay, Layer, Range, Response, Within
from atalaya.sensing.map_grid import MapGrid
from atalaya.sensing.raster_file import raster_layer
from atalaya.sensing.vector_file import covered_layer, distance_layer, read_features

RASTERS = frozenset({".tif", ".tiff", ".vrt", ".hgt", ".dt0", ".dt1", ".dt2", ".asc", ".img", ".nc"})

NUMBERS = {
    "decay": ("scale",),
    "within": ("limit",),
    "range": ("least", "best", "most"),
    "value": (),
    "inside": (),
}
"""Each response and its numbers: decay falls to 37 % at a scale, within is 1 up to a limit, range is 1 at the
best value; value takes a raster as it is, inside is 1 in polygons. Lines and points give distances."""


def layer_of(stated: PriorLayer, grid: MapGrid) -> Layer:
    """One layer on the grid.

    Raises:
        BadInput: PLN-011, the response is unknown or its numbers are not those it takes; SNS-0xx the file.
    """
    wanted = NUMBERS.get(stated.response)
    if wanted is None or set(stated.values) != set(wanted):
        known = json.dumps(NUMBERS)
        raise BadInput("PLN-011", where=stated.name, response=stated.response, known=known)
    return Layer(stated.name, _values(stated, grid), _response(stated), stated.weight)


def _response(stated: PriorLayer) -> Response:
    values = stated.values
    if stated.response == "decay":
        return Decay(values["scale"])
    if stated.response == "within":
        return Within(values["limit"])
    if stated.response == "range":
        return Range(values["least"], values["best"], values["most"])
    return AsIs()


def _values(stated: PriorLayer, grid: MapGrid) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    if is_raster(stated.file):
        return raster_layer(stated.file, grid)
    features = read_features(stated.file, grid)
    return (
        covered_layer(features, grid)
        if stated.response in ("inside", "value")
        else distance_layer(features, grid)
    )


def is_raster(file: Path) -> bool:
    """Whether a file is read as a raster, by its name."""
    return file.suffix.lower() in RASTERS
