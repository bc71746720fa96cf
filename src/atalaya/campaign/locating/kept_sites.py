"""Sites as they were last written in a workspace."""

import json
from pathlib import Path

from atalaya.base.errors import BadInput, NotFound
from atalaya.campaign.locating.site_files import FOLDER

LEAST_LETTERS = 4
"""Of an id, for a judgement that is kept for ever."""


def site_id(root: Path, name: str) -> str:
    """The whole id of a site that was listed.

    Raises:
        NotFound: SIT-006, nothing was listed yet; SIT-004, no such site, or several; SIT-016, too short.
        BadInput: SIT-007, the list is damaged.
    """
    path = root / FOLDER / "sites.json"
    if not path.is_file():
        raise NotFound("SIT-006", where=str(root))
    try:
        ids = [str(each["id"]) for each in json.loads(path.read_text(encoding="utf-8"))["sites"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput("SIT-007", where=str(path), detail=str(error)[:120]) from error
    found = [each for each in ids if each.casefold() == name.casefold()]
    if not found and len(name) < LEAST_LETTERS:
        raise NotFound("SIT-016", where=name[:80], least=LEAST_LETTERS)
    found = found or [each for each in ids if each.casefold().startswith(name.casefold())]
    if len(found) != 1:
        raise NotFound("SIT-004", where=name[:80], names=", ".join(ids[:12]) or "-")
    return found[0]
