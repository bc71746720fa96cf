"""What a boundary layer is beside its polygons: name, edition, licence, viewpoint, validity, bound."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from atalaya.base.errors import BadInput


class Kind(StrEnum):
    """What the polygons of a layer are. The first four are parts of a State's sovereign airspace."""

    TERRITORY = "territory"
    INTERNAL_WATERS = "internal_waters"
    TERRITORIAL_SEA = "territorial_sea"
    SOVEREIGN = "sovereign"
    FIR = "fir"
    ADIZ = "adiz"
    EEZ = "eez"


SOVEREIGN_KINDS = frozenset({Kind.TERRITORY, Kind.INTERNAL_WATERS, Kind.TERRITORIAL_SEA, Kind.SOVEREIGN})
"""Kinds over which a State has sovereignty (Chicago Convention Art. 1 and 2; LOSC Art. 2(2))."""


class Edge(StrEnum):
    """What the line between two vertices of the file is."""

    GEODESIC = "geodesic"
    PLANAR = "planar"
    PARALLEL = "parallel"


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the boundary with a bound of its own.

    Args:
        name: for example "USA-MEX".
        areas: the codes of the areas that meet there; one code for all of an area's line that no other
            section takes, or with a box what lies in it.
        bound_m: no point of the drawn stretch and none of the reference is farther from the other than this.
        sigma_m: root mean square of those distances.
        measured: how, and against what.
        box: west, south, east, north of the stretch, degrees; None for all of it.
    """

    name: str
    areas: tuple[str, ...]
    bound_m: float
    sigma_m: float
    measured: str
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """What was changed to make one feature usable.

    Args:
        feature: its key, or its number in the file.
        what: "closed", "made_valid", "polygons_taken_out", "cut_at_antimeridian", "merged".
        area_before_km2, area_after_km2: geodesic areas; NaN where the broken shape has none.
    """

    feature: str
    what: str
    area_before_km2: float
    area_after_km2: float

    @property
    def changed_km2(self) -> float:
        """How much area the repair added (or, below zero, took away)."""
        return self.area_after_km2 - self.area_before_km2


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """A layer without its polygons.

    Args:
        name, edition: several editions of one name stand side by side.
        source, licence, attribution: where it is from and on what terms.
        viewpoint: whose view of the line it is ("operator", "partner", "UN", "de facto" ...).
        kind, edge: what polygons and edges mean.
        valid_from_us, valid_to_us: microseconds UTC, end excluded; None for open.
        bound_m: B of every stretch no section names: infinite while nobody has measured it, and then
            nothing near the line is ever certain.
        sigma_m: root mean square distance behind it.
        measured: how the bound was measured, and against what.
        sections: stretches with bounds of their own.
        repairs: what was changed in the file's polygons.
        sha256: of the file as received.
    """

    name: str
    edition: str
    source: str
    licence: str
    attribution: str
    viewpoint: str
    kind: Kind
    edge: Edge
    valid_from_us: int | None = None
    valid_to_us: int | None = None
    bound_m: float = math.inf
    sigma_m: float = math.inf
    measured: str = ""
    sections: tuple[Section, ...] = ()
    repairs: tuple[Repair, ...] = ()
    sha256: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def is_sovereign(self) -> bool:
        """Whether its areas are sovereign airspace; never true of an FIR, ADIZ or EEZ."""
        return self.kind in SOVEREIGN_KINDS

    def bound_of(self, area: str) -> float:
        """The largest bound along an area's line, metres; `LayerIndex.bound_m` tells place from place."""
        own = [section for section in self.sections if area in section.areas]
        whole = any(section.areas == (area,) and section.box is None for section in own)
        return max([section.bound_m for section in own] + ([] if whole else [self.bound_m]))

    def in_force(self, t_us: int) -> bool:
        """Whether this edition holds at an instant (end excluded)."""
        started = self.valid_from_us is None or self.valid_from_us <= t_us
        return started and (self.valid_to_us is None or t_us < self.valid_to_us)

    def with_repairs(self, repairs: tuple[Repair, ...], sha256: str) -> "LayerRecord":
        """The same record with what reading the file did to it."""
        return replace(self, repairs=repairs, sha256=sha256)

    def as_json(self) -> dict[str, Any]:
        """The record as plain values; an unknown bound is null."""
        shown = asdict(self)
        shown["kind"], shown["edge"] = str(self.kind), str(self.edge)
        finite: dict[str, Any] = _finite(shown)
        return finite


def record_of(values: Mapping[str, Any], *, where: str = "") -> LayerRecord:
    """The record that `as_json` wrote.

    Raises:
        BadInput: LAY-001, a field is missing or is not what it should be.
    """
    try:
        known = dict(values)
        known["kind"], known["edge"] = Kind(known["kind"]), Edge(known["edge"])
        known["bound_m"], known["sigma_m"] = _measure(known["bound_m"]), _measure(known["sigma_m"])
        known["sections"] = tuple(
            Section(
                str(part["name"]),
                tuple(part["areas"]),
                _measure(part["bound_m"]),
                _measure(part["sigma_m"]),
                str(part["measured"]),
                _box(part.get("box")),
            )
            for part in known.get("sections", ())
        )
        known["repairs"] = tuple(
            Repair(str(part["feature"]), str(part["what"]), *_areas(part))
            for part in known.get("repairs", ())
        )
        known["notes"] = tuple(known.get("notes", ()))
        return LayerRecord(**known)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("LAY-001", where=where, detail=f"{type(error).__name__}: {error}") from error


def _measure(value: float | None) -> float:
    return math.inf if value is None else float(value)


def _box(values: Sequence[float] | None) -> tuple[float, float, float, float] | None:
    if values is None:
        return None
    west, south, east, north = map(float, values)
    return west, south, east, north


def _areas(part: Mapping[str, Any]) -> tuple[float, float]:
    before, after = part["area_before_km2"], part["area_after_km2"]
    return (math.nan if before is None else float(before), math.nan if after is None else float(after))


def _finite(value: Any) -> Any:
    """NaN and infinity as null: JSON knows neither."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
