"""One sortie of a plan flown on the range: what the aircraft brings home, and the truth about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atalaya.base.clock import iso
from atalaya.base.errors import NotFound
from atalaya.campaign.planning.rehearsal_part import faults_named
from atalaya.campaign.planning.request import CampaignRequest, Fleet
from atalaya.campaign.planning.sensor_use import law_name
from atalaya.campaign.rehearsal.instruments import take_cube, take_stills, takes_stills
from atalaya.campaign.rehearsal.stretches import Stretch, stretches_of
from atalaya.campaign.rehearsal.world import World
from atalaya.earth.error import ErrorBudget
from atalaya.earth.geoid import undulation_m
from atalaya.plan.flight.wind import ConstantWind
from atalaya.plan.sortie import Sortie
from atalaya.sensing.platform import Sensor
from atalaya.sensing.profile import profile
from atalaya.store.workspace import written_whole

if TYPE_CHECKING:
    from atalaya.earth.surface import Surface
    from atalaya.sim.camera import Renderer
    from atalaya.sim.flight import Errors, Flight

RECORDED = ("EO", "IR", "HSI", "MSI")
"""Kinds of sensor that record pictures; of others there are looks alone."""

Tell = Callable[[str, float], None]
"""Told the name of a file and how much of it is done, 0 to 1."""


@dataclass(frozen=True, eq=False)
class FlownSortie:
    """A sortie as flown.

    Args:
        sortie: as planned. fleet: that flew it. flight: as `sim.flight` has it.
        errors: of its instruments; None for none. surface: the terrain model the aircraft computes with.
        number: of the sortie in its plan, from 0.
    """

    sortie: Sortie
    fleet: Fleet
    flight: "Flight"
    errors: "Errors | None"
    surface: "Surface"
    number: int


def flown_sortie(world: World, request: CampaignRequest, sortie: Sortie, number: int) -> FlownSortie:
    """Fly a sortie in the wind and over the ground of its campaign.

    Raises:
        NotFound: RHS-002, the campaign has no such platform.
        BadInput: FLT-0xx, RNG-0xx, what is planned cannot be flown.
    """
    from atalaya.plan.flight import fly
    from atalaya.sim.flight import flight_of

    fleet = next((each for each in request.fleets if each.platform.name == sortie.platform), None)
    if fleet is None:
        raise NotFound("RHS-002", where=sortie.id, name=sortie.platform)
    wind = ConstantWind(request.weather.wind_ms, request.weather.wind_from_deg)
    fuel = float(sortie.path.fuel[0])
    loaded = fuel if np.isfinite(fuel) else fleet.platform.tank.capacity
    path = fly(sortie.waypoints, fleet.platform, start_us=int(sortie.path.t_us[0]), fuel=loaded, wind=wind)
    terrain = world.country.terrain
    seed = _seed(request, number)
    flight = flight_of(path, sortie.waypoints, fleet.platform, wind=wind, seed=seed, terrain=terrain)
    flight = _framed(flight, fleet, world.asked.height / world.asked.width)
    errors, surface = _errors(world, flight, seed)
    return FlownSortie(sortie, fleet, flight, errors, surface, number)


def _framed(flight: "Flight", fleet: Fleet, shape: float) -> "Flight":
    """The flight with the angles of view that its video has: square pixels in pictures of a shape."""
    segments = flight.program.segments
    tall = segments.vfov_deg.copy()
    for index, named in enumerate(flight.program.sensors):
        sensor = next(each for each in fleet.platform.sensors if each.name == named.partition("/")[0])
        if sensor.kind in ("EO", "IR") and not takes_stills(sensor):
            mine = segments.sensor == index
            half = np.tan(np.radians(segments.hfov_deg[mine]) / 2.0) * shape
            tall[mine] = np.degrees(2.0 * np.arctan(half))
    return replace(flight, program=replace(flight.program, segments=replace(segments, vfov_deg=tall)))


def bring_home(
    world: World,
    request: CampaignRequest,
    flown: FlownSortie,
    folder: Path,
    *,
    renderers: "dict[str, Renderer]",
    tell: Tell = lambda _name, _share: None,
) -> dict[str, Any]:
    """Write what a sortie leaves: track, looks, packets and clips in `<id>/`, the truth in `truth/`.

    Args:
        renderers: by kind of camera; made when first needed, and kept for the next sortie.

    Returns:
        The part of `atalaya.fly/1` about this sortie.

    Raises:
        AtalayaError: STO-005; KLV-002; what writing raises.
    """
    name = flown.sortie.id
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    files = {"track": _track(flown, place), "looks": _looks(world, flown, place)}
    if world.asked.packets_hz > 0.0:
        files["packets"] = _packets(world, request, flown, place, folder / "truth")
    clips = _clips(world, request, flown, place, folder / "truth", renderers, tell)
    flight = flown.flight
    return {
        "id": name,
        "aircraft": flown.sortie.aircraft,
        "operator_state": flown.fleet.operator_state,
        "sensors": sorted({law_name(sensor) for sensor in _sensors(flown)}),
        "start": iso(flight.start_us),
        "end": iso(flight.start_us + round(flight.duration_s * 1e6)),
        "flight_hours": round(flight.duration_s / 3600.0, 4),
        "fuel_left": round(float(flight.path.fuel[-1]), 2),
        "files": {key: path.relative_to(folder).as_posix() for key, path in files.items()},
        "clips": clips,
        "video_s": round(sum(clip["frames"] / world.asked.rate_hz for clip in clips if _is_video(clip)), 3),
    }


def _errors(world: World, flight: "Flight", seed: int) -> "tuple[Errors | None, Surface]":
    """Errors of the instruments, and the terrain model, which has some of its own."""
    from atalaya.sim.flight.errors import StatedSurface, errors_of

    terrain = world.country.terrain
    if world.asked.errors == "none":
        return None, terrain
    terms = profile("platform", world.asked.errors).terms
    errors = errors_of(ErrorBudget(**terms), flight, seed)  # type: ignore[arg-type]
    shift = errors.shared_terrain_m
    return errors, StatedSurface(terrain, *shift) if any(shift) else terrain


def _seed(request: CampaignRequest, number: int) -> int:
    return int(np.random.SeedSequence((request.seed, 0x501, number)).generate_state(1)[0])


def _track(flown: FlownSortie, place: Path) -> Path:
    """What the aircraft's own navigation says, once a second, in our column names."""
    import pyarrow as pa
    import pyarrow.csv

    from atalaya.sim.flight.errors import stated_track
    from atalaya.sim.flight.frames import frame_times_us

    stated = stated_track(flown.flight, frame_times_us(flown.flight, 1.0), flown.errors)
    msl = stated.height_hae_m - undulation_m(stated.lon_deg, stated.lat_deg)
    table = pa.table(
        {
            "aircraft": [flown.sortie.aircraft] * len(stated),
            "t_us": stated.t_us,
            "lon_deg": np.round(stated.lon_deg, 7),
            "lat_deg": np.round(stated.lat_deg, 7),
            "height_hae_m": np.round(stated.height_hae_m, 2),
            # on a standard day, which the range has, pressure tells the height over the sea
            "height_pressure_m": np.round(msl, 2),
            "ground_speed_mps": np.round(np.hypot(stated.north_ms, stated.east_ms), 2),
        }
    )
    path = place / f"{flown.sortie.id}-track.csv"
    with written_whole(path) as partial:
        pyarrow.csv.write_csv(table, partial)
    return path


