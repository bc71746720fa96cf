"""Which build of the program ran: its version, and one hash over its source files."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from atalaya import __version__
from atalaya.base.hashing import sha256_file

SUFFIXES = frozenset({".py", ".toml", ".json", ".typ"})


@cache
def build_identity() -> dict[str, str]:
    """`version`, and `sha256` over the names and contents of the package's source and text files."""
    root = Path(str(files("atalaya")))
    digest = hashlib.sha256()
    for path in sorted(each for each in root.rglob("*") if each.suffix in SUFFIXES):
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256_file(path)}\n".encode())
    return {"version": __version__, "sha256": digest.hexdigest()}
