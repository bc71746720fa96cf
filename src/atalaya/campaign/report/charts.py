"""Small charts drawn by hand: log odds look by look, reliability, the funnel of detection."""

import math
from collections.abc import Sequence

from atalaya.base.words import Words
from atalaya.campaign.report.drawing import INK, LINE, MUTED, SENSOR, words_at
from atalaya.campaign.report.markup import Markup, joined, point, tag
from atalaya.campaign.report.report import ReliabilityBin
from atalaya.locate import dossier_words as said
from atalaya.locate.dossier import Dossier

VIOLET, PALE = "#7A45A3", "#CDB3E0"


def chart(name: str, title: str, width: float, height: float, content: Sequence[Markup | None]) -> Markup:
    """A drawing with its title for those who cannot see it."""
    return tag(
        "svg",
        tag("title", title, id=f"{name}-t"),
        content,
        viewBox=f"0 0 {point(width)} {point(height)}",
        role="img",
        aria_labelledby=f"{name}-t",
        class_="chart",
    )


def odds_path(words: Words, dossier: Dossier, name: str) -> Markup:
    """How the log odds of a facility moved, look by look: solid bars are finds, dashed ones misses."""
    width, height, left, top, bottom = 300.0, 150.0, 34.0, 10.0, 124.0
    totals = [0.0]
    for row in dossier.evidence:
        totals.append(totals[-1] + row.log_odds)
    low, high = min(totals) - 0.5, max(totals) + 0.5
    step = (width - left - 8.0) / max(len(dossier.evidence), 1)

    def y_of(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    parts: list[Markup | None] = [_level(left, width, y_of(each), f"{each:+d}") for each in _ticks(low, high)]
    for number, row in enumerate(dossier.evidence):
        x, before, after = left + number * step, y_of(totals[number]), y_of(totals[number + 1])
        parts.append(_bar(x + step * 0.14, min(before, after), step * 0.72, abs(after - before), row.found))
        parts.append(tag("path", d=f"M{point(x)} {point(after)}h{point(step)}", stroke=INK, stroke_width=1.0))
    parts.append(
        words_at(
            (left + width) / 2.0,
            143.0,
            words.say("report.chart.odds_axis"),
            10.5,
            MUTED,
            text_anchor="middle",
        )
    )
    title = words.say("report.chart.odds", id=dossier.id, change=said.log_odds(totals[-1]))
    return tag("figure", chart(name, title, width, height, parts), tag("figcaption", title), class_="plate")


def reliability(words: Words, bins: tuple[ReliabilityBin, ...]) -> Markup:
    """What was said against what was so; the size of a dot says of how many sites, its bar how sure it is."""
    side, left, top = 320.0, 44.0, 12.0
    span = side - left - 12.0

    def at(mean: float, share: float) -> tuple[float, float]:
        return left + mean * span, top + (1.0 - share) * span

    parts: list[Markup | None] = []
    for tenth in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = at(tenth, tenth)
        parts.append(
            tag(
                "path",
                d=f"M{point(left)} {point(y)}h{point(span)}M{point(x)} {point(top)}v{point(span)}",
                stroke=LINE,
            )
        )
        parts.append(words_at(left - 6.0, y + 4.0, f"{tenth:g}", 10.5, MUTED, text_anchor="end"))
        parts.append(words_at(x, top + span + 15.0, f"{tenth:g}", 10.5, MUTED, text_anchor="middle"))
    parts.append(
        tag(
            "path",
            d=f"M{point(left)} {point(top + span)}l{point(span)} {point(-span)}",
            stroke=INK,
            stroke_dasharray="5 4",
        )
    )
    parts += [_dot(each, at) for each in bins]
    parts.append(
        words_at(
            left + span / 2.0, side + 14.0, words.say("report.chart.stated"), 11.0, INK, text_anchor="middle"
        )
    )
    turned = f"rotate(-90 11 {point(top + span / 2.0)})"
    parts.append(
        words_at(
            11.0,
            top + span / 2.0,
            words.say("report.chart.observed"),
            11.0,
            INK,
            text_anchor="middle",
            transform=turned,
        )
    )
    title = words.say("report.chart.reliability")
    return tag("figure", chart("reliability", title, side, side + 22.0, parts), tag("figcaption", title))


def funnel(words: Words, stages: tuple[tuple[str, int], ...]) -> Markup:
    """How many true facilities are left after each step, as bars."""
    width, row, left = 560.0, 30.0, 250.0
    most = max((count for _, count in stages), default=0) or 1
    parts: list[Markup | None] = []
    for number, (stage, count) in enumerate(stages):
        y, long = number * row + 4.0, (width - left - 70.0) * count / most
        parts.append(
            words_at(left - 10.0, y + 15.0, words.say(f"report.stage.{stage}"), 12.5, INK, text_anchor="end")
        )
        parts.append(
            tag("rect", x=left, y=y, width=max(long, 1.0), height=20.0, fill=SENSOR if number else INK)
        )
        share = f"{count}" if number == 0 else f"{count} · {said.whole_percent(count / most)}"
        parts.append(words_at(left + long + 8.0, y + 15.0, share, 12.5, INK, font_weight="600"))
    title = words.say("report.chart.funnel")
    figure = chart("funnel", title, width, len(stages) * row + 4.0, parts)
    return tag("figure", figure, tag("figcaption", title))


def chance_bar(probability: float) -> Markup:
    """A bar as long as a probability; the number stands beside it."""
    long = 100.0 * min(max(probability, 0.0), 1.0)
    return tag(
        "svg",
        tag("rect", width=100.0, height=6.0, fill="#E3E7EA"),
        tag("rect", width=long, height=6.0, fill=VIOLET),
        viewBox="0 0 100 6",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )


def _dot(each: ReliabilityBin, at: "object") -> Markup | None:
    """A bin as a dot with the 90 % interval (Wilson 1927) of its share."""
    assert callable(at)
    if not each.count:
        return None
    x, y = at(each.mean, each.share)
    low, high = wilson(each.share, each.count)
    bar = f"M{point(x)} {point(at(0.0, low)[1])}V{point(at(0.0, high)[1])}"
    radius = min(3.0 + math.sqrt(each.count), 11.0)
    tip = tag("title", f"{each.mean:.2f} / {each.share:.2f} (n = {each.count})")
    dot = tag("circle", tip, cx=x, cy=y, r=radius, fill=PALE, stroke=VIOLET, stroke_width=1.8)
    return joined((tag("path", d=bar, stroke=VIOLET, stroke_width=1.4), dot))


def wilson(share: float, count: int, z: float = 1.6449) -> tuple[float, float]:
    """The 90 % score interval of a share of `count` (Wilson 1927)."""
    scale = 1.0 + z * z / count
    middle = (share + z * z / (2.0 * count)) / scale
    half = z / scale * math.sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def _bar(x: float, y: float, width: float, height: float, found: bool) -> Markup:
    more = {"fill": SENSOR} if found else {"fill": "#FFFFFF", "stroke": MUTED, "stroke_dasharray": "3 2"}
    return tag("rect", x=x, y=y, width=width, height=max(height, 0.8), **more)


def _level(left: float, width: float, y: float, label: str) -> Markup:
    rule = tag("path", d=f"M{point(left)} {point(y)}H{point(width - 8.0)}", stroke=LINE)
    shown = "0" if label == "+0" else label.replace("-", "−")
    return joined((rule, words_at(left - 5.0, y + 3.5, shown, 10.0, MUTED, text_anchor="end")))


def _ticks(low: float, high: float) -> list[int]:
    step = next((each for each in (1, 2, 5, 10, 20, 50) if (high - low) / each <= 6.0), 100)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
