"""A campaign so small that planning it takes a second: an area of 20 x 20 km, a small aircraft."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atalaya.campaign.planning.campaign_file import read_campaign
from atalaya.campaign.planning.made_plan import MadePlan
from atalaya.campaign.planning.make import recorded_in
from atalaya.campaign.planning.prepare import prepared
from atalaya.campaign.planning.scene import Effort, Scene
from atalaya.campaign.planning.slots import Slot
from atalaya.campaign.planning.solve import solve

KNOWN_US = 1_796_083_200_000_000
"""1 December 2026, 00:00 UTC; the campaign begins a day later."""

START_US = KNOWN_US + 86_400_000_000
LITTLE = Effort(2_000)

ALL_OPEN = ((-110.60, 31.30), (-109.80, 31.30), (-109.80, 30.70), (-110.60, 30.70))
AREA = ((-110.30, 31.00), (-110.10, 31.00), (-110.10, 31.18), (-110.30, 31.18))


def tiny(**changes: Any) -> dict[str, Any]:
    """The campaign as the tables of its file; a change replaces a table whole."""
    whole: dict[str, Any] = {
        "campaign": {"name": "Tiny", "start": "2026-12-02T00:00:00Z", "seed": 3},
        "area": [{"name": "North", "expected": 1.0, "polygon": AREA}],
        "prior": {"cell_m": 1000.0},
        "terrain": {"flat_msl_m": 1400.0},
        "base": [{"name": "Strip", "lon_deg": -110.20, "lat_deg": 30.87, "height_msl_m": 1400.0}],
        "platform": [platform()],
        "wind": {"from_deg": 250.0, "speed_ms": 5.0},
        "flight": {"clearance_m": 150.0, "off_track_m": 100.0},
        "authorisation": [authorisation()],
        "payload": [{"id": kind, "name": f"{kind} camera", "sensor": kind} for kind in ("eo", "ir")],
    }
    return {**whole, **changes}


def platform(**changes: Any) -> dict[str, Any]:
    """A ScanEagle at 1,000 m above the ground for two hours."""
    stated = {"profile": "scaneagle", "aircraft": ["N-ONE"], "base": "Strip", "operator_state": "USA",
              "height_msl_m": 2400.0, "hours": 2.0}  # fmt: skip
    return {key: value for key, value in {**stated, **changes}.items() if value is not None}


def authorisation(**changes: Any) -> dict[str, Any]:
    """An invented permission of Mexico's for all the ground about the area."""
    stated = {"id": "A", "valid_from": "2026-12-01T00:00:00Z", "valid_to": "2026-12-20T00:00:00Z",
              "airspace_of": "MEX", "granted_by": "an invented office", "instrument": "example 1/2026",
              "basis": "bilateral", "area": ALL_OPEN}  # fmt: skip
    return {key: value for key, value in {**stated, **changes}.items() if value is not None}


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A ring of four corners."""
    return [[west, south], [east, south], [east, north], [west, north]]


def toml_text(whole: Mapping[str, Any]) -> str:
    """Tables as TOML: each an inline table, so that any value can stand anywhere."""
    return "\n".join(f"{json.dumps(key)} = {_value(value)}" for key, value in whole.items()) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(repr(value), repr(value))
    # TOML knows the escapes of JSON, but DEL and lone halves of surrogates only escaped, or not at all
    return json.dumps(value, ensure_ascii=not isinstance(value, str)).replace("\x7f", "\\u007f")


def write(folder: Path, whole: Mapping[str, Any], name: str = "tiny.toml") -> Path:
    """The campaign's file."""
    path = folder / name
    path.write_text(toml_text(whole), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Planned:
    """A campaign's file, what its planning works with, and the plan."""

    file: Path
    scene: Scene
    slots: tuple[Slot, ...]
    made: MadePlan


def scene_of(folder: Path, whole: Mapping[str, Any]) -> tuple[Scene, tuple[Slot, ...]]:
    """A campaign, asked everything before a path is looked for."""
    return prepared(read_campaign(write(folder, whole)), recorded_in(None), KNOWN_US)


def plan(folder: Path, whole: Mapping[str, Any], effort: Effort = LITTLE) -> Planned:
    """A campaign, planned."""
    scene, slots = scene_of(folder, whole)
    return Planned(folder / "tiny.toml", scene, slots, solve(scene, slots, effort))
