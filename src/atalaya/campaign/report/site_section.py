"""The dossier of one site as a part of the page."""

import base64
from collections.abc import Collection

from atalaya.base.words import Words
from atalaya.campaign.report.charts import chance_bar, odds_path
from atalaya.campaign.report.markup import Markup, tag
from atalaya.campaign.report.parts import Cell, bullets, facts, table
from atalaya.campaign.report.site_plate import site_plate
from atalaya.locate import dossier_words as said
from atalaya.locate.dossier import Chip, Dossier, Evidence


def site_section(words: Words, dossier: Dossier, number: int, chips: Collection[int] | None = None) -> Markup:
    """One site: judgement, place and error, pictures, evidence, what would change it, reviews.

    Args:
        number: of the site on the page, from 1: names its anchor and figures.
        chips: which of its pictures to show, by place in `dossier.chips`; None for all.
    """
    shown = [each for n, each in enumerate(dossier.chips) if chips is None or n in chips]
    left_out = len(dossier.chips) - len(shown)
    return tag(
        "article",
        _head(words, dossier, number),
        tag(
            "div",
            tag("div", _facts(words, dossier), class_="text"),
            site_plate(words, dossier, f"plate-{number}"),
            odds_path(words, dossier, f"odds-{number}") if dossier.evidence else None,
            class_="columns",
        ),
        _levers(words, dossier),
        tag("div", (_chip(words, dossier, each) for each in shown), class_="chips") if shown else None,
        tag("p", words.say("report.chips_left_out", count=left_out), class_="small") if left_out else None,
        _evidence(words, dossier),
        _reviews(words, dossier),
        id=f"site-{number}",
        class_="site",
        aria_labelledby=f"site-{number}-h",
    )


def _head(words: Words, dossier: Dossier, number: int) -> Markup:
    word = words.say(f"locate.word.{dossier.word}")
    confidence = words.say(f"locate.confidence.{dossier.confidence}")
    held = tag("p", words.say("report.held_back_why"), class_="warn") if dossier.held_back else None
    others = ", ".join(dossier.ambiguous_with)
    doubt = tag("p", words.say("report.ambiguous_why", sites=others), class_="warn") if others else None
    return tag(
        "header",
        tag("h3", tag("span", dossier.rank, class_="rank"), " ", dossier.id, id=f"site-{number}-h"),
        tag(
            "p",
            tag("strong", said.percent(dossier.p_facility)),
            chance_bar(dossier.p_facility),
            class_="chance",
        ),
        tag("p", tag("strong", word), " ", tag("span", confidence, class_="muted"), class_="word"),
        held,
        doubt,
    )


def _facts(words: Words, dossier: Dossier) -> Markup:
    height = dossier.height_hae_m
    mixture = (f"{said.class_name(words, name)} {said.percent(share)}" for name, share in dossier.classes)
    pairs: list[tuple[str, Cell]] = [
        (words.say("report.place"), said.place(dossier)),
        (words.say("report.mgrs"), dossier.mgrs),
        (
            words.say("report.height"),
            "" if height is None else words.say("report.height_hae", height=f"{height:.0f}"),
        ),
        (words.say("report.error"), said.ellipse(words, dossier)),
        (words.say("report.ce90"), f"{said.metres(dossier.ce90_m)} m"),
        (words.say("report.shared"), words.say("report.shared_of", share=said.percent(dossier.shared_share))),
        (words.say("report.exists"), said.percent(dossier.exists)),
        (words.say("report.mixture"), ", ".join(mixture)),
        (words.say("report.kinds"), said.kind_names(words, dossier.kinds)),
        (words.say("report.looked"), said.looks(words, dossier)),
    ]
    return facts(pairs)


def _levers(words: Words, dossier: Dossier) -> Markup:
    def column(key: str, levers: tuple[object, ...], sentences: list[str]) -> Markup | None:
        return tag("div", tag("h4", words.say(key)), bullets(sentences)) if levers else None

    return tag(
        "div",
        column("report.raises", dossier.raises, [said.lever(words, each) for each in dossier.raises]),
        column("report.lowers", dossier.lowers, [said.lever(words, each) for each in dossier.lowers]),
        tag(
            "div",
            tag("h4", words.say("report.next")),
            tag("p", said.next_look(words, dossier.next_look)),
            class_="next",
        ),
        class_="levers",
    )


def _chip(words: Words, dossier: Dossier, chip: Chip) -> Markup:
    what = said.kind_name(words, chip.kind) if chip.kind else words.say("report.saw_nothing")
    wide = "" if chip.width_m is None else words.say("report.chip_width", width=said.metres(chip.width_m))
    alt = words.say("report.chip_alt", id=dossier.id, sensor=chip.sensor, kind=what)
    source = f"data:{chip.media};base64,{base64.b64encode(chip.data).decode()}"
    lines = [
        tag("b", what),
        *(tag("small", each) for each in (chip.sensor, said.second(chip.t_us), wide) if each),
    ]
    return tag("figure", tag("img", src=source, alt=alt), tag("figcaption", lines))


def _evidence(words: Words, dossier: Dossier) -> Markup | None:
    if not dossier.evidence:
        return None
    heads = [words.say(f"report.col.{name}") for name in _COLUMNS]
    rows = (_row(words, each) for each in dossier.evidence)
    return table(
        words.say("report.evidence_of", id=dossier.id), heads, rows, figures=(4, 5, 6, 7, 8), class_="tight"
    )


_COLUMNS = ("time", "look", "sensor", "saw", "gsd", "depression", "azimuth", "chance", "log_odds", "frame")


def _row(words: Words, row: Evidence) -> list[Cell]:
    saw = said.found(words, row)
    detector = f"{row.detector} {row.score:.2f}" if row.score is not None else row.detector
    shown = (
        tag("span", saw, class_="muted") if not row.found else tag("span", tag("b", saw), _small(detector))
    )
    return [
        said.second(row.t_us),
        tag("span", row.look, _small(row.sortie)),
        tag("span", row.sensor, _small(row.sensor_kind)),
        shown,
        "–" if row.gsd_m is None else f"{row.gsd_m:.2f} m",
        said.degrees(row.depression_deg),
        said.bearing(row.azimuth_deg),
        "–" if row.chance is None else said.percent(row.chance),
        said.log_odds(row.log_odds),
        _frame(words, row),
    ]


def _frame(words: Words, row: Evidence) -> Cell:
    if not row.clip_sha256:
        return "–"
    clip = tag("code", row.clip_sha256[:16], title=row.clip_sha256)
    if row.frame is None:
        return clip
    at = "" if row.frame_t_us is None else said.instant(row.frame_t_us)
    return tag("span", words.say("report.frame", frame=row.frame), " · ", clip, _small(at))


def _small(value: str) -> Markup | None:
    return tag("small", value) if value else None


def _reviews(words: Words, dossier: Dossier) -> Markup | None:
    if not dossier.reviews:
        return tag("p", words.say("report.no_review", id=dossier.id), class_="small")
    listed = bullets(said.review(words, each) for each in dossier.reviews)
    return tag("div", tag("h4", words.say("report.reviews")), listed, class_="reviews")
