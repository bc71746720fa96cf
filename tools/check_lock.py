"""Fail when requirements.lock does not match pyproject.toml, or names an index.

Works without a network: every dependency that pyproject.toml and the locked distributions ask for must be in
the lock in a version that satisfies it, with hashes, and the lock must hold no address.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*(.+?))?\s*\\?$")


def locked(text: str) -> dict[str, str]:
    """Name to version of every pin that applies to this interpreter."""
    pins: dict[str, str] = {}
    for line in text.splitlines():
        found = PIN.match(line)
        if found and (found[3] is None or Marker(found[3].rstrip(" \\")).evaluate()):
            pins[canonicalize_name(found[1])] = found[2]
    return pins


def wanted(name: str, extras: set[str]) -> list[Requirement]:
    """What an installed distribution asks for here."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return []
    parsed = [Requirement(line) for line in lines]
    return [
        r for r in parsed if r.marker is None or any(r.marker.evaluate({"extra": e}) for e in extras | {""})
    ]


def problems() -> list[str]:
    """Every way in which the lock is stale or unfit, in words."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = [f"the lock holds an address: {line}" for line in text.splitlines() if "://" in line]
    found += [
        f"no hash for {pin[1]}" for pin in re.finditer(r"^(\S+==\S+)(?! .*\\$)[^\\]*$", text, re.MULTILINE)
    ]
    pins = locked(text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["dev"]
    queue = [Requirement(line) for line in lines]
    seen: set[str] = set()
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if name not in pins:
            found.append(f"{requirement} is wanted and not locked")
        elif not requirement.specifier.contains(pins[name], prereleases=True):
            found.append(f"{requirement} is wanted, {pins[name]} is locked")
        key = f"{name}[{','.join(sorted(requirement.extras))}]"
        if key not in seen:
            seen.add(key)
            queue += wanted(name, set(requirement.extras))
    return sorted(set(found))


if __name__ == "__main__":
    stale = problems()
    for line in stale:
        print(f"requirements.lock: {line}", file=sys.stderr)
    if stale:
        print("run `make lock` and commit the result", file=sys.stderr)
    sys.exit(1 if stale else 0)
