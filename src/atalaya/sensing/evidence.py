"""Types of evidence: the one vocabulary of signs of a facility, from simulation to dossier."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_FILE = "evidence.toml"


@dataclass(frozen=True, slots=True)
class EvidenceType:
    """One type of sign.

    Args:
        name: the word of tables and files; never translated.
        labels, means: by language: for people. shows: kinds of sensor that can show it.
    """

    name: str
    labels: Mapping[str, str]
    means: Mapping[str, str]
    shows: frozenset[str]


@cache
def evidence_types() -> Mapping[str, EvidenceType]:
    """All types by name."""
    table = tomllib.loads((files("atalaya.sensing") / _FILE).read_text(encoding="utf-8"))
    return {
        name: EvidenceType(
            name,
            {lang: entry[lang] for lang in ("en", "es")},
            {lang: entry[f"means_{lang}"] for lang in ("en", "es")},
            frozenset(entry["shows"]),
        )
        for name, entry in table.items()
    }
