"""Sites as a reader gets them: words, kinds, reviews, twins, doubt, and the state in a file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.locate import (
    HitRate,
    Judgement,
    Scan,
    Site,
    SiteFilter,
    SiteModel,
    at_least_two_kinds,
    confidence_words,
    load_sites,
    make_scan,
    probability_words,
    save_sites,
    word_of,
)
from atalaya.locate.words import confidence_of
from tests.site_worlds import MINUTE_US, biased_world, flat_area

STAYS = SiteModel(half_life_days=(np.inf,) * 3)
AREA = flat_area(1000.0, (1e-6, 3e-6, 0.0))


def scan(number: int, places: list[tuple[float, float]], evidence: str = "heat", **changes: object) -> Scan:
    given: dict[str, object] = {
        "sortie": f"s{number // 4}",
        "t_us": number * MINUTE_US,
        "evidence": evidence,
        "sensor": "IR",
        "cells": np.arange(100),
        "chance": np.full(100, 0.7, np.float32),
        "clutter_per_m2": 1e-7,
        "z_m": np.array(places, np.float64).reshape(-1, 2),
        "own_m2": np.broadcast_to(np.eye(2) * 9.0, (len(places), 2, 2)),
        "tracklet": [f"{number}.{evidence}.{k}" for k in range(len(places))],
    }
    return make_scan(**{**given, **changes})  # type: ignore[arg-type]


def sites_of(scans: list[Scan], reviews: tuple[Judgement, ...] = (), least: float = 0.05) -> tuple[Site, ...]:
    state = SiteFilter(AREA, STAYS)
    state.add(scans)
    state.review(reviews)
    return state.sites(least)


HERE = (500.0, 500.0)


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.01, "almost_no_chance"),
        (0.05, "very_unlikely"),
        (0.3, "unlikely"),
        (0.5, "roughly_even"),
        (0.55, "likely"),
        (0.9, "very_likely"),
        (0.95, "almost_certain"),
        (1.0, "almost_certain"),
    ],
)
def test_words_are_those_of_icd_203(probability: float, word: str) -> None:
    assert word_of(probability) == word


@pytest.mark.proves("LOC-103")
def test_one_kind_of_evidence_is_never_called_likely() -> None:
    assert at_least_two_kinds(0.99, 1).key == "roughly_even"
    assert at_least_two_kinds(0.99, 1).capped
    assert at_least_two_kinds(0.99, 2).key == "almost_certain"
    assert not at_least_two_kinds(0.3, 1).capped
    (alone,) = sites_of([scan(k, [HERE]) for k in range(12)])
    assert alone.facility > 0.9
    assert (alone.word, alone.capped, alone.kinds) == ("roughly_even", True, ("heat",))
    both = [*(scan(k, [HERE]) for k in range(6)), *(scan(k, [HERE], "roof") for k in range(6, 12))]
    (site,) = sites_of(both)
    assert (site.word, site.capped, site.kinds) == ("almost_certain", False, ("heat", "roof"))
    assert site.facility > alone.facility


def test_words_are_said_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATALAYA_LANG", "es")
    assert probability_words("likely") == "probable"
    assert confidence_words("high") == "confianza alta"
    monkeypatch.setenv("ATALAYA_LANG", "en")
    assert probability_words("roughly_even") == "roughly even chance"
    assert confidence_of(3, 2, True) == "high"
    assert confidence_of(2, 1, True) == "moderate"
    assert confidence_of(5, 1, False) == "low"


def test_a_second_kind_teaches_more_than_more_of_the_first() -> None:
    few = sites_of([scan(k, [HERE]) for k in range(4)])[0].facility
    more = sites_of([scan(k, [HERE]) for k in range(5)])[0].facility
    other = sites_of([*(scan(k, [HERE]) for k in range(4)), scan(4, [HERE], "roof")])[0].facility
    assert few < more < other


def test_ids_are_those_of_the_first_evidence_and_stay() -> None:
    scans = [scan(k, [HERE, (700.0, 300.0)]) for k in range(4)]
    first = {site.id for site in sites_of(scans)}
    later = {site.id for site in sites_of([*scans, scan(4, [HERE])])}
    assert len(first) == 2
    assert first == later


def test_reviews_are_evidence_with_their_own_errors() -> None:
    scans = [scan(k, [HERE]) for k in range(3)]
    (plain,) = sites_of(scans)
    said = {}
    for verdict in ("accept", "reject", "unsure"):
        review = Judgement(plain.id, verdict, "ana", 10 * MINUTE_US)  # type: ignore[arg-type]
        said[verdict] = sites_of(scans, (review,), 0.001)[0]
    assert said["reject"].facility < plain.facility < said["accept"].facility < 1.0
    assert said["unsure"].facility == pytest.approx(plain.facility)
    assert said["reject"].ledger[-1].evidence == "review"
    assert said["reject"].reviews == 1
    # the last word of one reader counts, once
    twice = (
        Judgement(plain.id, "reject", "ana", 10 * MINUTE_US),
        Judgement(plain.id, "accept", "ana", 11 * MINUTE_US),
    )
    assert sites_of(scans, (*twice, *twice))[0].facility == said["accept"].facility
    surer = replace(twice[1], rates=(0.99, 0.01, 0.01, 0.01))
    assert sites_of(scans, (surer,))[0].facility > said["accept"].facility


def test_readers_join_and_part_sites() -> None:
    scans = [scan(k, [HERE, (530.0, 500.0)]) for k in range(4)]
    left, right = sorted(sites_of(scans), key=lambda site: float(site.z_m[0]))
    (one,) = sites_of(scans, (Judgement(left.id, "merge", "ana", 0, other=right.id),), 0.3)
    assert one.id in {left.id, right.id}
    near = [scan(0, [HERE]), scan(1, [(504.0, 500.0)]), scan(2, [HERE])]
    (single,) = sites_of(near, (), 0.2)
    parted = sites_of(near, (Judgement(single.id, "split", "ana", 0, other="1.heat.0"),), 1e-3)
    assert len(parted) == 2
    with pytest.raises(BadInput, match="LOC-008"):
        Judgement(left.id, "merge", "ana", 0)


def test_a_contested_tracklet_makes_both_sites_doubtful() -> None:
    """Two places seen once each, and a third look whose one tracklet lies between them."""
    scans = [scan(0, [HERE, (512.0, 500.0)]), scan(1, [(506.0, 500.0)]), scan(2, []), scan(3, [])]
    sites = sites_of(scans, (), 0.01)
    doubtful = [site for site in sites if site.ambiguous]
    assert doubtful
    for site in doubtful:
        assert site.alternative in {other.id for other in sites if other.id != site.id}
        assert abs(site.alternative_facility - site.facility) > 0.1
    clear = sites_of([scan(k, [HERE, (800.0, 500.0)]) for k in range(3)])
    assert not any(site.ambiguous for site in clear)


def test_a_biased_sortie_founds_no_twins() -> None:
    world = biased_world(4, sites=8, sorties=3, looks=6, azimuths_deg=(0.0,), clutter=0.0, side_m=3000.0)
    state = SiteFilter(flat_area(3000.0, (1e-6, 0.0, 0.0)), STAYS)
    state.add(world.scans)
    assert len(state.sites(0.5)) == 8


@pytest.mark.proves("LOC-108")
def test_parts_of_one_place_are_one_site_where_the_model_says_so() -> None:
    wide = {"own_m2": 625.0 * np.eye(2)[None]}
    scans = [scan(2 * k, [HERE], **wide) for k in range(3)]
    scans += [scan(2 * k + 1, [(600.0, 500.0)], "dump", **wide) for k in range(3)]
    assert len(sites_of(scans)) == 2
    state = SiteFilter(AREA, replace(STAYS, one_place_m=150.0))
    state.add(scans)
    (site,) = state.sites(0.05)
    assert site.kinds == ("dump", "heat")
    assert 500.0 < site.z_m[0] < 600.0


@pytest.mark.proves("LOC-108")
def test_no_site_spreads_over_a_field_of_signs() -> None:
    """Many signs of several kinds, hardly any false ones: no record grows until it explains them all."""
    rng = np.random.default_rng(7)
    field = [(float(x), float(y)) for x, y in rng.uniform(50.0, 950.0, (60, 2))]
    own = np.broadcast_to(900.0 * np.eye(2), (60, 2, 2))
    scans = [
        scan(
            number,
            field,
            kind,
            clutter_per_m2=1e-8,
            own_m2=own,
            z_m=np.array(field) + rng.normal(0, 30, (60, 2)),
        )
        for number, kind in enumerate(("heat", "roof", "dump", "track") * 3)
    ]
    state = SiteFilter(flat_area(1000.0, (1e-6, 3e-6, 6e-5)), STAYS)
    state.add(scans)
    assert all(np.trace(site.own_m2) <= 1800.0 * (1.0 + 1e-9) for site in state.sites(0.01))


def test_a_missed_site_closes_and_the_ledger_says_why() -> None:
    scans = [*(scan(k, [HERE]) for k in range(5)), *(scan(1440 * 200 + k, []) for k in range(5))]
    state = SiteFilter(AREA, SiteModel())
    state.add(scans)
    (site,) = state.sites(1e-4)
    assert site.existence < 0.7
    changes = [line.change for line in site.ledger if line.evidence == "heat"]
    assert all(change > 0.0 for change in changes[:5])
    assert all(change < 0.0 for change in changes[5:])
    assert any(line.evidence == "time" for line in site.ledger)


def test_a_state_is_continued_from_its_file(tmp_path: Path) -> None:
    world = biased_world(1, sites=6, sorties=3, looks=3, azimuths_deg=(0.0, 90.0), side_m=1500.0)
    area = flat_area(1500.0, (3e-6, 9e-6, 0.0))
    whole, part = SiteFilter(area, STAYS), SiteFilter(area, STAYS)
    whole.add(world.scans)
    part.add(world.scans[:4])
    file = tmp_path / "sites.npz"
    save_sites(part, file)
    again = load_sites(file, area, STAYS)
    again.add(world.scans)
    ours, theirs = whole.sites(), again.sites()
    told = [[(one.id, one.facility, one.z_m.tobytes()) for one in sites] for sites in (ours, theirs)]
    assert told[0] == told[1]
    with pytest.raises(BadInput, match="LOC-010"):
        load_sites(file, AREA, STAYS)
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(BadInput, match="LOC-009"):
        load_sites(file, area, STAYS)


@pytest.mark.parametrize(
    "changes",
    [
        {"clutter_per_m2": 0.0},
        {"chance": np.full(100, 1.5, np.float32)},
        {"chance": np.full(99, 0.5, np.float32)},
        {"z_m": np.array([[np.nan, 0.0]])},
        {"own_m2": np.zeros((1, 2, 2))},
        {"llr": np.zeros(3)},
        {"tracklet": ["a", "b"]},
        {"cells": np.arange(-1, 99)},
    ],
)
def test_impossible_scans_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="LOC-004"):
        scan(0, [HERE], **changes)


def test_impossible_models_are_refused() -> None:
    with pytest.raises(BadInput, match="LOC-001"):
        HitRate(1.2)
    with pytest.raises(BadInput, match="LOC-002"):
        SiteModel(reference=1.0)
