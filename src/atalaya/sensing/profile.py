"""What platforms and terrain models err by until a flight says or shows otherwise."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from atalaya.base.errors import NotFound
from atalaya.earth.error import TERMS, ErrorBudget, Term

Kind = Literal["platform", "terrain"]

_FILE = "profiles.toml"


@dataclass(frozen=True)
class ErrorProfile:
    """Default errors of one kind of platform or terrain model.

    terms: sigma of each input it speaks of, provenance "assumed". labels: by language.
    models: patterns of maker and model, lower case, it holds for. sources: where the figures are from.
    """

    name: str
    labels: Mapping[str, str]
    models: tuple[str, ...]
    sources: tuple[str, ...]
    terms: Mapping[str, Term]

    def fits(self, model: str) -> bool:
        """Whether a maker and model, or a file's name, is one of those it speaks of."""
        return any(fnmatchcase(model.strip().lower(), pattern) for pattern in self.models)


def profiles(kind: Kind) -> tuple[ErrorProfile, ...]:
    """All profiles of platforms or of terrain models, "unknown" first."""
    return _read()[kind]


def profile(kind: Kind, name: str) -> ErrorProfile:
    """One profile.

    Raises:
        NotFound: EAR-066, there is none of that name.
    """
    for one in profiles(kind):
        if one.name == name:
            return one
    names = ", ".join(one.name for one in profiles(kind))
    raise NotFound("EAR-066", name=name, names=names)


def profile_for(kind: Kind, model: str) -> ErrorProfile:
    """The profile that fits a maker and model ("Skydio X2") or a terrain's source; "unknown" where none does.

    Of several that fit, the one with the longest pattern: it says most about the thing.
    """
    best, found = 0, profile(kind, "unknown")
    for one in profiles(kind):
        lengths = [len(p) for p in one.models if fnmatchcase(model.strip().lower(), p)]
        if lengths and max(lengths) > best:
            best, found = max(lengths), one
    return found


def default_budget(platform: ErrorProfile, terrain: ErrorProfile) -> ErrorBudget:
    """The budget of a platform over a terrain model, all of it "assumed"."""
    return ErrorBudget(**platform.terms, **terrain.terms, source=f"{platform.name}, {terrain.name}")  # type: ignore[arg-type]


@cache
def _read() -> dict[str, tuple[ErrorProfile, ...]]:
    table = tomllib.loads((files("atalaya.sensing") / _FILE).read_text(encoding="utf-8"))
    return {kind: tuple(_profile(entry) for entry in table[kind]) for kind in ("platform", "terrain")}


def _profile(entry: dict[str, Any]) -> ErrorProfile:
    strange = set(entry["budget"]) - set(TERMS)
    if strange:
        raise KeyError(f"{_FILE}, {entry['name']}: no such terms {sorted(strange)}")
    return ErrorProfile(
        entry["name"],
        {"en": entry["label_en"], "es": entry["label_es"]},
        tuple(entry["models"]),
        tuple(entry["sources"]),
        {name: Term(*pair) for name, pair in entry["budget"].items()},
    )
