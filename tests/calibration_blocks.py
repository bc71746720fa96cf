"""Blocks to calibrate: two surveyed ones beside this checkout, and made ones with known truth."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from atalaya.earth.attitude import rotation_zyx
from atalaya.earth.calibration import CalibrationLook, CalibrationPoint, Mark, read_gcp_list
from atalaya.earth.calibration.block import SHARED, Block
from atalaya.earth.camera import Pose
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis, geodetic_to_ecef, ned_basis
from atalaya.earth.lens import Pinhole

Floats = NDArray[np.float64]


# ---------------------------------------------------------------------------------------------- dbat-sxb


@dataclass(frozen=True)
class Strasbourg:
    """The block as published: DBAT's input and report.

    orientation: (5, 6) omega, phi, kappa (degrees), centre    orientation_sd: as printed, per photo
    points, checks: id -> (place, three printed standard deviations)    ids: of the block's points, in order
    """

    block: Block
    offset: Floats
    ids: tuple[int, ...]
    orientation: Floats
    orientation_sd: tuple[tuple[str, ...], ...]
    points: dict[int, tuple[Floats, tuple[str, ...]]]
    checks: dict[int, tuple[Floats, tuple[str, ...]]]
    surveyed: dict[int, Floats]


CHECKS = (351, 410)
_OFFSET = np.array([1_000_000.0, 112_000.0, 0.0])


def omega_phi_kappa(omega_deg: float, phi_deg: float, kappa_deg: float) -> Floats:
    """(3, 3) frame to image: x right, y up, looking along -z."""
    o, p, k = np.radians((omega_deg, phi_deg, kappa_deg))
    so, co, sp, cp, sk, ck = np.sin(o), np.cos(o), np.sin(p), np.cos(p), np.sin(k), np.cos(k)
    return np.array(
        [
            [cp * ck, co * sk + so * sp * ck, so * sk - co * sp * ck],
            [-cp * sk, co * ck - so * sp * sk, so * ck + co * sp * sk],
            [sp, -so * cp, co * cp],
        ]
    )


def angles_of(camera_to_frame: Floats) -> Floats:
    """(3,) omega, phi, kappa in degrees of a rotation from (forward, right, down) to the frame."""
    rows = np.stack((camera_to_frame[:, 1], -camera_to_frame[:, 2], -camera_to_frame[:, 0]))
    omega = np.arctan2(-rows[2, 1], rows[2, 2])
    kappa = np.arctan2(-rows[1, 0], rows[0, 0])
    return np.degrees([omega, np.arcsin(rows[2, 0]), kappa])


def _table(path: Path) -> Floats:
    lines = path.read_text().splitlines()
    return np.array(
        [[float(v) for v in line.split(",")] for line in lines if line.strip() and line[0] != "#"]
    )


def _posterior_tables(report: str) -> list[dict[int, tuple[Floats, tuple[str, ...]]]]:
    """The tables below the words "Posterior": control, then check points."""
    found = []
    for part in report.split("Posterior\n")[1:]:
        rows: dict[int, tuple[Floats, tuple[str, ...]]] = {}
        for line in part.splitlines()[1:]:
            words = [word.strip() for word in line.split(",")]
            if len(words) < 9 or not words[0].isdigit():
                break
            rows[int(words[0])] = (np.array([float(w) for w in words[1:4]]), tuple(words[4:7]))
        found.append(rows)
    return found


def strasbourg(folder: Path, disturb: float = 1.0) -> Strasbourg:
    """The published block, starting some 1 degree and 20 m (times `disturb`) from its orientation."""
    base = folder / "data" / "script" / "sxb"
    marks, ties = (
        _table(base / "measurements" / "markpts.txt"),
        _table(base / "measurements" / "smartpts.txt"),
    )
    surveyed, sigma = {}, {}
    for line in (base / "reference" / "sxb-control.txt").read_text().splitlines():
        words = [word.strip() for word in line.split(",")]
        if words[0].isdigit():
            surveyed[int(words[0])] = np.array([float(w) for w in words[2:5]])
            sigma[int(words[0])] = np.array([float(w) for w in words[5:8]])
    report = (base / "result" / "report.txt").read_text()
    pattern = r"(Omega|Phi|Kappa|Xc|Yc|Zc):\s*\n\s*Value:\s*(\S+).*\n\s*Deviation:\s*(\S+)"
    printed = re.findall(pattern, report)
    orientation = np.array([float(value) for _, value, _ in printed]).reshape(5, 6)
    sds = tuple(tuple(sd for _, _, sd in printed[6 * i : 6 * i + 6]) for i in range(5))
    generator = np.random.default_rng(3)
    start = orientation + disturb * generator.normal(0, 1, (5, 6)) * (1, 1, 1, 20, 20, 20)
    rows = np.vstack((np.c_[marks, np.full(len(marks), 0.5)], np.c_[ties, np.full(len(ties), 1.0)]))
    ids = tuple(sorted({int(i) for i in rows[:, 0]}))
    block = _strasbourg_block(start, rows, ids, surveyed, sigma)
    control, checks = _posterior_tables(report)
    return Strasbourg(block, _OFFSET, ids, orientation, sds, control, checks, surveyed)


def _strasbourg_block(
    start: Floats, rows: Floats, ids: tuple[int, ...], surveyed: dict[int, Floats], sigma: dict[int, Floats]
) -> Block:
    lens = Pinhole(8858, 12996, 123.9392 / 0.006, 123.9392 / 0.006, 26.577 / 0.006, 38.811 / 0.006)
    turned = [omega_phi_kappa(*one[:3]) for one in start]
    rotation = np.array([np.stack((-r[2], r[0], -r[1]), axis=1) for r in turned])
    origin = start[:, 3:] - _OFFSET
    at = {number: place for place, number in enumerate(ids)}
    look, point = rows[:, 1].astype(np.intp) - 1, np.array([at[int(i)] for i in rows[:, 0]], np.intp)
    place, sd = np.full((len(ids), 3), np.nan), np.full((len(ids), 3), np.inf)
    for number in set(surveyed) - set(CHECKS):
        place[at[number]], sd[at[number]] = surveyed[number] - _OFFSET, sigma[number]
    rays = np.einsum("nij,nj->ni", rotation[look], lens.directions(rows[:, 2], rows[:, 3]))
    ground = origin[look] + rays * ((140.0 - origin[look][:, 2]) / rays[:, 2])[:, None]
    for n in range(len(rows)):
        if np.isnan(place[point[n], 0]):
            place[point[n]] = ground[n]
    return bare_block(origin, rotation, place, sd, lens, look, point, rows[:, 2:4], rows[:, 4])


def bare_block(
    origin: Floats,
    rotation: Floats,
    place: Floats,
    place_sd: Floats,
    lens: Pinhole,
    look: NDArray[np.intp],
    point: NDArray[np.intp],
    pixels: Floats,
    sd_px: Floats,
) -> Block:
    """A block in a plain east-north-up frame, orientation unknown, nothing shared."""
    looks, none, free = len(origin), np.empty(0, np.intp), np.full((len(origin), 3), np.inf)
    axes = np.broadcast_to(np.eye(3), (looks, 3, 3)).copy()
    return Block(
        origin_m=origin,
        rotation=rotation,
        enu=axes,
        turn_axes=axes,
        velocity_m_s=np.zeros((looks, 3)),
        turn_rate_deg_s=np.zeros((looks, 3)),
        hours=np.zeros(looks),
        position_sd_m=free,
        attitude_sd_deg=free,
        point_m=place,
        point_sd_m=place_sd,
        lenses=(lens,),
        lens_of=np.zeros(looks, np.intp),
        mark_look=look,
        mark_point=point,
        mark_px=pixels,
        mark_sd_px=sd_px,
        range_look=none,
        range_point=none,
        range_m=np.empty(0),
        range_sd_m=np.empty(0),
        shared_sd=np.zeros(SHARED),
    )


# ---------------------------------------------------------------------------------------- helenenschacht


@dataclass(frozen=True)
class Sortie:
    """Looks, points and marks."""

    looks: tuple[CalibrationLook, ...]
    points: tuple[CalibrationPoint, ...]
    marks: tuple[Mark, ...]

    def without_survey(self) -> "Sortie":
        """The same with the points' heights alone known."""
        nan = float("nan")
        return replace(self, points=tuple(replace(p, lon_deg=nan, lat_deg=nan) for p in self.points))


