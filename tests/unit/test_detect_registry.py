"""The registry: what has no valid card is not loaded, what fails costs itself alone."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from atalaya.base.errors import NotFound
from atalaya.detect import registry
from atalaya.detect.candidates import Candidates, no_candidates
from atalaya.detect.card import CardClass, ModelCard
from atalaya.detect.detector import Context
from atalaya.detect.registry import Registry, card_faults, detector, detectors
from atalaya.detect.tile import Tile
from tests.nets import folder_with, properties, spots

WHOLE = ModelCard("quiet", "1", ("IR",), ("DN",), (CardClass("car", "vehicle"),), training="none",
                  intended="tests", forbidden="else", sha256="0" * 64)  # fmt: skip


class Quiet:
    """A detector that never claims anything."""

    card = WHOLE

    def prepare(self, context: Context) -> None: ...

    def detect(self, tile: Tile, state: object) -> Candidates:
        return no_candidates()


class Careless(Quiet):
    card = ModelCard("careless", "1", ("IR",), ("DN",), (CardClass("car", "cars"),))


def broken() -> Quiet:
    raise ImportError("no such library")


def nothing() -> object:
    return object()


def found_with(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> Registry:
    made = [EntryPoint(name, f"{__name__}:{value}", registry.GROUP) for name, value in points]
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.value.rpartition(":")[2]])
    monkeypatch.setattr(registry, "entry_points", lambda group: made)
    return detectors()


@pytest.mark.proves("MDL-001")
def test_a_detector_without_a_valid_card_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_with(monkeypatch, ("careless", "Careless"), ("object", "nothing"), ("quiet", "Quiet"))
    assert list(found) == ["quiet"]
    assert [(each.code, each.where) for each in found.findings] == [
        ("MDL-023", "careless"),
        ("MDL-023", "object"),
    ]
    assert "evidence cars" in found.findings[0].message


def test_one_that_fails_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_with(monkeypatch, ("broken", "broken"), ("missing", "nowhere"), ("quiet", "Quiet"))
    assert list(found) == ["quiet"]
    assert found["quiet"].card.name == "quiet"
    assert [each.code for each in found.findings] == ["MDL-022", "MDL-022"]
    assert "no such library" in found.findings[0].message
    with pytest.raises(NotFound, match="MDL-022"):
        detector("broken")


def test_two_of_one_name_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_with(monkeypatch, ("quiet", "Quiet"), ("quiet", "Careless"))
    assert len(found) == 1 or found.findings
    assert {each.code for each in found.findings} <= {"MDL-023", "MDL-024"}


def test_a_folder_is_a_detector_and_a_misspelt_name_is_helped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = properties({"car": "vehicle"}, {"kind": "centre", "stride": 4})
    assert detector(folder_with(tmp_path / "toy", spots(), card)).card.id == "toy/1"
    found_with(monkeypatch, ("quiet", "Quiet"))
    with pytest.raises(NotFound, match="quiet"):
        detector("quite")


def test_a_whole_card_has_no_faults() -> None:
    assert card_faults(WHOLE) == ""
