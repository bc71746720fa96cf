"""Every code and phrase the program uses exists in every language, with the same placeholders."""

import re
from pathlib import Path
from string import Formatter

import pytest

from atalaya.base.catalogue import codes, text_of
from atalaya.base.errors import BadInput
from atalaya.base.language import LANGUAGES, phrases

SOURCE = Path(__file__).resolve().parents[2] / "src" / "atalaya"
PREFIXES = sorted({code[:3] for code in codes()})
CODE = re.compile(rf"\"((?:{'|'.join(PREFIXES)})-\d{{3}})\"")
SAY = re.compile(r"\bsay\(\s*\"([^\"]+)\"\s*[,)]")
SAY_FAMILY = re.compile(r"\bsay\(\s*f?\"([a-z_.]+)(?:\{|\" \+)")


def sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", sorted(codes()))
def test_a_code_says_the_same_in_every_language(code: str) -> None:
    texts = [text_of(code, lang) for lang in LANGUAGES]
    for part in ("what", "why", "remedy"):
        versions = [getattr(text, part) for text in texts]
        assert all(len(version) > 3 for version in versions), part
        assert len({frozenset(placeholders(version)) for version in versions}) == 1, part
    if not texts[0].what.startswith("{"):
        assert texts[0].what != texts[1].what, "not translated"


def test_every_code_raised_is_in_the_catalogue() -> None:
    assert set(CODE.findall(sources())) - set(codes()) == set()


def test_every_code_of_the_catalogue_is_used() -> None:
    computed = {code for code in codes() if code.startswith("KLV-10")}  # KLV-101 .. 108: from Reason's number
    assert set(codes()) - set(CODE.findall(sources())) - computed == set()


def test_phrases_are_the_same_in_every_language() -> None:
    english, *others = (phrases(lang) for lang in LANGUAGES)
    for other in others:
        assert english.keys() == other.keys()
        for key, text in english.items():
            assert placeholders(text) == placeholders(other[key]), key


def test_every_phrase_used_exists_and_every_phrase_is_used() -> None:
    text = sources()
    used = set(SAY.findall(text))
    families = tuple(SAY_FAMILY.findall(text))
    known = phrases("en").keys()
    assert used - known == set()
    unused = {key for key in known - used if not key.startswith(families) and f'"{key}"' not in text}
    assert unused == set()


def test_the_readers_language_decides_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    error = BadInput("STO-004", where="/x")
    monkeypatch.setenv("ATALAYA_LANG", "es")
    assert "carpeta" in str(error)
    monkeypatch.setenv("ATALAYA_LANG", "en")
    assert "folder" in str(error)
    monkeypatch.delenv("ATALAYA_LANG")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "es_MX.UTF-8")
    assert "carpeta" in str(error)
