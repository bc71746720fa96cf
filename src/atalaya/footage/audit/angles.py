"""Ways a stream can mean its azimuth and elevation, and how each is turned into the book's reading."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import angles_zyx, azimuth_elevation, camera_to_ned, direction, rotation_zyx
from atalaya.footage.audit.sighting import Sighting, sight, with_directions, wrapped
from atalaya.footage.sensor_track import SensorTrack

Floats = NDArray[np.float64]
Frame = Literal["body", "world"]
Frames = tuple[Frame, Frame]
"""Frame of the azimuth and of the elevation."""


@dataclass(frozen=True)
class Reading:
    """One meaning of a stated angle: `sign` * stated + `offset_deg` - `added` column, in a frame."""

    name: str
    frame: Frame
    sign: float = 1.0
    offset_deg: float = 0.0
    added: Literal["", "heading_true_deg", "pitch_deg"] = ""

    def canonical(self, stated_deg: Floats, track: SensorTrack) -> Floats:
        """(n,) the angle in `frame`, degrees."""
        angle = self.sign * stated_deg + self.offset_deg
        return angle - getattr(track, self.added) if self.added else angle


BY_THE_BOOK = Reading("relative", "body")
ABSOLUTE = Reading("absolute", "world")

AZIMUTH_READINGS = (
    BY_THE_BOOK,
    ABSOLUTE,
    Reading("relative plus heading", "body", added="heading_true_deg"),
    Reading("relative, counter-clockwise", "body", sign=-1.0),
    Reading("absolute, counter-clockwise", "world", sign=-1.0),
    Reading("relative to the tail", "body", offset_deg=180.0),
)
"""Meanings of an azimuth seen or to be expected in the wild, the book's first, likelier ones earlier."""

ELEVATION_READINGS = (
    BY_THE_BOOK,
    ABSOLUTE,
    Reading("relative plus pitch", "body", added="pitch_deg"),
    Reading("relative, positive down", "body", sign=-1.0),
    Reading("absolute, positive down", "world", sign=-1.0),
    Reading("relative, from straight down", "body", offset_deg=-90.0),
    Reading("absolute, from straight down", "world", offset_deg=-90.0),
)


def azimuth_residual(reading: Reading, track: SensorTrack, line: Sighting) -> tuple[Floats, Floats]:
    """(n,) degrees of azimuth under a reading minus what the positions require, and (n,) cosine of elevation.

    Their product is the angle at the sensor: near straight down an azimuth says nothing.
    """
    body = reading.frame == "body"
    wanted = line.body_azimuth_deg if body else line.bearing_deg
    height = line.body_elevation_deg if body else line.elevation_deg
    return wrapped(reading.canonical(track.rel_azimuth_deg, track) - wanted), np.cos(np.radians(height))


def elevation_residual(reading: Reading, track: SensorTrack, line: Sighting) -> tuple[Floats, Floats]:
    """(n,) degrees of elevation under a reading minus what the positions require, and (n,) ones."""
    wanted = line.body_elevation_deg if reading.frame == "body" else line.elevation_deg
    return wrapped(reading.canonical(track.rel_elevation_deg, track) - wanted), np.ones(len(track))


@dataclass(frozen=True)
class ReadAngles:
    """Take azimuth and elevation to mean what the two readings say."""

    azimuth: Reading
    elevation: Reading
    roll: Frame = "world"

    def apply(self, track: SensorTrack) -> SensorTrack:
        """Derived gimbal angles by the book that point where the stated ones were meant to."""
        azimuth = self.azimuth.canonical(track.rel_azimuth_deg, track)
        elevation = self.elevation.canonical(track.rel_elevation_deg, track)
        return pointed(track, azimuth, elevation, (self.azimuth.frame, self.elevation.frame), self.roll)


_BEYOND = 1.002
"""How far noise may push the cosine of an angle past one: 3.6 degrees."""


def pointed(
    track: SensorTrack,
    azimuth_deg: Floats,
    elevation_deg: Floats,
    frames: Frames,
    roll_frame: Frame = "world",
) -> SensorTrack:
    """The track whose camera looks along an azimuth and an elevation, each given in its own frame.

    The stated camera roll is about the horizon when both angles are from the world and `roll_frame` is too;
    else it is about the platform.
    """
    platform = rotation_zyx(track.heading_true_deg, track.pitch_deg, track.roll_deg)
    roll = np.nan_to_num(track.rel_roll_deg, nan=0.0)
    match frames:
        case "body", "body":
            return with_directions(track, platform @ rotation_zyx(azimuth_deg, elevation_deg, roll))
        case "world", "world" if roll_frame == "world":
            return with_directions(track, rotation_zyx(azimuth_deg, elevation_deg, roll))
        case "world", "world":
            look = np.einsum("nji,nj->ni", platform, direction(azimuth_deg, elevation_deg))
        case "world", _:
            near = sight(track).elevation_deg
            lifted = _solved(platform[:, :, 2], azimuth_deg, elevation_deg, near)
            look = np.einsum("nji,nj->ni", platform, direction(azimuth_deg, lifted))
        case _:
            near = sight(track).body_elevation_deg
            look = direction(azimuth_deg, _solved(platform[:, 2, :], azimuth_deg, elevation_deg, near))
    body_azimuth, body_elevation = azimuth_elevation(look)
    return with_directions(track, platform @ rotation_zyx(body_azimuth, body_elevation, roll))


def angles_in(track: SensorTrack, frames: Frames) -> tuple[Floats, Floats, Floats]:
    """(n,) azimuth, elevation, each in its frame, and the camera roll that goes with them, degrees."""
    roll = np.nan_to_num(track.rel_roll_deg, nan=0.0)
    body = (track.rel_azimuth_deg, track.rel_elevation_deg)
    if frames == ("body", "body"):
        return *body, roll
    attitude = (track.heading_true_deg, track.pitch_deg, track.roll_deg)
    azimuth, elevation, level_roll = angles_zyx(camera_to_ned(*attitude, *body, roll))
    if frames == ("world", "world"):
        return azimuth, elevation, level_roll
    return (azimuth, body[1], roll) if frames[0] == "world" else (body[0], elevation, roll)


def _solved(axis: Floats, azimuth_deg: Floats, other_elevation_deg: Floats, near_deg: Floats) -> Floats:
    """Elevation at an azimuth of one frame such that the elevation in the other frame is as given.

    `axis` (n, 3) is the other frame's down axis in this one, so that direction . axis = -sin(other):
    a cos e - b sin e = -sin(other), solved as a shifted cosine. Of its two solutions the one nearer to
    `near_deg` (n,) is meant; they meet straight down, where noise may leave none and the nearest is taken.
    NaN where there is none by far.
    """
    azimuth = np.radians(azimuth_deg)
    a = axis[:, 0] * np.cos(azimuth) + axis[:, 1] * np.sin(azimuth)
    b = axis[:, 2]
    cosine = -np.sin(np.radians(other_elevation_deg)) / np.hypot(a, b)
    turned = np.arccos(np.where(np.abs(cosine) <= _BEYOND, np.clip(cosine, -1.0, 1.0), np.nan))
    shift = np.arctan2(b, a)
    first, second = (wrapped(np.degrees(sign * turned - shift)) for sign in (1.0, -1.0))
    with np.errstate(invalid="ignore"):
        other = (np.abs(second) <= 90.0) & (np.abs(second - near_deg) < np.abs(first - near_deg))
    return np.where(other, second, first)
