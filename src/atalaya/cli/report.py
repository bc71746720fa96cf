"""`atalaya report WORKSPACE`: one self-contained page for people; it needs no network."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from atalaya.base.language import language, say
from atalaya.cli.ledger_view import existing

Lang = Literal["en", "es"]


def report_(
    workspace: Annotated[Path, Parameter(help=say("cli.report.workspace"))],
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help=say("cli.report.output"))] = None,
    lang: Annotated[Lang | None, Parameter(help=say("cli.report.lang"))] = None,
    marking: Annotated[str, Parameter(help=say("cli.report.marking"))] = "",
) -> int:
    """Write the report."""
    from atalaya.campaign.report.write import write_page

    root = existing(workspace)
    print(write_page(root, lang or language(), output, marking))
    return 0
