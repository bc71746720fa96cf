"""`atalaya score WORKSPACE`: what was made of recordings of the digital range, against the truth."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.language import say
from atalaya.cli.ledger_view import existing
from atalaya.cli.plan_options import AsJson
from atalaya.cli.range_text import score_lines


def score(
    workspace: Annotated[Path, Parameter(help=say("cli.score.workspace"))],
    /,
    *,
    flown: Annotated[Path | None, Parameter(help=say("cli.score.flown"))] = None,
    as_json: AsJson = False,
) -> int:
    """Score a workspace."""
    from atalaya.campaign.rehearsal.score import score as score_workspace

    found = score_workspace(existing(workspace), flown).as_json()
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(score_lines(found)))
    return 0
