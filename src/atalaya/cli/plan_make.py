"""`atalaya plan make CAMPAIGN.toml`: plan a campaign and write its folder."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.errors import PartlyDone
from atalaya.base.language import say
from atalaya.cli.guard import positive
from atalaya.cli.plan_options import (
    AsJson,
    Known,
    Layers,
    Progress,
    Workspace,
    planning_executor,
    slug,
    tell,
)

INTERRUPTED = 130


def make(
    file: Annotated[Path, Parameter(help=say("cli.plan.file"))],
    /,
    *,
    output: Annotated[Path | None, Parameter(help=say("cli.plan.output"))] = None,
    format: Annotated[list[str] | None, Parameter(help=say("cli.plan.format"), negative="")] = None,  # noqa: A002
    effort: Annotated[int, Parameter(help=say("cli.plan.effort"))] = 400_000,
    workers: Annotated[int | None, Parameter(help=say("cli.plan.workers"))] = None,
    known: Known = "",
    layer: Layers = None,
    workspace: Workspace = None,
    progress: Progress = "text",
    as_json: AsJson = False,
) -> int:
    """Plan a campaign."""
    from atalaya.campaign.planning.make import keep_plan, make_plan
    from atalaya.campaign.planning.plan_json import plan_json
    from atalaya.campaign.planning.plan_sheet import summary
    from atalaya.cli.ledger_view import existing, instant

    positive("--effort", effort)
    root = None if workspace is None else existing(workspace)
    with stoppable() as stopped, planning_executor(workers) as executor:
        made = make_plan(
            file,
            known_us=instant(known),
            output=output,
            formats=tuple(format or ("plan",)),
            workspace=root,
            layers=tuple(layer or ()),
            iterations=effort,
            executor=executor,
            tell=lambda what: tell(progress, what),
            progress=lambda share, finds: tell(progress, "paths", share, finds),
            stop=lambda: stopped[0],
        )
    folder = output if output is not None else Path(f"{slug(made.request.name)}-plan")
    findings = keep_plan(made, folder, tuple(format or ("plan",)), root)
    if as_json:
        print(json.dumps({**plan_json(made), "folder": str(folder)}, ensure_ascii=False))
    else:
        print("\n".join(summary(made)))
        print("\n" + say("plan.did.wrote", folder=folder))
    for finding in {each.code: each for each in findings}.values():
        print(finding, file=sys.stderr)
    if not made.complete:
        return INTERRUPTED
    return 0 if made.sorties and not made.refused else PartlyDone.exit_code


@contextmanager
def stoppable() -> Iterator[list[bool]]:
    """A first Ctrl-C asks to stop with the best so far; a second one ends at once."""
    asked = [False]

    def ask(number: int, frame: FrameType | None) -> None:
        if asked[0]:
            raise KeyboardInterrupt
        asked[0] = True

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
