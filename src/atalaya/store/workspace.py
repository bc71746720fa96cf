"""The folder everything lives in: it can be copied, archived and handed over."""

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.hashing import sha256_file
from atalaya.base.whole_file import whole_file
from atalaya.store.catalogue import Catalogue, OutputRecord

SETTINGS_FILE = "atalaya.toml"
FORMAT = 1
DEFAULT_WORKSPACE = Path("atalaya-workspace")
"""Where verbs look when they are told nothing."""


class Workspace:
    """Paths of one workspace.

    atalaya.toml   settings          catalogue.sqlite   clips and what was made of them
    footage/<sha256>  as received    frames/<clip>.parquet   one row per frame
    tracks/<sha256>   as received    layers/<sha256>/  boundary layers that were added
    clips/<clip>/  maps, footprints, track, targets, verdict
    ledger.sqlite  registers and log entries     log/  tiles and checkpoints of the log
    accounts/      what was worked out before    keys/ the log's keys
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def open(cls, root: Path) -> "Workspace":
        """The workspace at `root`, made where there is none yet.

        Raises:
            BadInput: STO-004, the folder holds other things and no workspace; STO-002, a newer format;
                STO-006, its settings cannot be read.
            AtalayaError: STO-005, it cannot be written.
        """
        settings = root / SETTINGS_FILE
        if settings.exists():
            _check_settings(settings)
            return cls(root)
        if _holds_other_things(root) and not settings.exists():  # another process may have made it just now
            raise BadInput("STO-004", where=str(root))
        with written_whole(settings) as partial:
            partial.write_text(f"# A workspace of Atalaya.\nformat = {FORMAT}\n", encoding="utf-8")
        return cls(root)

    def catalogue(self) -> Catalogue:
        """The catalogue of this workspace."""
        from atalaya.store.sql_catalogue import open_sqlite  # the database costs a quarter second to import

        return open_sqlite(self.root / "catalogue.sqlite")

    def frames_path(self, clip_id: str) -> Path:
        """Where the frame table of a clip lies."""
        return self.root / "frames" / f"{clip_id}.parquet"

    def clip_folder(self, clip_id: str) -> Path:
        """Where maps, footprints, targets and verdict of a clip lie."""
        return self.root / "clips" / clip_id

    def keep(self, source: Path, sha256: str, folder: str = "footage") -> Path:
        """Copy a recording or track as received into the workspace; a damaged copy there is replaced.

        Raises:
            AtalayaError: STO-005, no room or no right to write; STO-007, the file changed while it was read.
        """
        target = self.root / folder / sha256
        if target.exists() and sha256_file(target) == sha256:
            return target
        with written_whole(target) as partial:
            shutil.copyfile(source, partial)
            if sha256_file(partial) != sha256:
                raise AtalayaError("STO-007", where=str(source))
        return target

    def output(self, kind: str, path: Path) -> OutputRecord:
        """The catalogue's record of a file made in this workspace."""
        return OutputRecord(kind, path.relative_to(self.root).as_posix(), sha256_file(path))

    def intact(self, output: OutputRecord) -> bool:
        """Whether an output is still there, byte for byte."""
        path = self.root / output.path
        return path.is_file() and sha256_file(path) == output.content_sha256


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it becomes `target` at the end, or vanishes on an error.

    A kill leaves the old file or none, never half of one.
    """
    try:
        with whole_file(target) as partial:
            yield partial
    except OSError as error:
        raise AtalayaError("STO-005", where=str(target), detail=error.strerror or str(error)) from error


def _holds_other_things(root: Path) -> bool:
    if not root.exists():
        return False
    if not root.is_dir():
        return True
    return any(not entry.name.lstrip(".").startswith("atalaya") for entry in root.iterdir())


def _check_settings(settings: Path) -> None:
    try:
        found = tomllib.loads(settings.read_text(encoding="utf-8")).get("format")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput("STO-006", where=str(settings), detail=str(error)) from error
    if not isinstance(found, int) or found > FORMAT:
        raise BadInput("STO-002", where=str(settings), found=found, known=FORMAT)
