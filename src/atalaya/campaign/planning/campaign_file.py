"""Reading a campaign file (TOML): every key is taken or refused, every error names its place."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from atalaya.base.errors import BadInput, NotFound
from atalaya.base.hashing import sha256_bytes
from atalaya.campaign.planning.asked_areas import read_areas
from atalaya.campaign.planning.fleets import read_fleets
from atalaya.campaign.planning.rehearsal_part import read_rehearsal, synthetic_ground
from atalaya.campaign.planning.request import (
    AskedArea,
    Base,
    CampaignRequest,
    Ground,
    Prior,
    PriorLayer,
    Rehearsal,
    Weather,
)
from atalaya.campaign.planning.stated_law import STATEMENTS, read_statements
from atalaya.campaign.planning.toml_part import Part, there
from atalaya.earth.ellipsoid import geod
from atalaya.law.records.arms import arms_among
from atalaya.sensing.detection import Facility

LONGEST_BYTES = 16_000_000
MOST_DAYS = 366
FARTHEST_M = 3_000_000.0
"""From a base to the nearest area."""

MOST_CELLS = 4_000_000

FLIGHT_PLAN = (
    *("aircraft_id", "aircraft_type", "wake", "equipment", "surveillance"),
    *("departure", "destination", "type_name"),
)
VOLUME_WORDS = ("name", "kind", "datum", "floor_datum", "ceiling_datum", "edge")
VOLUME_NUMBERS = ("floor_m", "ceiling_m", "floor_fl", "ceiling_fl", "buffer_m", "vertical_buffer_m")
VOLUME_TIMES = ("valid_from", "valid_to")

KNOWN = frozenset(
    {
        *(
            "campaign",
            "area",
            "prior",
            "terrain",
            "base",
            "platform",
            "wind",
            "flight",
            "volume",
            "flight_plan",
        ),
        *STATEMENTS,
        *("partner", "release", "rehearsal"),
    }
)
"""Parts of a campaign file; partner and release belong to release and are left to it."""


def read_campaign(path: Path) -> CampaignRequest:
    """Read and check a campaign file.

    Raises:
        BadInput: PLN-001 it is no TOML; PLN-002 a part that is unknown; PLN-003 a value that cannot be;
            PLN-004 an area that cannot be; PLN-005 a name that nothing has; REC-0xx a statement.
        NotFound: PLN-006 a file that is named is not there.
    """
    raw, whole = _toml(path)
    unknown = sorted(set(whole) - KNOWN)
    if unknown:
        raise BadInput(
            "PLN-002", where=str(path), part=", ".join(unknown)[:200], known=", ".join(sorted(KNOWN))
        )
    place = path.name
    head = Part(_table(whole, "campaign", place), f"{place}, [campaign]", path.parent)
    flight = Part(_table(whole, "flight", place), f"{place}, [flight]", path.parent)
    listed = list(_bases(whole, place, path.parent))
    bases = {base.name: base for base in listed}
    if len(bases) < len(listed):
        names = ", ".join(base.name for base in listed)
        raise BadInput("PLN-003", where=f"{place}, [[base]]", value=names[:60], wanted="[[base]] name = ...")
    prior = _prior(Part(_table(whole, "prior", place), f"{place}, [prior]", path.parent))
    fleets = read_fleets(list(tables(whole, "platform", place, path.parent)), bases)
    volumes, volume_files = _volumes(whole, place, path.parent)
    areas = read_areas(list(tables(whole, "area", place, path.parent)), prior)
    _check_distances(bases, areas)
    request = CampaignRequest(
        name=head.text("name"),
        question=head.text("question", ""),
        language=head.choice("language", ("en", "es"), "en"),
        purpose=head.text("purpose", "search"),
        seed=head.whole("seed", 1, least=0, most=2**31),
        start_us=head.moment("start"),
        days=head.whole("days", 1, least=1, most=MOST_DAYS),
        areas=areas,
        prior=prior,
        ground=_ground(Part(_table(whole, "terrain", place), f"{place}, [terrain]", path.parent)),
        bases=bases,
        fleets=fleets,
        weather=_weather(whole, flight, place, path.parent),
        statements=read_statements(whole, place),
        volumes=volumes,
        volume_files=volume_files,
        flight_plan=_flight_plan(
            Part(_table(whole, "flight_plan", place), f"{place}, [flight_plan]", path.parent)
        ),
        clearance_m=flight.number("clearance_m", 150.0, least=0.0, most=10_000.0),
        off_track_m=flight.number("off_track_m", 100.0, least=1.0, most=20_000.0),
        folder=path.parent,
        sha256=sha256_bytes(raw),
        rehearsal=_rehearsal(whole, place, path.parent),
    )
    head.close()
    flight.close()
    found = arms_among((request.name, request.question, request.purpose, *(a.name for a in request.areas)))
    if found:
        raise BadInput("PLN-007", where=place, value=found)
    return request


def tables(whole: Mapping[str, Any], name: str, place: str, folder: Path) -> Iterator[Part]:
    """The parts `[[name]]`, in order; a single `[name]` counts as one.

    Raises:
        BadInput: PLN-003, it is neither.
    """
    found = whole.get(name, [])
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, list) or not all(isinstance(part, Mapping) for part in listed):
        raise BadInput("PLN-003", where=f"{place}, {name}", value=str(found)[:60], wanted=f"[[{name}]]")
    for number, part in enumerate(listed, start=1):
        yield Part(part, f"{place}, [[{name}]] {number}", folder)


def _check_distances(bases: Mapping[str, Base], areas: Sequence[AskedArea]) -> None:
    """Refuse bases from which no area can be reached: most often longitude and latitude are swapped.

    Raises:
        BadInput: PLN-017.
    """
    for base in bases.values():
        middles = [area.geometry.representative_point() for area in areas]
        away = [geod().inv(base.lon_deg, base.lat_deg, middle.x, middle.y)[2] for middle in middles]
        if min(away) > FARTHEST_M:
            raise BadInput("PLN-017", where="[[base]]", base=base.name, km=round(min(away) / 1000.0))


def _toml(path: Path) -> tuple[bytes, dict[str, Any]]:
    if not there(path):
        raise NotFound("PLN-006", where=str(path.parent), file=path.name)
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST_BYTES + 1)
        if len(raw) > LONGEST_BYTES:
            raise BadInput("PLN-001", where=str(path), detail=f"> {LONGEST_BYTES} bytes")
        return raw, tomllib.loads(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput("PLN-001", where=str(path), detail=str(error)[:200]) from error


def _table(whole: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
    found = whole.get(name, {})
    if not isinstance(found, Mapping):
        raise BadInput("PLN-003", where=f"{place}, {name}", value=str(found)[:60], wanted=f"[{name}]")
    return found


def _bases(whole: Mapping[str, Any], place: str, folder: Path) -> Iterator[Base]:
    for part in tables(whole, "base", place, folder):
        yield Base(
            part.text("name"),
            part.number("lon_deg", least=-180.0, most=180.0),
            part.number("lat_deg", least=-85.0, most=85.0),
            part.number("height_msl_m", least=-500.0, most=9000.0),
        )
        part.close()


def _prior(part: Part) -> Prior:
    map_file = part.file("map")
    prior = Prior(
        cell_m=part.number("cell_m", 1000.0, least=1.0, most=100_000.0),
        expected=part.number("expected", 1.0, least=1e-9, most=1e6),
        hidden=part.optional("hidden", least=0.0, most=0.99),
        canopy=part.number("canopy", 0.0, least=0.0, most=1.0),
        facility=Facility(
            part.number("facility_m", 10.0, least=0.1, most=10_000.0),
            part.optional("cleared", least=0.0, most=1.0),
        ),
        layers=tuple(_layer(each) for each in part.parts("layer")),
        map_file=map_file,
    )
    part.close()
    return prior


def _layer(part: Part) -> PriorLayer:
    file = part.file("file")
    if file is None:
        raise BadInput("PLN-003", where=part.place("file"), value="", wanted='file = "roads.gpkg"')
    layer = PriorLayer(
        name=part.text("name", file.stem),
        file=file,
        response=part.text("response"),
        weight=part.number("weight", 1.0, least=-20.0, most=20.0),
        values=part.remaining_numbers(),
    )
    part.close()
    return layer


def _ground(part: Part) -> Ground:
    dem, flat = part.file("dem"), part.optional("flat_msl_m", least=-500.0, most=9000.0)
    word = part.choice("datum", ("msl", "hae"), "")
    synthetic = synthetic_ground(part)
    part.close()
    if [dem, flat, synthetic].count(None) != (1 if dem is not None and synthetic is not None else 2):
        wanted = 'dem = "file.tif" | flat_msl_m = 1200 | synthetic = "mountain"'
        raise BadInput("PLN-003", where=part.where, value="-", wanted=wanted)
    return Ground(dem, "msl" if word == "msl" else "hae" if word == "hae" else None, flat, synthetic)


def _rehearsal(whole: Mapping[str, Any], place: str, folder: Path) -> Rehearsal | None:
    if "rehearsal" not in whole:
        return None
    return read_rehearsal(Part(_table(whole, "rehearsal", place), f"{place}, [rehearsal]", folder))


def _weather(whole: Mapping[str, Any], flight: Part, place: str, folder: Path) -> Weather:
    wind = Part(_table(whole, "wind", place), f"{place}, [wind]", folder)
    light = flight.choice("light", ("any", "day", "night"), "any")
    weather = Weather(
        wind.number("from_deg", 0.0, least=0.0, most=360.0),
        wind.number("speed_ms", 0.0, least=0.0, most=120.0),
        "day" if light == "day" else "night" if light == "night" else "any",
        flight.intervals("windows"),
    )
    wind.close()
    return weather


def _flight_plan(part: Part) -> dict[str, Any]:
    """What the operator states for flight plans, as text; `sts` as a list of texts."""
    found: dict[str, Any] = {key: part.text(key, "") for key in FLIGHT_PLAN}
    found["sts"] = part.texts("sts")
    part.close()
    return {key: value for key, value in found.items() if value}


def _volume_numbers(part: Part) -> dict[str, float]:
    found = {key: part.optional(key, least=-1e6, most=1e6) for key in VOLUME_NUMBERS}
    return {key: value for key, value in found.items() if value is not None}


def _volumes(
    whole: Mapping[str, Any], place: str, folder: Path
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Path, ...]]:
    """Volumes written in the file become GeoJSON features; files of volumes are read by whoever plans."""
    features: list[Mapping[str, Any]] = []
    named: list[Path] = []
    for part in tables(whole, "volume", place, folder):
        file = part.file("file")
        if file is not None:
            named.append(file)
            part.close()
            continue
        ring = part.ring("polygon")
        properties = {**{key: part.text(key, "") for key in VOLUME_WORDS}, **_volume_numbers(part)}
        properties |= {key: part.time_text(key) for key in VOLUME_TIMES}
        part.close()
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return tuple(features), tuple(named)
