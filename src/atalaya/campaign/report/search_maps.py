"""The search map before and after the looks, side by side, in one ramp with one legend."""

import base64
import io
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from atalaya.base.words import Words
from atalaya.campaign.report.drawing import INK, LAND, MUTED, RAMP, legend, line, sheet, words_at
from atalaya.campaign.report.frame import Frame, framed, to_metres
from atalaya.campaign.report.markup import Markup, tag
from atalaya.campaign.report.report import Area, SearchRasters

Floats = NDArray[np.float64]

WIDTH_PX = 520.0
MOST_PX = 560
"""Longer side of an embedded picture; larger maps are thinned to it by their mean."""
_HATCH_PX = 7
_CLEAR, _HATCH = len(RAMP), len(RAMP) + 1


def search_maps(words: Words, search: SearchRasters, areas: tuple[Area, ...]) -> Markup:
    """Both maps, their legend, and what they add up to."""
    levels = ramp_levels(search)
    titles = (
        words.say("report.map.before", expected=counted(search.expected_before)),
        words.say("report.map.after", expected=counted(search.expected_after)),
    )
    figures = (
        _figure(search, areas, values, looked, levels, name, title)
        for values, looked, name, title in (
            (search.before, None, "before", titles[0]),
            (search.after, search.looked, "after", titles[1]),
        )
    )
    return tag("div", tag("div", figures, class_="pair"), _legend(words, levels))


def counted(expected: float) -> str:
    """An expected number: two digits, never an exponent."""
    return f"{expected:.1f}" if expected >= 1.0 else f"{expected:.2g}" if expected >= 1e-4 else "0"


def ramp_levels(search: SearchRasters) -> tuple[float, ...]:
    """Lower ends of the five bands but the first, expected facilities per square kilometre, for both maps."""
    cell_km2 = (search.cell_m / 1000.0) ** 2
    known = search.before[np.isfinite(search.before)]
    top = float(np.quantile(known, 0.99)) / cell_km2 if len(known) else 0.0
    if not top > 1e-12:
        return (0.25, 0.5, 1.0, 2.0)
    # even steps up to the most expected: what a look took away is seen even where all was alike before
    return tuple(float(f"{top * share:.2g}") for share in (0.2, 0.4, 0.6, 0.8))


def map_frame(search: SearchRasters, width_px: float) -> Frame:
    """The sheet that holds the whole raster."""
    rows, columns = search.before.shape
    east_m, south_m = search.west_m + columns * search.cell_m, search.north_m - rows * search.cell_m
    found = framed(
        search.crs, [np.array([[search.west_m, search.north_m], [east_m, south_m]])], width_px, 0.02
    )
    assert found is not None
    return found


def raster_image(
    search: SearchRasters,
    values: Floats,
    looked: NDArray[np.bool_] | None,
    levels: tuple[float, ...],
    frame: Frame,
) -> Markup:
    """The raster as an `<image>` in its place on a sheet."""
    rows, columns = values.shape
    left, top = frame.pixels_of_metres(np.array([[search.west_m, search.north_m]]))[0]
    data = _png(values / (search.cell_m / 1000.0) ** 2, looked, levels)
    return tag(
        "image",
        href=f"data:image/png;base64,{base64.b64encode(data).decode()}",
        x=float(left),
        y=float(top),
        width=columns * search.cell_m * frame.metre_px,
        height=rows * search.cell_m * frame.metre_px,
        preserveAspectRatio="none",
        style="image-rendering:pixelated",
    )


def outlines(frame: Frame, areas: tuple[Area, ...]) -> list[Markup | None]:
    """Edges of the ground asked about, each with its name in its north-western corner."""
    drawn: list[Markup | None] = []
    for each in areas:
        edge = frame.pixels_of_metres(to_metres(frame.crs, each.ring))
        drawn.append(line(edge, INK, 1.2, closed=True, stroke_dasharray="5 3"))
        x, y = edge.min(axis=0)
        drawn.append(words_at(float(x) + 4.0, float(y) + 12.0, each.name, 10.0))
    return drawn


def _figure(
    search: SearchRasters,
    areas: tuple[Area, ...],
    values: Floats,
    looked: NDArray[np.bool_] | None,
    levels: tuple[float, ...],
    name: str,
    title: str,
) -> Markup:
    frame = map_frame(search, WIDTH_PX)
    content = [raster_image(search, values, looked, levels, frame), *outlines(frame, areas)]
    return tag("figure", sheet(frame, name, title, content), tag("figcaption", title))


def _png(density: Floats, looked: NDArray[np.bool_] | None, levels: tuple[float, ...]) -> bytes:
    """A palette picture of the bands; cells no look covered are hatched over."""
    from PIL import Image

    thinner = -(-max(density.shape) // MOST_PX)
    density = _thinned(density, thinner)
    bands = np.digitize(density, levels).astype(np.uint8)
    bands[~np.isfinite(density)] = _CLEAR
    if looked is not None:
        scale = max(1, MOST_PX // max(bands.shape))
        seen = _thinned(looked.astype(np.float64), thinner) >= 0.5
        bands, seen = bands.repeat(scale, 0).repeat(scale, 1), seen.repeat(scale, 0).repeat(scale, 1)
        row, column = np.indices(bands.shape)
        bands[((row + column) % _HATCH_PX == 0) & ~seen & (bands != _CLEAR)] = _HATCH
    picture = Image.fromarray(bands, mode="P")
    colours = [*RAMP, LAND, MUTED]
    picture.putpalette(b"".join(bytes.fromhex(each[1:]) for each in colours))
    stream = io.BytesIO()
    picture.save(stream, "PNG", transparency=_CLEAR, optimize=False)
    return stream.getvalue()


def _thinned(values: Floats, by: int) -> Floats:
    """Means of squares of `by` cells; NaN where no cell is known."""
    if by == 1:
        return values
    rows, columns = (-(-side // by) * by for side in values.shape)
    padded = np.full((rows, columns), np.nan)
    padded[: values.shape[0], : values.shape[1]] = values
    blocks = padded.reshape(rows // by, by, columns // by, by)
    known = np.isfinite(blocks)
    count = known.sum(axis=(1, 3))
    total = np.where(known, blocks, 0.0).sum(axis=(1, 3))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _legend(words: Words, levels: tuple[float, ...]) -> Markup:
    def swatch(colour: str) -> Markup:
        return tag("rect", x=0.5, y=0.5, width=23.0, height=13.0, fill=colour, stroke=MUTED, stroke_width=0.6)

    ends = [f"{each:g}" for each in levels]
    labels = [
        f"< {ends[0]}",
        *(f"{low}–{high}" for low, high in pairwise(ends)),
        f"≥ {ends[-1]}",
    ]
    entries = [(swatch(colour), label) for colour, label in zip(RAMP, labels, strict=True)]
    strokes = tag("path", d="M4 14L18 0M11 14L24 1M0 11L11 0", stroke=MUTED, stroke_width=1.0)
    entries.append((tag("g", swatch("#FFFFFF"), strokes), words.say("report.map.not_looked")))
    dashed = tag("path", d="M0 7H24", stroke=INK, stroke_width=1.2, stroke_dasharray="5 3")
    entries.append((dashed, words.say("report.map.area")))
    return tag("div", tag("p", words.say("report.map.density"), class_="small"), legend(entries))
