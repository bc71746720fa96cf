"""Spectral detectors as `atalaya.detectors` knows them.

Statistics belong to a scene or to a line, never to a tile: `Anomaly` and `Material` take a whole scene as
their picture; `PushBroomAnomaly` takes blocks of lines in order and remembers in its state.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.detect.candidates import Candidates, no_candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context
from atalaya.detect.peaks import quantile_threshold, regions
from atalaya.detect.tile import Tile
from atalaya.sensing.evidence import evidence_types

_LOOKALIKES = "Farms, covered crops, lawful works and vehicles are as unlike their surroundings."
_NEVER = "No claim about persons. One sign alone names no site."

ANOMALY_SHARE = 2e-3
"""Share of a scene's pixels that candidates are cut from, the most unlike."""
MATERIAL_ACE = 0.3
"""Least signed cosine of a candidate, and"""
MATERIAL_SMF = 5.0
"""standard deviations of the background: both, for either alone is fooled (weak pixels, bright pixels)."""
_LINES_RX = 4.0
"""Tail rank of a line's pixel among those seen before it: one pixel in ten thousand."""


def _need_cube(tile: Tile) -> None:
    if tile.array.ndim != 3 or tile.array.shape[2] < 3:
        raise BadInput("SPC-014", need="bands")


@cache
def anomaly_card() -> ModelCard:
    """Card of `Anomaly`."""
    return ModelCard(
        name="anomaly",
        version="1",
        kinds=("HSI", "MSI"),
        units=("DN", "radiance", "reflectance"),
        classes=(CardClass("anomaly", "anomaly"),),
        training="Constants chosen on implants in MUUFL Gulfport cubes (MIT) and on made-up mixtures.",
        intended="Materials that nothing around them is made of, 1 to 100 pixels, in a whole scene.",
        forbidden=f"{_NEVER} {_LOOKALIKES}",
    ).sealed()


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What is unlike its scene; the picture is the whole scene."""

    card: ModelCard = field(default_factory=anomaly_card)

    def prepare(self, context: Context) -> None:
        """Nothing: every scene is judged by itself."""

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Regions of the most unlike pixels.

        Raises:
            BadInput: SPC-014 no bands; SPC-001, SPC-002 see `anomaly_score`.
        """
        from atalaya.detect.spectral.anomaly import anomaly_score

        _need_cube(tile)
        seen = tile.array.reshape(-1, tile.array.shape[2]) if tile.valid is None else tile.array[tile.valid]
        if len(seen) >= 3 and (seen == seen[0]).all():
            return no_candidates()  # a scene of one spectrum: nothing in it is unlike the rest
        score = anomaly_score(tile.array, tile.valid)
        return regions(score, quantile_threshold(score, ANOMALY_SHARE))


@cache
def push_broom_card() -> ModelCard:
    """Card of `PushBroomAnomaly`."""
    return ModelCard(
        name="anomaly-push-broom",
        version="1",
        kinds=("HSI",),
        units=("DN", "radiance", "reflectance"),
        classes=(CardClass("anomaly", "anomaly"),),
        training="None: statistics of the lines before.",
        intended="The same while the strip is flown, with memory for some twenty lines.",
        forbidden=f"{_NEVER} {_LOOKALIKES}",
    ).sealed()


@dataclass(slots=True)
class _Strip:
    """What a push-broom detector remembers: RX of lines, and how often each score was reached."""

    rx: Any = None
    counts: np.ndarray[tuple[int], np.dtype[np.int64]] = field(
        default_factory=lambda: np.zeros(4096, np.int64)
    )

    def ranks(self, score: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Tail ranks of a line's scores among all before it; then they are counted."""
        finite = np.isfinite(score)
        # 64 bins per factor e keep a rank to 2 % of the score
        bins = np.clip(np.log(np.maximum(score[finite], 1e-6)) * 64.0 + 1024.0, 0, 4095).astype(np.intp)
        above = np.cumsum(self.counts[::-1])[::-1]
        out = np.zeros(score.shape, np.float32)
        out[finite] = np.log10((above[0] + 1.0) / (above[bins] + 1.0))
        np.add.at(self.counts, bins, 1)
        return out


@dataclass(frozen=True, slots=True)
class PushBroomAnomaly:
    """What is unlike the lines before it; pictures are blocks of lines in order."""

    card: ModelCard = field(default_factory=push_broom_card)

    def prepare(self, context: Context) -> _Strip:
        """Nothing seen yet."""
        return _Strip()

    def detect(self, tile: Tile, state: _Strip) -> Candidates:
        """Regions of pixels that only one in ten thousand before them exceeded.

        Raises:
            BadInput: SPC-014 no bands; SPC-001 lines of another shape than those before.
        """
        from atalaya.detect.spectral.lines import PushBroomRx

        _need_cube(tile)
        lines, columns, bands = tile.array.shape
        if state.rx is None:
            state.rx = PushBroomRx(columns, bands)
        rank = np.zeros((lines, columns), np.float32)
        for n in range(lines):
            valid = None if tile.valid is None else tile.valid[n]
            rank[n] = state.ranks(state.rx.line(tile.array[n], valid).rx)
        return regions(rank, _LINES_RX)


@cache
def material_card(evidence: tuple[str, ...]) -> ModelCard:
    """Card of `Material` for signatures of given evidence types."""
    return ModelCard(
        name="material",
        version="1",
        kinds=("HSI",),
        units=("DN", "radiance", "reflectance"),
        classes=tuple(CardClass(kind, kind) for kind in evidence),
        training="None: signatures are the user's.",
        intended="Materials whose spectra the user has measured, in the unit of the cube.",
        forbidden=f"{_NEVER} A tarpaulin over hay is a tarpaulin.",
    ).sealed()


@dataclass(frozen=True, slots=True)
class Material:
    """Materials by their signatures: signed ACE and SMF together; the picture is the whole scene.

    Args:
        signatures: (evidence type, signature of `read_library`), several per type where objects of one kind
            differ in material; in the unit of the cubes.
    """

    signatures: tuple[tuple[str, Any], ...] = ()

    @property
    def card(self) -> ModelCard:
        """Its classes are the evidence types of its signatures."""
        return material_card(self._kinds)

    @property
    def _kinds(self) -> tuple[str, ...]:
        known = evidence_types()
        return tuple(sorted({kind for kind, _ in self.signatures if kind in known}))

    def prepare(self, context: Context) -> None:
        """Nothing: every scene is judged by itself."""

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Regions that look like a signature, per evidence type.

        Raises:
            BadInput: SPC-014 no bands, or no table of them; SPC-009 a signature ends before the sensor does.
        """
        from atalaya.detect.candidates import joined
        from atalaya.detect.spectral.background import background_of
        from atalaya.detect.spectral.library import resampled
        from atalaya.detect.spectral.matched import scores

        _need_cube(tile)
        if tile.bands is None:
            raise BadInput("SPC-014", need="wavelengths")
        if not self.signatures:
            return no_candidates()
        usual = background_of(tile.array, tile.valid)
        parts = []
        for number, kind in enumerate(self._kinds):
            best = np.full(tile.shape, -np.inf, np.float32)
            for _, signature in (pair for pair in self.signatures if pair[0] == kind):
                found = scores(tile.array, resampled(signature, tile.bands), valid=tile.valid, known=usual)
                if found.ace is not None and found.smf is not None:
                    alike = np.where(found.smf >= MATERIAL_SMF, found.ace, -np.inf)
                    best = np.fmax(best, alike.astype(np.float32))
            parts.append(regions(best, MATERIAL_ACE, label=number))
        return joined(parts)
