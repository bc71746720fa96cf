"""The tempo as a picture: what was flown each week or month, above the papers and designations in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from atalaya.base.clock import EPOCH, LATEST_US
from atalaya.base.language import say
from atalaya.law.ledger.entry import LegalClass
from atalaya.law.ledger.tempo import StepUp, TempoRow
from atalaya.store.workspace import written_whole

COLOURS = {
    LegalClass.ELSEWHERE: "#c7ccd1",
    LegalClass.WITHIN_TERMS: "#4c8f6b",
    LegalClass.INDETERMINATE: "#e3c567",
    LegalClass.DISPUTED: "#b07cc6",
    LegalClass.RECORDED_AFTERWARDS: "#6fa8dc",
    LegalClass.OUTSIDE_TERMS: "#d9853b",
    LegalClass.NO_AUTHORISATION: "#a23b3b",
}
"""Readable in print and for colour-blind readers by lightness."""


@dataclass(frozen=True, slots=True)
class InForceBar:
    """Something in force over time: an authorisation, a designation, a notice.

    start_us, end_us: None where open.
    """

    label: str
    kind: str
    start_us: int | None
    end_us: int | None


def plot_tempo(path: Path, rows: Sequence[TempoRow], bars: Sequence[InForceBar], step: StepUp | None) -> None:
    """Write the picture (PNG or whatever the suffix says).

    Raises:
        AtalayaError: STO-005.
    """
    # The object interface needs no global backend, so that several threads can draw at once.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lanes = max(len(bars), 1)
    figure = Figure(figsize=(10, 3.2 + 0.24 * lanes), facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 0.28 * lanes + 0.2))
    _flown(above, rows, step)
    _in_force(below, rows, bars)
    with written_whole(path) as partial:
        figure.savefig(partial, dpi=130, metadata={"Software": "atalaya"})


def _flown(axes: Any, rows: Sequence[TempoRow], step: StepUp | None) -> None:
    starts = [_day(row.start_us) for row in rows]
    widths = [timedelta(microseconds=row.end_us - row.start_us) * 0.86 for row in rows]
    base = [0.0] * len(rows)
    for legal_class, colour in COLOURS.items():
        hours = [row.hours_by_class.get(str(legal_class), 0.0) for row in rows]
        if any(hours):
            label = say(f"ledger.class.{legal_class.name.lower()}")
            axes.bar(starts, hours, widths, base, align="edge", color=colour, label=label)
            base = [low + high for low, high in zip(base, hours, strict=True)]
    for row, start, width, top in zip(rows, starts, widths, base, strict=True):
        if row.sorties:
            axes.text(start + width / 2, top, str(row.sorties), ha="center", va="bottom", fontsize=7)
    if step is not None:
        text = say("tempo.step", label=step.label, before=f"{step.before:.1f}", after=f"{step.after:.1f}")
        axes.axvline(_day(step.start_us), color="black", linewidth=1, linestyle="--", label=text)
    axes.set_ylabel(say("tempo.hours"))
    axes.margins(y=0.15)
    axes.legend(fontsize=7, loc="upper left", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _in_force(axes: Any, rows: Sequence[TempoRow], bars: Sequence[InForceBar]) -> None:
    first, last = (_day(rows[0].start_us), _day(rows[-1].end_us)) if rows else (EPOCH, EPOCH)
    for place, bar in enumerate(reversed(bars)):
        start = first if bar.start_us is None else max(first, _day(bar.start_us))
        end = last if bar.end_us is None else min(last, _day(bar.end_us))
        if bar.start_us is not None and bar.start_us == bar.end_us:
            axes.plot([start], [place], marker="D", markersize=4, color="#46607f")
        elif end > start:
            axes.barh(place, end - start, left=start, height=0.6, color="#b9c4d1")
        axes.text(first, place, f" {bar.label}", va="center", ha="left", fontsize=7)
    axes.set_yticks([])
    axes.set_ylim(-0.6, max(len(bars), 1) - 0.4)
    if rows:
        axes.set_xlim(first, last)
    axes.set_ylabel(say("tempo.in_force"), fontsize=7)
    axes.spines[["top", "right", "left"]].set_visible(False)


def _day(t_us: int) -> datetime:
    """A moment that a calendar can hold: open ends are those of the picture."""
    return EPOCH + timedelta(microseconds=max(0, min(LATEST_US, t_us)))
