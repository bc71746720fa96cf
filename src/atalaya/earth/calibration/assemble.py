"""Statements of a sortie brought into one local frame as the arrays of a `Block`, with first guesses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth.calibration.block import Block, Flags, Floats, complete
from atalaya.earth.calibration.result import US_PER_HOUR
from atalaya.earth.calibration.statements import (
    CalibrationLook,
    CalibrationPoint,
    Mark,
    Priors,
    SlantRange,
)
from atalaya.earth.camera import Lens
from atalaya.earth.ellipsoid import ecef_to_geodetic, enu_basis, geodetic_to_ecef
from atalaya.earth.sightline import point_at_height
from atalaya.earth.surface import Surface

_PARALLEL = 1e-5
"""Smallest eigenvalue per ray at which rays still meet: about 0.2 degrees between them."""


@dataclass(frozen=True)
class Frame:
    """A local east-north-up frame: origin (3,) ECEF, basis (3, 3) columns east, north, up."""

    origin_m: Floats
    basis: Floats

    def local(self, ecef_m: Floats) -> Floats:
        """(..., 3) ECEF to local."""
        return np.asarray((ecef_m - self.origin_m) @ self.basis)

    def ecef(self, local_m: Floats) -> Floats:
        """(..., 3) local to ECEF."""
        return np.asarray(self.origin_m + local_m @ self.basis.T)


@dataclass(frozen=True)
class Assembled:
    """A block with its names. points: the block's, in order; grounded: (P,) height taken from a surface."""

    block: Block
    frame: Frame
    looks: tuple[CalibrationLook, ...]
    points: tuple[CalibrationPoint, ...]
    grounded: Flags
    middle_us: int
    findings: tuple[Finding, ...]


def assembled(
    looks: Sequence[CalibrationLook],
    points: Sequence[CalibrationPoint],
    marks: Sequence[Mark],
    ranges: Sequence[SlantRange],
    priors: Priors,
    surface: Surface | None,
    surface_sd_m: float,
) -> Assembled:
    """All usable statements as one block.

    Raises:
        BadInput: EAR-047, no mark joins a look with a point.
    """
    findings: list[Finding] = []
    usable = _usable_looks(looks, marks, findings)
    known, kept, far = _joined(usable, points, marks, ranges, findings)
    seen = sorted({mark.look for mark in kept} | {one.look for one in far})
    used = [look for look in usable if look.name in set(seen)]
    if not kept:
        raise BadInput("EAR-047", marks=len(marks), looks=len(looks), points=len(points))
    frame = _frame(used)
    guess, sd, grounded = _first_guess(frame, used, known, kept, surface, surface_sd_m)
    placed = complete(guess)
    lost = [point.name for point, good in zip(known, placed, strict=True) if not good]
    if lost:
        findings.append(Finding("EAR-056", Severity.INFO, len(lost), lost[0]))
        known = [point for point, good in zip(known, placed, strict=True) if good]
        names = {point.name for point in known}
        kept = [mark for mark in kept if mark.point in names]
        far = [one for one in far if one.point in names]
        guess, sd, grounded = guess[placed], sd[placed], grounded[placed]
    if not kept:
        raise BadInput("EAR-047", marks=len(marks), looks=len(looks), points=len(points))
    middle = int(np.median([look.t_us for look in used]))
    block = _block(frame, used, known, kept, far, guess, sd, priors, middle)
    return Assembled(block, frame, tuple(used), tuple(known), grounded, middle, tuple(findings))


def _usable_looks(
    looks: Sequence[CalibrationLook], marks: Sequence[Mark], findings: list[Finding]
) -> list[CalibrationLook]:
    marked = {mark.look for mark in marks}
    blind = [
        look.name
        for look in looks
        if look.name in marked
        and not (np.isfinite(look.pose.origin_m).all() and np.isfinite(look.pose.camera_to_ecef).all())
    ]
    if blind:
        findings.append(Finding("EAR-054", Severity.WARNING, len(blind), blind[0]))
    return [look for look in looks if look.name not in blind]


