"""The program states geometry, terms and evidence; it never judges, in either language."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "atalaya"
JUDGING = re.compile(
    r"\b(violat\w*|breach\w*|illegal\w*|unlawful\w*|illicit\w*|trespass\w*|infring\w*|"
    r"violaci\w*|violad\w*|viol[aóe]\w*|ilegal\w*|il[ií]cit\w*|infracci\w*|quebrant\w*|allan\w*)\b",
    re.IGNORECASE,
)


def spoken() -> list[Path]:
    """Catalogues, phrases and templates of both languages."""
    texts = [*SOURCE.glob("base/text/*/*.json"), *SOURCE.glob("base/codes/*.toml")]
    return sorted([*texts, *SOURCE.rglob("templates/*")])


@pytest.mark.proves("LAW-040")
@pytest.mark.parametrize("path", spoken(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_judging_word_stands_in_what_the_program_says(path: Path) -> None:
    assert JUDGING.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.proves("LAW-040")
def test_the_judging_words_would_be_found() -> None:
    for word in (
        "violation",
        "breached",
        "illegal",
        "unlawfully",
        "trespass",
        "violación",
        "ilegal",
        "ilícito",
    ):
        assert JUDGING.search(f"this is a {word} of")


@pytest.mark.proves("LAW-040")
def test_classes_and_verdicts_of_the_ledger_are_words_of_evidence() -> None:
    names = [*(SOURCE / "law").rglob("*.py"), *(SOURCE / "campaign").glob("*.py")]
    for path in names:
        constants = re.findall(r'= "([^"\n]+)"', path.read_text(encoding="utf-8"))
        assert [text for text in constants if JUDGING.search(text)] == [], path.name
