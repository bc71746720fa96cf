"""The parts of the page about the whole campaign: judgement, maps, sites, looks, ledger, score, limits."""

from atalaya.base.catalogue import text_of
from atalaya.base.words import Words
from atalaya.campaign.report.charts import chance_bar, funnel, reliability
from atalaya.campaign.report.looks_map import looks_map
from atalaya.campaign.report.markup import Markup, tag
from atalaya.campaign.report.parts import Cell, bullets, facts, section, table, tiles
from atalaya.campaign.report.report import LedgerBrief, Report, Score, TruthRow
from atalaya.campaign.report.search_maps import counted, search_maps
from atalaya.locate import dossier_words as said
from atalaya.locate.dossier import Dossier
from atalaya.locate.words import SCALE

LIKELY = frozenset(("likely", "very_likely", "almost_certain"))
_LIMITS = ("places", "chance", "ellipse", "shared", "empty", "lookalike", "map", "review")


def summary(words: Words, report: Report) -> Markup:
    """The judgement in a few figures and one sentence."""
    likely = [each for each in report.ranked if each.word in LIKELY]
    search = report.search
    pairs = [
        (words.say("report.tile.sites"), str(len(report.sites))),
        (words.say("report.tile.likely"), str(len(likely))),
        (words.say("report.tile.remaining"), "" if search is None else counted(search.expected_after)),
        (words.say("report.tile.looked"), "" if search is None else said.whole_percent(search.looked_share)),
        (words.say("report.tile.sorties"), str(report.header.sorties)),
    ]
    if likely:
        names = "; ".join(f"{each.id} ({said.percent(each.p_facility)})" for each in likely[:5])
        sentence = words.say("report.summary.likely", count=len(likely), names=names)
    else:
        sentence = words.say("report.summary.none" if not report.sites else "report.summary.unlikely")
    return section(
        "summary", words.say("report.heading.summary"), tag("p", sentence, class_="lead"), tiles(pairs)
    )


def maps(words: Words, report: Report) -> Markup:
    """Where was looked and what is still expected where."""
    search = None if report.search is None else search_maps(words, report.search, report.areas)
    looked = looks_map(words, report)
    nothing = tag("p", words.say("report.map.none")) if search is None and looked is None else None
    return section("maps", words.say("report.heading.maps"), search, looked, nothing)


def sites(words: Words, report: Report) -> Markup:
    """All sites in one table, most probable first."""
    if not report.sites:
        note = tag("p", words.say("report.no_sites"))
        return section("sites", words.say("report.heading.sites"), note)
    columns = (
        "rank",
        "site",
        "chance",
        "word",
        "confidence",
        "ellipse",
        "ce90",
        "mgrs",
        "lat",
        "lon",
        "kinds",
        "looks",
    )
    heads = [words.say(f"report.col.{name}") for name in columns]
    rows = [_site_row(words, each, number) for number, each in enumerate(report.ranked, start=1)]
    made = table(words.say("report.sites_table"), heads, rows, figures=(0, 6, 8, 9, 11), class_="sortable")
    return section("sites", words.say("report.heading.sites"), made)


def _site_row(words: Words, each: Dossier, number: int) -> list[Cell]:
    chance = tag("span", said.percent(each.p_facility), chance_bar(each.p_facility), class_="withbar")
    size = f"{said.metres(each.semi_major_m)} × {said.metres(each.semi_minor_m)} m"
    return [
        str(each.rank),
        tag("a", each.id, href=f"#site-{number}", class_="id"),
        chance,
        words.say(f"locate.word.{each.word}"),
        words.say(f"locate.confidence.{each.confidence}"),
        tag("span", size, tag("small", said.bearing(each.azimuth_deg % 180.0)), class_="nowrap"),
        f"{said.metres(each.ce90_m)} m",
        tag("span", each.mgrs, class_="nowrap"),
        f"{each.lat_deg:.6f}",
        f"{each.lon_deg:.6f}",
        said.kind_names(words, each.kinds),
        words.say("report.looks_short", looks=each.looks, misses=each.misses),
    ]


def looks(words: Words, report: Report) -> Markup:
    """Looks by sensor, those that saw nothing too, and what they did to the map."""
    heading = words.say("report.heading.looks")
    if not report.looks:
        return section("looks", heading, tag("p", words.say("report.no_looks")))
    names = ("sensor", "looks", "empty", "unexamined", "covered", "detect", "gsd")
    rows = [
        [
            each.sensor,
            str(each.looks),
            str(each.empty),
            str(each.unexamined),
            "–" if each.covered_km2 is None else f"{each.covered_km2:.1f} km²",
            "–" if each.chance is None else said.percent(each.chance),
            "–" if each.gsd_m is None else f"{each.gsd_m:.2f} m",
        ]
        for each in report.looks
    ]
    heads = [words.say(f"report.col.{name}") for name in names]
    search, change = report.search, None
    if search is not None:
        before, after = counted(search.expected_before), counted(search.expected_after)
        change = tag("p", words.say("report.looks_change", before=before, after=after))
    made = table(words.say("report.looks_table"), heads, rows, figures=(1, 2, 3, 4, 5, 6))
    return section("looks", heading, tag("p", words.say("report.looks_why")), made, change)


