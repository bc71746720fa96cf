"""`atalaya plan platforms [NAME]`: what flies, with sources, endurance and the settings worth flying."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from atalaya.base.language import figure, language, printable, say
from atalaya.cli.plan_options import AsJson

if TYPE_CHECKING:
    from atalaya.sensing.platform import Platform
    from atalaya.sensing.settings import SettingValue

SCHEMA = "atalaya.plan-platforms/1"


def list_platforms(
    name: Annotated[str, Parameter(help=say("cli.plan.platforms.name"))] = "",
    /,
    *,
    file: Annotated[Path | None, Parameter(help=say("cli.plan.platforms.file"))] = None,
    facility: Annotated[float | None, Parameter(help=say("cli.plan.platforms.facility"))] = None,
    height: Annotated[
        list[float] | None, Parameter(help=say("cli.plan.platforms.height"), negative="")
    ] = None,
    canopy: Annotated[float, Parameter(help=say("cli.plan.platforms.canopy"))] = 0.0,
    sun: Annotated[float, Parameter(help=say("cli.plan.platforms.sun"))] = 45.0,
    as_json: AsJson = False,
) -> int:
    """List platforms, or show one."""
    from atalaya.sensing.platforms import platform, platforms, read_platform, read_platforms

    if name or facility is not None:
        known = read_platforms(file) if file else platforms()
        chosen = [read_platform(file, name) if file else platform(name)] if name else list(known)
        settings = [_settings(each, facility, height, canopy, sun) for each in chosen]
        if as_json:
            shown = [{**_full(p), **_valued(s)} for p, s in zip(chosen, settings, strict=True)]
            print(json.dumps({"schema": SCHEMA, "platforms": shown}, ensure_ascii=False))
        else:
            pages = [[*_page(p), *_lines(facility, s)] for p, s in zip(chosen, settings, strict=True)]
            print("\n\n".join("\n".join(page) for page in pages))
        return 0
    found = read_platforms(file) if file else platforms()
    if as_json:
        print(json.dumps({"schema": SCHEMA, "platforms": [_full(p) for p in found]}, ensure_ascii=False))
    else:
        print("\n".join(map(_line, found)))
    return 0


def _settings(
    platform: "Platform", facility: float | None, heights: list[float] | None, canopy: float, sun: float
) -> "tuple[SettingValue, ...]":
    """Every setting, for the facility asked for; none where none was.

    Raises:
        BadInput: SNS-006, a figure out of range; SNS-008, no sensor this model describes at these heights.
    """
    if facility is None:
        return ()
    from atalaya.base.errors import BadInput
    from atalaya.sensing.detection import Facility
    from atalaya.sensing.settings import HEIGHTS_AGL_M, setting_values

    for each in heights or ():
        if not 0.0 < each <= platform.ceiling_msl_m:
            raise BadInput(
                "SNS-006",
                where="--height",
                name="height",
                value=each,
                allowed=f"0 ... {platform.ceiling_msl_m:g}",
            )
    return setting_values(
        platform,
        Facility(facility),
        heights_agl_m=heights or HEIGHTS_AGL_M,
        canopy_share=canopy,
        sun_elevation_deg=sun,
    )


def _hours(platform: "Platform") -> tuple[float, float]:
    from atalaya.sensing.endurance import endurance_h

    return endurance_h(platform, regime="loiter"), endurance_h(platform, regime="cruise")


def _line(platform: "Platform") -> str:
    return say(
        "plan.platform.line",
        name=f"{printable(platform.name):18}",
        label=printable(platform.labels[language()]),
        hours=figure(_hours(platform)[0]),
        sensors=", ".join(printable(sensor.name) for sensor in platform.sensors),
    )


def _page(platform: "Platform") -> list[str]:
    loiter, cruise = map(figure, _hours(platform))
    lines = [f"{printable(platform.name)}  {printable(platform.labels[language()])}"]
    lines.append(say("plan.platforms.endurance", loiter=loiter, cruise=cruise))
    values = _values(platform)
    wide = max(map(len, values))
    for key, value in values.items():
        source = printable(platform.sources.get(key, ""))
        lines.append(f"  {key:{wide}}  {value:>12}  {source}".rstrip())
    for sensor in platform.sensors:
        modes = ", ".join(
            f"{printable(m.name)} {m.horizontal_deg:g}° x {m.vertical_deg:g}°" for m in sensor.modes
        )
        source = printable(platform.sources.get(f"{sensor.name}.modes", ""))
        lines.append(f"  {printable(sensor.name)} ({sensor.kind}): {modes}  {source}".rstrip())
    return lines


def _values(platform: "Platform") -> dict[str, str]:
    names = (
        "empty_kg",
        "payload_kg",
        "loiter_ms",
        "cruise_ms",
        "climb_ms",
        "descent_ms",
        "ceiling_msl_m",
        "bank_deg",
    )
    tank = ("capacity", "coefficient", "mass_exponent", "cruise_factor", "climb_factor", "reserve_share")
    found = {name: f"{getattr(platform, name):g}" for name in names}
    found |= {f"tank.{name}": f"{getattr(platform.tank, name):g}" for name in tank}
    found["tank.capacity"] += f" {platform.tank.unit}"
    return found


def _lines(facility: float | None, values: "tuple[SettingValue, ...]") -> list[str]:
    if facility is None:
        return []
    from atalaya.sensing.settings import cue_and_confirm, efficient_settings

    cue, confirm = cue_and_confirm(values)
    lines = ["", say("plan.platforms.settings", size=f"{facility:g}"), say("plan.platforms.head")]
    lines += [_row(value) for value in efficient_settings(values)]
    lines += [say("plan.platforms.cue"), _row(cue), say("plan.platforms.confirm"), _row(confirm)]
    return lines


def _row(value: "SettingValue") -> str:
    setting = value.setting
    return (
        f"{setting.sensor + '/' + setting.mode:22} {setting.height_agl_m:9.0f} {setting.depression_deg:7.0f} "
        f"{value.swath_m:8.0f} {value.area_km2_h:7.1f} {value.gsd_m:7.3f} {value.niirs:6.1f} "
        f"{100 * value.chance:6.1f}% {100 * value.hidden:6.1f}%"
    )


def _full(platform: "Platform") -> dict[str, Any]:
    from dataclasses import asdict

    loiter, cruise = _hours(platform)
    return {**asdict(platform), "endurance_h": {"loiter": loiter, "cruise": cruise}}


def _valued(values: "tuple[SettingValue, ...]") -> dict[str, Any]:
    if not values:
        return {}
    from dataclasses import asdict

    from atalaya.sensing.settings import cue_and_confirm, efficient_settings

    cue, confirm = cue_and_confirm(values)
    return {
        "settings": [asdict(value) for value in efficient_settings(values)],
        "cue": asdict(cue),
        "confirm": asdict(confirm),
    }
