"""All detections of a workspace as looks: tracklets, and what each pass could see of each kind of sign."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.campaign.detecting.detection_files import DetectionFiles, known_results
from atalaya.campaign.locating.sign_rates import calibrations, rate_of
from atalaya.detect.table import detection_schema
from atalaya.earth.cells import cells_of, middles_of
from atalaya.locate.area import Area
from atalaya.locate.looks import Coverage
from atalaya.locate.tracklets import Tracklets, link

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """One recording that was worked on: its `atalaya.detect/1` object, detections, coverage by detector."""

    result: dict[str, Any]
    detections: pa.Table
    coverage: pa.Table


def known_of(root: Path) -> tuple[list[Known], list[AtalayaError]]:
    """All recordings a workspace has detections of, and what could not be read.

    Raises:
        NotFound: SIT-001, none was worked on.
    """
    found, errors = [], []
    for path in known_results(root):
        try:
            found.append(_read(root, path))
        except AtalayaError as error:
            errors.append(error)
    if not found and not errors:
        raise NotFound("SIT-001", where=str(root))
    return found, errors


def unreadable(root: Path) -> list[AtalayaError]:
    """Why detections of recordings cannot be read; nothing where all can, or there are none."""
    try:
        return known_of(root)[1]
    except NotFound:
        return []


def _read(root: Path, path: Path) -> Known:
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        files = DetectionFiles(root, str(result["clip"]))
        detections, coverage = pq.read_table(files.detections), pq.read_table(files.coverage)
        _ = [(each["detector"], list(each["evidence"])) for each in result["detectors"]], result["sortie"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException) as error:
        raise BadInput("SIT-002", where=str(path), detail=str(error)[:120]) from error
    if not detections.schema.equals(detection_schema()):
        raise BadInput("SIT-002", where=str(path), detail="detections")
    return _without_floods(Known(result, detections, coverage))


FLOOD = "DET-017"


def _without_floods(one: Known) -> Known:
    """Without detectors that claimed things all over: they are outside of what they were measured on, so that
    neither their claims nor their silence say anything.
    """
    sane = [each for each in one.result["detectors"] if FLOOD not in _codes(each)]
    if len(sane) == len(one.result["detectors"]):
        return one
    names = pa.array([each["detector"] for each in sane], pa.string())
    detections, coverage = (
        table.filter(pc.is_in(table["detector"], value_set=names)) for table in (one.detections, one.coverage)
    )
    return Known({**one.result, "detectors": sane}, detections, coverage)


def _codes(each: dict[str, Any]) -> set[str]:
    return {str(finding["code"]) for finding in each["findings"]}


def tracklets_of(known: list[Known]) -> Tracklets:
    """Tracklets of all recordings, moving ones among them."""
    tables = [one.detections for one in known] or [detection_schema().empty_table()]
    return link(pa.concat_tables(tables), calibrations())


def coverage_of(known: list[Known], area: Area) -> list[Coverage]:
    """What each recording could show of each kind of evidence, on the cells of an area."""
    numbers = _numbers_of(area)
    return [look for one in known for look in _looks(one, area, numbers)]


def shown(known: list[Known], area: Area) -> bool:
    """Whether an area holds any ground that was looked at; True where no ground was."""
    cells = [np.asarray(one.coverage["cell"]) for one in known if one.coverage.num_rows]
    if not cells:
        return True
    lon, lat = middles_of(np.unique(np.concatenate(cells)))
    return bool((area.cell_of(area.from_lon_lat(lon, lat)) >= 0).any())


def _numbers_of(area: Area) -> tuple[Ints, Ints]:
    """Numbers on the Earth of the area's cells, rising, and which cell each is."""
    grid = area.grid
    row, column = np.divmod(np.arange(area.cells), grid.width)
    lon, lat = grid.lon_lat(column.astype(np.float64), row.astype(np.float64))
    number = cells_of(lon, lat)
    order = np.argsort(number, kind="stable")
    return number[order], order.astype(np.int64)


def _looks(one: Known, area: Area, numbers: tuple[Ints, Ints]) -> Iterator[Coverage]:
    kinds = sorted({kind for each in one.result["detectors"] for kind in each["evidence"]})
    for kind in kinds:
        chance = np.zeros(area.cells, np.float32)
        clutter, times = 0.0, []
        for each in one.result["detectors"]:
            if kind not in each["evidence"] or not each["examined"]:
                continue
            rate = rate_of(each["detector"], kind)
            rows = one.coverage.filter(pc.equal(one.coverage["detector"], each["detector"]))
            cells, their = _on_area(np.asarray(rows["cell"]), numbers)
            value = rate.chance_at(np.asarray(rows["gsd_m"], np.float64))[their].astype(np.float32)
            np.maximum.at(chance, cells, value)
            clutter += rate.clutter_per_km2 * 1e-6
            times += [int(t) for t in np.asarray(rows["t_us"])[[0, -1]]] if rows.num_rows else []
        seen = np.flatnonzero(chance > 0.0)
        if len(seen):
            begin, end = _span(one, times)
            yield Coverage(
                one.result["sortie"], one.result["sensor"], kind, begin, end, seen, chance[seen], clutter
            )


def _on_area(number: Ints, numbers: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Cells of the area that lie in numbered cells, and in which row of those."""
    order = np.argsort(number, kind="stable")
    place = np.searchsorted(number[order], numbers[0])
    place = np.minimum(place, max(len(number) - 1, 0))
    if not len(number):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    inside = number[order][place] == numbers[0]
    return numbers[1][inside], order[place[inside]].astype(np.int64)


def _span(one: Known, times: list[int]) -> tuple[int, int]:
    stamped = np.concatenate([np.asarray(one.detections["t_us"]), np.asarray(times, np.int64)])
    stamped = stamped[stamped >= 0]
    return (int(stamped.min()), int(stamped.max())) if len(stamped) else (0, 0)
