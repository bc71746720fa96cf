"""Do inputs still look like those a model was made on? It is answered without any truth.

A card keeps histograms of bands and scores in fixed bins. New inputs are compared by the population stability
index (PSI = sum (a - e) ln(a / e), empty bins floored) and by the largest gap D of the cumulated shares
(Kolmogorov, Smirnov). P-values of D are always tiny, because neighbouring pixels are no independent draws;
so its limit is drawn from whole spatial blocks of the reference (block bootstrap, Künsch 1989), for several
sizes of what will be compared, over all features together.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.errors import BadInput
from atalaya.detect.scoring.inputs import Bools, Floats, numbers

STABLE, SHIFTED = 0.1, 0.25
"""Custom: a PSI below the first is stable, above the second shifted."""

FLOOR = 1e-4
LEVEL = 0.01
"""Chance of an alarm, over all features, while nothing changed."""

_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a card keeps.

    names: of the f features      edges: (f, b + 1) of bins; what lies beyond counts in the outer ones
    share: (f, b) of each bin      sizes: (k,) numbers of blocks      limit: (k, f) of D for so many blocks
    """

    names: tuple[str, ...]
    edges: Floats
    share: Floats
    sizes: NDArray[np.int64]
    limit: Floats

    def limit_for(self, blocks: int) -> Floats:
        """(f,) limit of D for a number of blocks, between the sizes kept; more blocks get no stricter one."""
        at = np.log(np.clip(blocks, self.sizes[0], self.sizes[-1]))
        return np.array([np.interp(at, np.log(self.sizes), column) for column in self.limit.T])

    def as_json(self) -> dict[str, Any]:
        """For the card."""
        columns = {"edges": self.edges, "share": self.share, "sizes": self.sizes, "limit": self.limit}
        return {"names": list(self.names), **{name: array.tolist() for name, array in columns.items()}}

    @classmethod
    def from_json(cls, shown: dict[str, Any]) -> "Reference":
        """Read back.

        Raises:
            BadInput: SCO-012, a part is missing or does not fit the others; SCO-001, SCO-002.
        """
        try:
            names = tuple(str(name) for name in shown["names"])
            edges, share = shown["edges"], numbers(shown["share"], "share", (len(names), None))
            sizes = numbers(shown["sizes"], "sizes").astype(np.int64)
            limit = numbers(shown["limit"], "limit", (len(sizes), len(names)))
        except (KeyError, TypeError) as error:
            raise BadInput("SCO-012", where=str(error)) from error
        bins = numbers(edges, "edges", (len(names), share.shape[1] + 1))
        rising = (np.diff(bins) > 0.0).all() and (np.diff(sizes) > 0).all()
        if not (rising and len(sizes) and sizes[0] > 0 and (share >= 0.0).all()):
            raise BadInput("SCO-012", where="edges, sizes, share")
        return cls(names, bins, share, sizes, limit)


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """New inputs beside the reference.

    psi, d, limit: (f,) per feature      blocks: compared
    """

    names: tuple[str, ...]
    psi: Floats
    d: Floats
    limit: Floats
    blocks: int

    @property
    def shifted(self) -> tuple[str, ...]:
        """Features beyond their limit, the farthest first."""
        beyond = self.d / np.maximum(self.limit, 1e-300)
        return tuple(self.names[row] for row in np.argsort(-beyond, kind="stable") if beyond[row] > 1.0)

    @property
    def fired(self) -> bool:
        """Whether the inputs have left what the card was made on."""
        return bool(self.shifted)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        rows = zip(self.names, self.psi.tolist(), self.d.tolist(), self.limit.tolist(), strict=True)
        features = [{"name": name, "psi": psi, "d": d, "limit": limit} for name, psi, d, limit in rows]
        return {"fired": self.fired, "blocks": self.blocks, "features": features}


def psi(expected: ArrayLike, actual: ArrayLike, floor: float = FLOOR) -> float:
    """Population stability index of two histograms in the same bins, shares or counts.

    (.1 .2 .4 .2 .1) against (.05 .15 .35 .25 .2): 0.1362.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-004, a histogram is empty.
    """
    before = _share(numbers(expected, "expected"))
    after = _share(numbers(actual, "actual", before.shape))
    low, high = np.maximum(before, floor), np.maximum(after, floor)
    return float(np.sum((high - low) * np.log(high / low)))


