"""The frame of every map picture: paper, proportions, scale, north, title; the same input, the same bytes."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atalaya.base.language import printable, say
from atalaya.store.workspace import written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LAND, INK, MUTED, LINE = "#EEF1EC", "#17212A", "#51626F", "#CCD5DB"
SIZE_INCHES = (9.6, 7.2)
DOTS_PER_INCH = 125
METRES_PER_DEGREE = 111_320.0


def map_figure() -> "tuple[Figure, Axes]":
    """An empty picture of 1200 by 900 pixels and its axes."""
    # The object interface needs no global backend, so that several threads can draw at once.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure, figure.add_axes((0.09, 0.07, 0.88, 0.79), facecolor=LAND)


def write_map(figure: "Figure", title: str, lines: Sequence[str], path: Path) -> None:
    """Title and a few lines above the map, and the PNG.

    Raises:
        AtalayaError: STO-005, it cannot be written.
    """
    figure.text(0.09, 0.955, printable(title), fontsize=13, fontweight="bold", color=INK, parse_math=False)
    for n, line in enumerate(lines):
        figure.text(0.09, 0.925 - 0.027 * n, line, fontsize=8.5, color=MUTED, parse_math=False)
    with written_whole(path) as partial, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter the font lacks is drawn as a box
        figure.savefig(partial, format="png", metadata={"Software": "atalaya"})


def frame_map(axes: "Axes", drawn: bool) -> None:
    """Axes in degrees at true proportions, a scale and north; an empty frame where nothing was drawn."""
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
