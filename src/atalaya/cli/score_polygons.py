"""`atalaya score polygons TRUTH.csv PROPOSALS.csv`: F1 of outlines by SpaceNet's rules."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.language import printable, say
from atalaya.cli.guard import positive
from atalaya.cli.plan_options import AsJson
from atalaya.cli.score_table import out, shown, table


def polygons(
    truth: Annotated[Path, Parameter(help=say("cli.score.polygons.truth"))],
    proposals: Annotated[Path, Parameter(help=say("cli.score.polygons.found"))],
    /,
    *,
    iou: Annotated[float, Parameter(help=say("cli.score.iou"))] = 0.5,
    min_area: Annotated[float, Parameter(help=say("cli.score.min_area"))] = 20.0,
    as_json: AsJson = False,
) -> int:
    """Score outlines."""
    from atalaya.detect.scoring.files.polygons import read_outlines
    from atalaya.detect.scoring.polygon_f1 import F1, polygon_f1

    positive("--iou", iou)
    true, said = read_outlines(truth, proposals=False), read_outlines(proposals, proposals=True)
    found = polygon_f1(
        true.shape, true.image, said.shape, said.image, said.confidence, iou=iou, min_area=min_area
    )
    total = sum(found.values(), F1(0, 0, 0))
    every = [(printable(name), score) for name, score in found.items()]
    rows = [
        [name, *(str(count) for count in (score.tp, score.fp, score.fn))]
        + [shown(part) for part in (score.precision, score.recall, score.f1)]
        for name, score in [*every, (say("scoring.polygons.total"), total)]
    ]
    images = [{"image": name, **score.as_json()} for name, score in found.items()]
    head = [say("scoring.polygons.head"), "TP", "FP", "FN", "P", "R", "F1"]
    out({**total.as_json(), "images": images}, "polygons", as_json, table(head, rows))
    return 0