def _joined(
    looks: Sequence[CalibrationLook],
    points: Sequence[CalibrationPoint],
    marks: Sequence[Mark],
    ranges: Sequence[SlantRange],
    findings: list[Finding],
) -> tuple[list[CalibrationPoint], list[Mark], list[SlantRange]]:
    """Points that are seen, marks and ranges whose look and point exist and whose numbers are finite."""
    lenses = {look.name: look.lens for look in looks}
    names = {point.name for point in points}
    kept = [mark for mark in marks if mark.look in lenses and mark.point in names and _good(mark)]
    far = [r for r in ranges if r.look in lenses and r.point in names and r.range_m > 0 and r.sd_m > 0]
    if kept:
        inside = _inside(lenses, kept)
        kept = [mark for mark, good in zip(kept, inside, strict=True) if good]
    lost = len(marks) - len(kept) + len(ranges) - len(far)
    if lost:
        findings.append(Finding("EAR-057", Severity.WARNING, lost))
    seen = {mark.point for mark in kept}
    return [point for point in points if point.name in seen], kept, [r for r in far if r.point in seen]


def _good(mark: Mark) -> bool:
    return bool(np.isfinite(mark.column + mark.row) and mark.sd_px > 0)


def _inside(lenses: dict[str, Lens], marks: Sequence[Mark]) -> list[bool]:
    return [
        -0.5 <= mark.column <= lenses[mark.look].width - 0.5
        and -0.5 <= mark.row <= lenses[mark.look].height - 0.5
        for mark in marks
    ]


def _frame(looks: Sequence[CalibrationLook]) -> Frame:
    middle = np.mean([np.asarray(look.pose.origin_m, np.float64) for look in looks], axis=0)
    lon, lat, _ = ecef_to_geodetic(middle)
    return Frame(middle, enu_basis(lon, lat))


def _first_guess(
    frame: Frame,
    looks: Sequence[CalibrationLook],
    points: Sequence[CalibrationPoint],
    marks: Sequence[Mark],
    surface: Surface | None,
    surface_sd_m: float,
) -> tuple[Floats, Floats, Flags]:
    """(P, 3) local places (NaN: cannot be placed), (P, 3) prior 1 sigma, (P,) height from the surface."""
    by_name = {look.name: look for look in looks}
    rays: dict[str, tuple[list[Floats], list[Floats]]] = {point.name: ([], []) for point in points}
    for mark in marks:
        look = by_name[mark.look]
        toward = look.lens.directions(np.array([mark.column]), np.array([mark.row]))[0]
        if np.isfinite(toward).all():
            rays[mark.point][0].append(frame.local(np.asarray(look.pose.origin_m, np.float64)))
            rays[mark.point][1].append(look.pose.camera_to_ecef @ toward @ frame.basis)
    guess, sd = np.full((len(points), 3), np.nan), np.full((len(points), 3), np.inf)
    grounded = np.zeros(len(points), np.bool_)
    for number, point in enumerate(points):
        origins, towards = (np.array(part).reshape(-1, 3) for part in rays[point.name])
        if point.surveyed:
            place = geodetic_to_ecef(point.lon_deg, point.lat_deg, point.height_hae_m)
            guess[number], sd[number] = frame.local(place), point.sd_m
        elif np.isfinite(point.height_hae_m):
            guess[number] = _on_height(frame, origins, towards, point.height_hae_m)
            sd[number, 2] = point.sd_m[2]
        elif surface is not None:
            guess[number] = _on_surface(frame, origins, towards, surface)
            sd[number, 2] = surface_sd_m
            grounded[number] = True
        else:
            guess[number] = _meeting(origins, towards)
    return guess, sd, grounded


def _on_height(frame: Frame, origins: Floats, towards: Floats, height_hae_m: float) -> Floats:
    """Median of where rays meet a level; NaN (3,) where none does."""
    met = frame.local(point_at_height(frame.ecef(origins), towards @ frame.basis.T, height_hae_m))
    met = met[complete(met)]
    return np.median(met, axis=0) if len(met) else np.full(3, np.nan)


def _on_surface(frame: Frame, origins: Floats, towards: Floats, surface: Surface) -> Floats:
    if not len(origins):
        return np.full(3, np.nan)
    hits = surface.hits(frame.ecef(origins), towards @ frame.basis.T)
    good = hits.found
    met = frame.local(geodetic_to_ecef(hits.lon_deg[good], hits.lat_deg[good], hits.height_hae_m[good]))
    return np.median(met, axis=0) if good.any() else np.full(3, np.nan)


