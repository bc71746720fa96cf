"""One cube: judged scene by scene, its claims placed, its maps written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.finding import Finding, Severity, merged
from atalaya.campaign.detecting.cubes.asked import DEFAULT_ERROR_M, CubeAsked
from atalaya.campaign.detecting.cubes.cube_rows import cells_seen, cube_coverage, cube_rows
from atalaya.campaign.detecting.cubes.georeference import Georeference, georeference, spacing_m
from atalaya.campaign.detecting.cubes.looks import Look, looks_of
from atalaya.campaign.detecting.cubes.scenes import Scene, scenes
from atalaya.campaign.detecting.cubes.score_raster import ScoreRaster, score_raster
from atalaya.campaign.detecting.placed import Origin
from atalaya.detect.boundary import MOST_CLAIMS, admitted
from atalaya.detect.candidates import Candidates, joined
from atalaya.detect.spectral.envi_cube import EnviCube, open_cube

KIND = "HSI"


@dataclass(eq=False)
class LookDone:
    """What one look made of a strip.

    Args:
        look: which. claims: in pixels of the strip. cells: see `cells_seen`. lines: that were examined.
        findings: what went wrong. dropped: claims of classes that may not pass.
    """

    look: Look
    claims: list[Candidates] = field(default_factory=list)
    cells: list[NDArray[np.int64]] = field(default_factory=list)
    lines: int = 0
    findings: list[Finding] = field(default_factory=list)
    dropped: int = 0


@dataclass(frozen=True, eq=False)
class CubeDone:
    """What came of a cube: tables as for recordings, and what the result says of it."""

    table: pa.Table
    coverage: pa.Table
    looks: list[LookDone]
    told: dict[str, Any]
    sortie: str
    ground: str


def detect_cube(
    data: Path,
    header: Path,
    sha256: str,
    wanted: CubeAsked,
    raster: Path,
    progress: Callable[[float], None] = lambda _: None,
) -> CubeDone:
    """Look at a cube in bounded memory.

    Args:
        data, header: its files. sha256: of the first. raster: where the maps of scores go.

    Raises:
        BadInput: DET-023 to DET-026 it cannot be read; DET-032 it has no pixel with data; DET-035 nothing is
            asked of it; SPC-009, SPC-014 what is asked does not suit its bands.
    """
    cube = open_cube(data, header)
    looks, findings = looks_of(wanted, cube.bands())
    if not looks:
        raise BadInput("DET-035", where=str(data))
    where, missing = georeference(cube)
    findings = [*cube.findings, *findings, *missing]
    gsd_m = float("nan") if where is None else spacing_m(where, cube)
    error_m = DEFAULT_ERROR_M if wanted.error_m is None else wanted.error_m
    if where is not None and wanted.error_m is None:
        findings.append(Finding("DET-030", Severity.INFO, details={"metres": f"{error_m:g}"}))
    done = [LookDone(look) for look in looks]
    names = tuple(name for look in looks for name in look.names)
    head = cube.header
    with score_raster(raster, head.columns, head.lines, names, where) as maps:
        _judge(cube, done, where, maps, progress)
    of = Origin(sha256, _sortie(cube, sha256), KIND)
    rows = [
        cube_rows(of, each.look.card, joined(each.claims), head.t_us, where, gsd_m, error_m) for each in done
    ]
    told = _told(cube, where, gsd_m, wanted.error_m, merged(findings), names, raster)
    ground = "-" if where is None else where.source
    return CubeDone(pa.concat_tables(rows), _coverage(done, gsd_m, head.t_us), done, told, of.sortie, ground)


def _judge(
    cube: EnviCube,
    done: list[LookDone],
    where: Georeference | None,
    maps: ScoreRaster,
    progress: Callable[[float], None],
) -> None:
    any_data = False
    for scene in scenes(cube):
        if scene.valid.any():
            any_data = True
            cells = None if where is None else cells_seen(where, scene.valid[scene.own], scene.first)
            band = 0
            for each in done:
                _one(each, scene, cells, maps, band)
                band += len(each.look.names)
        progress(scene.after / cube.header.lines)
    if not any_data:
        raise BadInput("DET-032", where=str(cube.data))


def _one(each: LookDone, scene: Scene, cells: NDArray[np.int64] | None, maps: ScoreRaster, band: int) -> None:
    """One look at one scene; what it cannot do costs it that scene alone."""
    card, where = each.look.card, f"line {scene.first}"
    try:
        judged = each.look.judge(scene.values, scene.valid)
    except AtalayaError as error:
        told: dict[str, object] = {"detector": card.id, "error": f"{error.code} {error.text.what}"}
        each.findings.append(Finding("DET-016", Severity.ERROR, where=where, details=told))
        return
    through = admitted(judged.claims, card, scene.valid.shape)
    each.dropped += through.dropped
    if through.fault:
        told = {"detector": card.id, "most": MOST_CLAIMS}
        each.findings.append(Finding(through.fault, Severity.ERROR, where=where, details=told))
        return
    for number, scores in enumerate(judged.maps):
        maps.write(band + number, scene.first, scores[scene.own])
    each.lines += scene.after - scene.first
    each.claims.append(_own(through.candidates, scene))
    if cells is not None:
        each.cells.append(cells)


def _own(claims: Candidates, scene: Scene) -> Candidates:
    """Claims that a scene answers for, in pixels of the strip."""
    row = claims.middle[:, 1] + scene.seen
    mine = claims.take((row >= scene.first - 0.5) & (row < scene.after - 0.5))
    by = np.array([0, scene.seen, 0, scene.seen], np.float32)
    return Candidates(mine.box + by, mine.score, mine.label, mine.corners)


def _coverage(done: list[LookDone], gsd_m: float, t_us: int) -> pa.Table:
    parts = []
    for each in done:
        table = cube_coverage(each.cells, gsd_m, t_us)
        names = pa.array([each.look.card.id] * table.num_rows, pa.string())
        parts.append(table.append_column("detector", names))
    return pa.concat_tables(parts)


def _sortie(cube: EnviCube, sha256: str) -> str:
    """Strips of one sensor and day share its errors; a cube that states neither is a sortie of its own."""
    head = cube.header
    return f"{head.sensor}/{iso(head.t_us)[:10]}" if head.sensor and head.t_us >= 0 else sha256


def _told(
    cube: EnviCube,
    where: Georeference | None,
    gsd_m: float,
    error_m: float | None,
    findings: list[Finding],
    names: tuple[str, ...],
    raster: Path,
) -> dict[str, Any]:
    head = cube.header
    laid = None
    if where is not None:
        said = "assumed" if error_m is None else "stated"
        sigma = DEFAULT_ERROR_M if error_m is None else error_m
        laid = {"source": where.source, "error_m": sigma, "error": said, "gsd_m": round(gsd_m, 4)}
    return {
        "findings": [finding.as_json() for finding in findings],
        "cube": {"lines": head.lines, "columns": head.columns, "bands": head.bands, "used": len(cube.kept)},
        "georeferencing": laid,
        "scores": {"file": raster.name, "bands": list(names)},
    }
