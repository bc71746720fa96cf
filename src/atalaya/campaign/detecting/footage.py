"""Which recordings of a workspace are meant."""

from collections.abc import Sequence
from pathlib import Path

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.base.hashing import sha256_file
from atalaya.campaign.detecting.detect import Footage
from atalaya.detect.spectral.envi_cube import cube_files
from atalaya.footage.clip import Clip
from atalaya.store.workspace import Workspace


def footage_named(workspace: Workspace, names: Sequence[str]) -> list[Footage]:
    """All recordings with pictures that a workspace holds, or those named.

    One that is not there, or is no recording, comes with its error: NotFound DET-021, or what `Clip.open`
    says of it.

    Args:
        names: files, or beginnings of a recording's sha256, or names under which they were received.

    Raises:
        NotFound: DET-020, the workspace holds none; STO-0xx.
    """
    catalogue = workspace.catalogue()
    try:
        held = {clip.sha256: clip.name for clip in catalogue.clips() if clip.kind != "klv"}
    finally:
        catalogue.close()
    if not names:
        if not held:
            raise NotFound("DET-020", where=str(workspace.root))
        return [Footage(sha256, workspace.root / "footage" / sha256, name) for sha256, name in held.items()]
    return [_one_or_why(workspace, held, name) for name in names]


def _one_or_why(workspace: Workspace, held: dict[str, str], name: str) -> Footage:
    try:
        return _one(workspace, held, name)
    except AtalayaError as error:
        return Footage("", Path(name), name, error)
    except OSError as error:
        reason = error.strerror or str(error)
        return Footage("", Path(name), name, BadInput("EXP-001", where=name, reason=reason))


def _one(workspace: Workspace, held: dict[str, str], name: str) -> Footage:
    path = Path(name)
    cube = cube_files(path) if path.is_file() else None
    if cube is not None:
        # a cube stays where it is: it may be larger than all the rest
        return Footage(sha256_file(cube[0]), cube[0], path.name, header=cube[1])
    if path.is_file():
        with Clip.open(path):  # what is no recording is not kept
            sha256 = sha256_file(path)
        workspace.keep(path, sha256)
        return Footage(sha256, path, path.name)
    found = [
        sha256
        for sha256, known in held.items()
        if known == name or (len(name) >= 6 and sha256.startswith(name))
    ]
    if not found:
        raise NotFound("DET-021", where=name, workspace=str(workspace.root))
    return Footage(found[0], workspace.root / "footage" / found[0], held[found[0]])
