"""A workspace that verbs of footage and sites read from."""

from pathlib import Path

from atalaya.base.errors import NotFound
from atalaya.store.workspace import SETTINGS_FILE


def workspace_there(workspace: Path) -> Path:
    """The workspace, which must be there: reading makes none.

    Raises:
        NotFound: SIT-009.
    """
    if not (workspace / SETTINGS_FILE).is_file():
        raise NotFound("SIT-009", where=str(workspace))
    return workspace