def helenenschacht(folder: Path, attitude_sd_deg: tuple[float, float, float] = (0.5, 0.3, 0.3)) -> Sortie:
    """RTK centres, course for heading, "nadir" and the maker's focal length taken at their word."""
    rows = []
    for line in (folder / "101FTASK_Timestamp.mrk").read_text().splitlines():
        found = re.search(r"(\S+),Lat\s+(\S+),Lon\s+(\S+),Ellh\s+(\S+), (\S+), (\S+)", line)
        assert found is not None
        rows.append((float(line.split()[0]), float(line.split()[1]), *(float(v) for v in found.groups())))
    table = np.array(rows)
    number, seconds, lat, lon, height = table[:, 0].astype(int), *table[:, 1:5].T
    sd = table[:, 5:8]
    place = geodetic_to_ecef(lon, lat, height)
    focal = 10.57 / 13.13 * 5472
    lens = Pinhole(5472, 3648, focal, focal, 2735.5, 1823.5)
    looks = []
    for i in range(len(number)):
        before, after = max(i - 1, 0), min(i + 1, len(number) - 1)
        basis = ned_basis(lon[i], lat[i])
        velocity = (place[after] - place[before]) / (seconds[after] - seconds[before])
        north, east, _ = velocity @ basis
        down = basis @ rotation_zyx(np.degrees(np.arctan2(east, north)), -90.0, 0.0)
        looks.append(
            CalibrationLook(
                f"MAX_{number[i]:04d}.JPG",
                lens,
                Pose(place[i], down),
                int(seconds[i] * 1e6),
                (float(sd[i, 1]), float(sd[i, 0]), float(sd[i, 2])),
                attitude_sd_deg,
                (float(velocity[0]), float(velocity[1]), float(velocity[2])),
            )
        )
    control = read_gcp_list(folder / "gcp_list.txt", height_datum="hae", sd_m=(0.015, 0.015, 0.03))
    return Sortie(tuple(looks), control.points, control.marks)


