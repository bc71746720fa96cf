"""Cover an area: headings tried, lines ordered, gaps closed, the cheapest path kept."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.plan.coverage.costs import Cost, Length, Time, positive
from atalaya.plan.coverage.draft import Draft, base_of, drafted, joined
from atalaya.plan.coverage.kernels import leg_costs
from atalaya.plan.coverage.lines.closing import uncovered
from atalaya.plan.coverage.lines.headings import Ranked, ranked_headings
from atalaya.plan.coverage.lines.split import parts_with_headings
from atalaya.plan.coverage.lines.strips import lines_at
from atalaya.plan.coverage.path import CoveragePath
from atalaya.plan.coverage.polish import polished
from atalaya.plan.coverage.region import Area, checked_area, parts_of, refuse_degrees, region_of
from atalaya.plan.coverage.task import Task
from atalaya.plan.coverage.transits import transits_of

Floats = NDArray[np.float64]
Place = tuple[float, float]

SHARE = 0.999
TRIED, SEARCHED = 4, 2
MANY_LINES, TRIED_OF_MANY = 130, 2
MOST_LINES = 1500
SAME_HEADING_DEG = 2.0


def cover(
    area: BaseGeometry,
    *,
    swath_m: float,
    overlap: float = 0.0,
    start: Place | None = None,
    end: Place | None = None,
    cost: Cost | None = None,
    wind_ms: Place | None = None,
    seed: int = 0,
    keep_inside: bool = True,
    within: BaseGeometry | None = None,
    headings_deg: Sequence[float] | None = None,
    footprint: str = "band",
    share: float = SHARE,
    polish: bool = True,
) -> CoveragePath:
    """A short path that sees an area.

    Args:
        area: polygon or polygons with holes, in a plane, metres.
        swath_m: width seen across the track.
        overlap: share of the swath that neighbouring lines see twice, [0, 0.9].
        start, end: where the path must begin and end; None leaves it to the search.
        cost: Length() unless told otherwise.
        wind_ms: (east, north) blown to; only with a Time cost, whose own wind it replaces.
        seed: of the search; same input and seed, same path.
        keep_inside: False lets transits cross the outer border; holes are never crossed.
        within: where legs may run if not in the area alone (the whole field, when `area` is its gaps).
        headings_deg: only these directions of lines, anticlockwise from the first axis; None to search.
        footprint: "band" sees across the track only: lines run to the border; "disc" also ahead and behind.
        polish: False keeps the lines exactly parallel; True moves their ends where the path gets shorter.
        share: of the area that must be seen; gaps dearest to close stay open up to 1 - share.

    Raises:
        BadInput: COV-001, COV-002 (polygon), COV-003 (numbers), COV-004 (degrees), COV-005 (start or end
            outside), COV-011 (wind), COV-010 (swath far too small).
    """
    task = _task(
        area, swath_m, overlap, start, end, cost, wind_ms, seed, keep_inside, within, footprint, share
    )
    ranked = _ranked(task, headings_deg)
    bases = [base_of(task, lines) for lines in _line_sets(task, ranked)]
    drafts = [drafted(task, base, effort=0.0) for base in bases]
    promising = sorted(range(len(bases)), key=lambda k: drafts[k].tour.cost)
    drafts += [
        drafted(task, bases[k], effort=1.0)
        for k in promising[: SEARCHED if len(bases[0].lines) <= MANY_LINES else 1]
    ]
    return _finished(task, _best(task, drafts), cost or Length(), polish)


def best_single_direction(
    area: BaseGeometry,
    *,
    swath_m: float,
    overlap: float = 0.0,
    start: Place | None = None,
    end: Place | None = None,
    cost: Cost | None = None,
    wind_ms: Place | None = None,
    keep_inside: bool = True,
    within: BaseGeometry | None = None,
    headings_deg: Sequence[float] | None = None,
    footprint: str = "band",
    share: float = SHARE,
) -> CoveragePath:
    """The honest baseline: parallel lines at the best single heading, always the nearest next, gaps closed.

    Arguments and errors as `cover`.
    """
    task = _task(area, swath_m, overlap, start, end, cost, wind_ms, 0, keep_inside, within, footprint, share)
    return _finished(task, _best(task, _plain(task, _ranked(task, headings_deg))), cost or Length())


def _task(
    area: BaseGeometry,
    swath_m: float,
    overlap: float,
    start: Place | None,
    end: Place | None,
    cost: Cost | None,
    wind_ms: Place | None,
    seed: int,
    keep_inside: bool,
    within: BaseGeometry | None,
    footprint: str,
    share: float,
) -> Task:
    checked = checked_area(area)
    room = checked_area(within, "within") if within is not None else None
    positive("swath_m", swath_m)
    if not 0 <= overlap <= 0.9:
        raise BadInput("COV-003", name="overlap", value=overlap)
    if not 0 < share <= 1:
        raise BadInput("COV-003", name="share", value=share)
    if footprint not in ("band", "disc"):
        raise BadInput("COV-003", name="footprint", value=footprint)
    refuse_degrees(checked, swath_m)
    spacing = swath_m * (1 - overlap)
    lines = checked.area / spacing / max(spacing, math.sqrt(checked.area))
    if lines > MOST_LINES:
        raise BadInput("COV-010", swath_m=swath_m, lines=f"{lines:.0f}")
    rule = _rule(cost or Length(), wind_ms)
    region = region_of(checked, swath_m, within=room, keep_inside=keep_inside)
    ends = [
        _inside(region.origin, p, room or checked, keep_inside, name)
        for p, name in ((start, "start"), (end, "end"))
    ]
    return Task(region, transits_of(region, rule), swath_m, spacing, footprint, share, ends[0], ends[1], seed)


def _rule(cost: Cost, wind_ms: Place | None) -> Floats:
    if wind_ms is None:
        return cost.rule
    if not isinstance(cost, Time):
        raise BadInput("COV-003", name="wind_ms", value=f"{wind_ms} without a Time cost")
    return replace(cost, wind_ms=wind_ms).rule


def _inside(origin: Floats, place: Place | None, area: Area, keep_inside: bool, name: str) -> Floats | None:
    if place is None:
        return None
    point = np.array(place, dtype=float)
    if point.shape != (2,) or not np.isfinite(point).all():
        raise BadInput("COV-003", name=name, value=place)
    if keep_inside and not area.covers(Point(point)):
        raise BadInput("COV-005", where=name, x=place[0], y=place[1])
    return point - origin


def _ranked(task: Task, headings_deg: Sequence[float] | None) -> list[Ranked]:
    given = None if headings_deg is None else [math.radians(h) % math.pi for h in headings_deg]
    return ranked_headings(task.region.free, task.spacing_m, task.transits.rule, given)


def _lines(task: Task, ranked: Ranked) -> Floats:
    return lines_at(task.region.free, task.region.free, ranked.heading_rad, task.spacing_m)


def _single_headings(task: Task, ranked: list[Ranked]) -> list[Floats]:
    """Lines at each of the best headings; fewer where there are many lines, to stay within a second."""
    first = _lines(task, ranked[0])
    count = TRIED if len(first) <= MANY_LINES else TRIED_OF_MANY
    return [first, *(_lines(task, r) for r in ranked[1:count])]


def _plain(task: Task, ranked: list[Ranked]) -> list[Draft]:
    return [drafted(task, base_of(task, lines), effort=0.0) for lines in _single_headings(task, ranked)]


def _line_sets(task: Task, ranked: list[Ranked]) -> list[Floats]:
    """Lines at the best single headings, and over parts with headings of their own."""
    sets = _single_headings(task, ranked)
    region, spacing = task.region, task.spacing_m
    parts = parts_with_headings(region.free, [r.heading_rad for r in ranked], spacing, task.transits.rule)
    if len(parts) > len(parts_of(region.free)):
        sets.append(np.vstack([lines_at(region.free, p.area, p.heading_rad, spacing) for p in parts]))
    return sets


def _best(task: Task, drafts: list[Draft]) -> Draft:
    """The cheapest of those that cover enough; else the one that covers most."""
    allowed = (1 - task.share) * task.region.area.area
    enough = [d for d in drafts if d.left_m2 <= allowed]
    return (
        min(enough, key=lambda d: d.tour.cost)
        if enough
        else min(drafts, key=lambda d: (d.left_m2, d.tour.cost))
    )


def _finished(task: Task, draft: Draft, cost: Cost, polish: bool = False) -> CoveragePath:
    legs, which = joined(task, draft.tour)
    if polish:
        legs, which = polished(task, legs, which, draft.left_m2)
    area, swath = task.region.area, task.swath_m
    sweep = which >= 0
    gaps = uncovered(area, legs, swath, task.footprint)
    on_lines = uncovered(area, legs[sweep], swath, task.footprint)
    if shapely.area(on_lines).sum() > shapely.area(gaps).sum() + 1e-9 * area.area:
        sweep = sweep | _needed(legs, sweep, on_lines, swath)
        gaps = uncovered(area, legs[sweep], swath, task.footprint)
    left = MultiPolygon([g for g in gaps if g.area > 1e-9 * area.area])
    covered = 1 - float(shapely.area(gaps).sum()) / area.area
    points = np.vstack([legs[:1, :2], legs[:, 2:]]) + task.region.origin
    bound = (covered * area.area - math.pi * swath**2 / 4) / swath
    return CoveragePath(
        points=points,
        sweep=sweep,
        cost=float(leg_costs(legs[:, :2], legs[:, 2:], task.transits.rule).sum()),
        unit=cost.unit,
        length_m=float(np.hypot(*(legs[:, 2:] - legs[:, :2]).T).sum()),
        lines=int((which >= 0).sum()),
        headings_deg=_main_headings(draft.tour.lines[: draft.main]),
        covered_share=covered,
        lower_bound_m=max(bound, 0.0),
        left=shapely.transform(left, lambda xy: xy + task.region.origin),
        findings=_findings(task, covered),
    )


def _needed(
    legs: Floats, sweep: NDArray[np.bool_], open_gaps: NDArray[np.object_], swath_m: float
) -> NDArray[np.bool_]:
    """Transits that see something the lines do not."""
    tree = shapely.STRtree(open_gaps)
    strings = shapely.linestrings(legs.reshape(-1, 2, 2))
    seen = shapely.buffer(strings, swath_m / 2, cap_style="flat")
    found = np.zeros(len(legs), dtype=bool)
    for k in np.flatnonzero(~sweep):
        near = tree.query(seen[k])
        found[k] = (
            bool(len(near))
            and shapely.area(shapely.intersection(open_gaps[near], seen[k])).sum() > 1e-6 * swath_m**2
        )
    return found


def _main_headings(lines: Floats) -> tuple[float, ...]:
    """Distinct directions, the one with most metres first."""
    step = lines[:, 2:] - lines[:, :2]
    length = np.hypot(step[:, 0], step[:, 1])
    angle = np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 180
    found: dict[float, float] = {}
    for a, metres in zip(angle, length, strict=True):
        same = next((f for f in found if abs((a - f + 90) % 180 - 90) < SAME_HEADING_DEG), float(a))
        found[same] = found.get(same, 0.0) + float(metres)
    return tuple(round(a, 6) for a in sorted(found, key=lambda a: -found[a]))


def _findings(task: Task, covered: float) -> tuple[Finding, ...]:
    found = []
    if covered < task.share - 1e-9:
        found.append(
            Finding(
                "COV-009",
                Severity.WARNING,
                details={"share": f"{100 * covered:.3f}", "asked": f"{100 * task.share:.3f}"},
            )
        )
    if task.region.unreachable_m2 > 1e-9 * task.region.area.area:
        found.append(
            Finding("COV-008", Severity.WARNING, details={"area_m2": f"{task.region.unreachable_m2:.3g}"})
        )
    return tuple(found)
