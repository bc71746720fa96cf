"""The report page: complete, escaped, self-contained, the same every time, in two languages."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from atalaya.base.errors import BadInput
from atalaya.base.language import LANGUAGES, phrases
from atalaya.campaign.report import Area, Header, LookFootprint, Report, SearchRasters, Track, report_html
from atalaya.campaign.report.charts import wilson
from atalaya.campaign.report.frame import framed, nice_below, to_metres
from atalaya.campaign.report.looks_map import local_crs
from atalaya.campaign.report.page import chosen_chips
from atalaya.campaign.report.plan_areas import plan_areas
from atalaya.campaign.report.search_maps import ramp_levels
from atalaya.campaign.report.sections import duration
from atalaya.locate import dossier_words as said
from atalaya.locate.dossier import Chip, Dossier
from atalaya.locate.review import Review, Verdict
from tests.report_sample import chip_png, sample_dossier, sample_rasters, sample_report

HOSTILE = "</title><script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\u202e\x00"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    report = sample_report(5)
    return {lang: report_html(report, lang) for lang in LANGUAGES}


def tree(page: str) -> ET.Element:
    """The page as XML: fails where it is not well-formed."""
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


def shown(page: str) -> str:
    """Text a reader sees, spaces made plain."""
    root = tree(page)
    body = root.find("body")
    assert body is not None
    return " ".join(" ".join(body.itertext()).split())


class Links(HTMLParser):
    """Everything in a page that could ask for something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.handlers: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [
            value or "" for name, value in attrs if name in ("src", "href", "action", "srcset", "data")
        ]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.proves("RPT-101")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_asks_nothing_of_a_network(pages: dict[str, str], lang: str) -> None:
    links = Links()
    links.feed(pages[lang])
    assert links.handlers == []
    assert all(each.startswith(("#", "data:image/png;", "data:image/jpeg;")) for each in links.found)
    assert not {"link", "iframe", "object", "embed", "form", "base"} & set(links.tags)
    assert not re.search(r"url\((?!#)|@import|https?:", pages[lang])
    script = re.search(r"<script[^>]*>(.*?)</script>", pages[lang], re.S)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script.group(1).encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', pages[lang])
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy.group(1)
    assert f"script-src &#x27;sha256-{digest}&#x27;" in policy.group(1)
    assert "'unsafe-eval'" not in policy.group(1)


@pytest.mark.proves("RPT-103")
def test_the_same_report_gives_the_same_bytes(pages: dict[str, str]) -> None:
    assert report_html(sample_report(5), "en") == pages["en"]
    turned = sample_report(5)
    assert report_html(replace(turned, sites=turned.sites[::-1]), "en") == pages["en"]


@pytest.mark.proves("RPT-103")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_fact_of_a_site_stands_in_its_dossier_once(pages: dict[str, str], lang: str) -> None:
    articles = list(tree(pages[lang]).iter("article"))
    report = sample_report(5)
    assert len(articles) == len(report.sites)
    for article, site in zip(articles, report.ranked, strict=True):
        text = " ".join(" ".join(article.itertext()).split())
        facts = [site.mgrs, said.place(site)]
        facts += [said.instant(row.frame_t_us) for row in site.evidence if row.frame_t_us is not None]
        facts += [f" {row.look} " for row in site.evidence]
        facts += [each.text for each in site.reviews]
        for fact in facts:
            assert text.count(fact) == 1, fact
        assert phrases(lang)[f"locate.word.{site.word}"] in text
        assert len(list(article.iter("img"))) == len(site.chips)
        clips = {each.get("title") for each in article.iter("code")}
        assert clips == {row.clip_sha256 for row in site.evidence if row.clip_sha256}