# ------------------------------------------------------------------------------------------- made sorties


@dataclass(frozen=True)
class Truth:
    """What a made sortie was flown with; all errors in degrees, relative, seconds, metres."""

    boresight_deg: tuple[float, float, float] = (0.4, -0.7, 0.9)
    heading_deg: float = 0.0
    focal_change: float = 0.02
    k1: float = 0.0
    lag_s: float = 0.0
    position_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    position_sd_m: float = 1.0
    attitude_sd_deg: float = 0.1
    mark_sd_px: float = 1.0


def true_states(truth: Truth) -> Floats:
    """(13,) what a calibration should find, in the order of `STATES`."""
    parts = (*truth.boresight_deg, truth.heading_deg, truth.focal_change, 0, 0, truth.k1, truth.lag_s, 0)
    return np.array((*parts, *truth.position_m))


def made_sortie(
    generator: np.random.Generator, truth: Truth, looks: int = 16, points: int = 12, surveyed: bool = True
) -> Sortie:
    """An oblique orbit and two passes over rough ground some 1.5 km across, 2 km up."""
    lens = Pinhole(1920, 1080, 3000.0, 3000.0, 959.5, 539.5)
    middle = geodetic_to_ecef(-107.0, 25.0, 1400.0)
    basis = enu_basis(-107.0, 25.0)
    ground = np.column_stack(
        (generator.uniform(-280, 280, (points, 2)), generator.uniform(-120, 120, points))
    )
    lon, lat, height = ecef_to_geodetic(middle + ground @ basis.T)
    made, marks = [], []
    for n in range(looks):
        bearing = 2 * np.pi * n / looks * (1 if n % 2 else -1) + 0.3 * generator.standard_normal()
        away = generator.uniform(1200, 2600)
        real = np.array([away * np.sin(bearing), away * np.cos(bearing), 2000.0 + 400.0 * (n % 3)])
        look, seen = _made_look(generator, truth, lens, middle, basis, real, ground, n)
        made.append(look)
        marks += seen
    nan = float("nan")
    places = tuple(
        CalibrationPoint(f"P{i}", lon[i], lat[i], height[i], (0.05, 0.05, 0.08))
        if surveyed
        else CalibrationPoint(f"P{i}", nan, nan, nan)
        for i in range(points)
    )
    if surveyed:
        moved = ground + generator.standard_normal((points, 3)) * (0.05, 0.05, 0.08)
        lon, lat, height = ecef_to_geodetic(middle + moved @ basis.T)
        places = tuple(
            replace(p, lon_deg=float(lon[i]), lat_deg=float(lat[i]), height_hae_m=float(height[i]))
            for i, p in enumerate(places)
        )
    return Sortie(tuple(made), places, tuple(marks))


