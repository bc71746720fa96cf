"""One picture of a plan: what is believed, where sorties go, what nobody may search and why it is empty."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from atalaya.base.clock import iso
from atalaya.base.language import figure as shown
from atalaya.base.language import printable, say
from atalaya.campaign.map_frame import INK, frame_map, map_figure, write_map
from atalaya.campaign.planning.made_plan import MadePlan, PlannedSortie
from atalaya.plan.waypoint import LegKind
from atalaya.sensing.search_map import SearchMap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

COLOURS = ("#123A9B", "#0B7A75", "#8A1C7C", "#A14A00", "#3D6B1F", "#6B4BB3", "#B3003C", "#00628B")
BELIEF = ("#EEF1EC", "#F3D9A4", "#D98E32", "#8F3B12")
CLOSED = "#51626F"
MOST_NAMED = 8


def draw_plan(made: MadePlan, path: Path) -> None:
    """Write the picture as PNG, 1200 by 900 pixels. The same plan gives the same bytes.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    figure, axes = map_figure()
    _belief(axes, made.before)
    for area in made.request.areas:
        _outline(axes, area.geometry, INK, "--", 1.0)
        middle = area.geometry.representative_point()
        axes.text(middle.x, middle.y, area.name, color=INK, fontsize=8, ha="center", parse_math=False)
    for number, left in enumerate(made.left_out):
        _hatched(axes, left.geometry, say("plan.map.left_out") if number == 0 else None)
    for number, planned in enumerate(made.sorties):
        label = f"{planned.sortie.id}  {printable(planned.sortie.aircraft)}" if number < MOST_NAMED else None
        _sortie(axes, planned, COLOURS[number % len(COLOURS)], label)
    for base in made.request.bases.values():
        axes.plot(base.lon_deg, base.lat_deg, marker="^", color=INK, markersize=7, linestyle="none")
        axes.annotate(
            base.name, (base.lon_deg, base.lat_deg), (6, 4), textcoords="offset points", fontsize=8, color=INK
        )
    axes.plot([], [], color=INK, linestyle="--", linewidth=1.0, label=say("plan.map.area"))
    frame_map(axes, drawn=True)
    write_map(figure, made.request.name, _lines(made), path)


def _lines(made: MadePlan) -> tuple[str, str]:
    finds, hours = shown(made.expected_finds), shown(made.flight_hours)
    total = shown(made.before.expected)
    first = say("plan.map.finds", finds=finds, total=total, hours=hours, sorties=len(made.sorties))
    if not made.sorties:
        return first, say("plan.map.none")
    start = min(int(each.sortie.path.t_us[0]) for each in made.sorties)
    end = max(int(each.sortie.path.t_us[-1]) for each in made.sorties)
    return first, say("plan.map.when", first=iso(start)[:16] + "Z", last=iso(end)[:16] + "Z")


def _belief(axes: "Axes", search_map: SearchMap) -> None:
    """The expected facilities as colours, drawn on the corners of the cells."""
    from matplotlib.colors import LinearSegmentedColormap

    rate = search_map.rate
    x0, dx, _, y0, _, dy = search_map.post_affine
    step = max(1, -(-max(rate.shape) // 400))
    rows, columns = (np.append(np.arange(0, size, step), size) for size in rate.shape)
    x, y = np.meshgrid(x0 + dx * columns, y0 + dy * rows)
    lon, lat = Transformer.from_crs(search_map.crs, "EPSG:4326", always_xy=True).transform(x, y)
    sums = np.add.reduceat(np.add.reduceat(rate, rows[:-1], axis=0), columns[:-1], axis=1)
    top = float(np.quantile(sums[sums > 0], 0.995)) if np.any(sums > 0) else 1.0
    colours = LinearSegmentedColormap.from_list("belief", BELIEF)
    axes.pcolormesh(
        lon, lat, np.ma.masked_less_equal(sums, 0.0), cmap=colours, vmin=0.0, vmax=top, rasterized=True
    )


def _outline(axes: "Axes", geometry: BaseGeometry, colour: str, style: str, width: float) -> None:
    for ring in _rings(geometry):
        axes.plot(ring[:, 0], ring[:, 1], color=colour, linestyle=style, linewidth=width)


def _hatched(axes: "Axes", geometry: BaseGeometry, label: str | None) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    for part in shapely.get_parts(geometry):
        rings = [Outline(ring) for ring in _rings(part)]
        if rings:
            patch = PathPatch(
                Outline.make_compound_path(*rings),
                facecolor="none",
                edgecolor=CLOSED,
                hatch="////",
                linewidth=0.0,
                label=label,
            )
            axes.add_patch(patch)
            label = None


def _rings(geometry: BaseGeometry) -> Iterable[Floats]:
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield shapely.get_coordinates(part.exterior)
            for hole in part.interiors:
                yield shapely.get_coordinates(hole)


def _sortie(axes: "Axes", planned: PlannedSortie, colour: str, label: str | None) -> None:
    """The whole path thin, its search legs thick."""
    path, waypoints = planned.sortie.path, planned.sortie.waypoints
    axes.plot(path.lon_deg, path.lat_deg, color=colour, linewidth=0.7, alpha=0.8)
    searching = np.array([waypoint.leg is LegKind.SEARCH for waypoint in waypoints], np.bool_)
    on = searching[np.clip(path.waypoint, 0, len(waypoints) - 1)]
    lon = np.where(on, path.lon_deg, np.nan)
    lat = np.where(on, path.lat_deg, np.nan)
    axes.plot(lon, lat, color=colour, linewidth=1.8, label=label)
