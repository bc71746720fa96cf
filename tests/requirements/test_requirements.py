"""Every requirement of docs/requirements is proved by a test, and every proof names a requirement."""

import re
from collections import Counter
from pathlib import Path

from atalaya.base.catalogue import codes, text_of

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ([A-Z]{3}-\d{3}) \| \S", re.MULTILINE)
PROOF = re.compile(r"\.proves\(([^)]*)\)")
ID = re.compile(r"[A-Z]{3}-\d{3}")


def required() -> list[str]:
    pages = sorted((ROOT / "docs" / "requirements").glob("*.md"))
    return [found for page in pages for found in ROW.findall(page.read_text(encoding="utf-8"))]


def proved() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for proof in PROOF.findall(text) for name in ID.findall(proof)}


def test_no_id_stands_for_two_requirements() -> None:
    assert [name for name, count in Counter(required()).items() if count > 1] == []


def test_every_requirement_has_a_proof() -> None:
    assert set(required()) - proved() == set()


def test_every_proof_names_a_requirement() -> None:
    assert proved() - set(required()) == set()


def test_gates_cite_requirements_that_exist() -> None:
    gates = (ROOT / "src" / "atalaya" / "law" / "gate").glob("*.py")
    cited = {name for path in gates for name in ID.findall(path.read_text(encoding="utf-8"))}
    assert cited
    assert cited <= set(required())


def test_cited_requirements_can_be_explained_in_the_words_of_their_page() -> None:
    cited = {code for code in codes() if code.startswith("LAW-")}
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert {
        name for text in sources for name in re.findall(r"Ground\(\s*\"([A-Z]{3}-\d{3})\"", text)
    } == cited
    page = (ROOT / "docs" / "requirements" / "law.md").read_text(encoding="utf-8")
    for code in cited:
        assert f"| {code} | {text_of(code, 'en').what} |" in page
