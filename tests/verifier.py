"""The separate verifier as a module, and as a stranger would run it."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

FILE = Path(__file__).resolve().parents[1] / "verify" / "atalaya_verify.py"


def load() -> ModuleType:
    specification = importlib.util.spec_from_file_location("atalaya_verify", FILE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def run(*arguments: object) -> tuple[int, str]:
    """Exit code and line of `python atalaya_verify.py ...`, without any of our packages on its path."""
    command = [sys.executable, "-I", str(FILE), *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout
