"""What the sub-commands of `atalaya audit` share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from atalaya.base.clock import iso
from atalaya.base.errors import NotFound
from atalaya.base.language import say

if TYPE_CHECKING:
    from atalaya.store.journal import Journal

AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))]
InWorkspace = Annotated[Path, Parameter(help=say("cli.audit.workspace"), env_var="ATALAYA_WORKSPACE")]
WorkspaceArgument = Annotated[Path, Parameter(help=say("cli.audit.place"), env_var="ATALAYA_WORKSPACE")]
Output = Annotated[Path, Parameter(name=("--output", "-o"), help=say("cli.audit.output"))]


def open_journal(workspace: Path) -> "Journal":
    """The journal of a workspace that has one.

    Raises:
        NotFound: TRU-058; none is made.
    """
    from atalaya.store.journal import Journal

    if not (workspace / "log" / "checkpoint").exists():
        raise NotFound("TRU-058", where=str(workspace))
    return Journal.open(workspace)


def read_file(path: Path) -> bytes:
    """A small file that an option names.

    Raises:
        NotFound: TRU-071.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound("TRU-071", where=str(path), detail=error.strerror or str(error)) from error


def dated(time_s: int) -> str:
    """POSIX seconds as ISO 8601."""
    return iso(time_s * 1_000_000)[:19] + "Z"
