"""Platforms and sensors: what they are, what they err by, what a look of theirs is worth; and the search map.

In: profiles of unarmed aircraft (TOML), layers of the ground, looks that were made. Out: hours of endurance,
footprints, NIIRS (GIQE-5), chances of detection per look, efficient settings, the expected number of
facilities per cell before and after looks; and the `ErrorBudget` a ground point is computed with.

Names that need more than numpy are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.sensing.detection import Facility, LookQuality, hidden_share, look_quality
from atalaya.sensing.endurance import Phase, burn_per_h, endurance_h, left_after
from atalaya.sensing.flat_footprint import (
    FlatFootprint,
    flat_corners,
    flat_footprint,
    gsd_m,
    true_depression_deg,
)
from atalaya.sensing.giqe import niirs
from atalaya.sensing.look import Look, Setting
from atalaya.sensing.platform import FieldOfView, Platform, Sensor, Tank
from atalaya.sensing.platforms import platform, platforms, read_platform, read_platforms
from atalaya.sensing.profile import ErrorProfile, default_budget, profile, profile_for, profiles
from atalaya.sensing.rounding import with_rounding
from atalaya.sensing.search_map import SearchMap
from atalaya.sensing.settings import (
    SettingValue,
    cue_and_confirm,
    efficient_settings,
    setting_value,
    setting_values,
)
from atalaya.sensing.stated import StatedErrors, stated_errors, with_stated
from atalaya.sensing.update import Report, after_look, after_looks, after_report, chance_found

if TYPE_CHECKING:
    from atalaya.sensing.layers import (
        AsIs,
        Classes,
        Decay,
        Layer,
        LayeredMap,
        Range,
        StatedArea,
        Within,
        from_layers,
    )
    from atalaya.sensing.map_geotiff import read_search_map, write_search_map
    from atalaya.sensing.map_grid import MapGrid, make_grid
    from atalaya.sensing.raster_file import raster_layer
    from atalaya.sensing.slope import slope_layer
    from atalaya.sensing.vector_file import (
        Features,
        class_layer,
        covered_layer,
        distance_layer,
        read_features,
    )
    from atalaya.sensing.view import cells_in_sight, footprint_on, sensor_pose

_HEAVY = {
    **dict.fromkeys(
        ("AsIs", "Classes", "Decay", "Layer", "LayeredMap", "Range", "StatedArea", "Within", "from_layers"),
        "layers",
    ),
    **dict.fromkeys(("MapGrid", "make_grid"), "map_grid"),
    **dict.fromkeys(("read_search_map", "write_search_map"), "map_geotiff"),
    "raster_layer": "raster_file",
    "slope_layer": "slope",
    **dict.fromkeys(
        ("Features", "class_layer", "covered_layer", "distance_layer", "read_features"), "vector_file"
    ),
    **dict.fromkeys(("cells_in_sight", "footprint_on", "sensor_pose"), "view"),
}

__all__ = [
    "AsIs",
    "Classes",
    "Decay",
    "ErrorProfile",
    "Facility",
    "Features",
    "FieldOfView",
    "FlatFootprint",
    "Layer",
    "LayeredMap",
    "Look",
    "LookQuality",
    "MapGrid",
    "Phase",
    "Platform",
    "Range",
    "Report",
    "SearchMap",
    "Sensor",
    "Setting",
    "SettingValue",
    "StatedArea",
    "StatedErrors",
    "Tank",
    "Within",
    "after_look",
    "after_looks",
    "after_report",
    "burn_per_h",
    "cells_in_sight",
    "chance_found",
    "class_layer",
    "covered_layer",
    "cue_and_confirm",
    "default_budget",
    "distance_layer",
    "efficient_settings",
    "endurance_h",
    "flat_corners",
    "flat_footprint",
    "footprint_on",
    "from_layers",
    "gsd_m",
    "hidden_share",
    "left_after",
    "look_quality",
    "make_grid",
    "niirs",
    "platform",
    "platforms",
    "profile",
    "profile_for",
    "profiles",
    "raster_layer",
    "read_features",
    "read_platform",
    "read_platforms",
    "read_search_map",
    "sensor_pose",
    "setting_value",
    "setting_values",
    "slope_layer",
    "stated_errors",
    "true_depression_deg",
    "with_rounding",
    "with_stated",
    "write_search_map",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.sensing.{_HEAVY[name]}"), name)
