"""The one-page account as a file: tagged PDF, or a picture."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from atalaya.store.workspace import written_whole


def print_page(page: Mapping[str, Any], target: Path) -> None:
    """Write the page as PDF (tagged, PDF/UA-1) or PNG, as the suffix says. The same data give the same bytes.

    Raises:
        AtalayaError: STO-005.
    """
    import typst

    template = files("atalaya.campaign") / "templates" / "ledger_page.typ"
    png = target.suffix.lower() == ".png"
    made = typst.compile(
        template.read_bytes(),
        sys_inputs={"page": json.dumps(page, ensure_ascii=False)},
        format="png" if png else "pdf",
        ppi=150.0,
        ignore_system_fonts=True,
        pdf_standards=[] if png else ["ua-1"],
        timestamp=0,
    )
    with written_whole(target) as partial:
        partial.write_bytes(made if isinstance(made, bytes) else made[0])
