"""The mark of a workspace whose flights took place on the digital range alone."""

from pathlib import Path

MARKER = "rehearsal.json"
"""File in a workspace that says which flights on the range it holds."""


def is_rehearsed(root: Path) -> bool:
    """Whether a workspace holds a rehearsal."""
    return (root / MARKER).is_file()
