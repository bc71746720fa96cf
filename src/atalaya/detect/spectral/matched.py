"""Scores of every pixel against a background and a signature, in one pass over a cube.

With z the whitened pixel and s~ the whitened signature (both without the mean):

    RX = |z|^2      MF = s~.z / s~.s~      SMF = s~.z / |s~|      ACE = s~.z / (|s~| |z|)

ACE keeps its sign: spectra that are the opposite of the signature score -1. `spectral.ace` returns its
square, which ranks them with the true ones. SAM is the angle between spectrum and signature as they are.
Reed and Yu 1990; Kraut, Scharf and McWhorter 2001; Manolakis 2005.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.spectral.background import CHUNK, Background, background_of, pixels_of, usable

Floats = NDArray[np.float64]
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Maps of (rows, columns) float32; NaN where a pixel has no data.

    rx: squared distance from the background
    mf, smf, ace: of the signature: abundance, standard deviations, signed cosine; None without one
    """

    rx: Map
    mf: Map | None = None
    smf: Map | None = None
    ace: Map | None = None


def scores(
    cube: NDArray[np.generic], signature: Floats | None = None, *, valid: NDArray[np.bool_] | None = None,
    known: Background | None = None, every: bool = False,
) -> Scores:  # fmt: skip
    """RX, and with a signature MF, SMF and signed ACE, of a whole scene.

    Args:
        cube: (rows, columns, bands) integers or floats as they are.
        signature: (bands,) in the units of the cube.
        valid: (rows, columns) False where there are no data.
        known: background to compare with; None for the cube's own.
        every: take statistics from every pixel, see `background_of`.

    Raises:
        BadInput: SPC-001, SPC-002 see `background_of`; SPC-003 a signature of other bands, SPC-004 one
            that is the mean of the scene.
    """
    cube = np.asarray(cube)
    flat, good = pixels_of(cube), usable(cube, valid)
    usual = known or background_of(cube, valid, every=every)
    target = None if signature is None else usual.direction(signature)
    norm, product = _products(flat, usual, target)
    shape = cube.shape[:2]
    if good is not None:
        norm[~good] = np.nan
    if target is None:
        return Scores(norm.reshape(shape))
    length = float(np.linalg.norm(target))
    if not length > 0.0:
        raise BadInput("SPC-004")
    smf = product / np.float32(length)
    with np.errstate(invalid="ignore", divide="ignore"):
        ace = np.where(norm > 0.0, smf / np.sqrt(norm), np.float32(0.0))
    if good is not None:
        smf[~good] = ace[~good] = np.nan
    mf = smf / np.float32(length)
    return Scores(norm.reshape(shape), mf.reshape(shape), smf.reshape(shape), ace.reshape(shape))


def _products(flat: NDArray[np.generic], usual: Background, target: Floats | None) -> tuple[Map, Map]:
    """(n,) |z|^2 and s~.z, chunk by chunk."""
    from scipy.linalg.blas import strmm

    from atalaya.detect.spectral import kernels

    count, bands = len(flat), len(usual.mean)
    scale, whitener = usual.single()
    along = None if target is None else np.asarray(target, np.float32)
    norm, product = np.empty(count, np.float32), np.empty(0 if along is None else count, np.float32)
    near = np.empty((min(CHUNK, count), bands), np.float32)
    all_kept = bool(usual.kept.all())
    for i in range(0, count, CHUNK):
        chunk = flat[i : i + CHUNK]
        here = near[: len(chunk)]
        kernels.centre(chunk if all_kept else chunk[:, usual.kept], usual.mean, scale, here)
        # the triangular product, in place: half the work of a full one
        white = strmm(1.0, whitener, here.T, side=0, lower=1, overwrite_b=1).T
        np.einsum("ij,ij->i", white, white, out=norm[i : i + CHUNK])
        if along is not None:
            with np.errstate(invalid="ignore", over="ignore"):  # pixels without data
                np.matmul(white, along, out=product[i : i + CHUNK])
    return norm, product


def angle(cube: NDArray[np.generic], signature: Floats) -> Map:
    """SAM: (rows, columns) angle in radians between spectra and a signature; NaN for spectra of zeros or NaN.

    Raises:
        BadInput: SPC-001 no such cube; SPC-003 a signature of other bands; SPC-004 one of zeros.
    """
    flat = pixels_of(np.asarray(cube))
    signature = np.asarray(signature, np.float64).ravel()
    if len(signature) != flat.shape[1]:
        raise BadInput("SPC-003", found=signature.size, bands=flat.shape[1])
    length = float(np.linalg.norm(signature))
    if not length > 0.0:
        raise BadInput("SPC-004")
    out = np.empty(len(flat), np.float32)
    for i in range(0, len(flat), CHUNK):
        chunk = flat[i : i + CHUNK].astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            cosine = chunk @ (signature / length) / np.linalg.norm(chunk, axis=1)
        out[i : i + CHUNK] = np.arccos(np.clip(cosine, -1.0, 1.0))
    return out.reshape(np.asarray(cube).shape[:2])
