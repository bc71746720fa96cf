"""Phrases of one chosen language: for a document in its reader's tongue, whatever the program's own is."""

from dataclasses import dataclass

from atalaya.base.language import phrases


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of `base/text` in one language.

    Args:
        lang: "en" or "es".
    """

    lang: str

    def say(self, key: str, **values: object) -> str:
        """A phrase, placeholders filled.

        Raises:
            KeyError: no such phrase.
        """
        return phrases(self.lang)[key].format(**values)
