"""From detections in frames to tracklets: consecutive frames of one pass are one look, not many."""

from atalaya.locate.tracklets.calibration import TrackletCalibration, fit_calibration
from atalaya.locate.tracklets.link import LinkRules, link
from atalaya.locate.tracklets.table import Tracklets, tracklet_schema

__all__ = [
    "LinkRules",
    "TrackletCalibration",
    "Tracklets",
    "fit_calibration",
    "link",
    "tracklet_schema",
]
