"""What sensors other than video cameras bring home from a stretch of a flight: stills, cubes of spectra."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.campaign.rehearsal.stretches import Stretch
from atalaya.campaign.rehearsal.world import World
from atalaya.earth.camera import Pose
from atalaya.earth.lens import Pinhole
from atalaya.sensing.platform import FieldOfView, Sensor
from atalaya.store.workspace import written_whole

if TYPE_CHECKING:
    from atalaya.campaign.planning.request import Weather
    from atalaya.campaign.rehearsal.fly import FlownSortie
    from atalaya.sim.camera import Renderer

STILL_HZ = 2.0
"""A camera that takes fewer pictures a second takes stills."""
BANDS = 100
_SLOWEST_HZ, _FASTEST_HZ = 5.0, 500.0


def takes_stills(sensor: Sensor) -> bool:
    """Whether a sensor brings home photographs, not video."""
    return sensor.kind in ("EO", "IR") and sensor.frame_rate_hz < STILL_HZ


def take_stills(
    world: World,
    flown: "FlownSortie",
    renderer: "Renderer",
    window: Stretch,
    sensor: Sensor,
    mode: FieldOfView,
    place: Path,
    truth: Path,
    name: str,
) -> dict[str, Any]:
    """Photographs at the sensor's rate, `<name>-<k>.jpg`, and a truth table of what is in them.

    Raises:
        AtalayaError: STO-005, CUB-006, they cannot be written.
    """
    import pyarrow.parquet as pq

    from atalaya.sim.flight.errors import stated_track
    from atalaya.sim.flight.frames import frame_times_us, poses
    from atalaya.sim.record.sighting_table import table_of
    from atalaya.sim.still import statement_of_row, take_still

    t_us = frame_times_us(flown.flight, sensor.frame_rate_hz, window.start_us, window.end_us)
    true, stated = flown.flight.at(t_us), stated_track(flown.flight, t_us, flown.errors)
    pose = poses(true)
    lens = Pinhole.from_fov(mode.columns - mode.columns % 2, mode.rows - mode.rows % 2, mode.horizontal_deg)
    files, seen = [], []
    for row in range(len(t_us)):
        path = place / f"{name}-{row + 1:03d}.jpg"
        one = Pose(pose.origin_m[row], pose.camera_to_ecef[row])
        told = statement_of_row(stated, row)
        with written_whole(path) as partial:
            picture = take_still(renderer, partial, lens, one, int(t_us[row]), row, stated=told)
        files.append(path)
        seen.append(picture.sightings)
    truth.mkdir(parents=True, exist_ok=True)
    with written_whole(truth / f"{name}.parquet") as partial:
        pq.write_table(table_of(seen, t_us, renderer), partial)
    return {**_about(t_us, true.sensors[window.sensor]), "kind": "stills", "files": files}


def take_cube(
    world: World,
    flown: "FlownSortie",
    window: Stretch,
    sensor: Sensor,
    mode: FieldOfView,
    weather: "Weather",
    seed: int,
    place: Path,
    truth: Path,
    name: str,
) -> dict[str, Any]:
    """A cube of `BANDS` bands with square pixels on the ground: `<name>.dat` with its header and truth.

    Raises:
        BadInput: CUB-0xx, it cannot be recorded or written.
    """
    from atalaya.sim.cube import PushBroom, record_cube
    from atalaya.sim.flight.errors import stated_track
    from atalaya.sim.flight.frames import poses
    from atalaya.sim.scene import Air

    t_us = _lines(world, flown, window, mode)
    true = flown.flight.at(t_us)
    stated = stated_track(flown.flight, t_us, flown.errors)
    truth.mkdir(parents=True, exist_ok=True)
    cube = record_cube(
        world.country,
        world.scene,
        world.weather,
        poses(true),
        t_us,
        PushBroom.even(mode.columns, mode.horizontal_deg, BANDS, name=sensor.name),
        place / name,
        seed=seed,
        air=Air(max(weather.wind_ms, 0.5), weather.wind_from_deg),
        stated=poses(stated),
    )
    # what is under each pixel is not for those who are to find it
    for path in (cube.truth, cube.shares, cube.things):
        for one in (path, path.with_suffix(".hdr")):
            if one.is_file():
                one.replace(truth / one.name)
    files = [cube.cube, cube.cube.with_suffix(".hdr"), cube.geometry, cube.track]
    return {**_about(t_us, true.sensors[window.sensor]), "kind": "cube", "files": files}


def _lines(world: World, flown: "FlownSortie", window: Stretch, mode: FieldOfView) -> NDArray[np.int64]:
    """Times of lines as far apart on the ground as pixels are in them."""
    from atalaya.sim.flight.frames import frame_times_us
    from atalaya.sim.flight.seen import seen_by

    middle = flown.flight.at(np.array([(window.start_us + window.end_us) // 2]))
    slant = float(seen_by(middle, world.country.terrain).range_m[0])
    pixel = slant * 2.0 * np.tan(np.radians(mode.horizontal_deg) / 2.0) / mode.columns
    speed = float(np.hypot(middle.north_ms[0], middle.east_ms[0]))
    rate = float(np.clip(speed / pixel, _SLOWEST_HZ, _FASTEST_HZ)) if np.isfinite(pixel) else _SLOWEST_HZ
    return frame_times_us(flown.flight, rate, window.start_us, window.end_us)


def _about(t_us: NDArray[np.int64], sensor: str) -> dict[str, Any]:
    return {"start": iso(int(t_us[0])), "end": iso(int(t_us[-1])), "frames": len(t_us), "sensor": sensor}
