"""Words for probabilities (ICD 203, 2015, D.6.e.2.a) and for confidence, and the rule of two kinds."""

from dataclasses import dataclass

from atalaya.base.language import say

SCALE = (
    (0.05, "almost_no_chance"),
    (0.20, "very_unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly_even"),
    (0.80, "likely"),
    (0.95, "very_likely"),
    (1.01, "almost_certain"),
)
"""Upper end and key of each word; the last lets certainty have a word too."""

_HIGHEST_ALONE = 3
"""Place in the scale of the strongest word that one kind of evidence can reach: roughly even."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word for a probability.

    Args:
        key: never translated: "likely" ... capped: whether the rule of two kinds lowered it.
    """

    key: str
    capped: bool


def word_of(probability: float) -> str:
    """Key of the word ICD 203 has for a probability."""
    return next(key for most, key in SCALE if probability < most)


def at_least_two_kinds(probability: float, kinds: int) -> Word:
    """The word a site may bear: "likely" and stronger need two kinds of evidence.

    The number is never changed, only the word: a place that shows one kind of sign, however often, is
    called "roughly even chance" at most.
    """
    keys = [key for _, key in SCALE]
    found = keys.index(word_of(probability))
    if kinds < 2 and found > _HIGHEST_ALONE:
        return Word(keys[_HIGHEST_ALONE], True)
    return Word(keys[found], False)


def confidence_of(sorties: int, kinds: int, calibrated: bool) -> str:
    """How well founded a probability is: "low", "moderate" or "high".

    High: three sorties, two kinds of evidence and calibrated detectors. Moderate: two of these three (two
    sorties suffice). Low: else.
    """
    if sorties >= 3 and kinds >= 2 and calibrated:
        return "high"
    return "moderate" if (sorties >= 2) + (kinds >= 2) + calibrated >= 2 else "low"


def probability_words(key: str) -> str:
    """A word of the scale in the reader's language."""
    return say(f"locate.word.{key}")


def confidence_words(key: str) -> str:
    """A confidence in the reader's language."""
    return say(f"locate.confidence.{key}")
