"""`atalaya score drift REFERENCE.json PICTURES...`: do pictures still look like those of a model card?"""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.errors import AtalayaError
from atalaya.base.language import printable, say
from atalaya.base.whole_file import whole_file
from atalaya.cli.guard import refuse_to_replace
from atalaya.cli.plan_options import AsJson
from atalaya.cli.score_table import Seed, out, shown, table


def drift(
    reference: Annotated[Path, Parameter(help=say("cli.score.drift.reference"))],
    pictures: Annotated[list[Path], Parameter(help=say("cli.score.drift.pictures"))],
    /,
    *,
    learn: Annotated[bool, Parameter(help=say("cli.score.drift.learn"), negative="")] = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> int:
    """Compare pictures with a reference, or learn one."""
    import numpy as np

    from atalaya.detect.scoring.drift import drift as compare
    from atalaya.detect.scoring.files.pictures import counts_of, read_reference
    from atalaya.detect.scoring.files.pictures import learn as learn_from

    if learn:
        refuse_to_replace([reference], pictures)
        made = learn_from(pictures, np.random.default_rng(seed))
        _write(reference, json.dumps(made.as_json()))
        told = say("scoring.drift.learnt", pictures=len(pictures), file=reference)
        out({"pictures": len(pictures), "features": list(made.names)}, "drift-reference", as_json, [told])
        return 0
    known = read_reference(reference)
    found = compare(known, counts_of(pictures, known))
    rows = [
        [printable(name), shown(d), shown(limit), shown(psi)]
        for name, d, limit, psi in zip(found.names, found.d, found.limit, found.psi, strict=True)
    ]
    verdict = say("scoring.drift.fired") if found.fired else say("scoring.drift.silent")
    head = [say("scoring.drift.feature"), "D", say("scoring.drift.limit"), "PSI"]
    out(found.as_json(), "drift", as_json, [verdict, "", *table(head, rows)])
    return 0


def _write(path: Path, text: str) -> None:
    try:
        with whole_file(path) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AtalayaError("SCO-039", where=str(path), detail=error.strerror or str(error)) from error
