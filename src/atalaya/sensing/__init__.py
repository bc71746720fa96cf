"""Platforms and sensors: what they err by.

In: maker and model, what a stream states of itself (ST 1010 in item 102 of ST 0601), which items it carries.
Out: the `ErrorBudget` a ground point is computed with, each term marked "assumed", "stated" or "calibrated".
"""

from atalaya.sensing.profile import ErrorProfile, default_budget, profile, profile_for, profiles
from atalaya.sensing.rounding import with_rounding
from atalaya.sensing.stated import StatedErrors, stated_errors, with_stated

__all__ = [
    "ErrorProfile",
    "StatedErrors",
    "default_budget",
    "profile",
    "profile_for",
    "profiles",
    "stated_errors",
    "with_rounding",
    "with_stated",
]