def _made_look(
    generator: np.random.Generator,
    truth: Truth,
    lens: Pinhole,
    middle: Floats,
    basis: Floats,
    real: Floats,
    ground: Floats,
    n: int,
) -> tuple[CalibrationLook, list[Mark]]:
    velocity = 60.0 * np.array([np.cos(0.7 * n), np.sin(0.7 * n), 0.0])
    stated_m = real - velocity * truth.lag_s - np.array(truth.position_m)
    stated_m = stated_m - truth.position_sd_m * generator.standard_normal(3)
    toward = -real
    azimuth = np.degrees(np.arctan2(toward[0], toward[1]))
    elevation = np.degrees(np.arctan2(toward[2], np.hypot(toward[0], toward[1])))
    enu_of_ned = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
    stated = enu_of_ned @ rotation_zyx(azimuth, elevation, 3.0 * generator.standard_normal())
    axes = np.radians(truth.attitude_sd_deg * generator.standard_normal(3))
    wobble = enu_of_ned @ rotation_zyx(*np.degrees(axes[::-1])) @ enu_of_ned.T
    turn = enu_of_ned @ rotation_zyx(truth.heading_deg, 0.0, 0.0) @ enu_of_ned.T
    roll, pitch, yaw = truth.boresight_deg
    rotation = turn @ wobble @ stated @ rotation_zyx(yaw, pitch, roll)
    a = (ground - real) @ rotation
    xy = a[:, 1:] / a[:, :1]
    square = np.sum(xy * xy, axis=1, keepdims=True)
    bent = (1 + truth.focal_change) * (1 + truth.k1 * square) * xy
    column, row = lens.pixels(np.column_stack((np.ones(len(a)), bent)))
    marks = []
    for i in range(len(ground)):
        u, v = (np.array((column[i], row[i])) + truth.mark_sd_px * generator.standard_normal(2)).tolist()
        if 0 <= u <= lens.width - 1 and 0 <= v <= lens.height - 1:
            marks.append(Mark(f"L{n}", f"P{i}", u, v, truth.mark_sd_px))
    speed = (basis @ velocity).tolist()
    look = CalibrationLook(
        f"L{n}",
        lens,
        Pose(middle + basis @ stated_m, basis @ stated),
        n * 20_000_000,
        (truth.position_sd_m,) * 3,
        (truth.attitude_sd_deg,) * 3,
        (speed[0], speed[1], speed[2]),
    )
    return look, marks
