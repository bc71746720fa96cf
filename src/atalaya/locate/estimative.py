"""Words for probabilities, generated from the number (ICD 203 of 2015, D.6.e(2)(a))."""

from enum import StrEnum


class Word(StrEnum):
    """The seven terms of ICD 203, from least to most."""

    ALMOST_NO_CHANCE = "almost_no_chance"
    VERY_UNLIKELY = "very_unlikely"
    UNLIKELY = "unlikely"
    EVEN = "roughly_even_chance"
    LIKELY = "likely"
    VERY_LIKELY = "very_likely"
    ALMOST_CERTAIN = "almost_certain"


STEPS: tuple[tuple[float, Word], ...] = (
    (0.05, Word.ALMOST_NO_CHANCE),
    (0.20, Word.VERY_UNLIKELY),
    (0.45, Word.UNLIKELY),
    (0.55, Word.EVEN),
    (0.80, Word.LIKELY),
    (0.95, Word.VERY_LIKELY),
    (1.00, Word.ALMOST_CERTAIN),
)
"""Upper end of each term's range; a probability on a border takes the term above, but 1 the last."""


def word_of(probability: float) -> Word:
    """The term whose range holds a probability in [0, 1]."""
    return next((word for upper, word in STEPS if probability < upper), Word.ALMOST_CERTAIN)


def range_of(word: Word) -> tuple[float, float]:
    """The range of probability a term stands for."""
    at = [each for _, each in STEPS].index(word)
    return (STEPS[at - 1][0] if at else 0.0), STEPS[at][0]
