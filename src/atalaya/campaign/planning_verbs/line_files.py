"""Lines to fly in the file its name asks for: maps, missions, tables, the verb's own object."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.errors import Usage
from atalaya.base.finding import Finding
from atalaya.campaign.planning_verbs.flown_line import FlownLine, as_sortie
from atalaya.plan.exports import Home, MissionOptions, export
from atalaya.plan.exports.formats import MapFormat, MissionFormat, format_named
from atalaya.store.workspace import written_whole

OWN = (".geojson", ".json")
PLANAR = (*OWN, ".csv")
MOST_DECIMALS_DEG, MOST_DECIMALS_M = 8, 4


@dataclass(frozen=True)
class Writing:
    """What a file needs that a line does not say.

    Args:
        height_msl_m: of lines that bring no heights, above mean sea level (EGM96).
        home: where missions take off and land.
        trigger_m: distance between stills; None for video.
    """

    height_msl_m: float | None = None
    home: Home | None = None
    trigger_m: float | None = None


def checked_suffix(path: Path, writing: Writing, *, planar: bool, heights: bool = False) -> None:
    """Refuse an output that could not be written, before anything is worked out.

    Args:
        heights: the lines bring heights of their own.

    Raises:
        Usage: XPT-008, an unknown format, or one that needs a place on Earth; CLI-030, a height or home is
            missing.
    """
    suffix = path.suffix.lower()
    if suffix in OWN or (planar and suffix in PLANAR):
        return
    if planar:
        raise Usage("XPT-008", where=path.name, given=suffix or path.name, known=", ".join(PLANAR))
    chosen = format_named(path, None)
    if chosen is None:
        raise Usage(
            "XPT-008", where=path.name, given=suffix, known=".geojson, .json, .plan, .waypoints, .kml"
        )
    if writing.height_msl_m is None and not heights:
        raise Usage("CLI-030", where=path.name, option="--height", format=chosen.name)
    if isinstance(chosen, MissionFormat) and writing.home is None:
        raise Usage("CLI-030", where=path.name, option="--home", format=chosen.name)


def write_lines(
    lines: Sequence[FlownLine], path: Path, writing: Writing, shown: Mapping[str, Any]
) -> tuple[list[Path], list[Finding]]:
    """Write lines in the format the suffix names; formats of one mission get a file per line.

    Args:
        shown: the object of `--json`, for a .json file.

    Returns:
        The files, and what a format could not carry.

    Raises:
        Usage: as `checked_suffix`. AtalayaError: STO-005, XPT-0xx, it cannot be written.
    """
    planar = any(line.planar for line in lines)
    suffix = path.suffix.lower()
    if suffix in OWN or (planar and suffix in PLANAR):
        text = {
            ".json": lambda: json.dumps(shown, ensure_ascii=False) + "\n",
            ".csv": lambda: csv_text(lines),
        }
        content = text.get(suffix, lambda: geojson_text(lines))()
        with written_whole(path) as partial:
            partial.write_text(content, encoding="utf-8")
        return [path], []
    chosen = format_named(path, None)
    sorties = [as_sortie(line, _heights(line, writing), writing.home, writing.trigger_m) for line in lines]
    if isinstance(chosen, MapFormat):
        done = export(sorties, path, format=chosen.name)
        return [done.path], list(done.findings)
    name = chosen.name if chosen is not None else None
    targets = [path] if len(lines) == 1 else [_beside(path, line.name) for line in lines]
    made = [
        export(sortie, target, format=name, home=writing.home, options=MissionOptions())
        for sortie, target in zip(sorties, _unlike(targets), strict=True)
    ]
    return [done.path for done in made], [finding for done in made for finding in done.findings]


def geojson_text(lines: Sequence[FlownLine]) -> str:
    """A FeatureCollection of LineStrings in order of flight, `sweep` true where the sensor works.

    Planar lines are metres, which RFC 7946 has no word for: `"units": "m"` says so.
    """
    planar = any(line.planar for line in lines)
    features = [
        {
            "type": "Feature",
            "properties": {"area": line.name, "n": n, "sweep": on},
            "geometry": {"type": "LineString", "coordinates": rounded(points, planar=planar)},
        }
        for line in lines
        for n, (points, on) in enumerate(line.runs())
    ]
    units = {"units": "m"} if planar else {}
    return json.dumps({"type": "FeatureCollection", **units, "features": features}, ensure_ascii=False) + "\n"


def csv_text(lines: Sequence[FlownLine]) -> str:
    """Planar lines as a table: what the sensor does is on the leg that starts at the row."""
    found = io.StringIO()
    table = csv.writer(found, lineterminator="\n")
    table.writerow(("area", "n", "x_m", "y_m", "sweep"))
    for line in lines:
        rows = zip(rounded(line.points, planar=True), [*line.sweep, False], strict=True)
        table.writerows((line.name, n, x, y, int(on)) for n, ((x, y), on) in enumerate(rows))
    return found.getvalue()


def rounded(points: np.ndarray[Any, Any], *, planar: bool) -> list[list[float]]:
    """Points as lists: to a millimetre in degrees, to a tenth of it in metres."""
    shown: list[list[float]] = np.round(points, MOST_DECIMALS_M if planar else MOST_DECIMALS_DEG).tolist()
    return shown


def _heights(line: FlownLine, writing: Writing) -> np.ndarray[Any, Any]:
    if line.height_msl_m is not None:
        return line.height_msl_m
    return np.full(len(line.points), writing.height_msl_m, np.float64)


def _beside(path: Path, name: str) -> Path:
    word = re.sub(r"[^\w-]+", "-", name.casefold()).strip("-")[:60] or "area"
    return path.with_name(f"{path.stem}-{word}{path.suffix}")


def _unlike(paths: Sequence[Path]) -> list[Path]:
    """The same paths, numbered where two areas have the same name."""
    found: list[Path] = []
    for path in paths:
        number, name = 1, path
        while name in found:
            number += 1
            name = path.with_name(f"{path.stem}-{number}{path.suffix}")
        found.append(name)
    return found
