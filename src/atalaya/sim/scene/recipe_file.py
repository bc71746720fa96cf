"""Recipes of sites: those that come with the program, and a user's own in a TOML file of the same form."""

import math
import reprlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from atalaya.base.errors import BadInput, NotFound
from atalaya.sensing.evidence import evidence_types
from atalaya.sim.material import materials
from atalaya.sim.scene.dispersion import MOLAR_KG
from atalaya.sim.scene.recipe import RULES, Form, Part, Place, Recipe, Span
from atalaya.sim.scene.unpopulated import require_unpopulated

SOURCE_CLASSES = ("official", "press", "paper", "assumed")

LARGEST_FILE = 1_000_000
MOST_THINGS = 200
"""Of one part in one site."""

_FILE = "recipes.toml"
_FAR = (0.0, 1e9)
_PART_SPANS: dict[str, Span] = {
    "length_m": (0.1, 3000.0),
    "width_m": (0.1, 1000.0),
    "bottom_m": (0.0, 50.0),
    "height_m": (0.02, 100.0),
    "heat_k": (-50.0, 1500.0),
    "on_from_h": (0.0, 24.0),
    "on_for_h": (0.0, 24.0),
    "away_m": (0.0, 2000.0),
    "rate_kg_h": (0.0, 1e5),
}
_PLACE_SPANS: dict[str, Span] = {
    "slope_deg": (0.0, 45.0),
    **dict.fromkeys(("stream_m", "road_m", "settlement_m", "houses_m"), _FAR),
}
_CHOICES = {
    "form": get_args(Form),
    "where": ("any", "inside", "downslope", "upslope", "stream", "road"),
    "facing": ("any", "contour", "main", "slope", "flattest", "stream"),
    "outline": ("blob", "box"),
    "to": ("road", "stream"),
}
_FLAGS = ("rows", "under", "hidden")
_PART_KEYS = {one.name for one in fields(Part)}
_PLACE_KEYS = {one.name for one in fields(Place)}
_RECIPE_KEYS = {one.name for one in fields(Recipe)} - {"parts", "labels"} | {"part", "label_en", "label_es"}


@cache
def recipes() -> Mapping[str, Recipe]:
    """All recipes that come with the program, by name."""
    return _parsed((files("atalaya.sim.scene") / _FILE).read_bytes(), _FILE)


def themes(book: Mapping[str, Recipe] | None = None) -> tuple[str, ...]:
    """Themes for which there is a facility to be searched for."""
    known = recipes() if book is None else book
    return tuple(sorted({theme for one in known.values() if one.facility for theme in one.themes}))


def read_recipes(path: Path | str) -> Mapping[str, Recipe]:
    """Recipes of a user's own file: `[[recipe]]` tables as in the packaged one.

    A value without a source counts as "assumed".

    Raises:
        NotFound: SCN-009, there is no such file.
        BadInput: SCN-002, no TOML; SCN-004, a value is missing, unknown or out of range; SCN-005, a facility
            shows too little, or a look-alike nothing or all of it.
        NotAuthorised: SCN-003, it names persons, vehicles, animals or weapons.
    """
    where = str(path)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise NotFound("SCN-009", where=where, detail=error.strerror or str(error)) from error
    if len(raw) > LARGEST_FILE:
        raise BadInput("SCN-002", where=where, detail=f"{len(raw)} bytes")
    return _parsed(raw, where)


def require_look_alikes(book: Mapping[str, Recipe], *, where: str = "") -> None:
    """What makes a search honest: three kinds of signs per facility; look-alikes share one and never all.

    Raises:
        BadInput: SCN-005, a recipe that does not.
    """
    for facility in book.values():
        if not facility.facility:
            continue
        if len(facility.sure) < 3:
            raise BadInput(
                "SCN-005", where=where, name=facility.name, detail=", ".join(sorted(facility.sure))
            )
        for other in book.values():
            if other.facility or not set(other.themes) & set(facility.themes):
                continue
            if not other.sure & facility.sure or facility.sure <= other.shown:
                shared = ", ".join(sorted(other.shown & facility.shown)) or "-"
                raise BadInput("SCN-005", where=where, name=other.name, detail=f"{facility.name}: {shared}")