def _meeting(origins: Floats, towards: Floats) -> Floats:
    """Point nearest to all rays, in front of every camera; NaN where they are all but parallel."""
    nowhere = np.full(3, np.nan)
    if len(origins) < 2:
        return nowhere
    unit = towards / np.linalg.norm(towards, axis=1, keepdims=True)
    across = np.eye(3) - unit[:, :, None] * unit[:, None, :]
    total = across.sum(axis=0)
    if np.linalg.eigvalsh(total)[0] < _PARALLEL * len(origins):
        return nowhere
    met = np.linalg.solve(total, np.einsum("nij,nj->i", across, origins))
    ahead = np.einsum("nj,nj->n", met - origins, unit)
    return met if np.all(ahead > 0.0) else nowhere


def turn_axes(rotation: Floats, up: Floats) -> Floats:
    """(L, 3, 3) columns: axes of yaw (down), pitch (level, right of the view), roll (level, along it)."""
    right = rotation[:, :, 1] - up * np.sum(up * rotation[:, :, 1], axis=1, keepdims=True)
    length = np.linalg.norm(right, axis=1, keepdims=True)
    steep = length[:, 0] < 1e-3  # the picture is rolled by 90 degrees: its downward axis is level instead
    other = rotation[:, :, 2] - up * np.sum(up * rotation[:, :, 2], axis=1, keepdims=True)
    right = np.where(steep[:, None], other, right)
    right = right / np.linalg.norm(right, axis=1, keepdims=True)
    return np.stack((-up, right, np.cross(up, right)), axis=-1)


def _block(
    frame: Frame,
    looks: Sequence[CalibrationLook],
    points: Sequence[CalibrationPoint],
    marks: Sequence[Mark],
    ranges: Sequence[SlantRange],
    guess: Floats,
    sd: Floats,
    priors: Priors,
    middle_us: int,
) -> Block:
    look_at = {look.name: number for number, look in enumerate(looks)}
    point_at = {point.name: number for number, point in enumerate(points)}
    lenses: list[Lens] = []
    for look in looks:
        if not any(look.lens is lens for lens in lenses):
            lenses.append(look.lens)
    origin = np.array([np.asarray(look.pose.origin_m, np.float64) for look in looks])
    lon, lat, _ = ecef_to_geodetic(origin)
    enu = np.swapaxes(frame.basis, 0, 1) @ enu_basis(lon, lat)
    rotation = frame.basis.T @ np.array([look.pose.camera_to_ecef for look in looks])

    def of_looks(name: str) -> Floats:
        return np.array([getattr(look, name) for look in looks], np.float64)

    return Block(
        origin_m=frame.local(origin),
        rotation=rotation,
        enu=enu,
        turn_axes=turn_axes(rotation, enu[:, :, 2]),
        velocity_m_s=of_looks("velocity_m_s") @ frame.basis,
        turn_rate_deg_s=of_looks("turn_rate_deg_s") @ frame.basis,
        hours=np.array([(look.t_us - middle_us) / US_PER_HOUR for look in looks]),
        position_sd_m=of_looks("position_sd_m"),
        attitude_sd_deg=of_looks("attitude_sd_deg"),
        point_m=guess,
        point_sd_m=sd,
        lenses=tuple(lenses),
        lens_of=np.array(
            [next(i for i, x in enumerate(lenses) if x is look.lens) for look in looks], np.intp
        ),
        mark_look=np.array([look_at[mark.look] for mark in marks], np.intp),
        mark_point=np.array([point_at[mark.point] for mark in marks], np.intp),
        mark_px=np.array([(mark.column, mark.row) for mark in marks], np.float64),
        mark_sd_px=np.array([mark.sd_px for mark in marks], np.float64),
        range_look=np.array([look_at[one.look] for one in ranges], np.intp),
        range_point=np.array([point_at[one.point] for one in ranges], np.intp),
        range_m=np.array([one.range_m for one in ranges], np.float64),
        range_sd_m=np.array([one.sd_m for one in ranges], np.float64),
        shared_sd=priors.sd(),
    )
