"""Which detectors are to look, and how often each."""

from collections.abc import Mapping, Sequence

from atalaya.campaign.detecting.examine import Task
from atalaya.detect.card import ModelCard
from atalaya.detect.detector import Detector

EVERY = {"hot-spot": 1}
"""Rules cheap enough for every frame; the rest looks as often as it is told."""


def tasks_named(names: Sequence[str], every: int) -> list[Task]:
    """Detectors to run: those named, or all that work on video.

    Args:
        names: of the registry, or folders of models. every: each how many frames the costly ones look.

    Raises:
        NotFound, BadInput: what the registry says of a name.
    """
    from atalaya.detect.registry import detector, detectors

    chosen: list[Detector] = [detector(name) for name in names] if names else list(detectors().values())
    return [Task(each, EVERY.get(each.card.name, every)) for each in chosen]


def known_detectors() -> Mapping[str, ModelCard]:
    """Cards of all detectors that are installed."""
    from atalaya.detect.registry import detectors

    return {name: each.card for name, each in detectors().items()}