def ledger(words: Words, brief: LedgerBrief | None) -> Markup:
    """The overflight ledger in short."""
    heading = words.say("report.heading.ledger")
    if brief is None:
        return section("ledger", heading, tag("p", words.say("report.no_ledger")))
    rows = [
        [words.say(f"ledger.class.{name.name.lower()}"), duration(seconds)] for name, seconds in brief.seconds
    ]
    heads = [words.say("report.col.class"), words.say("report.col.duration")]
    states = [[each.state, duration(each.certain_s), duration(each.doubtful_s)] for each in brief.states]
    state_heads = [words.say(f"report.col.{name}") for name in ("state", "certain", "doubtful")]
    verdict = (
        "" if brief.verdict is None else words.say(f"page.completeness.{brief.verdict.replace(' ', '_')}")
    )
    pairs: list[tuple[str, Cell]] = [
        (words.say("report.ledger.sorties"), str(brief.sorties)),
        (words.say("report.ledger.refused"), str(brief.refused)),
        (words.say("report.ledger.verdict"), verdict),
        (words.say("report.ledger.log"), str(brief.log_size) if brief.log_size else ""),
        (words.say("report.ledger.root"), tag("code", brief.log_root) if brief.log_root else ""),
    ]
    made = table(words.say("report.ledger.table"), heads, rows, figures=(1,)) if rows else None
    over = table(words.say("report.ledger.states"), state_heads, states, figures=(1, 2)) if states else None
    return section("ledger", heading, facts(pairs), tag("div", made, over, class_="pair"))


def score(words: Words, result: Score | None) -> Markup | None:
    """The result against the truth, where there is one."""
    if result is None:
        return None
    pairs = [(words.say(f"report.tile.{name}"), value) for name, value in score_figures(result)]
    plot = reliability(words, result.bins) if result.bins else None
    bars = funnel(words, result.funnel) if result.funnel else None
    heads = [words.say(f"report.col.{name}") for name in ("truth", "what", "site", "offset", "held")]
    rows = [_truth_row(words, each) for each in result.rows]
    made = table(words.say("report.score.table"), heads, rows, figures=(3,)) if rows else None
    why = tag("p", words.say("report.score.why"))
    return section(
        "score",
        words.say("report.heading.score"),
        why,
        tiles(pairs),
        tag("div", bars, plot, class_="pair"),
        made,
    )


def score_figures(result: Score) -> list[tuple[str, str]]:
    """Name and figure of each measure; "" where it is not known."""
    held = [each.held for each in result.rows if each.held is not None]
    miss = sorted(each.offset_m for each in result.rows if each.offset_m is not None)
    median = "" if not miss else f"{said.metres((miss[(len(miss) - 1) // 2] + miss[len(miss) // 2]) / 2.0)} m"
    stages = dict(result.funnel)
    brier = "" if result.brier is None else f"{result.brier:.3f}"
    if brier and result.brier_base is not None:
        brier = f"{brier} / {result.brier_base:.3f}"
    found = f"{stages['likely']} / {stages['there']}" if {"likely", "there"} <= stages.keys() else ""
    rate = f" · {result.false_sites / result.searched_km2:.3f} /km²" if result.searched_km2 else ""
    return [
        ("found", found),
        ("false", f"{result.false_sites}{rate}"),
        ("miss", median),
        ("held", f"{sum(held)} / {len(held)}" if held else ""),
        ("brier", brier),
        ("ece", "" if result.ece is None else f"{result.ece:.3f}"),
    ]


def _truth_row(words: Words, row: TruthRow) -> list[Cell]:
    held = "–" if row.held is None else words.say("report.yes" if row.held else "report.no")
    return [
        row.id,
        words.say("report.class.facility" if row.facility else "report.class.lookalike"),
        row.site or words.say("report.score.missed" if row.facility else "report.score.not_listed"),
        "–" if row.offset_m is None else f"{said.metres(row.offset_m)} m",
        held,
    ]


def reading(words: Words, report: Report) -> Markup:
    """How to read the page, and what it cannot say."""
    terms = [[words.say(f"locate.word.{key}"), _range(at)] for at, (_, key) in enumerate(SCALE)]
    heads = [words.say("report.col.word"), words.say("report.col.range")]
    found = [
        f"{each.code} × {each.count}: {text_of(each.code, words.lang).filled(each.details).what}"
        + (f" ({each.where})" if each.where else "")
        for each in report.findings
    ]
    limits = bullets([*(words.say(f"report.limit.{name}") for name in _LIMITS), *report.notes])
    return section(
        "limits",
        words.say("report.heading.limits"),
        tag("div", tag("div", limits), table(words.say("report.words_table"), heads, terms), class_="pair"),
        tag("h3", words.say("report.heading.findings")) if found else None,
        bullets(found),
    )


def _range(at: int) -> str:
    """The probabilities a word of the scale stands for."""
    low = SCALE[at - 1][0] if at else 0.01
    return f"{100.0 * low:.0f}–{min(100.0 * SCALE[at][0], 99.0):.0f} %"


def duration(seconds: float) -> str:
    """`3 h 05 min 20 s`, leading zeros left out."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02d} min {rest:02d} s"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
