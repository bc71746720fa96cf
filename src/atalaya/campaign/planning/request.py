"""What a campaign file asks for: areas, what is believed of them, aircraft, bases, time, statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shapely.geometry.base import BaseGeometry

from atalaya.sensing.detection import Facility
from atalaya.sensing.platform import Platform


@dataclass(frozen=True, slots=True)
class AskedArea:
    """Ground to search.

    Args:
        name: what people call it.
        geometry: Polygon or MultiPolygon, longitude and latitude, WGS 84.
        expected: facilities believed to be in it; None for its share of the campaign's, by size.
    """

    name: str
    geometry: BaseGeometry
    expected: float | None


@dataclass(frozen=True, slots=True)
class PriorLayer:
    """One thing that makes facilities more or less likely, and how; see `atalaya.sensing` for the responses.

    Args:
        name: what it is, for the sheet.
        file: raster or vector.
        response: name of the response.
        weight: of its logarithm in the sum; negative where less is expected.
        values: numbers the response takes, such as `scale_m`.
    """

    name: str
    file: Path
    response: str
    weight: float
    values: Mapping[str, float]


USUAL_FACILITY = Facility(10.0)
"""A roof or tarpaulin of ten metres."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before anything was looked at.

    Args:
        cell_m: edge of a cell of the search map.
        expected: facilities in all areas together, where the areas do not say.
        hidden: share of the facilities that no look of these sensors shows; None to take it from the cover.
        canopy: share of ground under cover, 0 to 1.
        facility: size of what is searched for, and how much of its ground is cleared.
        layers: what distributes them inside the areas.
        map_file: a search map to start from instead: what an earlier plan or `locate` wrote; None for none.
    """

    cell_m: float
    expected: float
    hidden: float | None = None
    canopy: float = 0.0
    facility: Facility = USUAL_FACILITY
    layers: tuple[PriorLayer, ...] = ()
    map_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """The terrain flown over: a raster, or flat ground at a stated height.

    Args:
        dem: file of heights; None for flat ground.
        datum: what its heights count from, where the file does not say: "msl" or "hae".
        flat_msl_m: height of flat ground; None where there is a raster.
    """

    dem: Path | None
    datum: Literal["msl", "hae"] | None
    flat_msl_m: float | None


@dataclass(frozen=True, slots=True)
class Base:
    """Where aircraft leave and return."""

    name: str
    lon_deg: float
    lat_deg: float
    height_msl_m: float


@dataclass(frozen=True, slots=True)
class Fleet:
    """Aircraft of one type that do the same.

    Args:
        platform: its figures, sensors included.
        aircraft: registrations.
        base, recovery: names of bases.
        operator_state: ISO 3166-1 alpha-3 of the State that operates them.
        height_m, height_datum: how high they search: above sea level, above ground, or by pressure.
        sensor: name of the sensor used; "" for the choice that finds most.
        mode: field of view; "" for the choice that finds most.
        depression_deg: below the horizon; None for the choice that finds most.
        sorties_per_day: flights of each aircraft a day.
        hours: longest flight wanted; None for what the fuel allows.
        pitch_deg: nose up in cruise, added to the gimbal's depression.
    """

    platform: Platform
    aircraft: tuple[str, ...]
    base: str
    recovery: str
    operator_state: str
    height_m: float
    height_datum: Literal["msl", "agl", "pressure"]
    sensor: str = ""
    mode: str = ""
    depression_deg: float | None = None
    sorties_per_day: int = 1
    hours: float | None = None
    pitch_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Weather:
    """Wind everywhere and always, and the hours that may be flown.

    Args:
        wind_from_deg: true bearing it comes from. wind_ms: its speed.
        light: "any", "day" or "night".
        windows: intervals [start, end) in microseconds UTC in which flying is wanted; () for any time.
    """

    wind_from_deg: float = 0.0
    wind_ms: float = 0.0
    light: Literal["any", "day", "night"] = "any"
    windows: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignRequest:
    """A campaign file, read and checked.

    Args:
        name, question: in the words of who asks. language: "en" or "es".
        purpose: as authorisations name missions.
        seed: of everything random.
        start_us: when the first day begins. days: how many.
        areas, prior, ground, bases, fleets, weather: what is planned with.
        statements: records of the law in the form that `atalaya registry add` reads, stated in the file.
        volumes: GeoJSON features of airspace to keep in or out of; files are read already.
        volume_files: files of such volumes.
        flight_plan: what an ICAO flight plan asks of the operator, as stated.
        clearance_m: least height above ground.
        off_track_m: how far from its plan an aircraft may be.
        folder: where relative names in the file count from. sha256: of the file.
    """

    name: str
    question: str
    language: str
    purpose: str
    seed: int
    start_us: int
    days: int
    areas: tuple[AskedArea, ...]
    prior: Prior
    ground: Ground
    bases: Mapping[str, Base]
    fleets: tuple[Fleet, ...]
    weather: Weather
    statements: tuple[Mapping[str, Any], ...]
    volumes: tuple[Mapping[str, Any], ...]
    volume_files: tuple[Path, ...]
    flight_plan: Mapping[str, Any]
    clearance_m: float
    off_track_m: float
    folder: Path
    sha256: str
