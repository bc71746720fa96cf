"""Where the optional real recordings lie; a test that needs an absent one is skipped and says so."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("ATALAYA_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared(name: str) -> Path:
    """Path of a shared data file, or skip the test that asked for it."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"real recording {name} is not beside this checkout")
    return path
