"""What readers say of sites: evidence with its own error rates, and instructions to join or part them."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.locate.model import SiteModel

Verdict = Literal["accept", "reject", "unsure", "merge", "split"]
VERDICTS = ("accept", "reject", "unsure", "merge", "split")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement of one site.

    A reader errs too: accepting and rejecting are a look with the model's `review` rates, or with `rates`
    where they were measured (a partner's visit errs less than a glance at chips). Of several judgements of
    one site by one reader the last counts. Merging and parting are obeyed, not weighed.

    Args:
        site: id of the site judged. verdict: what was said. by: whom. t_us: when.
        other: of "merge": id of the other site; of "split": id of the tracklet that is another site's.
        note: in words.
        rates: chance to accept a facility, a look-alike, background, nothing; None for the model's.
        number: place in the list, given by the filter.
    """

    site: str
    verdict: Verdict
    by: str
    t_us: int
    other: str = ""
    note: str = ""
    rates: tuple[float, float, float, float] | None = None
    number: int = 0

    def __post_init__(self) -> None:
        known = self.verdict in VERDICTS and (bool(self.other) or self.verdict not in ("merge", "split"))
        right = self.rates is None or all(0.0 < rate < 1.0 for rate in self.rates)
        if not (known and right):
            raise BadInput("LOC-008", where=self.site, verdict=self.verdict)

    def likelihood(self, model: SiteModel) -> NDArray[np.float64]:
        """(4,) of the verdict for a facility, a look-alike, background, nothing."""
        accepts = np.array(self.rates or model.review)
        if self.verdict == "accept":
            return accepts
        return 1.0 - accepts if self.verdict == "reject" else np.ones(4)


def in_force(reviews: "list[Judgement]") -> "list[Judgement]":
    """Reviews in order of time, numbered; of verdicts by one reader on one site only the last."""
    unique = sorted({replace(one, number=0) for one in reviews}, key=_order)
    last = {(one.site, one.by): one for one in unique if one.verdict not in ("merge", "split")}
    kept = [one for one in unique if one.verdict in ("merge", "split") or last[one.site, one.by] is one]
    return [replace(one, number=number) for number, one in enumerate(kept)]


def _order(one: Judgement) -> tuple[int, str, str, str, str, str]:
    return (one.t_us, one.site, one.by, one.verdict, one.other, one.note)
