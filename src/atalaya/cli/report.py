"""`atalaya report WORKSPACE`: one self-contained page for people; it needs no network."""

import sys
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
    root = existing(workspace)
    print(write_report(root, output or root / "report.html", lang, marking))
    return 0


def write_report(root: Path, file: Path, lang: Lang | None = None, marking: str = "") -> Path:
    """Gather, write, and say where it lies.

    Raises:
        AtalayaError: what gathering raises; STO-005, it cannot be written.
    """
    from atalaya.campaign.report import report_html
    from atalaya.campaign.report.collect import collected
    from atalaya.store.workspace import written_whole

    page = report_html(collected(root, marking=marking), lang or language())
    with written_whole(file) as partial:
        partial.write_text(page, encoding="utf-8")
    print(say("report.wrote", file=file), file=sys.stderr)
    return file
