"""`atalaya run CAMPAIGN.toml`: plan, fly on the digital range, exploit, account for, score."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from atalaya.base.errors import PartlyDone
from atalaya.base.language import say
from atalaya.cli.guard import positive
from atalaya.cli.main import report
from atalaya.cli.plan_options import AsJson, Known, Progress, slug
from atalaya.cli.range_progress import clip_progress, tell_step


def run(
    file: Annotated[Path, Parameter(help=say("cli.plan.file"))],
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help=say("cli.run.output"))] = None,
    effort: Annotated[int, Parameter(help=say("cli.plan.effort"))] = 400_000,
    workers: Annotated[int | None, Parameter(help=say("cli.plan.workers"))] = None,
    known: Known = "",
    progress: Progress = "text",
    as_json: AsJson = False,
) -> int:
    """Run a campaign."""
    from atalaya.campaign.executor import make_executor
    from atalaya.campaign.rehearsal.run import run as run_campaign
    from atalaya.cli.ledger_view import instant
    from atalaya.cli.range_text import run_lines

    positive("--effort", effort)
    folder = output or Path(f"{slug(file.stem)}-run")
    with make_executor(workers) as executor, clip_progress(progress) as tell:
        done = run_campaign(
            file,
            folder,
            executor,
            known_us=instant(known) if known else None,
            iterations=effort,
            begin=lambda step: tell_step(progress, step),
            tell=tell,
        )
    for error in done.errors:
        report(error, as_json=False)
    if as_json:
        print(json.dumps(done.as_json(), ensure_ascii=False))
    else:
        print("\n".join(run_lines(done)))
    whole = bool(done.flown["sorties"]) and not done.errors and not done.plan["refused"]
    return 0 if whole else PartlyDone.exit_code
