"""`atalaya report WORKSPACE`: one self-contained page for people; it needs no network."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from atalaya.base.errors import PartlyDone, Usage
from atalaya.base.language import language, say
from atalaya.cli.main import report
from atalaya.cli.workspace_there import workspace_there

Lang = Literal["en", "es"]


def report_(
    workspace: Annotated[Path, Parameter(help=say("cli.report.workspace"))],
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help=say("cli.report.output"))] = None,
    lang: Annotated[Lang | None, Parameter(help=say("cli.report.lang"))] = None,
    marking: Annotated[str, Parameter(help=say("cli.report.marking"))] = "",
) -> int:
    """Write the report; 7 where some recordings' detections could not be read: the page says which."""
    from atalaya.campaign.locating.gathered import unreadable
    from atalaya.campaign.report.write import write_page

    root = workspace_there(workspace)
    if output is not None and output.is_dir():
        raise Usage("SIT-010", where="--output", path=output)
    print(write_page(root, lang or language(), output, marking))
    failed = unreadable(root)
    for error in failed:
        report(error, as_json=False)
    return PartlyDone.exit_code if failed else 0