@pytest.mark.proves("RPT-103")
def test_both_languages_say_the_same_numbers(pages: dict[str, str]) -> None:
    def numbers(lang: str) -> list[str]:
        return sorted(re.findall(r"\d+(?:[.:-]\d+)*", shown(pages[lang])))

    assert numbers("en") == numbers("es")
    english = shown(pages["en"])
    spanish = shown(pages["es"])
    for key, text in phrases("en").items():
        other = phrases("es")[key]
        if (
            key.startswith("report.")
            and "{" not in text
            and len(text) > 14
            and text in english
            and text != other
        ):
            assert text not in spanish, key
            assert other in spanish, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_can_be_read_without_eyes(pages: dict[str, str], lang: str) -> None:
    root = tree(pages[lang])
    assert root.get("lang") == lang
    assert len(list(root.iter("h1"))) == 1
    assert len(list(root.iter("main"))) == 1
    levels = [int(each.tag[1]) for each in root.iter() if re.fullmatch(r"h[1-6]", str(each.tag))]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    for image in root.iter("img"):
        assert image.get("alt")
    for picture in root.iter("svg"):
        labelled = picture.get("aria-labelledby")
        assert picture.get("aria-hidden") == "true" or labelled in ids
    for table in root.iter("table"):
        assert table.find("caption") is not None
        assert all(each.get("scope") for each in table.iter("th"))
    targets = {each.get("href", "")[1:] for each in root.iter("a")}
    assert targets <= set(ids)


@pytest.mark.proves("RPT-102")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_text_is_shown_and_does_nothing(lang: str) -> None:
    plain = sample_dossier(1)
    row = replace(
        plain.evidence[0], look=HOSTILE, sortie=HOSTILE, sensor=HOSTILE, kind=HOSTILE, detector=HOSTILE
    )
    hostile = replace(
        plain,
        id=HOSTILE,
        mgrs=HOSTILE,
        classes=((HOSTILE, 1.0),),
        evidence=(row,),
        chips=(Chip(HOSTILE, HOSTILE, 0, HOSTILE, chip_png(1, 16)),),
        ambiguous_with=(HOSTILE,),
        reviews=(Review("S", "A", plain.evidence[0].t_us, Verdict.NOTE, text=HOSTILE),),
    )
    header = Header(HOSTILE, HOSTILE, HOSTILE, HOSTILE, marking=HOSTILE)
    report = replace(sample_report(1), header=header, sites=(hostile,), notes=(HOSTILE,))
    page = report_html(report, lang)
    links = Links()
    links.feed(page)
    assert links.tags.count("script") == 1
    assert links.handlers == []
    assert "\u202e" not in page
    assert "alert(1)" in shown(page)
    assert set(links.tags) == set(_tags(report_html(sample_report(1), lang)))


def _tags(page: str) -> list[str]:
    links = Links()
    links.feed(page)
    return links.tags


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_workspace_with_nothing_in_it_still_has_a_page(lang: str) -> None:
    page = report_html(Report(Header("x")), lang)
    text = shown(page)
    assert phrases(lang)["report.no_sites"] in text
    assert phrases(lang)["report.map.none"] in text
    assert phrases(lang)["report.limit.empty"] in text
    assert phrases(lang)["report.heading.score"] not in text


def test_ground_with_no_site_is_drawn_all_the_same() -> None:
    page = report_html(replace(sample_report(1), sites=()), "en")
    assert "3 tracks, 120 looks, 0 sites" in shown(page)


@pytest.mark.parametrize("missing", [field.name for field in fields(Report) if field.name != "header"])
def test_any_part_of_a_report_may_be_missing(missing: str) -> None:
    whole = sample_report(2)
    empty = None if missing in ("search", "ledger", "score") else ()
    assert tree(report_html(replace(whole, **{missing: empty}), "en")) is not None


def test_a_site_over_the_antimeridian_or_a_pole_is_drawn_in_one_piece() -> None:
    for lon, lat in ((179.999, -17.0), (10.0, 89.9)):
        ring = np.column_stack((lon + np.array([0, 0.01, 0.01, 0.0]), lat + np.array([0, 0, 0.01, 0.01])))
        ring[:, 0] = (ring[:, 0] + 180.0) % 360.0 - 180.0
        report = Report(
            Header("x"),
            (replace(sample_dossier(1), lon_deg=lon, lat_deg=lat),),
            areas=(Area("a", ring),),
            tracks=(Track("s", np.full((3, 2), np.nan)),),
            footprints=(
                LookFootprint("l", "s", "e", ring, True),
                LookFootprint("m", "s", "e", ring * np.nan, False),
            ),
        )
        frame = framed(local_crs(lon, lat), [to_metres(local_crs(lon, lat), ring)], 100.0)
        assert frame is not None
        assert 100.0 / frame.metre_px < 5000.0
        assert tree(report_html(report, "es")) is not None


