"""Fields of view, heights and depressions a platform may choose among: area per hour against chance of
detection.

A wide field covers much ground and shows little; a narrow one the other way round. Of all settings only those
are worth a planner's time that no other beats in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.sensing.detection import DESCRIBED_KINDS, Facility, look_quality
from atalaya.sensing.flat_footprint import flat_footprint
from atalaya.sensing.look import Setting
from atalaya.sensing.platform import FieldOfView, Platform, Sensor

HEIGHTS_AGL_M = (100.0, 300.0, 600.0, 1000.0, 1500.0, 2500.0, 4000.0, 6000.0, 7620.0)
DEPRESSIONS_DEG = (20.0, 30.0, 45.0, 60.0, 75.0, 90.0)

FARTHEST_M = 30_000.0
"""Ground farther away than this is not searched, whatever the frame shows."""


@dataclass(frozen=True, slots=True)
class SettingValue:
    """What a setting is worth, flown straight and looking ahead.

    Args:
        swath_m: width of the strip. area_km2_h: of it per hour at the airspeed.
        dwell_s: a place is in view. gsd_m, niirs: at the middle.
        chance: of detection per pass of a facility that is not hidden. hidden: share that is.
    """

    setting: Setting
    airspeed_ms: float
    swath_m: float
    area_km2_h: float
    dwell_s: float
    gsd_m: float
    niirs: float
    chance: float
    hidden: float

    @property
    def pod(self) -> float:
        """Chance of detection per pass of any facility."""
        return (1.0 - self.hidden) * self.chance

    @property
    def sweep_width_m(self) -> float:
        """Width of a strip in which everything not hidden would be found, worth the same."""
        return self.swath_m * self.chance

    @property
    def found_area_km2_h(self) -> float:
        """Area searched per hour times chance: what a wide search makes most of."""
        return self.area_km2_h * self.pod


def setting_value(
    platform: Platform,
    setting: Setting,
    facility: Facility,
    *,
    sun_elevation_deg: float = 45.0,
    canopy_share: float = 0.0,
    airspeed_ms: float | None = None,
) -> SettingValue:
    """What one setting is worth.

    Raises:
        BadInput: SNS-008, the platform has no such sensor or mode; SNS-006, figures out of range.
    """
    sensor, fov = _mode(platform, setting)
    speed = platform.loiter_ms if airspeed_ms is None else airspeed_ms
    if not speed > 0.0:
        raise BadInput("SNS-006", name="airspeed_ms", value=speed, allowed="> 0")
    area = flat_footprint(setting.height_agl_m, setting.depression_deg, fov)
    near, far = float(area.near_m), min(float(area.far_m), FARTHEST_M)
    dwell = max(0.0, far - near) / speed
    quality = look_quality(
        sensor,
        fov,
        facility,
        height_agl_m=setting.height_agl_m,
        depression_deg=setting.depression_deg,
        dwell_s=dwell,
        sun_elevation_deg=sun_elevation_deg,
        canopy_share=canopy_share,
    )
    swath = float(area.width_m)
    return SettingValue(
        setting,
        speed,
        swath,
        swath * speed * 3600.0 / 1e6,
        dwell,
        float(quality.gsd_m),
        float(quality.niirs),
        float(quality.chance),
        float(quality.hidden),
    )


def setting_values(
    platform: Platform,
    facility: Facility,
    *,
    sun_elevation_deg: float = 45.0,
    canopy_share: float = 0.0,
    heights_agl_m: Sequence[float] = HEIGHTS_AGL_M,
    depressions_deg: Sequence[float] = DEPRESSIONS_DEG,
    airspeed_ms: float | None = None,
) -> tuple[SettingValue, ...]:
    """Every setting of a platform and its worth.

    Sensors this model does not describe are left out; so are settings whose slant is beyond `FARTHEST_M`.
    """
    values = []
    for sensor in platform.sensors:
        if sensor.kind not in DESCRIBED_KINDS:
            continue
        for mode, height, depression in product(sensor.modes, heights_agl_m, depressions_deg):
            if height > min(platform.ceiling_msl_m, FARTHEST_M * np.sin(np.radians(depression))):
                continue
            values.append(
                setting_value(
                    platform,
                    Setting(sensor.name, mode.name, height, depression),
                    facility,
                    sun_elevation_deg=sun_elevation_deg,
                    canopy_share=canopy_share,
                    airspeed_ms=airspeed_ms,
                )
            )
    return tuple(values)


def efficient_settings(values: Sequence[SettingValue]) -> tuple[SettingValue, ...]:
    """Those of some settings that no other beats in both area per hour and chance, the widest first."""
    kept: list[SettingValue] = []
    for one in sorted(values, key=lambda value: (-value.area_km2_h, -value.pod)):
        if not kept or one.pod > kept[-1].pod:
            kept.append(one)
    return tuple(kept)


def cue_and_confirm(
    values: Sequence[SettingValue], *, confirm_niirs: float = 5.0
) -> tuple[SettingValue, SettingValue]:
    """Two settings to plan with: wide to find most per hour, narrow to make sure.

    Args:
        values: of `setting_values`, at least one.
        confirm_niirs: the second is the widest that is so sharp; the sharpest where none is.

    Raises:
        BadInput: SNS-008, no values.
    """
    if not values:
        raise BadInput("SNS-008", name="?", names="")
    cue = max(values, key=lambda one: one.found_area_km2_h)
    sharp = [one for one in values if one.niirs >= confirm_niirs]
    confirm = max(sharp, key=lambda one: one.area_km2_h) if sharp else max(values, key=lambda one: one.niirs)
    return cue, confirm


def _mode(platform: Platform, setting: Setting) -> tuple[Sensor, FieldOfView]:
    for sensor in platform.sensors:
        for mode in sensor.modes:
            if (sensor.name, mode.name) == (setting.sensor, setting.mode):
                return sensor, mode
    names = ", ".join(f"{sensor.name}/{mode.name}" for sensor in platform.sensors for mode in sensor.modes)
    raise BadInput("SNS-008", name=f"{setting.sensor}/{setting.mode}", names=names)
