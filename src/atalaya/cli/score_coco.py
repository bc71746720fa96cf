"""`atalaya score coco TRUTH.json DETECTIONS.json`: average precision of boxes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from atalaya.base.errors import Usage
from atalaya.base.language import printable, say
from atalaya.cli.guard import positive
from atalaya.cli.plan_options import AsJson
from atalaya.cli.score_table import out, shown, table

if TYPE_CHECKING:
    from atalaya.detect.scoring.coco_ap import AveragePrecision


def coco(
    truth: Annotated[Path, Parameter(help=say("cli.score.truth_json"))],
    detections: Annotated[Path, Parameter(help=say("cli.score.found_json"))],
    /,
    *,
    most: Annotated[int, Parameter(help=say("cli.score.most"))] = 0,
    gsd: Annotated[float | None, Parameter(help=say("cli.score.gsd"))] = None,
    bin: Annotated[list[str] | None, Parameter(help=say("cli.score.bin"), negative="")] = None,  # noqa: A002
    as_json: AsJson = False,
) -> int:
    """Score boxes."""
    from atalaya.detect.scoring.coco_ap import AREA_BINS, coco_ap
    from atalaya.detect.scoring.files.coco import read_detections, read_truth

    positive("--gsd", gsd)
    if most < 0:
        raise Usage("SCO-040", where="--most", value=most)
    bins = _bins(bin) if bin else AREA_BINS
    known = read_truth(truth)
    true = known.boxes.without(known.of_persons(known.boxes))
    said = read_detections(detections, known)
    if gsd is not None:
        scale = dict.fromkeys(range(len(known.images)), gsd)
        true, said = true.in_metres(scale), said.in_metres(scale)
    found = coco_ap(true, said, area_bins=bins, most_per_image=most, names=known.names)
    persons = int(known.of_persons(known.boxes).sum())
    told = [say("scoring.coco.persons", count=persons)] if persons else []
    out(found.as_json() | {"persons_left_out": persons}, "coco", as_json, [*_lines(found), *told])
    return 0


def _bins(words: list[str]) -> dict[str, tuple[float, float]]:
    """Bins of the command line.

    Raises:
        Usage: SCO-040.
    """
    bins: dict[str, tuple[float, float]] = {}
    for word in words:
        name, *ends = word.split(":")
        try:
            low, high = (float(end) for end in ends)
        except ValueError as error:
            raise Usage("SCO-040", where="--bin", value=word) from error
        if not (name and name not in ("all", *bins) and 0.0 <= low < high):
            raise Usage("SCO-040", where="--bin", value=word)
        bins[name] = (low, high)
    return bins


def _lines(found: "AveragePrecision") -> list[str]:
    rows = [
        [
            say("scoring.all") if name == "all" else printable(name),
            *(shown(found.ap(name, iou)) for iou in (None, 0.5, 0.75)),
            shown(found.ar(name)),
        ]
        for name in found.bins
    ]
    classes = [[printable(row["name"]), shown(row["ap"])] for row in found.as_json()["classes"]]
    return [
        say("scoring.coco.counts", truths=found.truths, detections=found.claims),
        "",
        *table([say("scoring.area"), "AP", "AP50", "AP75", "AR"], rows),
        "",
        *table([say("scoring.class"), "AP"], classes),
    ]
