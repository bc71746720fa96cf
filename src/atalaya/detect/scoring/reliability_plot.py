"""Pictures of a reliability diagram and a FROC curve, in the reader's language; SVG, PNG or PDF by suffix."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.language import say
from atalaya.base.whole_file import whole_file
from atalaya.detect.scoring.calibration import Calibration
from atalaya.detect.scoring.froc import Froc

INK, MUTED, SURE = "#17212A", "#51626F", "#1F6F8B"
Ends = tuple[float, float]
SUFFIXES = (".svg", ".png", ".pdf")


def plot_reliability(path: Path, found: Calibration) -> None:
    """What came true against what was stated, with exact intervals, and how many claims each bin holds.

    Raises:
        BadInput: SCO-038, no such picture. AtalayaError: SCO-039, it cannot be written.
    """
    _write(path, lambda figure: _reliability(figure, found))


def plot_froc(path: Path, found: Froc, rates: Sequence[float] = (), intervals: Sequence[Ends] = ()) -> None:
    """Share found against false alarms.

    Args:
        rates, intervals: false alarms at which the share found has such an interval.

    Raises:
        BadInput: SCO-038, no such picture. AtalayaError: SCO-039, it cannot be written.
    """
    _write(path, lambda figure: _froc(figure, found, rates, intervals))


def _reliability(figure: Any, found: Calibration) -> None:
    rows = found.reliability
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(4.0, 1.0))
    above.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--", label=say("scoring.plot.perfect"))
    error = np.abs(np.stack((rows.came_true - rows.low, rows.high - rows.came_true)))
    label = say("scoring.plot.bins")
    above.errorbar(rows.stated, rows.came_true, error, fmt="o-", color=SURE, capsize=3, label=label)
    above.set(xlim=(0, 1), ylim=(0, 1), ylabel=say("scoring.plot.came_true"))
    above.set_title(
        say("scoring.plot.reliability", n=found.n, brier=f"{found.brier:.3f}", ece=f"{rows.ece:.3f}"),
        fontsize=10,
        loc="left",
    )
    above.legend(frameon=False, fontsize=8, loc="upper left")
    below.bar(rows.stated, rows.n, width=0.02, color=SURE)
    below.set(xlabel=say("scoring.plot.stated"), ylabel=say("scoring.plot.count"))
    _plain(above, below)


def _froc(figure: Any, found: Froc, rates: Sequence[float], intervals: Sequence[Ends]) -> None:
    axes = figure.subplots()
    reached = float(found.pd[-1]) if len(found.pd) else 0.0
    last = max([*found.rate[-1:], *rates, 1.0 / found.size])
    axes.step([0.0, *found.rate, last], [0.0, *found.pd, reached], where="post", color=SURE)
    known = [(rate, *ends) for rate, ends in zip(rates, intervals, strict=True) if np.isfinite(ends).all()]
    if known:
        at, low, high = np.array(known).T
        axes.vlines(at, low, high, color=INK, linewidth=2, label=say("scoring.plot.interval"))
        axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set(ylim=(0, 1), ylabel=say("scoring.plot.pd"))
    axes.set_xscale("symlog", linthresh=1.0 / found.size)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(say("scoring.plot.per_km2") if found.per == "km2" else say("scoring.plot.per_image"))
    title = say("scoring.plot.froc", truths=found.truths, size=f"{found.size:.6g}")
    axes.set_title(
        f"{title} {found.per if found.per == 'km2' else say('scoring.images')}", fontsize=10, loc="left"
    )
    _plain(axes)


def _plain(*axes: Any) -> None:
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(color="#E3E8EB", linewidth=0.6)
        each.set_axisbelow(True)


def _write(path: Path, draw: Callable[[Any], None]) -> None:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    suffix = path.suffix.casefold()
    if suffix not in SUFFIXES:
        raise BadInput("SCO-038", where=path.name, known=" ".join(SUFFIXES))
    # the object interface needs no global backend; the salt keeps the ids of an SVG the same on every run
    figure = Figure(figsize=(6.4, 5.2), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure)
    unstamped = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix, {"Software": "atalaya"})
    try:
        with whole_file(path) as partial, rc_context({"svg.hashsalt": "atalaya"}):
            figure.savefig(partial, format=suffix[1:], dpi=130, metadata=unstamped)
    except OSError as error:
        raise AtalayaError("SCO-039", where=str(path), detail=error.strerror or str(error)) from error
