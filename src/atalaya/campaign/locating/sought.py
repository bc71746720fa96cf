"""What kind of facility is searched for: as asked, as a rehearsal was made for, as before, else any."""

import json
from pathlib import Path

from atalaya.base.errors import BadInput
from atalaya.campaign.locating.sign_rates import ANY, sought_names
from atalaya.campaign.locating.site_files import FOLDER
from atalaya.campaign.rehearsal.marker import MARKER


def sought_of(root: Path, asked: str = "") -> str:
    """One of `sign_rates.sought_names`.

    Args:
        root: of the workspace. asked: by name, "" for nothing.

    Raises:
        BadInput: SIT-011, nothing was measured for what is asked.
    """
    names = sought_names()
    if asked and asked not in names:
        raise BadInput("SIT-011", where=asked[:40], names=", ".join(names))
    known = (asked, _said(root / MARKER), _said(root / FOLDER / "sites.json"))
    return next((name for name in known if name in names), ANY)


def _said(file: Path) -> str:
    """What a file of the workspace says is sought; "" where it is absent or damaged: nobody said."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["sought"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