def test_numbers_that_are_none_are_refused_before_they_are_drawn() -> None:
    plain = sample_rasters()
    with pytest.raises(BadInput, match="RPT-008"):
        replace(plain, cell_m=float("nan"))
    with pytest.raises(BadInput, match="RPT-008"):
        SearchRasters(plain.before, plain.after[1:], plain.looked, plain.crs, 0.0, 0.0, 100.0)
    for values in (np.full((3, 4), np.nan), np.zeros((3, 4))):
        empty = SearchRasters(values, values, values > 1.0, plain.crs, 0.0, 0.0, 100.0)
        assert tree(report_html(Report(Header("x"), search=empty), "en")) is not None


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        report_html(Report(Header("x")), "fr")


def test_a_page_of_fifty_sites_is_small_enough_for_mail() -> None:
    assert len(report_html(sample_report(50), "es").encode()) < 5_000_000


def test_pictures_are_given_out_in_turns_until_the_page_is_full() -> None:
    picture = chip_png(1, 16)
    heavy = tuple(Chip(f"L{n}", "s", 0, "", picture + bytes(900_000)) for n in range(3))
    sites = tuple(replace(sample_dossier(n), rank=n, chips=heavy) for n in (1, 2))
    report = Report(Header("x"), sites)
    assert [set(each) for each in chosen_chips(report)] == [{0, 1}, {0}]
    page = report_html(report, "en")
    assert "1 more pictures" in shown(page)
    assert "2 more pictures" in shown(page)


def test_the_long_axis_of_the_ellipse_points_along_its_azimuth() -> None:
    site: Dossier = replace(sample_dossier(1), semi_major_m=40.0, semi_minor_m=10.0, azimuth_deg=30.0)
    page = report_html(Report(Header("x"), (site,)), "en")
    found = re.findall(
        r'<ellipse [^>]*rx="([\d.]+)" ry="([\d.]+)" transform="rotate\(([\d.]+) 150 150\)"', page
    )
    assert [tuple(map(float, each)) for each in found] == [(22.5, 90.0, 30.0)] * 2


def test_both_maps_share_their_steps_and_round_numbers() -> None:
    search = sample_rasters()
    levels, most = ramp_levels(search), np.nanmax(search.before) / (search.cell_m / 1000.0) ** 2
    assert levels == pytest.approx([levels[3] * k / 4 for k in (1, 2, 3, 4)], rel=0.06)
    assert 0.6 * most < levels[3] < most
    assert all(each == float(f"{each:.2g}") for each in levels)
    assert [nice_below(each) for each in (0.019, 1.0, 4.9, 5.0, 730.0)] == pytest.approx([0.01, 1, 2, 5, 500])


def test_a_score_interval_is_wilsons() -> None:
    low, high = wilson(0.82, 50)
    z = 1.6449
    assert 50 * (0.82 - low) ** 2 == pytest.approx(z * z * low * (1 - low))
    assert 50 * (0.82 - high) ** 2 == pytest.approx(z * z * high * (1 - high))
    assert wilson(1.0, 5)[1] == 1.0


def test_times_are_written_as_people_read_them() -> None:
    assert [duration(each) for each in (0.2, 59.6, 61, 3661, 360_000)] == [
        "0 s",
        "1 min 00 s",
        "1 min 01 s",
        "1 h 01 min 01 s",
        "100 h 00 min 00 s",
    ]


def test_areas_of_the_plan_are_drawn_and_named_flown_or_not(tmp_path: Path) -> None:
    root, file = tmp_path / "workspace", tmp_path / "plan" / "plan.gpkg"
    root.mkdir()
    file.parent.mkdir()
    assert plan_areas(root) == ()
    for layer, column, name, west in (("areas", "name", "North", 0.0), ("left_out", "area", "South", 2.0)):
        shape = shapely.MultiPolygon([shapely.box(west, 0.0, west + 1.0, 1.0)])
        pyogrio.raw.write(
            file, shapely.to_wkb(np.array([shape])), [np.array([name], object)], [column], layer=layer,
            crs="EPSG:4326", geometry_type="MultiPolygon", append=file.exists(),
        )  # fmt: skip
    found = plan_areas(root)
    assert [(each.name, each.ring.shape) for each in found] == [("North", (5, 2)), ("South", (5, 2))]
    page = report_html(Report(Header("x"), search=sample_rasters(), areas=found), "en")
    assert page.count(">North</text>") == page.count(">South</text>") == 3
    file.write_bytes(b"no GeoPackage")
    assert plan_areas(root) == ()