def histogram(values: ArrayLike, edges: Floats, valid: Bools | None = None) -> NDArray[np.int64]:
    """(b,) counts of one block's values; beyond the edges they count in the outer bins, NaN not at all."""
    flat = np.asarray(values)
    flat = (flat if valid is None else flat[valid]).ravel()
    if flat.dtype.kind == "f":
        flat = flat[~np.isnan(flat)]
    place = np.clip(np.searchsorted(edges, flat, side="right") - 1, 0, len(edges) - 2)
    return np.bincount(place, minlength=len(edges) - 1)


def even_edges(values: ArrayLike, bins: int = 32) -> Floats:
    """(b + 1,) edges between which reference values lie in about equal shares; fewer where values repeat.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-004, all values are one and the same.
    """
    known = numbers(np.ravel(np.asarray(values)), "values")
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, bins + 1))) if len(known) else known
    if len(edges) < 2:
        raise BadInput("SCO-004", where="values")
    return np.asarray(edges)


def reference(
    counts: ArrayLike,
    edges: ArrayLike,
    names: tuple[str, ...],
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    rounds: int = 2000,
) -> Reference:
    """What a card keeps, from spatial blocks of the data it was made on.

    Args:
        counts: (blocks, f, b) histograms, one per block and feature. A block is ground that shares its
            weather, soil and pass: a scene, a flight line, a few kilometres; never a pixel.
        edges: (f, b + 1).
        level: chance that D passes its limit for some feature while nothing changed.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-013, fewer than 8 blocks; SCO-004, a feature has no values.
    """
    known = numbers(counts, "counts", (None, len(names), None))
    bins = numbers(edges, "edges", (len(names), known.shape[2] + 1))
    if len(known) < 8:
        raise BadInput("SCO-013", count=len(known))
    sizes = np.array(_SIZES, np.int64)
    drawn = _drawn(known, len(known), rng, rounds)
    limit = np.stack([_limit(drawn, _drawn(known, int(size), rng, rounds), level) for size in sizes])
    return Reference(names, bins, _share(known.sum(axis=0)), sizes, limit)


def drift(known: Reference, counts: ArrayLike) -> Drift:
    """Compare new blocks with the reference.

    Args:
        counts: (blocks, f, b) histograms in the reference's bins.

    Raises:
        BadInput: SCO-001, SCO-002; SCO-004, there are no values.
    """
    new = numbers(counts, "counts", (None, *known.share.shape))
    if not len(new):
        raise BadInput("SCO-004", where="counts")
    share = _share(new.sum(axis=0))
    gap = _gap(known.share, share)
    index = np.array([psi(before, after) for before, after in zip(known.share, share, strict=True)])
    return Drift(known.names, index, gap, known.limit_for(len(new)), len(new))


def _limit(before: Floats, after: Floats, level: float) -> Floats:
    """(f,) limits of D between the reference drawn anew and blocks drawn from it, (rounds, f, b) each.

    Each feature is counted in its own mean D, so that all of them share one chance of a false alarm.
    """
    gaps = _gap(before, after)
    usual = np.maximum(gaps.mean(axis=0), 1e-12)
    return np.asarray(usual * np.quantile((gaps / usual).max(axis=1), 1.0 - level))


def _drawn(counts: Floats, many: int, rng: np.random.Generator, rounds: int) -> Floats:
    """(rounds, f, b) shares of `many` blocks drawn with replacement."""
    weight = rng.multinomial(many, np.full(len(counts), 1.0 / len(counts)), size=rounds).astype(np.float64)
    return _shares((weight @ counts.reshape(len(counts), -1)).reshape(rounds, *counts.shape[1:]))


def _gap(before: Floats, after: Floats) -> Floats:
    return np.asarray(np.abs(np.cumsum(after - before, axis=-1)).max(axis=-1))


def _share(counts: Floats) -> Floats:
    if (counts < 0.0).any() or not (counts.sum(axis=-1) > 0.0).all():
        raise BadInput("SCO-004", where="counts")
    return _shares(counts)


def _shares(counts: Floats) -> Floats:
    total = counts.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(counts, total, out=np.zeros_like(counts), where=total > 0.0))