def _looks(world: World, flown: FlownSortie, place: Path) -> Path:
    import pyarrow.parquet as pq

    from atalaya.sim.flight.looks import looks_of

    table = looks_of(flown.flight, world.country.terrain, flown.fleet.platform)
    path = place / f"{flown.sortie.id}-looks.parquet"
    with written_whole(path) as partial:
        pq.write_table(table, partial)
    return path


def _packets(world: World, request: CampaignRequest, flown: FlownSortie, place: Path, truth: Path) -> Path:
    from atalaya.sim.record.klv_columns import write_klv

    truth.mkdir(parents=True, exist_ok=True)
    path = place / f"{flown.sortie.id}.klv"
    write_klv(
        path,
        flown.flight,
        flown.surface,
        _names(request, flown),
        errors=flown.errors,
        track_path=truth / f"{flown.sortie.id}-track.parquet",
        rate_hz=world.asked.packets_hz,
    )
    return path


def _clips(
    world: World,
    request: CampaignRequest,
    flown: FlownSortie,
    place: Path,
    truth: Path,
    renderers: "dict[str, Renderer]",
    tell: Tell,
) -> list[dict[str, Any]]:
    """What the sensors bring home, as `atalaya.fly/1` has it."""
    asked = world.asked
    sites = np.array([(s.east_m, s.north_m) for s in world.scene.sites]).reshape(-1, 2)
    lon, lat = world.country.lonlat(sites[:, 0], sites[:, 1])
    height = world.country.terrain.height_hae_m(lon, lat)
    places = [(float(a), float(b), float(h)) for a, b, h in zip(lon, lat, height, strict=True)]
    seed = _seed(request, flown.number)
    facility = [site.facility for site in world.scene.sites]
    films = [sensor.kind in RECORDED for sensor in _sensors(flown)]
    windows = stretches_of(flown.flight, places, facility, asked.video_s, asked.clip_s, seed, films)
    return [
        _taken(world, request, flown, place, truth, renderers, window, number, tell)
        for number, window in enumerate(windows, start=1)
    ]


