"""One picture of one recording: where the aircraft flew, what its frames covered, what was reported."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.language import say
from atalaya.campaign.map_frame import INK, MUTED, frame_map, map_figure, write_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

SENSOR, REPORTED = "#123A9B", "#8A6410"


@dataclass(frozen=True)
class Overview:
    """What the picture shows; every position is (longitude, latitude) in degrees, WGS 84.

    Args:
        title: file name.
        lines: a few lines of text below the title.
        track: (n, 2) sensor positions in time order, NaN where unknown.
        centres: (n, 2) frame centres in time order, NaN where unknown.
        footprints: (k,) polygons.
        targets: (m, 2) reported targets.
        remark: shown across an empty map when there is nothing to draw.
    """

    title: str
    lines: tuple[str, ...]
    track: Floats
    centres: Floats
    footprints: NDArray[np.object_]
    targets: Floats
    remark: str = ""


def draw_overview(overview: Overview, path: Path) -> None:
    """Write the picture as PNG, 1200 by 900 pixels. The same input gives the same bytes.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    figure, axes = map_figure()
    origin = _origin_longitude(overview)
    drawn = _draw_content(axes, overview, origin)
    frame_map(axes, drawn)
    if not drawn:
        axes.text(0.5, 0.5, overview.remark, transform=axes.transAxes, ha="center", color=MUTED, wrap=True)
    write_map(figure, overview.title, overview.lines[:2], path)


def _origin_longitude(overview: Overview) -> float:
    """A longitude near everything, so that a map over the antimeridian is one piece."""
    for points in (overview.centres, overview.track, overview.targets):
        known = points[np.isfinite(points).all(axis=1)]
        if len(known):
            return float(known[0, 0])
    return 0.0


def near_longitude(lon_deg: Floats, origin_deg: float) -> Floats:
    """Longitudes within half a turn of another, degrees."""
    return (lon_deg - origin_deg + 180.0) % 360.0 - 180.0 + origin_deg


def _draw_content(axes: "Axes", overview: Overview, origin: float) -> bool:
    shown = False
    if len(overview.footprints):
        moved = shapely.transform(
            overview.footprints, lambda xy: np.column_stack([near_longitude(xy[:, 0], origin), xy[:, 1]])
        )
        covered = shapely.union_all(moved)
        for n, part in enumerate(shapely.get_parts(shapely.get_parts(covered))):
            if part.geom_type == "Polygon":
                axes.fill(*part.exterior.xy, facecolor=SENSOR, alpha=0.18, linewidth=0)
                label = say("map.covered") if n == 0 else None
                axes.plot(*part.exterior.xy, color=SENSOR, linewidth=0.8, label=label)
        last = shapely.get_parts(moved[-1])[0]
        axes.plot(*last.exterior.xy, color=SENSOR, linewidth=2.2, label=say("map.last_footprint"))
        shown = True
    for points, colour, style, label in (
        (overview.track, INK, "-", say("map.track")),
        (overview.centres, SENSOR, ":", say("map.centres")),
    ):
        known = points[np.isfinite(points).all(axis=1)]
        if len(known):
            lon = near_longitude(known[:, 0], origin)
            axes.plot(lon, known[:, 1], color=colour, linestyle=style, linewidth=1.4, label=label)
            axes.plot(lon[-1:], known[-1:, 1], marker="o", color=colour, markersize=4.5)
            shown = True
    if len(overview.targets):
        lon = near_longitude(overview.targets[:, 0], origin)
        axes.plot(
            lon,
            overview.targets[:, 1],
            linestyle="none",
            marker="D",
            markerfacecolor="none",
            markeredgecolor=REPORTED,
            markersize=5,
            label=say("map.targets"),
        )
        shown = True
    return shown
