"""`atalaya score froc TRUTH DETECTIONS`: truths found against false alarms per image or square kilometre."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from atalaya.base.errors import Usage
from atalaya.base.language import say
from atalaya.cli.guard import positive, refuse_to_replace
from atalaya.cli.plan_options import AsJson
from atalaya.cli.score_table import Plot, Seed, out, shown, table

if TYPE_CHECKING:
    from atalaya.detect.scoring.froc import Froc, Judged
    from atalaya.detect.scoring.froc_boxes import How

IMAGE_RATES, KM2_RATES = (0.1, 0.25, 0.5, 1.0, 2.0, 8.0), (0.01, 0.1, 1.0, 10.0)
Match = Literal["middle", "halo", "iou"]


def froc(
    truth: Annotated[Path, Parameter(help=say("cli.score.froc.truth"))],
    detections: Annotated[Path, Parameter(help=say("cli.score.froc.found"))],
    /,
    *,
    match: Annotated[Match, Parameter(help=say("cli.score.match"))] = "middle",
    halo: Annotated[float, Parameter(help=say("cli.score.halo"))] = 5.0,
    iou: Annotated[float, Parameter(help=say("cli.score.iou"))] = 0.5,
    within: Annotated[float | None, Parameter(help=say("cli.score.within"))] = None,
    scenes: Annotated[Path | None, Parameter(help=say("cli.score.scenes"))] = None,
    km2: Annotated[float | None, Parameter(help=say("cli.score.km2"))] = None,
    ignore: Annotated[list[str] | None, Parameter(help=say("cli.score.ignore"), negative="")] = None,
    any_class: Annotated[bool, Parameter(help=say("cli.score.any_class"), negative="")] = False,
    rate: Annotated[list[float] | None, Parameter(help=say("cli.score.rate"), negative="")] = None,
    seed: Seed = 0,
    plot: Plot = None,
    as_json: AsJson = False,
) -> int:
    """Score detections by FROC."""
    for name, value in (("--halo", halo), ("--iou", iou), ("--within", within), ("--km2", km2)):
        positive(name, value)
    for each in rate or ():
        positive("--rate", each)
    refuse_to_replace([plot] if plot else [], [truth, detections, scenes])
    if (scenes is None) != (within is None):
        raise Usage("SCO-040", where="--scenes, --within", value="-")
    if scenes is not None and within is not None:
        from atalaya.detect.scoring.files.places import judge_places

        known, per = judge_places(truth, detections, scenes, within), "km2"
    else:
        how = _way(match, halo, iou)
        known, per = _boxes(truth, detections, how, ignore or [], any_class, km2), "km2" if km2 else "image"
    rates = rate or list(IMAGE_RATES if per == "image" else KM2_RATES)
    _tell(known, per, rates, seed, plot, as_json)
    return 0


def _tell(
    known: "list[Judged]", per: str, rates: list[float], seed: int, plot: Path | None, as_json: bool
) -> None:
    import numpy as np

    from atalaya.detect.scoring.froc import froc as curve
    from atalaya.detect.scoring.froc import pd_interval

    found = curve(known, per)
    draws = np.random.default_rng(seed)
    intervals = [pd_interval(known, each, draws) for each in rates]
    shown_json = found.as_json(rates)
    for point, ends in zip(shown_json["points"], intervals, strict=True):
        point["pd_low"], point["pd_high"] = (end if np.isfinite(end) else None for end in ends)
    counts = {name: sum(getattr(scene, name) for scene in known) for name in ("extra", "swallowed")}
    out({**shown_json, **counts}, "froc", as_json, _lines(found, rates, intervals, counts))
    if plot:
        from atalaya.detect.scoring.reliability_plot import plot_froc

        plot_froc(plot, found, rates, intervals)


def _boxes(
    truth: Path, detections: Path, how: "How", ignore: list[str], any_class: bool, km2: float | None
) -> "list[Judged]":
    """Judge the images of COCO files.

    Raises:
        Usage: SCO-041, no class of that name.
    """
    import numpy as np

    from atalaya.detect.scoring.files.coco import read_detections, read_truth
    from atalaya.detect.scoring.froc_boxes import judge_images

    known = read_truth(truth)
    said = read_detections(detections, known)
    strange = sorted(set(ignore) - set(known.names.values()))
    if strange:
        raise Usage(
            "SCO-041", where="--ignore", value=strange[0], known=", ".join(known.names.values())[:120]
        )
    numbers = [number for number, name in known.names.items() if name in ignore]
    regions = known.ignored | np.isin(known.boxes.category, numbers)
    size = np.full(len(known.images), 1.0 if km2 is None else km2 / max(len(known.images), 1))
    claims = said.without(np.isin(said.category, numbers))
    return judge_images(known.boxes, claims, regions, how, size, any_class=any_class)


def _way(match: Match, halo: float, iou: float) -> "How":
    from atalaya.detect.scoring.matching import middle_in_box, overlapping

    if match == "iou":
        return lambda claims, truths: overlapping(claims, truths, iou)
    return lambda claims, truths: middle_in_box(claims, truths, halo if match == "halo" else 0.0)


def _lines(
    found: "Froc",
    rates: list[float],
    intervals: list[tuple[float, float]],
    counts: dict[str, int],
) -> list[str]:
    per = say("scoring.froc.image") if found.per == "image" else "km2"
    many = say("scoring.images") if found.per == "image" else "km2"
    head = [say("scoring.froc.head", per=per)]
    head += [say(f"scoring.froc.{name}") for name in ("pd", "interval", "threshold", "upper")]
    rows = [
        [
            f"{rate:g}",
            shown(found.pd_at(rate)),
            f"{shown(low)} - {shown(high)}",
            f"{found.threshold_at(rate):.4g}" if found.row_at(rate) >= 0 else say("scoring.none"),
            f"{found.upper_rate_at(rate):.3g}",
        ]
        for rate, (low, high) in zip(rates, intervals, strict=True)
    ]
    summary = say("scoring.froc.counts", truths=found.truths, size=f"{found.size:.6g}", per=many, **counts)
    return [summary, "", *table(head, rows)]
