"""Where aircraft flew, what their looks covered, and what was found: one map of everything."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from atalaya.base.words import Words
from atalaya.campaign.report import drawing as d
from atalaya.campaign.report.frame import Frame, framed, to_metres
from atalaya.campaign.report.markup import Markup, tag
from atalaya.campaign.report.report import LookFootprint, Report
from atalaya.campaign.report.search_maps import map_frame, outlines
from atalaya.locate.dossier import Dossier
from atalaya.locate.review import Verdict, standing

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]

WIDTH_PX = 1080.0
MOST_NAMED = 60
_LETTER_PX = 6.6


def looks_map(words: Words, report: Report) -> Markup | None:
    """The map with its legend; None where nothing has a place."""
    frame = report_frame(report, WIDTH_PX)
    if frame is None:
        return None
    seen, empty = (_covered(frame, report.footprints, found) for found in (True, False))
    tracks = [
        d.line(frame.pixels_of_metres(to_metres(frame.crs, each.lon_lat)), d.INK, 1.1)
        for each in report.tracks
    ]
    content = [
        *_ground(empty, d.MUTED, 0.16),
        *_ground(seen, d.SENSOR, 0.22),
        *outlines(frame, report.areas),
        *tracks,
        *_sites(frame, report.ranked),
    ]
    title = words.say(
        "report.map.looks", tracks=len(report.tracks), looks=len(report.footprints), sites=len(report.sites)
    )
    figure = tag(
        "figure", d.sheet(frame, "looks-map", title, content), tag("figcaption", title), class_="wide"
    )
    return tag("div", figure, _legend(words))


def report_frame(report: Report, width_px: float) -> Frame | None:
    """The sheet of the search map; without one, a sheet about the places of the report."""
    if report.search is not None:
        return map_frame(report.search, width_px)
    rings = [*(each.ring for each in report.areas), *(each.ring for each in report.footprints)]
    places = [*rings, np.array([[each.lon_deg, each.lat_deg] for each in report.sites]).reshape(-1, 2)]
    known = _finite(places)
    if not len(known):
        known = _finite(each.lon_lat for each in report.tracks)
    if not len(known):
        return None
    crs = local_crs(float(known[0, 0]), float(np.median(known[:, 1])))
    return framed(crs, [to_metres(crs, known)], width_px)


def local_crs(lon_deg: float, lat_deg: float) -> str:
    """Equal areas about a place (Lambert azimuthal, Snyder 1987 chapter 24)."""
    from atalaya.sensing.map_grid import equal_area_crs

    return equal_area_crs(lon_deg, lat_deg)


def site_mark(dossier: Dossier, x: float, y: float) -> Markup:
    """Hollow diamond; filled when more people accept than reject, crossed out when more reject."""
    said = [each.verdict for each in standing(dossier.reviews).values()]
    lead = said.count(Verdict.ACCEPT) - said.count(Verdict.REJECT)
    if lead < 0:
        return d.crossed(x, y, d.CLEARED)
    return d.diamond(x, y, d.CONFIRMED if lead else d.CANDIDATE, filled=lead > 0)


def _finite(points: Iterable[Floats]) -> Floats:
    joined = np.concatenate([np.empty((0, 2)), *points])
    return np.asarray(joined[np.isfinite(joined).all(axis=1)], dtype=np.float64)


def _covered(frame: Frame, looks: tuple[LookFootprint, ...], found: bool) -> list[Floats]:
    """Rings of the union of footprints, pixels: one outline instead of hundreds of quads."""
    import shapely

    rings = [frame.pixels_of_metres(to_metres(frame.crs, each.ring)) for each in looks if each.found is found]
    shapes = [shapely.Polygon(ring) for ring in rings if len(ring) >= 3 and np.isfinite(ring).all()]
    if not shapes:
        return []
    union = shapely.union_all(shapely.make_valid(np.array(shapes)), grid_size=0.05)
    parts = [part for part in shapely.get_parts(union) if part.geom_type == "Polygon"]
    edges = [edge for part in parts for edge in (part.exterior, *part.interiors)]
    return [shapely.get_coordinates(shapely.simplify(edge, 0.3)) for edge in edges]


def _ground(rings: list[Floats], colour: str, opacity: float) -> list[Markup | None]:
    outline = "".join(d.path_of(ring, closed=True) for ring in rings)
    if not outline:
        return []
    more = {"fill_rule": "evenodd", "stroke": colour, "stroke_width": 0.8, "stroke_opacity": 0.7}
    return [tag("path", d=outline, fill=colour, fill_opacity=opacity, **more)]


def _sites(frame: Frame, sites: tuple[Dossier, ...]) -> list[Markup | None]:
    """Marks, least probable below; names of the most probable where there is room."""
    if not sites:
        return []
    places = frame.pixels(np.array([[each.lon_deg, each.lat_deg] for each in sites]))
    shown = [
        (site, float(x), float(y))
        for site, (x, y) in zip(sites, places, strict=True)
        if np.isfinite([x, y]).all()
    ]
    marks = [site_mark(site, x, y) for site, x, y in reversed(shown)]
    taken = [(x - 6.0, y - 6.0, x + 6.0, y + 6.0) for _, x, y in shown]
    names: list[Markup | None] = []
    for site, x, y in shown[:MOST_NAMED]:
        name = site.id[:24]
        box = _free_place(x, y, _LETTER_PX * len(name) + 2.0, taken, frame)
        if box is not None:
            taken.append(box)
            names.append(d.words_at(box[0], box[3] - 3.0, name, 11.5, d.INK, font_weight="600"))
    return [*marks, *names]


def _free_place(x: float, y: float, long: float, taken: list[Box], frame: Frame) -> Box | None:
    """Room for a name beside its mark: right, left, above or below; None where there is none."""
    beside = [(8.0, -14.0), (8.0, 2.0), (-8.0 - long, -14.0), (-8.0 - long, 2.0)]
    for left, top in (*beside, (-long / 2.0, -22.0), (-long / 2.0, 9.0)):
        box = (x + left, y + top, x + left + long, y + top + 13.0)
        inside = box[0] >= 0.0 and box[1] >= 0.0 and box[2] <= frame.width_px and box[3] <= frame.height_px
        if inside and not any(_overlap(box, other) for other in taken):
            return box
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _legend(words: Words) -> Markup:
    def swatch(colour: str, opacity: float) -> Markup:
        return tag(
            "rect", x=0.5, y=0.5, width=23.0, height=13.0, fill=colour, fill_opacity=opacity, stroke=colour
        )

    flown = tag("path", d="M0 10L9 4L24 7", stroke=d.INK, stroke_width=1.3, fill="none")
    entries = [
        (d.diamond(12.0, 7.0, d.CANDIDATE, filled=False), words.say("report.map.site")),
        (d.diamond(12.0, 7.0, d.CONFIRMED, filled=True), words.say("report.map.accepted")),
        (d.crossed(12.0, 7.0, d.CLEARED), words.say("report.map.rejected")),
        (flown, words.say("report.map.track")),
        (swatch(d.SENSOR, 0.22), words.say("report.map.found")),
        (swatch(d.MUTED, 0.16), words.say("report.map.empty")),
    ]
    return d.legend(entries)
