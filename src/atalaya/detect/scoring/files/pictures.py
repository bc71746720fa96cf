"""Histograms of pictures for the drift alarm: one picture is one block of ground, one band one feature."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.language import printable
from atalaya.detect.scoring.drift import Reference, even_edges, histogram, reference
from atalaya.detect.scoring.files.columns import raw_bytes
from atalaya.detect.scoring.files.maps import raster_bands
from atalaya.detect.scoring.inputs import Floats

BINS = 32
MOST_BANDS = 512
_SAMPLE = 4096


def learn(pictures: Sequence[Path], rng: np.random.Generator) -> Reference:
    """The reference of pictures a model was made on.

    Raises:
        NotFound: SCO-030. BadInput: SCO-013, fewer than 8; SCO-031, SCO-034; SCO-042, bands differ.
    """
    if len(pictures) < 8:
        raise BadInput("SCO-013", count=len(pictures))
    first = _bands(pictures[0])
    samples: list[list[NDArray[Any]]] = [[] for _ in first]
    for path in pictures:
        for kept, band in zip(samples, _same(_bands(path), len(first), path), strict=True):
            flat = band[np.isfinite(band)]
            kept.append(flat[:: max(1, len(flat) // _SAMPLE)])
    edges = np.stack([_edges(np.concatenate(kept).astype(np.float64)) for kept in samples])
    names = tuple(f"band {number}" for number in range(1, len(first) + 1))
    return reference(_counts(pictures, edges), edges, names, rng)


def counts_of(pictures: Sequence[Path], known: Reference) -> NDArray[np.int64]:
    """(pictures, bands, bins) histograms in the bins of a reference.

    Raises:
        NotFound: SCO-030. BadInput: SCO-031, SCO-034; SCO-042, there are not as many bands.
    """
    return _counts(pictures, known.edges)


def read_reference(path: Path) -> Reference:
    """A reference written as JSON, or a model card that keeps one.

    Raises:
        NotFound: SCO-030. BadInput: SCO-031, SCO-034; SCO-012, SCO-001, SCO-002, it does not hold together.
    """
    from atalaya.detect.scoring.conditions import DRIFT_KEY

    try:
        shown = json.loads(raw_bytes(path))
    except (ValueError, RecursionError) as error:
        raise BadInput("SCO-031", where=path.name, form="JSON", detail=printable(str(error)[:80])) from error
    if not isinstance(shown, dict):
        raise BadInput("SCO-031", where=path.name, form="JSON", detail="{names, edges, share, ...}")
    properties = shown.get("properties")
    inner = properties if isinstance(properties, dict) else shown
    return Reference.from_json(inner.get(DRIFT_KEY, shown))


def _counts(pictures: Sequence[Path], edges: Floats) -> NDArray[np.int64]:
    found = np.empty((len(pictures), len(edges), edges.shape[1] - 1), np.int64)
    for row, path in enumerate(pictures):
        bands = _same(_bands(path), len(edges), path)
        found[row] = [histogram(band, edge) for band, edge in zip(bands, edges, strict=True)]
    return found


def _bands(path: Path) -> NDArray[Any]:
    if not path.is_file():
        raise NotFound("SCO-030", where=str(path), detail="")
    try:
        return raster_bands(path, MOST_BANDS)
    except (OSError, ValueError, RuntimeError) as error:  # rasterio's own errors are among these
        raise BadInput(
            "SCO-031", where=path.name, form="picture", detail=printable(str(error)[:80])
        ) from error


def _same(bands: NDArray[Any], wanted: int, path: Path) -> NDArray[Any]:
    if len(bands) != wanted:
        raise BadInput("SCO-042", where=path.name, found=len(bands), wanted=wanted)
    return bands


def _edges(values: Floats) -> Floats:
    """Bins of equal share, or of equal width where values repeat too often for that."""
    edges = even_edges(values, BINS)
    if len(edges) == BINS + 1:
        return edges
    return np.linspace(edges[0], edges[-1], BINS + 1)