def _parsed(raw: bytes, where: str) -> dict[str, Recipe]:
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput("SCN-002", where=where, detail=str(error)[:200]) from error
    require_unpopulated(table, where=where)
    if set(table) != {"recipe"}:
        raise _bad(where, "[[recipe]]", ", ".join(map(str, table)))
    book: dict[str, Recipe] = {}
    for number, entry in enumerate(_tables(table, "recipe", where), 1):
        one = _recipe(entry, f"{where}, recipe {number}")
        if one.name in book:
            raise _bad(where, "name", one.name)
        book[one.name] = one
    require_look_alikes(book, where=where)
    return book


def _recipe(entry: Mapping[str, Any], where: str) -> Recipe:
    _only(entry, _RECIPE_KEYS, where)
    name = _word(entry, "name", where)
    here = f"{where}, {name}"
    parts = tuple(_part(one, here) for one in _tables(entry, "part", here))
    if len({part.name for part in parts}) != len(parts):
        raise _bad(here, "part.name", "twice")
    main = parts[0]
    if not main.always or main.form not in ("solid", "decal") or main.count != (1, 1):
        raise _bad(here, "part", f"{main.name}: one solid or decal first")
    for number, part in enumerate(parts):
        if part.form == "plume" and part.at not in {one.name for one in parts[:number] if one.always}:
            raise _bad(here, "at", part.at)
    place = _place(entry.get("place", {}), here)
    return Recipe(
        name=name,
        labels={lang: _text(entry, f"label_{lang}", here) for lang in ("en", "es")},
        facility=_flag(entry, "facility", here),
        themes=_words(entry, "themes", here),
        share=_number(entry.get("share", 1.0), "share", (1e-3, 1e3), here),
        place=place,
        parts=parts,
        concealment=_span(entry, "concealment", (0.0, 1.0), here) or (0.0, 0.0),
        sources=_sources(entry, parts, here),
    )


def _part(entry: Mapping[str, Any], where: str) -> Part:
    _only(entry, _PART_KEYS, where)
    name = _word(entry, "name", where)
    here = f"{where}, {name}"
    values: dict[str, Any] = {"name": name}
    for key, allowed in _CHOICES.items():
        if key in entry or key == "form":
            values[key] = _one_of(entry, key, allowed, here)
    for key, limits in _PART_SPANS.items():
        span = _span(entry, key, limits, here)
        if span is not None:
            values[key] = span
    values |= {key: _flag(entry, key, here) for key in _FLAGS if key in entry}
    if entry.get("evidence", "") != "":
        values["evidence"] = _one_of(entry, "evidence", tuple(evidence_types()), here)
    count = _span(entry, "count", (0.0, float(MOST_THINGS)), here)
    if count is not None:
        values["count"] = (int(count[0]), int(count[1]))
    if "chance" in entry:
        values["chance"] = _number(entry["chance"], "chance", (0.0, 1.0), here)
    return Part(**values, **_made_of(entry, values["form"], here))


def _made_of(entry: Mapping[str, Any], form: str, where: str) -> dict[str, Any]:
    """Material of what can be seen, gas of what cannot."""
    if form == "plume":
        return {"gas": _one_of(entry, "gas", tuple(MOLAR_KG), where), "at": _word(entry, "at", where)}
    names = _words(entry, "materials", where)
    side = _one_of(entry, "side", tuple(materials()), where) if "side" in entry else ""
    for name in names:
        if name not in materials():
            raise _bad(where, "materials", name)
    return {"materials": names, "side": side}


