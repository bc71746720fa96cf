"""Reviews: what is kept, what counts, what people are worth as witnesses; nothing is lost on disk."""

import json
import math
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.locate.review import Review, Verdict, read_review, review_json, review_line, standing
from atalaya.locate.review_rates import (
    MOST_LOG_ODDS,
    Rates,
    judgement_of,
    log_likelihood_ratio,
    rates_from,
    reviews_log_odds,
)
from atalaya.store.review_store import REVIEWS_FILE, ReviewStore

T0 = 1_773_064_800_000_000
NAMES = st.sampled_from(["Ana", "Beto", "Cruz"])


def review(
    verdict: Verdict = Verdict.ACCEPT, by: str = "Ana", site: str = "S-1", at: int = 0, **more: object
) -> Review:
    fields = {"text": "why", "other": "S-9" if verdict is Verdict.MERGE else "", **more}
    return Review(site, by, T0 + at, verdict, **fields)  # type: ignore[arg-type]


REVIEWS = st.builds(
    review,
    st.sampled_from(list(Verdict)),
    NAMES,
    st.sampled_from(["S-1", "S-2", "S-3"]),
    st.integers(0, 9),
    blind=st.booleans(),
)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"by": "  "}, "by"),
        ({"by": "a\nb"}, "by"),
        ({"site": ""}, "site"),
        ({"t_us": 5}, "t_us"),
        ({"text": "x" * 5000}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"verdict": Verdict.MERGE}, "other"),
        ({"verdict": Verdict.MERGE, "other": "S-1"}, "other"),
        ({"other": "S-2"}, "other"),
        ({"verdict": Verdict.NOTE, "text": " "}, "text"),
        ({"verdict": Verdict.SPLIT, "text": ""}, "text"),
    ],
)
def test_a_review_that_says_too_little_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput, match="RPT-001") as caught:
        replace(review(), **change)
    assert caught.value.details["field"] == field


@given(REVIEWS)
def test_a_review_reads_back_as_it_was(one: Review) -> None:
    assert read_review(json.loads(review_line(one))) == one
    assert read_review(review_json(one)).id == one.id


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda each: st.lists(each, max_size=3),
    )
)
def test_what_is_no_review_is_refused(value: object) -> None:
    with pytest.raises(BadInput):
        read_review(value)
    for key in review_json(review()):
        if not isinstance(value, str | int):
            with pytest.raises(BadInput):
                read_review({**review_json(review()), key: value})