def _taken(
    world: World,
    request: CampaignRequest,
    flown: FlownSortie,
    place: Path,
    truth: Path,
    renderers: "dict[str, Renderer]",
    window: Stretch,
    number: int,
    tell: Tell,
) -> dict[str, Any]:
    """One stretch as its sensor records it: video, stills or a cube."""
    chosen, _, mode_name = flown.flight.program.sensors[window.sensor].partition("/")
    sensor = next(each for each in flown.fleet.platform.sensors if each.name == chosen)
    mode = next(each for each in sensor.modes if each.name == mode_name)
    name = f"{flown.sortie.id}-{number:02d}-{sensor.name}"
    seed = _seed(request, flown.number) + number
    if sensor.kind in ("HSI", "MSI"):
        taken = take_cube(world, flown, window, sensor, mode, request.weather, seed, place, truth, name)
    else:
        renderer = _renderer(world, request, renderers, "IR" if sensor.kind == "IR" else "EO")
        if not takes_stills(sensor):
            return _clip(world, request, flown, place, truth, renderer, window, name, seed, tell)
        taken = take_stills(world, flown, renderer, window, sensor, mode, place, truth, name)
    tell(name, 1.0)
    folder = place.parent
    files = [path.relative_to(folder).as_posix() for path in taken["files"]]
    return {**taken, "files": files, "faults": []}


def _clip(
    world: World,
    request: CampaignRequest,
    flown: FlownSortie,
    place: Path,
    truth: Path,
    renderer: "Renderer",
    window: Stretch,
    name: str,
    seed: int,
    tell: Tell,
) -> dict[str, Any]:
    import pyarrow.parquet as pq

    from atalaya.sim.record.sighting_table import sighting_table
    from atalaya.sim.record.video import ClipOrder, record_clip, video_form

    asked = world.asked
    path = place / f"{name}.ts"
    faults, damages = faults_named(asked.faults, "[rehearsal] faults")
    order = ClipOrder(
        window.start_us,
        window.end_us,
        video_form(asked.width, asked.height, asked.rate_hz),
        _names(request, flown),
        errors=flown.errors,
        faults=faults,
        damages=damages,
        fault_seed=seed,
        targets=asked.targets,
    )
    with written_whole(path) as partial:
        clip = record_clip(
            partial,
            flown.flight,
            renderer,
            flown.surface,
            order,
            progress=lambda share: tell(path.name, share),
        )
    truth.mkdir(parents=True, exist_ok=True)
    with written_whole(truth / f"{name}.parquet") as partial:
        pq.write_table(sighting_table(clip, renderer), partial)
    return {
        "start": iso(int(clip.t_us[0])),
        "end": iso(int(clip.t_us[-1])),
        "frames": len(clip.t_us),
        "sensor": clip.truth.sensors[window.sensor],
        "kind": "video",
        "files": [path.relative_to(place.parent).as_posix()],
        "faults": list(clip.faults),
    }


def _sensors(flown: FlownSortie) -> list[Sensor]:
    """Of each sensor and mode the flight uses, in its order."""
    sensors = {sensor.name: sensor for sensor in flown.fleet.platform.sensors}
    return [sensors[name.partition("/")[0]] for name in flown.flight.program.sensors]


def _renderer(
    world: World, request: CampaignRequest, renderers: "dict[str, Renderer]", kind: str
) -> "Renderer":
    from atalaya.sim.camera import CameraLook, Renderer

    if kind not in renderers:
        look = CameraLook("IR" if kind == "IR" else "EO")
        renderers[kind] = Renderer(world.country, world.scene, world.weather, look, seed=request.seed)
    return renderers[kind]


def _names(request: CampaignRequest, flown: FlownSortie) -> Any:
    from atalaya.sim.record.metadata import SortieNames

    over = next((str(form["body"].get("airspace_of", "")) for form in request.statements), "")
    operator = flown.fleet.operator_state or over or "USA"
    return SortieNames(
        mission=f"REHEARSAL {request.name} {flown.sortie.id}"[:127],
        platform=flown.fleet.platform.name,
        tail=flown.sortie.aircraft[:127],
        country=operator,
        over=over or operator,
        fuel_in_kg=flown.fleet.platform.tank.unit == "kg",
    )


def _is_video(clip: dict[str, Any]) -> bool:
    return bool(clip["kind"] == "video")
