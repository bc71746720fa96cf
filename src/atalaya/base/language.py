"""The reader's language (English or Spanish) and the phrases of tables, pictures and pages.

JSON keys, codes, file columns and coordinates are never translated.
"""

import json
import os
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "es")


def language() -> str:
    """`ATALAYA_LANG`, else the locale of the environment, else English."""
    for name in ("ATALAYA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "es" if value.lower().startswith("es") else "en"
    return "en"


@cache
def phrases(lang: str) -> dict[str, str]:
    """All phrases of one language, by key: every file of `text/<lang>/`, one per subject."""
    loaded: dict[str, str] = {}
    for source in (files("atalaya.base") / "text" / lang).iterdir():
        loaded |= json.loads(source.read_text(encoding="utf-8"))
    return loaded


def say(key: str, **values: object) -> str:
    """A phrase in the reader's language, placeholders filled.

    Raises:
        KeyError: no such phrase.
    """
    return phrases(language())[key].format(**values)


def printable(text: str) -> str:
    """Text from outside, safe to print: control characters are shown, not sent to the terminal."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def figure(value: float) -> str:
    """A measured number for a sentence: three digits, never an exponent (`4350`, `72.3`, `0.00219`)."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:.0f}" if abs(rounded) >= 100.0 else f"{rounded:g}"
