"""What a platform's profile must not name: the registry holds sensors and nothing else.

A profile is refused whole when a key, a name or a kind of it speaks of weapons, stores or fire control, in
English or Spanish; nothing of it is read further.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from atalaya.base.errors import NotAuthorised

SENSOR_KINDS = frozenset({"EO", "IR", "SAR", "HSI", "MSI", "LIDAR", "GAS"})
"""What may be carried, as authorisations name it."""

_WORDS = re.compile(
    r"weapon|armament|munition|ordnance|missile|\bbombs?\b|rocket|torpedo|warhead|grenade|cannon|machine.?gun|\bguns?\b"
    r"|\bstores?\b|hard.?points?\b|launcher|strike|hellfire|paveway|jdam|\bfire.?control\b|designator"
    r"|laser.?(?:target|guid)|bomblet|\barmas?\b|armamento|munici[oó]n|misil|\bbombas?\b|cohete|torpedo|ojiva|granada"
    r"|ca[nñ][oó]n|ametralladora|lanzador|designador|soporte.de.carga|\bdirecci[oó]n.de.tiro\b"
)
_DENIED = re.compile(
    r"\bunarmed\b|\bdesarmad[oa]s?\b|\b(?:no|without|sin|ni)\s+(?:any\s+)?"
    r"(?:weapons?|armament|stores|munitions?|armas|armamento|municiones)\b"
)


def require_sensors_only(entry: Mapping[str, Any], *, where: str = "") -> None:
    """Refuse a profile that names anything but sensors. Sources are prose and may quote a title.

    Raises:
        NotAuthorised: SNS-004, a word of weapons, stores or fire control.
    """
    for text in _texts(entry):
        found = _WORDS.search(_DENIED.sub(" ", re.sub(r"[_\-.]+", " ", text.casefold())))
        if found:
            raise NotAuthorised("SNS-004", where=where, word=found.group(0).strip(), text=text[:80])


def _texts(value: object, key: str = "") -> Iterator[str]:
    """Keys at every depth, and strings outside the sources."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner, key=key if key == "sources" else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key=key)
    elif isinstance(value, str) and key != "sources":
        yield value
