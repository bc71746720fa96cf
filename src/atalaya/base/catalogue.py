"""The catalogue of codes: what an error or finding says, why it happens, what to do next, in every language.

Rules that gates cite (`law.toml`, ids of docs/requirements) are explained in the same way.

One TOML file per prefix in `base/codes/` (`klv.toml` holds KLV-001 ...), one table per code:

    [KLV-003.en]
    what = "checksum {stored} does not match {computed}"   # placeholders are filled by the raiser
    why = "..."
    remedy = "..."
    [KLV-003.es]
    ...
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from atalaya.base.language import language


@dataclass(frozen=True, slots=True)
class CodeText:
    """One code in one language."""

    what: str
    why: str
    remedy: str

    def filled(self, details: Mapping[str, object]) -> "CodeText":
        """The same text with `{placeholders}` replaced; one without a value stays visible as it is."""
        values = _KeepUnknown(details)
        return CodeText(*(part.format_map(values) for part in (self.what, self.why, self.remedy)))


class _KeepUnknown(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@cache
def _table(prefix: str) -> dict[str, dict[str, dict[str, str]]]:
    source = files("atalaya.base") / "codes" / f"{prefix.lower()}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8")) if source.is_file() else {}


def text_of(code: str, lang: str | None = None) -> CodeText:
    """The text of a code in `lang` (default: the reader's language).

    Raises:
        KeyError: the catalogue has no such code.
    """
    entry = _table(code.partition("-")[0])[code]
    return CodeText(**entry[lang or language()])


def codes() -> Iterator[str]:
    """Every code of the catalogue, in order."""
    folder = files("atalaya.base") / "codes"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    for name in names:
        yield from sorted(_table(name.removesuffix(".toml")))