@pytest.mark.proves("RPT-105")
@given(st.lists(REVIEWS, max_size=12), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(reviews: list[Review], order: object) -> None:
    shuffled = [*reviews, *reviews]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    truth = {"S-1": True, "S-2": False}
    assert standing(shuffled) == standing(reviews)
    known = rates_from(reviews, truth)
    assert rates_from(shuffled, truth) == known
    assert reviews_log_odds(shuffled, known) == reviews_log_odds(reviews, known)
    assert abs(reviews_log_odds(reviews, known)) <= MOST_LOG_ODDS


def test_the_latest_judgement_of_a_person_stands_and_notes_do_not_replace_it() -> None:
    told = [
        review(at=1),
        review(Verdict.REJECT, at=2),
        review(Verdict.NOTE, at=3),
        review(Verdict.UNSURE, "Beto"),
    ]
    assert {name: each.verdict for name, each in standing(told).items()} == {
        "Ana": Verdict.REJECT,
        "Beto": Verdict.UNSURE,
    }


def test_a_blind_review_weighs_more_and_doubt_weighs_nothing() -> None:
    blind, shown = review(blind=True), review()
    assert log_likelihood_ratio(blind, {}) == pytest.approx(math.log(4.0))
    assert log_likelihood_ratio(shown, {}) == pytest.approx(math.log(1.5))
    assert log_likelihood_ratio(review(Verdict.REJECT, blind=True), {}) == pytest.approx(-math.log(4.0))
    for verdict in (Verdict.UNSURE, Verdict.MERGE, Verdict.SPLIT, Verdict.NOTE):
        assert log_likelihood_ratio(review(verdict), {}) == 0.0


def test_who_was_right_before_weighs_more_and_who_accepts_everything_weighs_nothing() -> None:
    sites = [f"S-{n}" for n in range(40)]
    truth = {site: n % 2 == 0 for n, site in enumerate(sites)}
    good = [
        review(Verdict.ACCEPT if truth[site] else Verdict.REJECT, "Ana", site, blind=True) for site in sites
    ]
    eager = [review(Verdict.ACCEPT, "Beto", site, blind=True) for site in sites]
    known = rates_from([*good, *eager], truth)
    assert known["Ana", True] == Rates(28.0, 2.0, 2.0, 28.0)
    assert log_likelihood_ratio(review(by="Ana", blind=True), known) == pytest.approx(math.log(14.0))
    assert 0.0 < log_likelihood_ratio(review(by="Beto", blind=True), known) < 0.4
    assert ("Ana", False) not in known


def test_the_filter_weighs_a_review_with_the_rates_of_its_author() -> None:
    made = judgement_of(review(blind=True), {("Ana", True): Rates(9.0, 1.0, 1.0, 9.0)})
    assert made is not None
    assert (made.site, made.verdict, made.by, made.t_us, made.rates) == (
        "S-1",
        "accept",
        "Ana",
        T0,
        (0.9, 0.1, 0.1, 0.1),
    )
    assert judgement_of(review(Verdict.NOTE), {}) is None
    assert judgement_of(review(Verdict.SPLIT), {}) is None
    for verdict, other in ((Verdict.MERGE, "S-9"), (Verdict.SPLIT, "T-4")):
        parted = judgement_of(review(verdict, other=other), {})
        assert parted is not None
        assert (parted.verdict, parted.other) == (str(verdict), other)


@pytest.mark.proves("RPT-105")
def test_every_review_is_kept_once_and_in_order(tmp_path: Path) -> None:
    store = ReviewStore(tmp_path)
    assert store.read().reviews == ()
    first, second = review(at=5), review(Verdict.MERGE, at=2)
    assert store.append([first]) == 1
    assert store.append([second, first]) == 1
    assert store.append([]) == 0
    assert ReviewStore(tmp_path).read().reviews == (second, first)
    assert store.read().of("S-9") == (second,)
    before = (tmp_path / REVIEWS_FILE).read_bytes()
    store.append([review(at=9)])
    assert (tmp_path / REVIEWS_FILE).read_bytes().startswith(before)


def test_damaged_lines_are_kept_reported_and_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / REVIEWS_FILE
    torn = b'{"schema":"atalaya.review/1","site"'
    path.write_bytes(review_line(review()).encode() + b"\n\xff\xfe\n" + b"[" * 100_000 + b"\n" + torn)
    store = ReviewStore(tmp_path)
    assert store.read().reviews == (review(),)
    (finding,) = store.read().findings
    assert (finding.code, finding.count) == ("RPT-007", 3)
    assert finding.where.endswith(":2")
    store.append([review(at=1)])
    assert len(store.read().reviews) == 2
    assert torn in path.read_bytes()


def test_a_file_too_large_to_be_reviews_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atalaya.store.review_store.MOST_BYTES", 10)
    (tmp_path / REVIEWS_FILE).write_bytes(b"x" * 11)
    with pytest.raises(BadInput, match="RPT-006"):
        ReviewStore(tmp_path).read()


@pytest.mark.proves("RPT-105")
def test_several_writers_lose_nothing(tmp_path: Path) -> None:
    def write(name: str) -> None:
        for n in range(10):
            ReviewStore(tmp_path).append([review(by=name, at=n)])

    threads = [threading.Thread(target=write, args=(name,)) for name in ("Ana", "Beto", "Cruz")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ReviewStore(tmp_path).read().reviews) == 30
