"""The whole page: one file that opens from a disk, without a network and without a script."""

import base64
import hashlib
from collections.abc import Collection
from importlib.resources import files

from atalaya.base.language import LANGUAGES
from atalaya.base.words import Words
from atalaya.campaign.report import sections
from atalaya.campaign.report.markup import Markup, joined, tag
from atalaya.campaign.report.parts import Cell, facts
from atalaya.campaign.report.report import Header, Report
from atalaya.campaign.report.site_section import site_section
from atalaya.locate import dossier_words as said

MOST_PICTURE_BYTES = 3_000_000
"""Pictures of sites on one page, before base64: the page stays small enough for mail."""


def report_html(report: Report, language: str) -> str:
    """The report as one HTML file, which is well-formed XML too. The same report gives the same text.

    Args:
        language: "en" or "es".

    Raises:
        ValueError: another language.
    """
    if language not in LANGUAGES:
        raise ValueError(language)
    words = Words(language)
    body = tag("body", _body(words, report))
    return f"<!DOCTYPE html>\n{tag('html', _head(words, report), body, lang=language)}\n"


def _head(words: Words, report: Report) -> Markup:
    digest = base64.b64encode(hashlib.sha256(_file("page.js").encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"{report.header.name} · {words.say('report.title')} · Atalaya"),
        tag("style", Markup(_file("page.css"))),
    )


def _file(name: str) -> str:
    return (files("atalaya.campaign.report") / name).read_text(encoding="utf-8")


def _body(words: Words, report: Report) -> Markup:
    marking = report.header.marking
    banner = tag("p", marking, class_="marking") if marking else None
    chosen = chosen_chips(report)
    dossiers = [
        site_section(words, each, number, chosen[number - 1])
        for number, each in enumerate(report.ranked, start=1)
    ]
    return joined(
        (
            tag("a", words.say("report.skip"), href="#main", class_="skip"),
            tag("header", banner, _banner(words, report.header)),
            _contents(words, report),
            tag(
                "main",
                sections.summary(words, report),
                sections.maps(words, report),
                sections.sites(words, report),
                tag("h2", words.say("report.heading.dossiers"), id="dossiers") if dossiers else None,
                dossiers,
                sections.looks(words, report),
                sections.ledger(words, report.ledger),
                sections.score(words, report.score),
                sections.reading(words, report),
                id="main",
            ),
            tag("footer", _foot(words, report.header), banner),
            tag("script", Markup(_file("page.js"))),
        )
    )


def _banner(words: Words, header: Header) -> Markup:
    period = ""
    if header.first_t_us is not None and header.last_t_us is not None:
        period = f"{said.second(header.first_t_us)} – {said.second(header.last_t_us)}"
    flown = "" if header.flown_s is None else sections.duration(header.flown_s)
    area = "" if header.area_km2 is None else f"{header.area_km2:.1f} km²"
    pairs: list[tuple[str, Cell]] = [
        (words.say("report.period"), period),
        (words.say("report.flown"), flown),
        (words.say("report.area"), area),
        (words.say("report.workspace"), header.workspace),
        (words.say("report.seed"), "" if header.seed is None else str(header.seed)),
    ]
    rehearsal = tag("p", words.say("report.rehearsal"), class_="rehearsal") if header.rehearsal else None
    question = tag("p", header.question, class_="question") if header.question else None
    kind = tag("p", tag("b", "ATALAYA"), " ", words.say("report.title"), class_="mark")
    return tag("div", kind, tag("h1", header.name), question, facts(pairs), rehearsal, class_="top")


def _contents(words: Words, report: Report) -> Markup:
    names = ["summary", "maps", "sites", "looks", "ledger", "score", "limits"]
    if report.score is None:
        names.remove("score")
    if report.sites:
        names.insert(3, "dossiers")
    links = (tag("li", tag("a", words.say(f"report.heading.{name}"), href=f"#{name}")) for name in names)
    return tag("nav", tag("ul", links), aria_label=words.say("report.contents"))


def _foot(words: Words, header: Header) -> Markup:
    made = "" if header.made_t_us is None else words.say("report.made", time=said.second(header.made_t_us))
    parts = [f"Atalaya {header.version}".strip(), made, words.say("report.offline")]
    return tag("p", " · ".join(each for each in parts if each), class_="foot")


def chosen_chips(report: Report) -> list[Collection[int]]:
    """Which pictures each site shows, in order of rank: the first of every site, then the second, until the
    page is full.
    """
    chosen: list[set[int]] = [set() for _ in report.ranked]
    left = MOST_PICTURE_BYTES
    for turn in range(max((len(each.chips) for each in report.sites), default=0)):
        for site, mine in zip(report.ranked, chosen, strict=True):
            if turn < len(site.chips) and len(site.chips[turn].data) <= left:
                mine.add(turn)
                left -= len(site.chips[turn].data)
    return list(chosen)
