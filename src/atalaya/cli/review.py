"""`atalaya review SITE VERDICT --by NAME`: a person's judgement of a site, kept, weighed as evidence."""

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from atalaya.base.clock import now_us
from atalaya.base.language import say
from atalaya.cli.plan_options import AsJson
from atalaya.cli.workspace_there import workspace_there
from atalaya.store.workspace import DEFAULT_WORKSPACE

VerdictName = Literal["accept", "reject", "unsure", "merge", "split", "note"]


def review(
    site: Annotated[str, Parameter(help=say("cli.sites.site"))],
    verdict: Annotated[VerdictName, Parameter(help=say("cli.review.verdict"))],
    /,
    *,
    by: Annotated[str, Parameter(help=say("cli.review.by"))],
    text: Annotated[str, Parameter(help=say("cli.review.text"))] = "",
    other: Annotated[str, Parameter(help=say("cli.review.other"))] = "",
    blind: Annotated[bool, Parameter(negative="", help=say("cli.review.blind"))] = False,
    workspace: Annotated[
        Path, Parameter(help=say("cli.exploit.workspace"), env_var="ATALAYA_WORKSPACE")
    ] = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Keep a review."""
    from atalaya.campaign.locating.kept_sites import site_id
    from atalaya.locate.review import Review, Verdict, review_json
    from atalaya.store.review_store import ReviewStore

    root = workspace_there(workspace)
    whole = site_id(root, site)
    partner = site_id(root, other) if other else ""
    one = Review(whole, by, now_us(), Verdict(verdict), partner, text, blind)
    new = ReviewStore(root).append([one])
    if as_json:
        print(json.dumps({"id": one.id, "new": bool(new), **review_json(one)}, ensure_ascii=False))
    else:
        print(say("review.kept", site=whole, verdict=say(f"review.verdict.{verdict}"), by=by))
    return 0
