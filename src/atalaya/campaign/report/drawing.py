"""What every drawn map has: land, graticule, scale bar, north arrow; lines and outlines as short paths."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from atalaya.campaign.report.frame import Frame, nice_below
from atalaya.campaign.report.markup import Markup, joined, point, tag

Floats = NDArray[np.float64]

INK, MUTED, LINE, LAND, PANEL = "#161C22", "#4A5862", "#C3CBD0", "#EEF1EC", "#FFFFFF"
SENSOR, CANDIDATE, CONFIRMED, CLEARED = "#123A9B", "#8A6410", "#6B230F", "#3E6A63"
RAMP = ("#EFE6F5", "#CDB3E0", "#A77BC8", "#7A45A3", "#45156B")


def sheet(
    frame: Frame, name: str, title: str, content: Sequence[Markup | None], *, graticule: bool = True
) -> Markup:
    """A map as SVG: content between land and furniture, cut at the edge.

    Args:
        name: of the figure, unique on the page. title: what it shows, in words, for those who cannot see it.
    """
    width, height = frame.width_px, frame.height_px
    box = {"width": width, "height": height}
    return tag(
        "svg",
        tag("title", title, id=f"{name}-t"),
        tag("defs", tag("clipPath", tag("rect", **box), id=f"{name}-c")),
        tag("rect", fill=LAND, **box),
        tag("g", content, clip_path=f"url(#{name}-c)"),
        _graticule(frame) if graticule else None,
        _scale_bar(frame),
        _north(frame),
        tag("rect", x=0.5, y=0.5, width=width - 1.0, height=height - 1.0, fill="none", stroke=LINE),
        viewBox=f"0 0 {point(width)} {point(height)}",
        role="img",
        aria_labelledby=f"{name}-t",
        class_="map",
    )


def path_of(points_px: Floats, *, closed: bool) -> str:
    """The `d` of a line through (n, 2) pixels, broken at NaN, to a tenth of a pixel; points that fall
    together are one.
    """
    parts: list[str] = []
    last, pen = "", "M"
    for x, y in np.round(points_px, 1).tolist():
        if not (math.isfinite(x) and math.isfinite(y)):
            last, pen = "", "M"
            continue
        here = f"{x + 0.0:g} {y + 0.0:g}"
        if here != last:
            parts.append(pen + here)
            last, pen = here, "L"
    return "".join(parts) + ("Z" if closed and parts else "")


def line(
    points_px: Floats, colour: str, width: float, *, closed: bool = False, **more: object
) -> Markup | None:
    """A stroked line; None where it would be empty."""
    d = path_of(points_px, closed=closed)
    if "L" not in d:
        return None
    return tag("path", d=d, fill="none", stroke=colour, stroke_width=width, stroke_linejoin="round", **more)


def words_at(x: float, y: float, words: str, size: float = 11.0, colour: str = INK, **more: object) -> Markup:
    """Text with a halo, readable on anything."""
    halo = {"paint_order": "stroke", "stroke": "#FFFFFF", "stroke_width": 3.0, "stroke_linejoin": "round"}
    return tag("text", words, x=x, y=y, font_size=size, fill=colour, **halo, **more)


def _graticule(frame: Frame) -> Markup:
    """Lines of longitude and latitude at a round step, named at the edge."""
    wide, high = frame.width_px, frame.height_px
    middle = frame.lon_lat(wide / 2.0, high / 2.0)
    across = abs(
        _near(frame.lon_lat(wide, high / 2.0)[0], middle[0])
        - _near(frame.lon_lat(0.0, high / 2.0)[0], middle[0])
    )
    up = abs(frame.lon_lat(wide / 2.0, 0.0)[1] - frame.lon_lat(wide / 2.0, high)[1])
    step = _round_step(max(across, up * 0.7) / 3.0)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    parts: list[Markup | None] = []
    for value in _multiples(middle[0], across, step):
        curve = frame.pixels(
            np.column_stack((np.full(9, value), np.linspace(middle[1] - up, middle[1] + up, 9)))
        )
        x = float(np.interp(high, curve[::-1, 1], curve[::-1, 0]))
        parts += [_grid_line(curve), _named(x, high - 6.0, value, digits, wide, high, "E", "W")]
    for value in _multiples(middle[1], up, step):
        curve = frame.pixels(
            np.column_stack((np.linspace(middle[0] - across, middle[0] + across, 9), np.full(9, value)))
        )
        y = float(np.interp(0.0, curve[:, 0], curve[:, 1]))
        parts += [_grid_line(curve), _named(5.0, y - 4.0, value, digits, wide, high, "N", "S")]
    return tag("g", parts, aria_hidden="true")


def _near(lon_deg: float, other_deg: float) -> float:
    return (lon_deg - other_deg + 180.0) % 360.0 - 180.0 + other_deg


def _round_step(degrees: float) -> float:
    return nice_below(max(degrees, 1e-5))


def _multiples(middle: float, span: float, step: float) -> list[float]:
    first = math.ceil((middle - span / 2.0) / step)
    last = math.floor((middle + span / 2.0) / step)
    return [n * step for n in range(first, min(last, first + 12) + 1)]


def _grid_line(curve_px: Floats) -> Markup | None:
    return line(curve_px, MUTED, 0.6, stroke_opacity=0.28)


def _named(
    x: float, y: float, value: float, digits: int, wide: float, high: float, plus: str, minus: str
) -> Markup | None:
    along = plus == "E"
    free = 46.0 < x < wide - 0.35 * wide if along else 40.0 < y < high - 22.0
    if not free:
        return None
    shown = f"{abs(_near(value, 0.0)):.{digits}f}° {plus if _near(value, 0.0) >= 0.0 else minus}"
    return words_at(x + (3.0 if along else 0.0), y, shown, 10.0, MUTED)


def _scale_bar(frame: Frame) -> Markup:
    """A bar of a round length at the lower right."""
    metres = nice_below(frame.width_px * 0.2 / frame.metre_px)
    long = metres * frame.metre_px
    label = f"{metres / 1000.0:g} km" if metres >= 1000.0 else f"{metres:g} m"
    x, y = frame.width_px - 14.0 - long, frame.height_px - 12.0
    bar = f"M{point(x)} {point(y - 5.0)}V{point(y)}H{point(x + long)}V{point(y - 5.0)}"
    return tag(
        "g",
        tag("path", d=bar, fill="none", stroke="#FFFFFF", stroke_width=4.0),
        tag("path", d=bar, fill="none", stroke=INK, stroke_width=1.4),
        words_at(x + long / 2.0, y - 8.0, label, 11.0, INK, text_anchor="middle"),
    )


def _north(frame: Frame) -> Markup:
    """An arrow to the north, in the upper right corner."""
    x = frame.width_px - 20.0
    return tag(
        "g",
        tag("path", d=f"M{point(x)} 12l6 17l-6 -4.5l-6 4.5Z", fill=INK, stroke="#FFFFFF", stroke_width=1.0),
        words_at(x, 43.0, "N", 11.0, INK, text_anchor="middle", font_weight="600"),
    )


def legend(entries: Sequence[tuple[Markup, str]]) -> Markup:
    """A line of small drawings (24 x 14 pixels) and what they mean."""
    items = (
        tag(
            "li",
            tag("svg", mark, viewBox="0 0 24 14", width=24, height=14, aria_hidden="true"),
            tag("span", label),
        )
        for mark, label in entries
    )
    return tag("ul", items, class_="legend")


Mark = Callable[[float, float], Markup]


def diamond(x: float, y: float, colour: str, *, filled: bool, size: float = 5.5) -> Markup:
    """The mark of a site: hollow until a person confirmed it."""
    d = f"M{point(x)} {point(y - size)}l{size:g} {size:g}l-{size:g} {size:g}l-{size:g} -{size:g}Z"
    fill = colour if filled else "#FFFFFF"
    return tag("path", d=d, fill=fill, fill_opacity=None if filled else 0.85, stroke=colour, stroke_width=1.8)


def crossed(x: float, y: float, colour: str) -> Markup:
    """The mark of a site a person rejected: a cross in a circle."""
    cross = f"M{point(x - 3.0)} {point(y - 3.0)}l6 6m0 -6l-6 6"
    ring = tag(
        "circle", cx=x, cy=y, r=5.5, fill="#FFFFFF", fill_opacity=0.85, stroke=colour, stroke_width=1.6
    )
    return joined((ring, tag("path", d=cross, stroke=colour, stroke_width=1.6, fill="none")))
