"""The protocol all detectors follow, built in or brought along."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from atalaya.detect.candidates import Candidates
from atalaya.detect.card import ModelCard
from atalaya.detect.tile import Tile


@dataclass(frozen=True, slots=True)
class Context:
    """What is known before the first picture of a clip or strip.

    Args:
        kind: of the sensor. rows, columns: of its pictures. frame_rate_hz: 0 for stills and strips.
        gsd_m: at the middle of the first picture; NaN unknown.
        object_m: least and most size of what is searched for, metres.
        first: the first picture, where there is one.
    """

    kind: str
    rows: int
    columns: int
    frame_rate_hz: float = 0.0
    gsd_m: float = float("nan")
    object_m: tuple[float, float] = (1.0, 30.0)
    first: Tile | None = None


@runtime_checkable
class Detector(Protocol):
    """A detector; it holds nothing that changes.

    What must outlive a picture (statistics of a scene, a map of stuck pixels) is in the state that `prepare`
    makes for each clip, so that several clips may be worked on at once. Whatever `detect` raises costs that
    picture alone, which then counts as not examined.
    """

    @property
    def card(self) -> ModelCard:
        """What it says of itself."""
        ...

    def prepare(self, context: Context) -> Any:
        """A fresh state for one clip or strip; None where nothing is needed."""
        ...

    def detect(self, tile: Tile, state: Any) -> Candidates:
        """Claims about one picture; pictures of a clip come in order."""
        ...


def wants_colour(detector: Detector) -> bool:
    """Whether pictures of a camera are to be given in colour: its card names three bands."""
    bands = detector.card.extra.get("bands", ())
    return bool(detector.card.extra.get("colour")) or len(bands) == 3
