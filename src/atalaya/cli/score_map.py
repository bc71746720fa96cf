"""`atalaya score map SCORES TRUTH`: a score map against a mask."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.language import say
from atalaya.cli.guard import positive
from atalaya.cli.plan_options import AsJson
from atalaya.cli.score_table import listed, out, shown


def score_map(
    scores: Annotated[Path, Parameter(help=say("cli.score.map.score"))],
    truth: Annotated[Path, Parameter(help=say("cli.score.map.truth"))],
    /,
    *,
    score_name: Annotated[str, Parameter(help=say("cli.score.score_name"))] = "",
    truth_name: Annotated[str, Parameter(help=say("cli.score.truth_name"))] = "",
    far: Annotated[float, Parameter(help=say("cli.score.far"))] = 1e-3,
    threshold: Annotated[float | None, Parameter(help=say("cli.score.threshold"))] = None,
    as_json: AsJson = False,
) -> int:
    """Score a map."""
    import numpy as np

    from atalaya.detect.scoring.files.maps import read_map
    from atalaya.detect.scoring.kappa import agreement
    from atalaya.detect.scoring.pixel_maps import map_score

    positive("--far", far)
    values, mask = read_map(scores, score_name), read_map(truth, truth_name)
    # ground whose truth is unknown is not judged
    valid = ~np.isnan(mask) if mask.dtype.kind == "f" else np.ones(mask.shape, np.bool_)
    found = map_score(values, mask, valid, far=far)
    shown_json = found.as_json()
    pairs = [
        (say("scoring.map.auc"), shown(found.auc)),
        (say("scoring.map.ap"), shown(found.ap)),
        (say("scoring.map.pd", far=f"{far:g}"), shown(found.pd)),
        (say("scoring.map.threshold"), f"{found.threshold:.6g}"),
        (say("scoring.map.prevalence"), f"{found.prevalence:.3g}"),
        (say("scoring.map.pixels"), f"{found.pixels}"),
    ]
    if threshold is not None:
        seen = valid & ~np.isnan(values.astype(np.float64))
        table = agreement(values[seen] >= threshold, mask[seen] > 0)
        kappa = table.kappa if np.isfinite(table.kappa) else None
        shown_json |= {"accuracy": table.accuracy, "kappa": kappa, "at": threshold}
        pairs.append((say("scoring.map.accuracy", threshold=f"{threshold:g}"), shown(table.accuracy)))
        pairs.append((say("scoring.map.kappa", threshold=f"{threshold:g}"), shown(kappa)))
    out(shown_json, "map", as_json, listed(pairs))
    return 0
