"""Histograms of a net's input for the drift alarm, block by block of the data it was fitted on."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atalaya.detect import Tile
from atalaya.detect.cards import NetCard
from atalaya.detect.onnx_model.input_counts import input_counts, input_names
from atalaya.detect.onnx_model.scaling import prepared
from atalaya.detect.scoring.drift import Reference, even_edges, reference
from tools.training.annotations import Sample

BINS = 10


def histograms(net: NetCard, samples: Sequence[Sample]) -> dict[str, Any]:
    """What the card keeps, with flights as blocks."""
    flights = sorted({sample.flight for sample in samples})
    tiles = [[Tile(each.grey, "IR") for each in samples if each.flight == flight] for flight in flights]
    return histograms_of(net, tiles)


def histograms_of(net: NetCard, blocks: Sequence[Sequence[Tile]]) -> dict[str, Any]:
    """What the card keeps, from blocks of pictures."""
    values: list[NDArray[np.float32]] = [
        prepared(tile, net).array[::4, ::4].reshape(-1, len(net.input.bands))
        for block in blocks
        for tile in block
    ]
    together = np.concatenate(values)
    edges = np.stack([_edges(together[:, band]) for band in range(together.shape[1])])
    empty = Reference(input_names(net), edges, np.empty(0), np.empty(0, np.int64), np.empty(0))
    counts = [np.sum([input_counts(net, tile, empty) for tile in block], axis=0) for block in blocks]
    kept = reference(np.stack(counts), edges, input_names(net), np.random.default_rng(0)).as_json()
    return {key: _rounded(value) for key, value in kept.items()}


def _edges(values: NDArray[np.float32]) -> NDArray[np.float64]:
    edges = even_edges(values.astype(np.float64), BINS)
    if len(edges) == BINS + 1:
        return edges
    return np.linspace(edges[0], edges[-1], BINS + 1)


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
