"""How a fleet uses its sensors: the wide look that finds most per hour, the narrow one that makes sure."""

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.request import CampaignRequest, Fleet
from atalaya.sensing.platform import Sensor
from atalaya.sensing.settings import DEPRESSIONS_DEG, SettingValue, cue_and_confirm, setting_values

FAR_AHEAD_M = 2_000.0
"""Strips farther ahead than this miss what the aircraft turns away from; no plan asks for one by itself."""

LAW_NAMES = {
    "EO": "eo",
    "IR": "ir",
    "SAR": "sar",
    "HSI": "hyperspectral",
    "MSI": "multispectral",
    "LIDAR": "lidar",
    "GAS": "gas",
}
"""Kinds of sensor in profiles, and in authorisations and payload records."""


def sensor_use(
    fleet: Fleet, request: CampaignRequest, height_agl_m: float, sun_elevation_deg: float
) -> tuple[SettingValue, SettingValue]:
    """The settings to search with and to make sure with.

    What the campaign file fixes (sensor, mode, depression) is kept; the rest is the choice that finds most
    facilities per hour of straight flight.

    Args:
        height_agl_m: over the usual ground of the areas.
        sun_elevation_deg: at the middle of the sortie.

    Raises:
        BadInput: PLN-009, no sensor sees anything from there.
    """
    fixed = fleet.depression_deg
    usual = [
        depression for depression in DEPRESSIONS_DEG if _ahead_m(height_agl_m, depression) <= FAR_AHEAD_M
    ]
    values = setting_values(
        fleet.platform,
        request.prior.facility,
        sun_elevation_deg=sun_elevation_deg,
        canopy_share=request.prior.canopy,
        heights_agl_m=(height_agl_m,),
        depressions_deg=tuple(usual) if fixed is None else (fixed + fleet.pitch_deg,),
        airspeed_ms=fleet.platform.loiter_ms,
    )
    wanted = [
        value for value in values if fleet.sensor in ("", value.setting.sensor) and value.sweep_width_m > 0.0
    ]
    wide = [value for value in wanted if fleet.mode in ("", value.setting.mode)]
    if not wide:
        raise BadInput("PLN-009", where=fleet.platform.name, height=round(height_agl_m))
    return cue_and_confirm(wide)[0], cue_and_confirm(wanted)[1]


def look_ahead_m(use: SettingValue) -> float:
    """How far before the aircraft the middle of its strip lies."""
    return _ahead_m(use.setting.height_agl_m, use.setting.depression_deg)


def _ahead_m(height_agl_m: float, depression_deg: float) -> float:
    return height_agl_m / np.tan(np.radians(depression_deg)) if depression_deg < 90.0 else 0.0


def kinds_used(fleet: Fleet, *values: SettingValue) -> tuple[str, ...]:
    """Kinds of the sensors that some settings use, as authorisations name them."""
    sensors = {sensor.name: sensor for sensor in fleet.platform.sensors}
    return tuple(sorted({law_name(sensors[value.setting.sensor]) for value in values}))


def law_name(sensor: Sensor) -> str:
    """What records of the law call a sensor."""
    return LAW_NAMES.get(sensor.kind.upper(), sensor.kind.lower())