def _place(entry: object, where: str) -> Place:
    if not isinstance(entry, dict):
        raise _bad(where, "place", entry)
    _only(entry, _PLACE_KEYS, where)
    spans = {key: _span(entry, key, limits, where) for key, limits in _PLACE_SPANS.items()}
    values: dict[str, Any] = {key: span for key, span in spans.items() if span is not None}
    if "cover" in entry:
        values["cover"] = _words(entry, "cover", where)
        for name in values["cover"]:
            if name not in materials():
                raise _bad(where, "cover", name)
    if "relax" in entry:
        first = _words(entry, "relax", where)
        if not set(first) <= set(RULES) or len(set(first)) != len(first):
            raise _bad(where, "relax", ", ".join(first))
        # what is not named comes after what is, so that every rule has its turn
        values["relax"] = (*first, *(rule for rule in RULES if rule not in first))
    return Place(**values)


def _sources(entry: Mapping[str, Any], parts: Sequence[Part], where: str) -> dict[str, str]:
    """Where each value is from; "assumed" for those that nothing is said of."""
    said = entry.get("sources", {})
    if not isinstance(said, dict):
        raise _bad(where, "sources", said)
    wanted = [f"place.{key}" for key in entry.get("place", {}) if key != "relax"]
    for part, raw in zip(parts, entry["part"], strict=True):
        wanted += [f"{part.name}.{key}" for key in raw if key != "name"]
    for key, source in said.items():
        if key not in wanted:
            raise _bad(where, f"sources.{key}", ", ".join(wanted))
        if not isinstance(source, str) or source.split(":")[0].strip() not in SOURCE_CLASSES:
            raise _bad(where, f"sources.{key}", source)
    return {key: said.get(key, "assumed") for key in wanted}


def _bad(where: str, key: str, detail: object) -> BadInput:
    return BadInput("SCN-004", where=where, key=key[:80], detail=_brief(detail)[:120])


def _brief(value: object) -> str:
    """A value for a message, however deep it is nested."""
    return value if isinstance(value, str) else reprlib.repr(value)


def _tables(entry: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    value = entry.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise _bad(where, f"[[{key}]]", value)
    return value


def _only(entry: Mapping[str, Any], keys: set[str], where: str) -> None:
    strange = sorted(set(entry) - keys)
    if strange:
        raise _bad(where, strange[0], ", ".join(sorted(keys)))


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise _bad(where, key, value)
    return value


def _word(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = _text(entry, key, where)
    if not value.isascii() or not value.replace("_", "").isalnum() or len(value) > 40:
        raise _bad(where, key, value)
    return value


def _words(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = entry.get(key)
    if not isinstance(value, list) or not value or len(value) > 50:
        raise _bad(where, key, value)
    return tuple(_word({key: one}, key, where) for one in value)


def _flag(entry: Mapping[str, Any], key: str, where: str) -> bool:
    value = entry.get(key)
    if not isinstance(value, bool):
        raise _bad(where, key, value)
    return value


def _one_of(entry: Mapping[str, Any], key: str, allowed: Sequence[str], where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or value not in allowed:
        raise _bad(where, key, f"{_brief(value):.40}: {', '.join(allowed)}")
    return value


def _number(value: object, key: str, limits: Span, where: str) -> float:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if not numeric or not math.isfinite(value) or not limits[0] <= value <= limits[1]:  # type: ignore[arg-type,operator]
        raise _bad(where, key, f"{_brief(value):.40}: {limits[0]:g} ... {limits[1]:g}")
    return float(value)  # type: ignore[arg-type]


def _span(entry: Mapping[str, Any], key: str, limits: Span, where: str) -> Span | None:
    """A pair of least and most; None where nothing is said."""
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise _bad(where, key, value)
    low, high = (_number(one, key, limits, where) for one in value)
    if low > high:
        raise _bad(where, key, f"{low:g} > {high:g}")
    return low, high
