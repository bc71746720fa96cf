"""Many looks, few sites: where facilities are, how sure, how exact, and where nothing was found.

In: tables of detections (`detect`), coverage of each look with its chance of detection (`sensing`), a search
map. Out: tracklets, sites with probability and error, the search map after the looks.

Names that need more than numpy are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.locate.judgement import Judgement
from atalaya.locate.model import CLASSES, HitRate, SiteModel
from atalaya.locate.scan import Scan, canonical, make_scan
from atalaya.locate.site import Ledger, LedgerLine, Site
from atalaya.locate.words import at_least_two_kinds, confidence_words, probability_words, word_of

if TYPE_CHECKING:
    from atalaya.locate.area import Area, area_of
    from atalaya.locate.looks import Coverage, Placed, scans_from, split_looks
    from atalaya.locate.site_filter import SiteFilter
    from atalaya.locate.state_file import load_sites, save_sites
    from atalaya.locate.tracklets import (
        LinkRules,
        TrackletCalibration,
        Tracklets,
        fit_calibration,
        link,
        tracklet_schema,
    )

_HEAVY = {
    **dict.fromkeys(("Area", "area_of"), "area"),
    **dict.fromkeys(("Coverage", "Placed", "scans_from", "split_looks"), "looks"),
    "SiteFilter": "site_filter",
    **dict.fromkeys(("load_sites", "save_sites"), "state_file"),
    **dict.fromkeys(
        (
            "LinkRules",
            "TrackletCalibration",
            "Tracklets",
            "fit_calibration",
            "link",
            "tracklet_schema",
        ),
        "tracklets",
    ),
}

__all__ = [
    "CLASSES",
    "Area",
    "Coverage",
    "HitRate",
    "Judgement",
    "Ledger",
    "LedgerLine",
    "LinkRules",
    "Placed",
    "Scan",
    "Site",
    "SiteFilter",
    "SiteModel",
    "TrackletCalibration",
    "Tracklets",
    "area_of",
    "at_least_two_kinds",
    "canonical",
    "confidence_words",
    "fit_calibration",
    "link",
    "load_sites",
    "make_scan",
    "probability_words",
    "save_sites",
    "scans_from",
    "split_looks",
    "tracklet_schema",
    "word_of",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.locate.{_HEAVY[name]}"), name)
