"""Recordings of a flight: their frames are a track, and they are marked by what they were collected under."""

from collections.abc import Sequence
from pathlib import Path

from atalaya.base.errors import BadInput
from atalaya.base.hashing import sha256_file
from atalaya.campaign.executor import make_executor
from atalaya.campaign.exploit import exploit
from atalaya.footage.analyse import Reading
from atalaya.store.catalogue import Catalogue
from atalaya.store.workspace import Workspace

FOOTAGE = frozenset({".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".mp4", ".mov", ".klv"})
"""Endings of files that hold metadata of their own; anything else is read as a track."""


def clips_and_track(root: Path, source: Path, clips: Sequence[Path]) -> tuple[Path, tuple[str, ...]]:
    """The file to read the track from, and the hashes of the recordings of a flight.

    A recording is exploited first where the workspace does not know it; its frames are then a track.

    Raises:
        BadInput: LED-025, the recording says nowhere where the aircraft was; and what exploiting it raises.
    """
    recordings = [*([source] if source.suffix.lower() in FOOTAGE else []), *clips]
    if not recordings:
        return source, ()
    workspace = Workspace.open(root)
    catalogue = workspace.catalogue()
    try:
        known = [_exploited(workspace, catalogue, path) for path in recordings]
    finally:
        catalogue.close()
    hashes = tuple(dict.fromkeys(sha256 for sha256, _ in known))
    if source.suffix.lower() not in FOOTAGE:
        return source, hashes
    frames = known[0][1]
    if frames is None:
        raise BadInput("LED-025", where=str(source))
    return frames, hashes


def _exploited(workspace: Workspace, catalogue: Catalogue, path: Path) -> tuple[str, Path | None]:
    """Hash of a recording, and the file of its frames where it has any."""
    sha256 = sha256_file(path)
    with make_executor(1) as executor:
        for outcome in exploit([str(path)], workspace, catalogue, Reading(), executor):
            if outcome.error is not None:
                raise outcome.error
            if outcome.result is not None and "frames" in outcome.result["outputs"]:
                return sha256, workspace.root / outcome.result["outputs"]["frames"]
    return sha256, None
