"""The joint solution: dense in the errors of sorties alone, sites by back substitution."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.detect.table import SHARED_TERMS
from atalaya.locate.bias.blocks import SortieBlock

Floats = NDArray[np.float64]
Index = NDArray[np.int64]

_CHUNK = 2048


@dataclass(frozen=True, slots=True)
class Solution:
    """Where sites are, and what sorties err by.

    x_m: (n, 2) metres      own_m2: (n, 2, 2) by errors of single tracklets
    shared_m2: (n, 2, 2) by errors of sorties      bias: (sorties, 20) unit normals
    bias_covariance: (sorties, 20, 20) of each sortie, the prior being the identity
    """

    x_m: Floats
    own_m2: Floats
    shared_m2: Floats
    bias: Floats
    bias_covariance: Floats

    @property
    def covariance_m2(self) -> Floats:
        """(n, 2, 2) of both parts."""
        return np.asarray(self.own_m2 + self.shared_m2)


def solve(blocks: Sequence[SortieBlock], site: Index, known: tuple[Floats, Floats] | None = None) -> Solution:
    """Solve sites and sorties together, by the Schur complement in the errors of sorties.

    (N_bb - sum N_bi N_ii^-1 N_ib) b = rhs_b - sum N_bi N_ii^-1 rhs_i; sites have a flat prior unless known.

    Args:
        blocks: one per sortie. site: (n,) numbers of the sites wanted, rising: all of the blocks', and
            known ones.
        known: (n, 2) places and (n, 2, 2) inverse covariances of landmarks, zeros for all others.
    """
    n, sorties = len(site), len(blocks)
    h, g = np.zeros((n, 2, 2)), np.zeros((n, 2))
    if known is not None:
        h += known[1]
        g += np.einsum("nij,nj->ni", known[1], known[0])
    rows = [_rows(block, site) for block in blocks]
    for block, (row, inside) in zip(blocks, rows, strict=True):
        h[row] += block.h[inside]
        g[row] += block.g[inside]
    own = np.asarray(np.linalg.inv(h), np.float64)
    size = sorties * SHARED_TERMS
    if not any(block.shares for block in blocks):
        none = np.zeros((sorties, SHARED_TERMS))
        identity = np.broadcast_to(np.eye(SHARED_TERMS), (sorties, SHARED_TERMS, SHARED_TERMS))
        return Solution(np.einsum("nij,nj->ni", own, g), own, np.zeros_like(own), none, identity)
    normal, rhs = _biases(blocks)
    for some, mixed in _chunks(blocks, rows, n):
        solved = np.einsum("nij,njk->nik", own[some], mixed)
        normal -= mixed.reshape(-1, size).T @ solved.reshape(-1, size)
        rhs -= np.einsum("nik,ni->k", solved, g[some])
    covariance = np.asarray(np.linalg.inv((normal + normal.T) / 2.0), np.float64)
    bias = covariance @ rhs
    x, shared = np.empty((n, 2)), np.empty((n, 2, 2))
    for some, mixed in _chunks(blocks, rows, n):
        solved = np.einsum("nij,njk->nik", own[some], mixed)
        x[some] = np.einsum("nij,nj->ni", own[some], g[some]) - solved @ bias
        turned = (solved.reshape(-1, size) @ covariance).reshape(solved.shape)
        shared[some] = np.einsum("nik,njk->nij", turned, solved)
    parts = covariance.reshape(sorties, SHARED_TERMS, sorties, SHARED_TERMS)
    diagonal = parts[np.arange(sorties), :, np.arange(sorties), :].copy()
    return Solution(x, own, shared, bias.reshape(sorties, SHARED_TERMS), diagonal)


def _rows(block: SortieBlock, site: Index) -> tuple[Index, NDArray[np.bool_]]:
    place = np.searchsorted(site, block.site)
    inside = (place < len(site)) & (site[np.minimum(place, len(site) - 1)] == block.site)
    return place[inside], inside


def _biases(blocks: Sequence[SortieBlock]) -> tuple[Floats, Floats]:
    """Normal equations of the biases before the sites are taken out."""
    size = len(blocks) * SHARED_TERMS
    normal, rhs = np.eye(size), np.zeros(size)
    for s, block in enumerate(blocks):
        part = slice(s * SHARED_TERMS, (s + 1) * SHARED_TERMS)
        normal[part, part] += block.b
        rhs[part] += block.rhs
    return normal, rhs


def _chunks(
    blocks: Sequence[SortieBlock], rows: Sequence[tuple[Index, NDArray[np.bool_]]], n: int
) -> Iterator[tuple[slice, Floats]]:
    """Mixed parts (k, 2, sorties x 20) of sites, some at a time."""
    for low in range(0, n, _CHUNK):
        high = min(low + _CHUNK, n)
        mixed = np.zeros((high - low, 2, len(blocks), SHARED_TERMS))
        for s, (block, (row, inside)) in enumerate(zip(blocks, rows, strict=True)):
            here = (row >= low) & (row < high)
            mixed[row[here] - low, :, s] = block.m[inside][here]
        yield slice(low, high), mixed.reshape(high - low, 2, -1)
