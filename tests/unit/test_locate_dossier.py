"""Dossiers as text, JSON and for blind review; the next look and what it would change."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atalaya.base.errors import BadInput
from atalaya.base.language import LANGUAGES, phrases
from atalaya.locate import dossier_words as said
from atalaya.locate.dossier import Chip, Doing, Evidence, Reason, blind_view
from atalaya.locate.dossier_json import blind_json, dossier_json
from atalaya.locate.dossier_lines import dossier_lines
from atalaya.locate.next_look import SensorChoice, levers, moved, next_look, widest_gap
from atalaya.locate.words import SCALE
from tests.report_sample import SENSORS, sample_dossier

EO, IR, HSI = SENSORS
PROBABILITY = st.floats(0.001, 0.999)


def seen(sensor: SensorChoice, kind: str, azimuth: float, log_odds: float = 1.0, look: str = "L") -> Evidence:
    return Evidence(look, "S", 0, sensor.name, sensor.kind, kind, log_odds, azimuth_deg=azimuth)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lines_say_every_fact(lang: str) -> None:
    site = replace(sample_dossier(4), reviews=sample_dossier(1).reviews)
    text = "\n".join(dossier_lines(site, lang))
    for fact in (site.id, site.mgrs, said.place(site), "S-005", phrases(lang)[f"locate.word.{site.word}"]):
        assert fact in text
    for row in site.evidence:
        assert text.count(said.second(row.t_us) + "  " + row.sortie) == 1
        assert row.frame is None or f"{row.frame} " in text
    for lever in (*site.raises, *site.lowers):
        assert said.percent(lever.p_after).replace("\xa0", " ") in text
    assert site.reviews[0].text in text


def test_lines_send_nothing_to_the_terminal() -> None:
    site = replace(sample_dossier(1), id="S\x1b[31m", mgrs="\x07")
    assert all(line.isprintable() for line in dossier_lines(site, "en"))


def test_json_is_the_schema_and_reads_back() -> None:
    site = sample_dossier(1)
    value = json.loads(json.dumps(dossier_json(site), allow_nan=False))
    assert value["schema"] == "atalaya.dossier/1"
    assert value["kinds"] == list(site.kinds)
    assert len(value["evidence"]) == len(site.evidence)
    assert value["looks"] == site.looks
    assert value["misses"] == sum(not row.found for row in site.evidence)
    assert [each["by"] for each in value["reviews"]] == ["A. Ruiz", "B. Soto"]


def test_a_word_weaker_than_its_number_is_named_as_held_back() -> None:
    site = replace(sample_dossier(1), p_facility=0.9, word="roughly_even")
    assert site.held_back
    assert phrases("en")["report.held_back_why"] in "\n".join(dossier_lines(site, "en"))
    assert not replace(site, word="very_likely").held_back


@pytest.mark.proves("RPT-104")
@given(PROBABILITY, st.integers(1, 99), st.sampled_from([key for _, key in SCALE]))
def test_a_blind_view_does_not_depend_on_what_it_hides(p: float, rank: int, word: str) -> None:
    site = sample_dossier(1)
    rows = tuple(replace(row, log_odds=p, score=p, kind="heat", detector="x") for row in site.evidence)
    chips = tuple(replace(each, kind="heat") for each in site.chips)
    other = replace(
        site,
        p_facility=p,
        rank=rank,
        word=word,
        exists=p,
        classes=(("facility", p),),
        ce90_m=site.ce90_m,
        evidence=rows[::-1],
        chips=chips,
        raises=(),
        lowers=(),
        next_look=None,
        reviews=(),
    )
    assert blind_json(blind_view(other)) == blind_json(blind_view(site))
    hidden = {
        "p_facility",
        "word",
        "rank",
        "confidence",
        "exists",
        "classes",
        "log_odds",
        "score",
        "reviews",
        "kind",
    }
    assert not hidden & set(_keys(blind_json(blind_view(site))))


def _keys(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for each in value.values() for key in _keys(each))]
    return [key for each in value for key in _keys(each)] if isinstance(value, list) else []


def test_a_picture_of_another_format_is_refused() -> None:
    for data in (b"", b"<svg onload='x'/>", b"GIF89a"):
        with pytest.raises(BadInput, match="RPT-003"):
            Chip("L", "s", 0, "", data)


def test_a_kind_of_sensor_that_never_looked_comes_first() -> None:
    look = next_look([seen(EO, "roof", 90.0), seen(IR, "heat", 100.0)], SENSORS)
    assert (look.sensor, look.reason) == ("Hyper-V", Reason.OTHER_KIND)
    assert "roof" not in look.kinds
    assert "plume" in look.kinds


def test_then_the_opposite_course_with_the_sensor_that_says_most() -> None:
    rows = [seen(EO, "roof", 80.0, 0.5), seen(IR, "heat", 100.0, 2.0), seen(HSI, "dump", 90.0, 0.1)]
    look = next_look(rows, SENSORS)
    assert (look.sensor, look.reason, look.azimuth_deg) == ("MX-15 IR", Reason.OTHER_COURSE, 270.0)


def test_then_somebody_who_goes_there() -> None:
    rows = [seen(sensor, "heat", 120.0 * n) for n, sensor in enumerate(SENSORS)]
    assert next_look(rows, SENSORS).reason is Reason.GROUND
    assert next_look(rows, ()).reason is Reason.GROUND


@given(st.lists(st.floats(0.0, 359.99), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_widest_gap_is_halved_whatever_the_order(azimuths: list[float], order: object) -> None:
    middle, width = widest_gap(azimuths)
    assert middle is not None
    apart = min(abs((each - middle + 180.0) % 360.0 - 180.0) for each in azimuths)
    assert apart == pytest.approx(width / 2.0, abs=1e-6)
    shuffled = list(azimuths)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert widest_gap(shuffled) == (middle, width)
    assert widest_gap([None, math.nan]) == (None, 360.0)


@given(PROBABILITY, st.floats(-8.0, 8.0), st.floats(-8.0, 8.0))
def test_log_odds_add_up(p: float, one: float, other: float) -> None:
    assert moved(moved(p, one), other) == pytest.approx(moved(p, one + other), abs=1e-7)
    assert (moved(p, one) >= p) == (one >= 0.0) or abs(one) < 1e-9


def test_levers_say_what_would_follow() -> None:
    look = next_look([seen(EO, "roof", 90.0)], SENSORS)
    raises, lowers = levers(
        0.5,
        look,
        hit_log_odds=math.log(9),
        miss_log_odds=-math.log(3),
        confirmed_log_odds=5,
        not_found_log_odds=-5,
    )
    assert [(each.doing, round(each.p_after, 4)) for each in raises] == [
        (Doing.HIT, 0.9),
        (Doing.CONFIRMED, 0.9933),
    ]
    assert [(each.doing, round(each.p_after, 4)) for each in lowers] == [
        (Doing.MISS, 0.25),
        (Doing.NOT_FOUND, 0.0067),
    ]
    without = levers(0.5, None, hit_log_odds=1, miss_log_odds=-1, confirmed_log_odds=5, not_found_log_odds=-5)
    assert [len(each) for each in without] == [1, 1]
