"""A person's judgement of a site: who, when, what, and whether made before seeing the machine's number.

Reviews are evidence with error rates of their own (`review_rates`), never an order: every one is kept.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atalaya.base.clock import plausible
from atalaya.base.errors import BadInput

SCHEMA = "atalaya.review/1"
MOST_NAME = 120
MOST_TEXT = 4000
_FIELDS = {"site": str, "by": str, "t_us": int, "verdict": str, "other": str, "text": str, "blind": bool}


class Verdict(StrEnum):
    """What a person said of a site."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"
    MERGE = "merge"
    SPLIT = "split"
    NOTE = "note"


JUDGEMENTS = frozenset({Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE})
"""Verdicts that say whether a facility is there; the others are about records."""


@dataclass(frozen=True, slots=True)
class Review:
    """One judgement of one person.

    Args:
        site: id of the site. by: who, as text. t_us: when, microseconds UTC. verdict: what was said.
        other: of merge, id of the other site; of split, id of the tracklet that is another site's, where
            known; else "".
        text: the reason, or the note; needed by split and note.
        blind: made before the machine's number was shown.

    Raises:
        BadInput: RPT-001, a field is missing, too long, or does not go with the verdict.
    """

    site: str
    by: str
    t_us: int
    verdict: Verdict
    other: str = ""
    text: str = ""
    blind: bool = False

    def __post_init__(self) -> None:
        wrong = _wrong(self)
        if wrong:
            raise BadInput("RPT-001", where=self.site[:MOST_NAME], field=wrong)

    @property
    def id(self) -> str:
        """16 hexadecimal digits of its content: the same review said twice is one review."""
        return hashlib.sha256(review_line(self).encode()).hexdigest()[:16]

    @property
    def order(self) -> tuple[int, str]:
        """Place in the canonical order: by time, then by content."""
        return self.t_us, self.id


def _wrong(review: Review) -> str:
    """Name of the first field that is not what it should be; "" where all are."""
    named = {"site": review.site, "by": review.by}
    for name, value in named.items():
        if not value.strip() or len(value) > MOST_NAME or not value.isprintable():
            return name
    if len(review.text) > MOST_TEXT or not _encodable(review.text):
        return "text"
    if not plausible(review.t_us):
        return "t_us"
    if review.verdict is Verdict.MERGE and not review.other:
        return "other"
    if review.other and review.verdict not in (Verdict.MERGE, Verdict.SPLIT):
        return "other"
    if review.other == review.site or len(review.other) > MOST_NAME or not review.other.isprintable():
        return "other"
    if review.verdict in (Verdict.SPLIT, Verdict.NOTE) and not review.text.strip():
        return "text"
    return ""


def _encodable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def standing(reviews: Iterable[Review]) -> dict[str, Review]:
    """The latest judgement of each person, by name; notes, merges and splits do not replace one.

    The same for any order and any repetition of the reviews.
    """
    latest: dict[str, Review] = {}
    for review in sorted(set(reviews), key=lambda each: each.order):
        if review.verdict in JUDGEMENTS:
            latest[review.by] = review
    return dict(sorted(latest.items()))


def review_json(review: Review) -> dict[str, Any]:
    """The `atalaya.review/1` object."""
    return {
        "schema": SCHEMA,
        "site": review.site,
        "by": review.by,
        "t_us": review.t_us,
        "verdict": str(review.verdict),
        "other": review.other,
        "text": review.text,
        "blind": review.blind,
    }


def review_line(review: Review) -> str:
    """One line of JSON, keys in order: the bytes its id is made of."""
    return json.dumps(review_json(review), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_review(value: Mapping[str, Any] | object, where: str = "") -> Review:
    """A review from its JSON object.

    Raises:
        BadInput: RPT-001, a field is missing or wrong; RPT-002, not a review of this schema.
    """
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        raise BadInput("RPT-002", where=where)
    for name, kind in _FIELDS.items():
        if type(value.get(name)) is not kind:
            raise BadInput("RPT-001", where=where, field=name)
    if value["verdict"] not in set(Verdict):
        raise BadInput("RPT-001", where=where, field="verdict")
    fields = {name: value[name] for name in _FIELDS} | {"verdict": Verdict(value["verdict"])}
    return Review(**fields)
