"""How often people are right, and what a review of theirs is worth: Beta counts per person.

A reviewer accepts a facility with chance s and something else with chance f. Both have a Beta prior, updated
wherever the truth or a partner's answer became known. The log-likelihood ratio of a review is that of the
posterior means, log(s/f) for accept and log((1-s)/(1-f)) for reject; "unsure" says nothing. Who saw the
machine's number first is less independent of it: those reviews have counts, and a weaker prior, of their own.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from atalaya.locate.judgement import Judgement
from atalaya.locate.review import JUDGEMENTS, Review, Verdict, standing

MOST_LOG_ODDS = 3.0
"""People who looked at the same pictures err together: all of them move the odds by at most e^3, about 20."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Beta counts of one reviewer, prior included; each at least one half.

    Args:
        hits, slips: facilities accepted and rejected.
        false_accepts, right_rejects: other places accepted and rejected.
    """

    hits: float
    slips: float
    false_accepts: float
    right_rejects: float

    @property
    def accepts_facility(self) -> float:
        """Mean chance of accepting a facility."""
        return self.hits / (self.hits + self.slips)

    @property
    def accepts_other(self) -> float:
        """Mean chance of accepting something else."""
        return self.false_accepts / (self.false_accepts + self.right_rejects)

    def learned(self, accepted: bool, facility: bool) -> "Rates":
        """With one more judgement whose truth became known."""
        return Rates(
            self.hits + (facility and accepted),
            self.slips + (facility and not accepted),
            self.false_accepts + (not facility and accepted),
            self.right_rejects + (not facility and not accepted),
        )


BLIND_PRIOR = Rates(8.0, 2.0, 2.0, 8.0)
"""Of a reviewer nobody has measured, judging blind (starting values): right four times in five."""
SEEN_PRIOR = Rates(6.0, 4.0, 4.0, 6.0)
"""The same after the machine's number was shown: right three times in five; half of it is the machine's."""

Key = tuple[str, bool]
"""Name of the reviewer, and whether blind."""


def rates_from(reviews: Iterable[Review], truth: Mapping[str, bool]) -> dict[Key, Rates]:
    """What is known of each reviewer, from judgements of sites whose truth is known.

    Args:
        reviews: in any order; each person's latest judgement of a site counts, once.
        truth: by site id, whether a facility is there (partner's feedback, or the range's truth).
    """
    by_site: dict[str, list[Review]] = {}
    for review in reviews:
        by_site.setdefault(review.site, []).append(review)
    known: dict[Key, Rates] = {}
    for site in sorted(by_site.keys() & truth.keys()):
        for review in standing(by_site[site]).values():
            if review.verdict is not Verdict.UNSURE:
                key = (review.by, review.blind)
                before = known.get(key, _prior(review.blind))
                known[key] = before.learned(review.verdict is Verdict.ACCEPT, truth[site])
    return known


def log_likelihood_ratio(review: Review, known: Mapping[Key, Rates]) -> float:
    """What one review says for a facility, natural log; 0 for unsure, merge, split and note."""
    rates = known.get((review.by, review.blind), _prior(review.blind))
    if review.verdict is Verdict.ACCEPT:
        return math.log(rates.accepts_facility / rates.accepts_other)
    if review.verdict is Verdict.REJECT:
        return math.log((1.0 - rates.accepts_facility) / (1.0 - rates.accepts_other))
    return 0.0


def reviews_log_odds(reviews: Iterable[Review], known: Mapping[Key, Rates]) -> float:
    """What all reviews of one site say together: latest of each person, summed, at most 3 either way."""
    total = math.fsum(log_likelihood_ratio(each, known) for each in standing(reviews).values())
    return max(-MOST_LOG_ODDS, min(MOST_LOG_ODDS, total))


def judgement_of(review: Review, known: Mapping[Key, Rates]) -> Judgement | None:
    """A review as the filter of sites weighs it, with the rates of its author; None for what it cannot use:
    notes, and a split that names no tracklet.
    """
    rates = known.get((review.by, review.blind), _prior(review.blind))
    joins = review.verdict in (Verdict.MERGE, Verdict.SPLIT) and bool(review.other)
    if review.verdict not in JUDGEMENTS and not joins:
        return None
    other = rates.accepts_other
    return Judgement(
        review.site,
        str(review.verdict),  # type: ignore[arg-type]  # its words are the same
        review.by,
        review.t_us,
        review.other,
        review.text,
        (rates.accepts_facility, other, other, other),
    )


def _prior(blind: bool) -> Rates:
    return BLIND_PRIOR if blind else SEEN_PRIOR
