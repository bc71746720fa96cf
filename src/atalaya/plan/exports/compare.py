"""Two missions item for item, two routes point for point: the first difference, named."""

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from atalaya.plan.exports.fence import Fence, RallyPoint
from atalaya.plan.exports.mission import Home, Mission, MissionItem

POSITION_DEG = 1e-7
ROUNDING_DEG = 1e-11
"""Floating point of degrees near 180."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two things differ: `place` for people and programs, and both values."""

    place: str
    expected: object
    found: object


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two values may lie apart and be the same.

    Args:
        position_deg: of longitude and latitude.
        height_m: of heights.
        single: True compares parameters as 32-bit floats, which is what MAVLink carries.
    """

    position_deg: float = POSITION_DEG
    height_m: float = 0.001
    single: bool = True


EXACT = Tolerance()


def differences(
    expected: Mission,
    found: Mission,
    *,
    tolerance: Tolerance = EXACT,
    parts: str = "mission home fence rally",
) -> Iterator[Difference]:
    """All differences of two missions.

    Args:
        expected, found: the two.
        tolerance: what counts as the same.
        parts: which parts are compared, of "mission", "home", "fence", "rally".
    """
    if "mission" in parts:
        yield from _items(expected.items, found.items, tolerance)
    if "home" in parts:
        yield from _homes(expected.home, found.home, tolerance)
    if "fence" in parts:
        yield from fence_differences(expected.fence, found.fence, tolerance)
    if "rally" in parts:
        yield from _rallies(expected.rally, found.rally, tolerance)


def first_difference(
    expected: Mission,
    found: Mission,
    *,
    tolerance: Tolerance = EXACT,
    parts: str = "mission home fence rally",
) -> Difference | None:
    """The first of `differences`, None where there is none."""
    return next(differences(expected, found, tolerance=tolerance, parts=parts), None)


def _items(
    expected: Sequence[MissionItem], found: Sequence[MissionItem], tolerance: Tolerance
) -> Iterator[Difference]:
    if len(expected) != len(found):
        yield Difference("items", len(expected), len(found))
    for number, (one, other) in enumerate(zip(expected, found, strict=False), 1):
        yield from _item(f"item {number}", one, other, tolerance)


def _item(place: str, one: MissionItem, other: MissionItem, tolerance: Tolerance) -> Iterator[Difference]:
    for name in ("command", "frame", "autocontinue"):
        if getattr(one, name) != getattr(other, name):
            yield Difference(f"{place} {name}", getattr(one, name), getattr(other, name))
    for number, (a, b) in enumerate(zip(one.params, other.params, strict=True), 1):
        if not same_number(a, b, 0.0, single=tolerance.single):
            yield Difference(f"{place} param{number}", a, b)
    for name in ("lat_deg", "lon_deg"):
        a, b = getattr(one, name), getattr(other, name)
        if not same_number(a, b, tolerance.position_deg):
            yield Difference(f"{place} {name}", a, b)
    if not same_number(one.height_m, other.height_m, tolerance.height_m, single=tolerance.single):
        yield Difference(f"{place} height_m", one.height_m, other.height_m)


def same_number(one: float, other: float, most: float, *, single: bool = False) -> bool:
    """Whether two numbers are one: within `most`, or both NaN, or (if asked) the same 32-bit float."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    if abs(one - other) <= most + ROUNDING_DEG:
        return True
    return single and _single(one) == _single(other)


def _single(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def _homes(one: Home | None, other: Home | None, tolerance: Tolerance) -> Iterator[Difference]:
    if one is None or other is None:
        if one is not other:
            yield Difference("home", one, other)
        return
    yield from _place("home", one, other, tolerance)


def _place(
    place: str, one: Home | RallyPoint, other: Home | RallyPoint, tolerance: Tolerance
) -> Iterator[Difference]:
    for name, most in (
        ("lat_deg", tolerance.position_deg),
        ("lon_deg", tolerance.position_deg),
        ("height_msl_m", tolerance.height_m),
    ):
        a, b = getattr(one, name), getattr(other, name)
        if not same_number(a, b, most, single=tolerance.single and name == "height_msl_m"):
            yield Difference(f"{place} {name}", a, b)


def _rallies(
    one: Sequence[RallyPoint], other: Sequence[RallyPoint], tolerance: Tolerance
) -> Iterator[Difference]:
    if len(one) != len(other):
        yield Difference("rally points", len(one), len(other))
    for number, (a, b) in enumerate(zip(one, other, strict=False), 1):
        yield from _place(f"rally point {number}", a, b, tolerance)


def fence_differences(one: Fence, other: Fence, tolerance: Tolerance = EXACT) -> Iterator[Difference]:
    """All differences of two fences, corner by corner."""
    if len(one.polygons) != len(other.polygons):
        yield Difference("fence polygons", len(one.polygons), len(other.polygons))
    for number, (a, b) in enumerate(zip(one.polygons, other.polygons, strict=False), 1):
        place = f"fence polygon {number}"
        if a.inclusion != b.inclusion:
            yield Difference(f"{place} inclusion", a.inclusion, b.inclusion)
        yield from ring_differences(place, a.ring, b.ring, tolerance)
    if len(one.circles) != len(other.circles):
        yield Difference("fence circles", len(one.circles), len(other.circles))
    for number, (c, d) in enumerate(zip(one.circles, other.circles, strict=False), 1):
        place = f"fence circle {number}"
        if c.inclusion != d.inclusion:
            yield Difference(f"{place} inclusion", c.inclusion, d.inclusion)
        if not same_number(c.radius_m, d.radius_m, 0.01, single=tolerance.single):
            yield Difference(f"{place} radius", c.radius_m, d.radius_m)
        centres = ((c.lon_deg, c.lat_deg),), ((d.lon_deg, d.lat_deg),)
        yield from ring_differences(place, *centres, tolerance)


def ring_differences(
    place: str,
    one: Sequence[tuple[float, float]],
    other: Sequence[tuple[float, float]],
    tolerance: Tolerance = EXACT,
) -> Iterator[Difference]:
    """All differences of two sequences of (lon_deg, lat_deg)."""
    if len(one) != len(other):
        yield Difference(f"{place} corners", len(one), len(other))
    for number, (a, b) in enumerate(zip(one, other, strict=False), 1):
        if any(not same_number(x, y, tolerance.position_deg) for x, y in zip(a, b, strict=True)):
            yield Difference(f"{place} corner {number}", a, b)
