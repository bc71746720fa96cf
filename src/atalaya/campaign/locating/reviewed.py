"""Reviews of people, as the filter weighs them."""

from pathlib import Path
from typing import cast

from atalaya.locate.judgement import VERDICTS, Judgement, Verdict
from atalaya.locate.review_rates import BLIND_PRIOR, SEEN_PRIOR, Rates
from atalaya.store.review_store import ReviewStore


def judgements_of(root: Path) -> list[Judgement]:
    """Judgements a workspace holds; notes, and partings that name no tracklet, weigh nothing."""
    found = []
    for review in ReviewStore(root).read().reviews:
        verdict = str(review.verdict)
        if verdict in VERDICTS and (review.other or verdict not in ("merge", "split")):
            rates = _accepts(BLIND_PRIOR if review.blind else SEEN_PRIOR)
            found.append(
                Judgement(
                    review.site,
                    cast(Verdict, verdict),
                    review.by,
                    review.t_us,
                    review.other,
                    review.text,
                    None if verdict in ("merge", "split") else rates,
                )
            )
    return found


def _accepts(rates: Rates) -> tuple[float, float, float, float]:
    """Chance to accept a facility, a look-alike, background, nothing at all."""
    other = rates.accepts_other
    return rates.accepts_facility, other, other, other
