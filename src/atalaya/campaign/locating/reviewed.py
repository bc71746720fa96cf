"""Reviews of people, as the filter weighs them."""

from pathlib import Path

from atalaya.locate.judgement import Judgement
from atalaya.locate.review_rates import judgement_of
from atalaya.store.review_store import ReviewStore


def judgements_of(root: Path) -> list[Judgement]:
    """Judgements a workspace holds, with the usual error rates of readers; notes weigh nothing."""
    found = (judgement_of(review, {}) for review in ReviewStore(root).read().reviews)
    return [each for each in found if each is not None]
