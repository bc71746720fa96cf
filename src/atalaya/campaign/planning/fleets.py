"""The aircraft of a campaign: profile, registrations, bases, how high, with what."""

import re
from collections.abc import Mapping
from typing import Literal

from atalaya.base.errors import BadInput
from atalaya.campaign.planning.request import Base, Fleet
from atalaya.campaign.planning.toml_part import Part
from atalaya.law.records.altitude_band import FLIGHT_LEVEL_M
from atalaya.law.records.arms import arms_among
from atalaya.sensing.platform import Platform

REGISTRATION = re.compile(r"[^\W_](?:[\w .-]{0,38}\w)?")
"""Registrations become names of files: letters and digits, with hyphens, dots and spaces between them."""

Datum = Literal["msl", "agl", "pressure"]


def read_fleets(parts: list[Part], bases: Mapping[str, Base]) -> tuple[Fleet, ...]:
    """Every `[[platform]]`.

    Raises:
        BadInput: PLN-003 there is none, or a registration twice, or no height; PLN-005 a base or sensor that
            is not there; PLN-007 words that speak of arms.
        NotFound: SNS, no such profile.
    """
    fleets = tuple(_fleet(part, bases) for part in parts)
    aircraft = [name for fleet in fleets for name in fleet.aircraft]
    if not fleets or len(set(aircraft)) < len(aircraft):
        raise BadInput("PLN-003", where="[[platform]]", value=", ".join(aircraft)[:60], wanted="[[platform]]")
    return fleets


def _fleet(part: Part, bases: Mapping[str, Base]) -> Fleet:
    platform = _profile(part)
    base = part.text("base")
    recovery = part.text("recovery", base)
    for name in (base, recovery):
        if name not in bases:
            raise BadInput("PLN-005", where=part.where, name=name, known=", ".join(sorted(bases)))
    height_m, datum = _height(part)
    aircraft = part.texts("aircraft")
    count = part.whole("count", max(len(aircraft), 1), least=1, most=1000)
    named = aircraft or tuple(f"{platform.name}-{number}" for number in range(1, count + 1))
    odd = [name for name in named if not REGISTRATION.fullmatch(name)]
    if odd or (aircraft and count != len(aircraft)):
        value = ", ".join(odd) or f"count = {count}"
        raise BadInput("PLN-003", where=part.place("aircraft"), value=value[:60], wanted='["N123AB", ...]')
    found = arms_among(named)
    if found:
        raise BadInput("PLN-007", where=part.where, value=found)
    fleet = Fleet(
        platform=platform,
        aircraft=named,
        base=base,
        recovery=recovery,
        operator_state=part.state("operator_state"),
        height_m=height_m,
        height_datum=datum,
        sensor=part.text("sensor", ""),
        mode=part.text("mode", ""),
        depression_deg=part.optional("depression_deg", least=1.0, most=90.0),
        sorties_per_day=part.whole("sorties_per_day", 1, least=1, most=24),
        hours=part.optional("hours", least=0.05, most=100.0),
        pitch_deg=part.number("pitch_deg", 0.0, least=-20.0, most=20.0),
    )
    part.close()
    _check_sensor(fleet, part)
    return fleet


def _profile(part: Part) -> Platform:
    from atalaya.sensing.platforms import platform, read_platform

    file = part.file("profile_file")
    return read_platform(file) if file is not None else platform(part.text("profile"))


def _height(part: Part) -> tuple[float, Datum]:
    """One of `height_msl_m`, `height_agl_m` and `flight_level`; never assumed."""
    msl = part.optional("height_msl_m", least=-500.0, most=25_000.0)
    agl = part.optional("height_agl_m", least=10.0, most=25_000.0)
    level = part.optional("flight_level", least=5.0, most=650.0)
    given = [value for value in (msl, agl, level) if value is not None]
    if len(given) != 1:
        wanted = "height_msl_m | height_agl_m | flight_level"
        raise BadInput("PLN-003", where=part.place("height"), value=str(len(given)), wanted=wanted)
    if level is not None:
        return level * FLIGHT_LEVEL_M, "pressure"
    return (msl, "msl") if msl is not None else (float(agl or 0.0), "agl")


def _check_sensor(fleet: Fleet, part: Part) -> None:
    sensors = {sensor.name: sensor for sensor in fleet.platform.sensors}
    if fleet.sensor and fleet.sensor not in sensors:
        raise BadInput("PLN-005", where=part.place("sensor"), name=fleet.sensor, known=", ".join(sensors))
    if fleet.mode:
        usable = [sensors[fleet.sensor]] if fleet.sensor else list(sensors.values())
        modes = [mode.name for sensor in usable for mode in sensor.modes]
        if fleet.mode not in modes:
            raise BadInput("PLN-005", where=part.place("mode"), name=fleet.mode, known=", ".join(modes))
