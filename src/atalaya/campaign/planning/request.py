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
class SyntheticGround:
    """Country made from a seed, or laid over the raster that is named beside it.

    Args:
        relief: "mountain", "hill" or "plain".
        post_m: between heights. worked_m: spacing at which rivers shape the ground; None for `post_m`.
        cover_m: edge of a cell of cover; None for what suits the size.
        wetness: 0 desert to 1 rain forest; None for what the latitude suggests.
        folder: of a country written before, its layers perhaps replaced by real ones; None to make one.
    """

    relief: Literal["mountain", "hill", "plain"]
    post_m: float
    worked_m: float | None
    cover_m: float | None
    wetness: float | None
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Ground:
    """The terrain flown over: a raster, flat ground at a stated height, or synthetic country.

    Args:
        dem: file of heights; None for flat or synthetic ground.
        datum: what its heights count from, where the file does not say: "msl" or "hae".
        flat_msl_m: height of flat ground; None where there is another.
        synthetic: country to make or to read; None for none.
    """

    dem: Path | None
    datum: Literal["msl", "hae"] | None
    flat_msl_m: float | None
    synthetic: SyntheticGround | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the digital range puts into the country of a campaign, and what it records of the flights.

    Args:
        theme: of the sites, as `sim.scene.themes` names them. facilities: how many.
        confusers: look-alikes for each. concealment: least and most share of a facility under crowns.
        air_c, swing_k, visibility_km, cloud: of the weather.
        errors: name of an error profile of `sensing.profiles`; "none" for perfect instruments.
        faults: names of faults of senders put into the recordings.
        video_s: seconds of video of each sortie. clip_s: of one clip. width, height, rate_hz: of it.
        packets_hz: metadata packets a second of the whole sortie; 0 for none.
        targets: whether recordings report the sites' things as ST 0903 does.
    """

    theme: str = "lab"
    facilities: int = 6
    confusers: float = 3.0
    concealment: tuple[float, float] = (0.2, 0.7)
    air_c: float = 18.0
    swing_k: float = 8.0
    visibility_km: float = 40.0
    cloud: float = 0.0
    errors: str = "none"
    faults: tuple[str, ...] = ()
    video_s: float = 60.0
    clip_s: float = 10.0
    width: int = 1280
    height: int = 720
    rate_hz: float = 30.0
    packets_hz: float = 5.0
    targets: bool = False


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
        rehearsal: what the digital range is asked for; None where the file does not speak of it.
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
    rehearsal: Rehearsal | None = None
