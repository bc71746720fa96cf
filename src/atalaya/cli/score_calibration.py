"""`atalaya score calibration FILE.csv`: whether probabilities mean what they say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from atalaya.base.language import say
from atalaya.cli.guard import positive, refuse_to_replace
from atalaya.cli.plan_options import AsJson
from atalaya.cli.score_table import Plot, Seed, listed, out, shown, table

if TYPE_CHECKING:
    from atalaya.detect.scoring.calibration import Calibration

FIGURES = ("base_rate", "brier", "base_brier", "log_score", "ece", "ece_equal_width", "worst")


def calibration(
    file: Annotated[Path, Parameter(help=say("cli.score.table"))],
    /,
    *,
    bins: Annotated[int, Parameter(help=say("cli.score.bins"))] = 10,
    seed: Seed = 0,
    plot: Plot = None,
    as_json: AsJson = False,
) -> int:
    """Score probabilities."""
    import numpy as np

    from atalaya.detect.scoring.calibration import brier, ece, interval
    from atalaya.detect.scoring.calibration import calibration as calibrate
    from atalaya.detect.scoring.files.columns import read_table

    positive("--bins", bins)
    refuse_to_replace([plot] if plot else [], [file])
    rows = read_table(file)
    p, y = rows.numbers("p", "probability"), rows.numbers("y", "truth")
    found = calibrate(p, y, bins)
    scenes = rows.texts("scene") if rows.has("scene") else None
    group = None if scenes is None else np.unique(scenes, return_inverse=True)[1]
    draws = np.random.default_rng(seed)
    ends: dict[str, Any] = {
        "brier": interval(p, y, brier, draws, group=group, rounds=400),
        "ece": interval(p, y, lambda a, b: ece(a, b, bins), draws, group=group, rounds=400),
    }
    extra = {"intervals": {name: list(pair) for name, pair in ends.items()}}
    out({**found.as_json(), **extra}, "calibration", as_json, _lines(found, ends))
    if plot:
        from atalaya.detect.scoring.reliability_plot import plot_reliability

        plot_reliability(plot, found)
    return 0


def _lines(found: "Calibration", ends: dict[str, Any]) -> list[str]:
    figures = found.as_json()
    pairs = [(say("scoring.calibration.n"), str(found.n))]
    for name in FIGURES:
        value = shown(figures[name])
        if name in ends:
            value += f"  ({shown(ends[name][0])} - {shown(ends[name][1])})"
        pairs.append((say(f"scoring.calibration.{name}"), value))
    head = [say("scoring.calibration.head"), say("scoring.calibration.came_true")]
    head += [say("scoring.froc.interval"), say("scoring.calibration.n")]
    rows = [
        [
            shown(row["stated"]),
            shown(row["came_true"]),
            f"{shown(row['low'])} - {shown(row['high'])}",
            str(row["n"]),
        ]
        for row in figures["bins"]
    ]
    return [*listed(pairs), "", *table(head, rows)]
