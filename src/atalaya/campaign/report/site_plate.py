"""One site at its own scale: the 90 % ellipse, and from which side each look was made."""

import math

import numpy as np

from atalaya.base.words import Words
from atalaya.campaign.report import drawing as d
from atalaya.campaign.report.frame import Frame
from atalaya.campaign.report.looks_map import local_crs, site_mark
from atalaya.campaign.report.markup import Markup, tag
from atalaya.locate import dossier_words as said
from atalaya.locate.dossier import Dossier, Evidence

SIDE_PX = 300.0
_FILL = 0.30
"""Part of the plate's width that the long semi-axis takes."""


def site_plate(words: Words, dossier: Dossier, name: str) -> Markup:
    """The plate with its caption.

    Args:
        name: of the figure, unique on the page.
    """
    major_m = max(dossier.semi_major_m, 1.0)
    metre_px = SIDE_PX * _FILL / major_m
    half_m = SIDE_PX / 2.0 / metre_px
    frame = Frame(local_crs_of(dossier), -half_m, half_m, metre_px, SIDE_PX, SIDE_PX)
    middle = SIDE_PX / 2.0
    content = [
        *(_sightline(row, middle) for row in dossier.evidence),
        _ellipse(dossier, metre_px, middle),
        site_mark(dossier, middle, middle),
    ]
    title = words.say("report.plate", id=dossier.id, ellipse=said.ellipse(words, dossier))
    picture = d.sheet(frame, name, title, content, graticule=False)
    return tag("figure", picture, tag("figcaption", words.say("report.plate_legend")), class_="plate")


def local_crs_of(dossier: Dossier) -> str:
    """A projection about the site itself."""
    return local_crs(dossier.lon_deg, dossier.lat_deg)


def _ellipse(dossier: Dossier, metre_px: float, middle: float) -> Markup:
    """Solid outline with a halo; its long axis turned from north, clockwise."""
    shape = {
        "cx": middle,
        "cy": middle,
        "rx": dossier.semi_minor_m * metre_px,
        "ry": dossier.semi_major_m * metre_px,
        "transform": f"rotate({dossier.azimuth_deg % 180.0:.1f} {middle:g} {middle:g})",
        "fill": "none",
    }
    halo = tag("ellipse", stroke="#FFFFFF", stroke_width=4.5, **shape)
    return tag("g", halo, tag("ellipse", stroke=d.CANDIDATE, stroke_width=2.0, **shape))


def _sightline(row: Evidence, middle: float) -> Markup | None:
    """A ray from the side the sensor looked from: solid for a find, dashed for a miss."""
    if row.azimuth_deg is None:
        return None
    angle = math.radians(row.azimuth_deg + 180.0)
    toward = np.array([math.sin(angle), -math.cos(angle)])
    ends = middle + np.outer((SIDE_PX * 0.47, SIDE_PX * 0.36), toward)
    colour, dash = (d.SENSOR, None) if row.found else (d.MUTED, "3 3")
    return d.line(ends, colour, 2.2 if row.found else 1.4, stroke_dasharray=dash, stroke_linecap="round")
