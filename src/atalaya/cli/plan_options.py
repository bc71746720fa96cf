"""Options that the planning verbs share, and how they tell of their progress."""

import json
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from atalaya.base.language import figure, say

Known = Annotated[str, Parameter(help=say("cli.plan.known"))]
Layers = Annotated[list[str] | None, Parameter(help=say("cli.ledger.layer"), negative="")]
Workspace = Annotated[
    Path | None, Parameter(name="--workspace", env_var="ATALAYA_WORKSPACE", help=say("cli.plan.workspace"))
]
Progress = Annotated[Literal["text", "jsonl", "none"], Parameter(help=say("cli.plan.progress"))]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))]


def tell(how: str, what: str, share: float | None = None, finds: float | None = None) -> None:
    """One line of progress on stderr."""
    if how == "none":
        return
    if how == "jsonl":
        shown = {"schema": "atalaya.progress/1", "step": what}
        if share is not None and finds is not None:
            shown |= {"share": round(share, 4), "finds": round(finds, 6)}  # type: ignore[dict-item]
        print(json.dumps(shown), file=sys.stderr, flush=True)
        return
    if share is None or finds is None:
        print(say(f"plan.did.{what}"), file=sys.stderr, flush=True)
    else:
        line = say("plan.did.paths", share=f"{100 * share:.0f}", finds=figure(finds))
        print(line, file=sys.stderr, flush=True)


@contextmanager
def planning_executor(workers: int | None) -> Iterator[Executor | None]:
    """Where sorties are planned: a Dask cluster where `ATALAYA_ENGINE` names one, else threads.

    Raises:
        Usage: CLI-004, fewer than one worker.
    """
    engine = os.environ.get("ATALAYA_ENGINE", "")
    if engine:
        from atalaya.campaign.cluster import cluster_executor

        with cluster_executor(engine) as executor:
            yield executor
        return
    from atalaya.campaign.executor import make_executor

    with make_executor(workers) as threads:
        yield threads


def slug(name: str) -> str:
    """A name as a folder: lower case letters, digits and hyphens."""
    return re.sub(r"[^\w]+", "-", name.casefold()).strip("-") or "campaign"
