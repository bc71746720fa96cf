"""All detectors by name: those of entry points, those in folders; each with a valid card or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from atalaya.base.errors import AtalayaError, NotFound
from atalaya.base.finding import Finding, Severity
from atalaya.detect.card import ModelCard
from atalaya.detect.detector import Detector
from atalaya.sensing.evidence import evidence_types

GROUP = "atalaya.detectors"
"""Entry points: callables without arguments that give a Detector."""


@dataclass(frozen=True, slots=True)
class Registry(Mapping[str, Detector]):
    """Detectors by name, and why others are not among them."""

    found: Mapping[str, Detector]
    findings: tuple[Finding, ...] = field(default=())

    def __getitem__(self, name: str) -> Detector:
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def detectors() -> Registry:
    """Every detector installed, in order of name; one that fails costs itself alone: see `findings`.

    Findings: MDL-022 it cannot be made, MDL-023 it has no valid card, MDL-024 two of one name.
    """
    found: dict[str, Detector] = {}
    findings: list[Finding] = []
    for point in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        made = _made(point)
        if isinstance(made, Finding):
            findings.append(made)
        elif point.name in found:
            findings.append(_problem("MDL-024", point.name, point.value))
        else:
            found[point.name] = made
    return Registry(found, tuple(findings))


def names() -> tuple[str, ...]:
    """Names of the detectors installed, without importing any."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def detector(name_or_path: str | Path) -> Detector:
    """One detector: by name, or a folder with `model.onnx` and `card.json`.

    Raises:
        NotFound: MDL-021, no such name or folder.
        AtalayaError: what is wrong with it.
    """
    for point in entry_points(group=GROUP):
        if point.name == str(name_or_path):
            made = _made(point)
            if isinstance(made, Finding):
                raise NotFound(made.code, where=made.where, **made.details)
            return made
    folder = Path(name_or_path)
    if folder.is_dir():
        from atalaya.detect.onnx_model import load_onnx

        return load_onnx(folder)
    nearest = get_close_matches(str(name_or_path), names(), 1, 0.0)
    raise NotFound("MDL-021", name=str(name_or_path), nearest=nearest[0] if nearest else "-")


def card_faults(card: object) -> str:
    """What is wrong with a card made in code, in a few words of the card's fields; "" for nothing."""
    if not isinstance(card, ModelCard):
        return "card"
    empty = [
        name
        for name in (
            "name",
            "version",
            "kinds",
            "units",
            "classes",
            "training",
            "intended",
            "forbidden",
            "sha256",
        )
        if not getattr(card, name)
    ]
    signs = {each.evidence for each in card.classes} - {""} - set(evidence_types())
    if len({each.name for each in card.classes}) != len(card.classes):
        empty.append("classes")
    return ", ".join(empty + [f"evidence {sign}" for sign in sorted(signs)])


def _made(point: EntryPoint) -> Detector | Finding:
    try:
        made = point.load()()
        fault = card_faults(getattr(made, "card", None))
    except AtalayaError as error:
        return _problem("MDL-022", point.name, f"{error.code} {error.text.what}")
    except Exception as error:  # noqa: BLE001 - another's package may raise anything; it costs itself alone
        return _problem("MDL-022", point.name, f"{type(error).__name__}: {error}"[:300])
    if fault or not isinstance(made, Detector):
        return _problem("MDL-023", point.name, fault or "Detector")
    return made


def _problem(code: str, name: str, reason: str) -> Finding:
    return Finding(code, Severity.ERROR, where=name, details={"name": name, "reason": reason})
