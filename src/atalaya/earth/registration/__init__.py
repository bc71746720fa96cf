"""Frames laid on pictures of the ground whose place is known, to correct their pose.

In: a frame with the pose and covariance of its metadata, a reference (georeferenced raster or another
frame's orthophoto), a surface. Out: the corrected pose with its covariance, or the metadata's pose with the
reason why it was kept. Weight-free: doubled-angle gradient correlation, blind to contrast, gated by the
metadata.
"""

from atalaya.earth.registration.pose_change import VALUES, changed, pose_covariance
from atalaya.earth.registration.reference import OrthophotoReference, RasterReference, Reference
from atalaya.earth.registration.registration import GroundTies, Registration, Statistics, register

__all__ = [
    "VALUES",
    "GroundTies",
    "OrthophotoReference",
    "RasterReference",
    "Reference",
    "Registration",
    "Statistics",
    "changed",
    "pose_covariance",
    "register",
]
