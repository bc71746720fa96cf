"""One picture of one recording: where the aircraft flew, what its frames covered, what was reported."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from atalaya.base.language import printable, say
from atalaya.store.workspace import written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

LAND, INK, MUTED, LINE = "#EEF1EC", "#17212A", "#51626F", "#CCD5DB"
SENSOR, REPORTED = "#123A9B", "#8A6410"
SIZE_INCHES = (9.6, 7.2)
DOTS_PER_INCH = 125
METRES_PER_DEGREE = 111_320.0


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
    # The object interface needs no global backend, so that several threads can draw at once.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.09, 0.07, 0.88, 0.79), facecolor=LAND)
    origin = _origin_longitude(overview)
    drawn = _draw_content(axes, overview, origin)
    _frame(axes, drawn)
    if not drawn:
        axes.text(0.5, 0.5, overview.remark, transform=axes.transAxes, ha="center", color=MUTED, wrap=True)
    title = printable(overview.title)
    figure.text(0.09, 0.955, title, fontsize=13, fontweight="bold", color=INK, parse_math=False)
    for n, line in enumerate(overview.lines[:2]):
        figure.text(0.09, 0.925 - 0.027 * n, line, fontsize=8.5, color=MUTED)
    with written_whole(path) as partial, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter the font lacks is drawn as a box
        figure.savefig(partial, format="png", metadata={"Software": "atalaya"})


def _origin_longitude(overview: Overview) -> float:
    """A longitude near everything, so that a map over the antimeridian is one piece."""
    for points in (overview.centres, overview.track, overview.targets):
        known = points[np.isfinite(points).all(axis=1)]
        if len(known):
            return float(known[0, 0])
    return 0.0


def _near(lon_deg: Floats, origin_deg: float) -> Floats:
    return (lon_deg - origin_deg + 180.0) % 360.0 - 180.0 + origin_deg


def _draw_content(axes: "Axes", overview: Overview, origin: float) -> bool:
    shown = False
    if len(overview.footprints):
        moved = shapely.transform(
            overview.footprints, lambda xy: np.column_stack([_near(xy[:, 0], origin), xy[:, 1]])
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
            lon = _near(known[:, 0], origin)
            axes.plot(lon, known[:, 1], color=colour, linestyle=style, linewidth=1.4, label=label)
            axes.plot(lon[-1:], known[-1:, 1], marker="o", color=colour, markersize=4.5)
            shown = True
    if len(overview.targets):
        lon = _near(overview.targets[:, 0], origin)
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


def _frame(axes: "Axes", drawn: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    for spine in axes.spines.values():
        spine.set_color(LINE)
    axes.tick_params(colors=MUTED, labelsize=8)
    if not drawn:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    axes.ticklabel_format(useOffset=False, style="plain")
    axes.margins(0.06)
    axes.autoscale_view()
    latitude = float(np.clip(np.mean(axes.get_ylim()), -85.0, 85.0))
    shrink = float(np.cos(np.radians(latitude)))
    axes.set_aspect(1.0 / shrink, adjustable="datalim")
    axes.grid(color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.apply_aspect()
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(say("map.longitude"), fontsize=8, color=MUTED)
    axes.set_ylabel(say("map.latitude"), fontsize=8, color=MUTED)
    axes.legend(loc="upper right", fontsize=8, framealpha=0.92, edgecolor=LINE, labelcolor=INK)
    _scale_bar(axes, shrink)


def _scale_bar(axes: "Axes", shrink: float) -> None:
    """A round length of about a fifth of the width, at the lower left, with north up beside it."""
    west, east = axes.get_xlim()
    per_degree = METRES_PER_DEGREE * shrink
    wanted = (east - west) * per_degree / 5.0
    power = 10.0 ** np.floor(np.log10(wanted))
    length = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= wanted)
    x, y, width = 0.03, 0.045, length / per_degree / (east - west)
    axes.plot([x, x + width], [y, y], transform=axes.transAxes, color=INK, linewidth=2.5)
    label = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x + width / 2, y + 0.014, label, transform=axes.transAxes, ha="center", fontsize=8, color=INK)
    axes.annotate(
        "N",
        xy=(0.035, 0.2),
        xytext=(0.035, 0.12),
        xycoords="axes fraction",
        ha="center",
        fontsize=9,
        color=INK,
        arrowprops={"arrowstyle": "-|>", "color": INK},
    )
