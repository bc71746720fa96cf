"""Histograms of what a net sees, in the bins its card keeps: what the drift alarm compares."""

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.cards.network import NetCard
from atalaya.detect.onnx_model.scaling import prepared
from atalaya.detect.scoring.drift import Reference, histogram
from atalaya.detect.tile import Tile


def input_names(net: NetCard) -> tuple[str, ...]:
    """Names of the features: "input:" and the band."""
    return tuple(f"input:{band}" for band in net.input.bands)


def input_counts(net: NetCard, tile: Tile, known: Reference) -> NDArray[np.int64]:
    """(f, b) counts of one picture's values after scaling, for `scoring.drift.drift`.

    A picture is a block, or a part of one: counts of one flight or place are added up.

    Raises:
        BadInput: MDL-017, the picture is not what the card asks for.
    """
    array = prepared(tile, net).array
    return np.stack([histogram(array[:, :, band], known.edges[band]) for band in range(array.shape[2])])
