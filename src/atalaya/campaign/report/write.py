"""The page of a workspace, gathered and written."""

from pathlib import Path
from typing import TYPE_CHECKING

from atalaya.campaign.rehearsal.marker import MARKER
from atalaya.store.workspace import written_whole

if TYPE_CHECKING:
    from atalaya.campaign.report.collect import Worked

FILE = "report.html"


def write_page(
    root: Path, lang: str, file: Path | None = None, marking: str = "", worked: "Worked | None" = None
) -> Path:
    """Write the report of a workspace; where it lies.

    Args:
        lang: "en" or "es". file: to write; `report.html` in the workspace when left out, beside it where the
            workspace is of a rehearsal: what is held against the truth must not lie among the recordings.

        worked: what was worked out of this workspace just now.

    Raises:
        AtalayaError: what gathering raises; STO-005, it cannot be written.
    """
    from atalaya.campaign.report import report_html
    from atalaya.campaign.report.collect import collected

    known = collected(root, marking=marking, worked=worked)
    place = root.resolve().parent if (root / MARKER).exists() else root
    target = place / FILE if file is None else file
    page = report_html(known, "es" if lang == "es" else "en")
    with written_whole(target) as partial:
        partial.write_text(page, encoding="utf-8")
    return target
