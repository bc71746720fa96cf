"""All 518 vectors of transparency-dev/merkle (Go, testdata, Apache-2.0): proofs to accept and to refuse."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from atalaya.trust import (
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)
from tests.shared_data import shared
from tests.verifier import load

FOLDERS = {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204, "subtreeconsistency": 118}


def unbased(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def vectors(folder: str) -> list[tuple[Path, dict[str, Any], list[bytes]]]:
    found = []
    for path in sorted((shared("trust/merkle/testdata") / folder).rglob("*.json")):
        vector = json.loads(path.read_text())
        found.append((path, vector, [unbased(node) for node in vector["proof"] or []]))
    return found


def verdict(folder: str, v: dict[str, Any], proof: list[bytes]) -> bool:
    if folder == "inclusion":
        leaf, root = unbased(v["leafHash"]), unbased(v["root"])
        return verify_inclusion(v["leafIdx"], v["treeSize"], leaf, proof, root)
    if folder == "consistency":
        return verify_consistency(v["size1"], v["size2"], proof, unbased(v["root1"]), unbased(v["root2"]))
    if folder == "subtreeinclusion":
        leaf, root = unbased(v["leafHash"]), unbased(v["root"])
        return verify_subtree_inclusion(v["leafIdx"], v["start"], v["end"], leaf, proof, root)
    roots = unbased(v["root1"]), unbased(v["root2"])
    return verify_subtree_consistency(v["start"], v["end"], v["size"], proof, *roots)


@pytest.mark.proves("LOG-001")
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_vector_gets_the_wanted_verdict(folder: str) -> None:
    found = vectors(folder)
    assert len(found) == FOLDERS[folder]
    wrong = [path.name for path, v, proof in found if verdict(folder, v, proof) == v["wantErr"]]
    assert wrong == []


@pytest.mark.proves("LOG-014")
def test_the_separate_verifier_agrees_though_it_is_written_otherwise() -> None:
    verifier = load()
    for _, v, proof in vectors("inclusion"):
        leaf = unbased(v["leafHash"])
        try:
            root = verifier.included(v["leafIdx"], v["treeSize"], leaf, proof)
            good = len(leaf) == 32 and root == unbased(v["root"])
        except ValueError:
            good = False
        assert good != v["wantErr"], v["desc"]
    for _, v, proof in vectors("consistency"):
        roots = unbased(v["root1"]), unbased(v["root2"])
        try:
            good = verifier.continued(v["size1"], v["size2"], proof, roots[0]) == roots
        except ValueError:
            good = False
        assert good != v["wantErr"], v["desc"]
