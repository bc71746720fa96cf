"""The folder of a plan: object, map, sheet, layers for any GIS, search maps, files per sortie and format."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from atalaya.base.clock import iso
from atalaya.base.finding import Finding
from atalaya.campaign.planning.made_plan import MadePlan, PlannedSortie
from atalaya.campaign.planning.plan_json import plan_json
from atalaya.campaign.planning.plan_map import draw_plan
from atalaya.campaign.planning.plan_sheet import sheet
from atalaya.plan.waypoint import LegKind
from atalaya.sensing.map_geotiff import write_search_map
from atalaya.store.vector import Layer, write_geopackage
from atalaya.store.workspace import written_whole

DEFAULT_FORMATS = ("plan",)


def write_plan(made: MadePlan, folder: Path, formats: Sequence[str] = DEFAULT_FORMATS) -> list[Finding]:
    """Write everything a plan is; files of an earlier plan in the folder are replaced.

    Returns:
        what some format cannot carry.

    Raises:
        AtalayaError: STO-005, XPT-0xx.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw_plan(made, folder / "map.png")
    write_geopackage(_layers(made), folder / "plan.gpkg")
    write_search_map(made.before, folder / "before.tif")
    write_search_map(made.after, folder / "after.tif")
    _write_text(folder / "sheet.txt", sheet(made))
    findings = _exports(made, folder, formats)
    _write_text(folder / "plan.json", json.dumps(plan_json(made), ensure_ascii=False, indent=1) + "\n")
    return findings


def _exports(made: MadePlan, folder: Path, formats: Sequence[str]) -> list[Finding]:
    from atalaya.campaign.planning.sortie_files import write_sortie

    findings: list[Finding] = []
    for planned in made.sorties:
        for name in formats:
            findings += write_sortie(made, planned, folder, name)
    return findings


def _write_text(path: Path, text: str) -> None:
    with written_whole(path) as partial:
        partial.write_text(text, encoding="utf-8")


def _layers(made: MadePlan) -> list[Layer]:
    return [_paths(made), _legs(made), _areas(made), _left_out(made)]


def _paths(made: MadePlan) -> Layer:
    lines = [
        shapely.linestrings(
            np.column_stack((p.sortie.path.lon_deg, p.sortie.path.lat_deg, p.sortie.path.height_msl_m))
        )
        for p in made.sorties
    ]
    fields = {
        "sortie": _texts(p.sortie.id for p in made.sorties),
        "aircraft": _texts(p.sortie.aircraft for p in made.sorties),
        "start": _texts(iso(int(p.sortie.path.t_us[0])) for p in made.sorties),
        "end": _texts(iso(int(p.sortie.path.t_us[-1])) for p in made.sorties),
        "expected_finds": np.array([p.sortie.expected_finds for p in made.sorties], np.float64),
        "law": _texts(str(p.answer.verdict) for p in made.sorties),
    }
    return Layer("paths", "LineString Z", np.array(lines, np.object_), fields)


def _legs(made: MadePlan) -> Layer:
    found = [(planned, number) for planned in made.sorties for number in _search_legs(planned)]
    points = [planned.sortie.waypoints for planned, _ in found]
    lines = [
        shapely.linestrings(
            [
                (w[n].lon_deg, w[n].lat_deg, w[n].height_msl_m),
                (w[n + 1].lon_deg, w[n + 1].lat_deg, w[n + 1].height_msl_m),
            ]
        )
        for w, (_, n) in zip(points, found, strict=True)
    ]
    fields = {
        "sortie": _texts(planned.sortie.id for planned, _ in found),
        "leg": np.array([number for _, number in found], np.int64),
        "sensor": _texts(planned.use.setting.sensor for planned, _ in found),
        "mode": _texts(planned.use.setting.mode for planned, _ in found),
        "swath_m": np.array([planned.use.swath_m for planned, _ in found], np.float64),
    }
    return Layer("search_legs", "LineString Z", np.array(lines, np.object_), fields)


def _search_legs(planned: PlannedSortie) -> list[int]:
    return [n for n, point in enumerate(planned.sortie.waypoints[:-1]) if point.leg is LegKind.SEARCH]


def _areas(made: MadePlan) -> Layer:
    areas = made.request.areas
    shapes = [shapely.multipolygons(list(shapely.get_parts(area.geometry))) for area in areas]
    fields = {
        "name": _texts(area.name for area in areas),
        "expected": np.array([area.expected or 0.0 for area in areas], np.float64),
    }
    return Layer("areas", "MultiPolygon", np.array(shapes, np.object_), fields)


def _left_out(made: MadePlan) -> Layer:
    from atalaya.campaign.planning.opening_words import opening_words

    left = made.left_out
    shapes = [shapely.multipolygons(list(shapely.get_parts(each.geometry))) for each in left]
    fields = {
        "area": _texts(each.area for each in left),
        "states": _texts(", ".join(each.states) for each in left),
        "km2": np.array([each.km2 for each in left], np.float64),
        "expected": np.array([each.expected for each in left], np.float64),
        "opens": _texts("; ".join(opening_words(each.grounds, each.states, made.stated)) for each in left),
    }
    return Layer("left_out", "MultiPolygon", np.array(shapes, np.object_), fields)


def _texts(values: object) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return np.array(list(values), np.object_)  # type: ignore[call-overload]
