"""What a layer is like: sizes, repairs, what its edges could mean, overlaps and gaps between neighbours."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.finding import Finding, Severity
from atalaya.earth import geodesic
from atalaya.law.boundary.edges import edges_of
from atalaya.law.boundary.layer import Layer
from atalaya.law.boundary.reading.repair import area_km2

Floats = NDArray[np.float64]

LONG_M = 2000.0
WIDE_DEG = 0.02
"""Gaps between neighbours are looked for where they are narrower than twice this (about 4 km)."""

SMALLEST_KM2 = 0.01
PLACED = 0.5
SHARED = 0.05


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that two areas both claim."""

    areas: tuple[str, str]
    area_km2: float


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was seen of a layer.

    Args:
        areas, edges: how many.
        areas_km2: geodesic area by code.
        longest_edge_m: of the line as drawn; aside_m: how far that edge lies from the geodesic of its ends
            (what it would matter if its meaning were taken wrongly).
        overlaps: ground under two areas; gaps_km2: narrow ground between neighbours that none holds.
        findings: what its reader should know.
    """

    areas: int
    edges: int
    areas_km2: dict[str, float]
    longest_edge_m: float
    aside_m: float
    overlaps: tuple[Overlap, ...]
    gaps_km2: float
    findings: tuple[Finding, ...]


def inspect(layer: Layer, world: Layer | None = None) -> Inspection:
    """Look a layer over.

    Args:
        world: a layer whose areas of the same code should lie where this one's do.
    """
    sizes = {code: area_km2(shape) for code, shape in zip(layer.areas, layer.polygons, strict=True)}
    longest_m, beside_m, edges = _edges(layer)
    overlaps = tuple(_overlaps(layer))
    gaps = _gaps_km2(layer)
    findings = [*_misplaced(layer, world)] if world is not None else []
    if layer.record.repairs:
        findings.append(Finding("LAY-101", Severity.INFO, count=len(layer.record.repairs)))
    if overlaps and layer.record.is_sovereign:
        most = max(overlaps, key=lambda one: one.area_km2)
        overlap: dict[str, object] = {"areas": "/".join(most.areas), "km2": f"{most.area_km2:.2f}"}
        findings.append(Finding("LAY-102", Severity.WARNING, count=len(overlaps), details=overlap))
    if gaps > SMALLEST_KM2 and layer.record.is_sovereign:
        findings.append(Finding("LAY-103", Severity.WARNING, details={"km2": f"{gaps:.2f}"}))
    if not np.isfinite(layer.record.bound_m):
        findings.append(Finding("LAY-104", Severity.WARNING))
    elif beside_m > layer.record.bound_m:
        aside: dict[str, object] = {"aside": f"{beside_m:.0f}", "bound": f"{layer.record.bound_m:.0f}"}
        findings.append(Finding("LAY-105", Severity.WARNING, details=aside))
    return Inspection(len(sizes), edges, sizes, longest_m, beside_m, overlaps, gaps, tuple(findings))


def aside_m(lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Floats:
    """(n,) how far straight lines in longitude and latitude lie beside geodesics between the same ends.

    Measured square to the line at 63 places along it: 1,817 m for the 376 km of the Arizona diagonal.
    """
    from atalaya.law.boundary.nearest.tree import tree_of

    shares = np.linspace(0.0, 1.0, 65)[1:-1]
    found = np.zeros(len(lon0))
    for edge in range(len(lon0)):
        ends = lon0[edge], lat0[edge], lon1[edge], lat1[edge]
        line = tree_of(*(np.array([value]) for value in ends))
        found[edge] = line.nearest(*_along(*ends, shares))[2].max()
    return found


def _along(lon0: float, lat0: float, lon1: float, lat1: float, shares: Floats) -> tuple[Floats, Floats]:
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    azimuth, _, length = geod.inv(lon0, lat0, lon1, lat1)
    many = np.ones(len(shares))
    lon, lat, _ = geod.fwd(lon0 * many, lat0 * many, azimuth * many, length * shares)
    return np.asarray(lon), np.asarray(lat)


def _edges(layer: Layer) -> tuple[float, float, int]:
    edges = edges_of(layer.polygons)
    kept = ~edges.cut
    if not kept.any():
        return 0.0, 0.0, 0
    ends = [part[kept] for part in edges.ends]
    length, _ = geodesic(*ends)
    longest = np.argsort(length)[-20:]
    aside = aside_m(*(part[longest] for part in ends))
    return float(length[longest[-1]]), float(aside.max()), int(kept.sum())


def _overlaps(layer: Layer) -> list[Overlap]:
    tree = shapely.STRtree(layer.polygons)
    first, second = tree.query(layer.polygons, predicate="intersects")
    found = []
    for a, b in zip(*np.sort(np.stack((first, second)), axis=0)[:, first < second], strict=True):
        both = shapely.intersection(layer.polygons[a], layer.polygons[b])
        if shapely.area(both) > 0.0 and (size := area_km2(both)) > SMALLEST_KM2:
            found.append(Overlap((layer.areas[a], layer.areas[b]), size))
    return found


def _gaps_km2(layer: Layer) -> float:
    """Holes of the union that are narrow: slivers between neighbours, not lakes."""
    if len(layer.areas) < 2:
        return 0.0
    whole = shapely.union_all(layer.polygons)
    own = {shapely.Polygon(ring).normalize().wkb for ring in _holes(layer.polygons)}
    total = 0.0
    for hole in _holes(np.atleast_1d(whole)):
        gap = shapely.Polygon(hole)
        narrow = shapely.area(gap) < WIDE_DEG * shapely.length(gap)
        if narrow and gap.normalize().wkb not in own:
            total += area_km2(gap)
    return total


def _holes(shapes: NDArray[np.object_]) -> list[shapely.LinearRing]:
    return [ring for polygon in shapely.get_parts(shapes) for ring in polygon.interiors]


def _misplaced(layer: Layer, world: Layer) -> list[Finding]:
    """Areas that lie elsewhere than the world layer has them, which swapped coordinates do."""
    found = []
    for code, shape in zip(layer.areas, layer.polygons, strict=True):
        if code in world.areas:
            known = world.polygons[world.areas.index(code)]
            shared = shapely.area(shapely.intersection(shape, known))
            if shared < SHARED * min(shapely.area(shape), shapely.area(known)):
                found.append(Finding("LAY-106", Severity.ERROR, where=code))
    return found
