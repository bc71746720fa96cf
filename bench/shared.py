"""Where the optional real recordings lie, and how a measure says that they are absent."""

import os
from pathlib import Path

ROOT = Path(os.environ.get("ATALAYA_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared(name: str) -> Path | None:
    """Path of a shared data file, None where it is not beside this checkout."""
    path = ROOT / name
    return path if path.exists() else None
