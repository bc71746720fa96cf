"""What a workspace holds, gathered into a `Report`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from atalaya import __version__
from atalaya.base.errors import AtalayaError, NotFound
from atalaya.base.finding import Finding, Severity
from atalaya.campaign.locating.dossiers import dossiers_of
from atalaya.campaign.locating.gathered import Known
from atalaya.campaign.locating.located import Located, locate_sites
from atalaya.campaign.locating.prior import prior_of
from atalaya.campaign.locating.sought import sought_of
from atalaya.campaign.report.ledger_brief import ledger_brief
from atalaya.campaign.report.plan_areas import plan_areas
from atalaya.campaign.report.report import (
    Header,
    LookFootprint,
    Report,
    SearchRasters,
    SensorLooks,
    Track,
)
from atalaya.campaign.report.truth_score import truth_score
from atalaya.campaign.vector_layers import numbers
from atalaya.earth.cells import areas_m2, middles_of
from atalaya.locate.dossier import Dossier

MOST_POINTS = 400
"""Of a track or footprint on the page."""


@dataclass(frozen=True)
class Worked:
    """What was worked out already, so that it need not be again: sites, dossiers, counts of the score."""

    located: Located | None
    dossiers: Sequence[Dossier]
    counts: Mapping[str, int] | None = None


def collected(root: Path, *, marking: str = "", worked: Worked | None = None) -> Report:
    """The report of a workspace; parts it has nothing of are left out.

    Args:
        worked: of this workspace as it is, where somebody has just worked it out.

    Raises:
        AtalayaError: STO-0xx, LED-0xx, the workspace or its ledger cannot be read.
    """
    located = _located(root) if worked is None else worked.located
    counts = None if worked is None else worked.counts
    dossiers = worked.dossiers if worked is not None else dossiers_of(located, root) if located else ()
    flown = _flown_record(root)
    brief, flown_s = ledger_brief(root)
    tracks = _tracks(root, located)
    times = [int(t) for one in (located.known if located else ()) for t in _ends(one)]
    header = Header(
        name=str(flown.get("campaign") or root.resolve().name),
        question=_question(root),
        workspace=root.name,
        version=__version__,
        first_t_us=min(times, default=None),
        last_t_us=max(times, default=None),
        sorties=brief.sorties if brief is not None else len({track.sortie for track in tracks}),
        flown_s=flown_s,
        area_km2=_area_km2(located),
        marking=marking,
        rehearsal=bool(flown),
        seed=flown.get("seed"),
    )
    return Report(
        header,
        sites=tuple(dossiers),
        search=_search(located),
        areas=plan_areas(root),
        tracks=tracks,
        footprints=_footprints(root, located, dossiers),
        looks=_looks(located),
        ledger=brief,
        score=truth_score(root, located, counts) if flown and located is not None else None,
        findings=_findings(located),
    )


def _located(root: Path) -> Located | None:
    try:
        return locate_sites(root, prior_of(root), sought_of(root))
    except NotFound:
        return None


def _flown_record(root: Path) -> dict[str, Any]:
    from atalaya.campaign.rehearsal.flown_file import read_flown
    from atalaya.campaign.rehearsal.score import flown_of

    try:
        return read_flown(flown_of(root))
    except AtalayaError:
        return {}


def _question(root: Path) -> str:
    plan = root / ".." / "plan" / "plan.json"
    try:
        return str(json.loads(plan.read_text(encoding="utf-8"))["question"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _ends(one: Known) -> list[int]:
    t_us = np.asarray(one.coverage["t_us"])
    known = t_us[t_us >= 0]
    return [int(known.min()), int(known.max())] if len(known) else []


def _area_km2(located: Located | None) -> float | None:
    if located is None:
        return None
    asked = located.before.rate > 0.0
    return float(asked.sum()) * located.before.cell_m**2 / 1e6


def _search(located: Located | None) -> SearchRasters | None:
    if located is None:
        return None
    before, after = located.before, located.after
    asked = before.rate > 0.0
    seen_m2 = np.where(asked, _seen_m2(located), 0.0)
    rows, columns = _around(asked)
    return SearchRasters(
        np.where(asked, before.rate, np.nan)[rows, columns],
        np.where(asked, after.rate, np.nan)[rows, columns],
        (seen_m2 >= 0.5 * before.cell_m**2)[rows, columns],
        before.crs,
        before.grid.west_m + columns.start * before.cell_m,
        before.grid.north_m - rows.start * before.cell_m,
        before.cell_m,
        float(seen_m2.sum()) / 1e6,
    )


def _seen_m2(located: Located) -> NDArray[np.float64]:
    """(rows, columns) ground in each cell of the search map that some look covered, square metres."""
    grid = located.before.grid
    found: NDArray[np.float64] = np.zeros((grid.height, grid.width))
    parts = [np.asarray(one.coverage["cell"]) for one in located.known if one.coverage.num_rows]
    if not parts:
        return found
    cells = np.unique(np.concatenate(parts))
    at_column, at_row = grid.cells(*middles_of(cells))
    column, row = np.round(at_column).astype(np.int64), np.round(at_row).astype(np.int64)
    inside = (row >= 0) & (row < grid.height) & (column >= 0) & (column < grid.width)
    np.add.at(found, (row[inside], column[inside]), areas_m2(cells[inside]))
    return np.minimum(found, grid.cell_m**2)


def _around(asked: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the ground asked about, with a little room."""
    found = []
    for axis in (1, 0):
        hit = np.flatnonzero(asked.any(axis=axis))
        size = asked.shape[1 - axis]
        first, last = (int(hit[0]), int(hit[-1]) + 1) if len(hit) else (0, size)
        room = max(1, (last - first) // 10)
        found.append(slice(max(0, first - room), min(size, last + room)))
    return found[0], found[1]


def _frames(root: Path, clip: str) -> Any:
    found = sorted((root / "frames").glob(f"{clip[:16]}*.parquet"))
    return pq.read_table(found[-1]) if found else None


def _tracks(root: Path, located: Located | None) -> tuple[Track, ...]:
    """Where the aircraft was, from its recordings."""
    by_sortie: dict[str, list[np.ndarray]] = {}
    for one in sorted(located.known if located else (), key=lambda k: (_ends(k) or [0])[0]):
        frames = _frames(root, one.result["clip"])
        if frames is None:
            continue
        points = np.column_stack([numbers(frames, f"sensor_{name}_deg") for name in ("lon", "lat")])
        step = max(1, -(-len(points) // MOST_POINTS))
        by_sortie.setdefault(one.result["sortie"], []).append(points[::step])
    gap = np.full((1, 2), np.nan)
    return tuple(
        Track(name, np.concatenate([part for each in parts for part in (each, gap)][:-1]))
        for name, parts in sorted(by_sortie.items())
    )


def _footprints(
    root: Path, located: Located | None, dossiers: Sequence[Dossier]
) -> tuple[LookFootprint, ...]:
    """The ground of each recording: hull of its frames' corners."""
    import shapely

    held = {row.clip_sha256 for each in dossiers for row in each.evidence if row.clip_sha256}
    found = []
    for one in located.known if located else ():
        frames = _frames(root, one.result["clip"])
        if frames is None:
            continue
        corners = np.concatenate(
            [
                np.column_stack([numbers(frames, f"corner{n}_{name}_deg") for name in ("lon", "lat")])
                for n in (1, 2, 3, 4)
            ]
        )
        known = corners[np.isfinite(corners).all(axis=1)]
        hull = shapely.convex_hull(shapely.MultiPoint(known)) if len(known) >= 3 else None
        if hull is not None and hull.geom_type == "Polygon":
            ring = np.array(hull.exterior.coords)[:, :2]
            clip = one.result["clip"]
            found.append(
                LookFootprint(clip[:16], one.result["sortie"], one.result["sensor"], ring, clip in held)
            )
    return tuple(found)


def _looks(located: Located | None) -> tuple[SensorLooks, ...]:
    """Looks of each sensor; one is empty where none of its claims belongs to a listed site."""
    if located is None:
        return ()
    scans = {line.scan for site in located.sites for line in site.ledger if line.tracklet}
    clips = {str(clip) for clip in located.tracklets.clip}
    rows = []
    for sensor in sorted({one.result["sensor"] for one in located.known}):
        mine = [one for one in located.known if one.result["sensor"] == sensor]
        cells = np.unique(np.concatenate([np.asarray(one.coverage["cell"]) for one in mine]))
        gsd = np.concatenate([np.asarray(one.coverage["gsd_m"]) for one in mine])
        chance = [np.median(c.chance) for c in located.coverage if c.sensor == sensor and len(c.chance)]
        rows.append(
            SensorLooks(
                sensor,
                len(mine),
                sum(one.result["clip"] not in clips for one in mine) if scans or clips else len(mine),
                sum(_unexamined(one) for one in mine),
                float(areas_m2(cells).sum()) / 1e6 if len(cells) else 0.0,
                float(np.median(chance)) if chance else None,
                float(np.median(gsd)) if len(gsd) else None,
            )
        )
    return tuple(rows)


def _unexamined(one: Known) -> int:
    """Pictures some detector failed on."""
    return sum(
        int(finding["count"])
        for each in one.result["detectors"]
        for finding in each["findings"]
        if finding["severity"] == str(Severity.ERROR)
    )


def _findings(located: Located | None) -> tuple[Finding, ...]:
    """What could not be read, and what detectors failed on."""
    if located is None:
        return ()
    return tuple(
        Finding(error.code, Severity.ERROR, where=error.where, details=dict(error.details))
        for error in located.errors
    )
