"""What each maker's XMP means: names, signs and datums, as documented or as the files show.

DJI (`drone-dji`): GpsLatitude, GpsLongitude (some spell it Longtitude). AbsoluteAltitude is ellipsoidal with
an RTK fix and of no stated datum otherwise; RelativeAltitude counts from take-off. Gimbal*Degree are absolute
(north, east, down; turned yaw, pitch, roll): nadir is -90. Flight*Degree belong to the aircraft.
Skydio (`drone-skydio`): Latitude, Longitude; AbsoluteAltitude above sea level by the maker's word (EGM96);
CameraOrientationNED is the camera's, absolute.
Autel (`drone`): names as DJI. Older models have only `Camera:Pitch`, whose zero differs from model to model.
Parrot (`drone-parrot`): position and height in EXIF, above sea level; Camera*Degree absolute, nadir -90.
Pix4D and senseFly (`Camera`): Yaw, Pitch, Roll with nadir 0; AboveGroundAltitude.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

StatedDatum = Literal["hae", "msl", "take-off", "ground", "unknown"]
Three = tuple[float, float, float]

NAN = float("nan")
_RTK_FIXED = 50
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True)
class Maker:
    """A reader of one maker's table; NaN stands for whatever it does not state."""

    name: str
    table: Mapping[str, str]
    prefix: str = ""
    camera: tuple[str, str, str] = ("", "", "")
    aircraft: tuple[str, str, str] = ("", "", "")
    nadir_is_zero: bool = False
    ambiguous_pitch: bool = False
    absolute_datum: StatedDatum = "unknown"
    exif_height_datum: StatedDatum = "unknown"

    def number(self, *names: str) -> float:
        """The first of some properties that holds a number."""
        for name in names:
            text = self.table.get(name if ":" in name else f"{self.prefix}:{name}", "")
            found = _NUMBER.match(text)
            if found:
                top, _, bottom = text.partition("/")
                return float(found[0]) / float(bottom) if _plain(top) and _plain(bottom) else float(found[0])
        return NAN

    def text(self, *names: str) -> str:
        """The first of some properties that is not empty."""
        found = (self.table.get(name if ":" in name else f"{self.prefix}:{name}", "") for name in names)
        return next((text.strip() for text in found if text.strip()), "")

    def serial(self) -> str:
        """Serial number of the aircraft, else of its camera; "" where neither is stated."""
        return self.text("DroneSerialNumber", "SerialNumber", "CameraSerialNumber", "exifEX:BodySerialNumber")

    def position(self) -> tuple[float, float]:
        """Longitude and latitude."""
        lon = self.number("GpsLongitude", "GpsLongtitude", "GPSLongitude", "Longitude")
        return lon, self.number("GpsLatitude", "GPSLatitude", "Latitude")

    def heights(self) -> Iterator[tuple[float, StatedDatum, str]]:
        """(metres, datum, property) of every height, the absolute one first."""
        absolute, relative = self.number("AbsoluteAltitude"), self.number("RelativeAltitude")
        ground = self.number("Camera:AboveGroundAltitude")
        if not math.isnan(absolute):
            yield absolute, self._absolute_datum(), f"{self.prefix}:AbsoluteAltitude"
        if not math.isnan(relative):
            yield relative, "take-off", f"{self.prefix}:RelativeAltitude"
        if not math.isnan(ground):
            yield ground, "ground", "Camera:AboveGroundAltitude"

    def _absolute_datum(self) -> StatedDatum:
        rtk = self.table.get(f"{self.prefix}:AltitudeType", "").lower() == "rtkalt"
        if rtk or self.number("RtkFlag") == _RTK_FIXED:
            return "hae"
        return self.absolute_datum

    def camera_angles(self) -> Three:
        """Yaw from north (0 to 360), pitch above the horizon, roll."""
        yaw, pitch, roll = self._angles(self.camera)
        return yaw, pitch - 90.0 if self.nadir_is_zero else pitch, roll

    def aircraft_angles(self) -> Three:
        """Yaw, pitch, roll of the aircraft."""
        return self._angles(self.aircraft)

    def _angles(self, names: tuple[str, str, str]) -> Three:
        yaw, pitch, roll = (self.number(name) if name else NAN for name in names)
        return yaw % 360.0, pitch, roll

    def focal_px(self) -> float:
        """Calibrated focal length in pixels."""
        stated = self.number("CalibratedFocalLength", "CalibratedFocalLength/X")
        return stated if stated > 0 else self._dewarp(0)

    def centre_px(self) -> tuple[float, float]:
        """Column and row of the calibrated optical centre."""
        column = self.number("CalibratedOpticalCenterX", "CalibratedOpticalCenter/X")
        return column, self.number("CalibratedOpticalCenterY", "CalibratedOpticalCenter/Y")

    def _dewarp(self, place: int) -> float:
        """A number of DewarpData, `date;fx,fy,cx,cy,k1,k2,p1,p2,k3`."""
        parts = self.table.get(f"{self.prefix}:DewarpData", "").rpartition(";")[2].split(",")
        return float(parts[place]) if len(parts) >= 9 and _plain(parts[place]) else NAN

    def position_sd_m(self) -> Three:
        """East, north, up standard deviations of an RTK fix."""
        return self.number("RtkStdLon"), self.number("RtkStdLat"), self.number("RtkStdHgt")

    def utc_time(self) -> str:
        """The moment of exposure in UTC, as text; "" where not stated."""
        return self.table.get(f"{self.prefix}:UTCAtExposure", "")


def _plain(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None and float(text) != 0


_GIMBAL = ("GimbalYawDegree", "GimbalPitchDegree", "GimbalRollDegree")
_FLIGHT = ("FlightYawDegree", "FlightPitchDegree", "FlightRollDegree")
_CAMERA = ("Camera:Yaw", "Camera:Pitch", "Camera:Roll")


def maker_of(table: Mapping[str, str]) -> Maker:
    """The reader for a table of properties; one that knows nothing where no maker is recognised."""
    prefixes = {key.partition(":")[0] for key in table}
    if "drone-dji" in prefixes:
        return Maker("DJI", table, "drone-dji", _GIMBAL, _FLIGHT)
    if "drone-skydio" in prefixes:
        oriented = tuple(f"CameraOrientationNED/{name}" for name in ("Yaw", "Pitch", "Roll"))
        flying = tuple(f"VehicleOrientationNED/{name}" for name in ("Yaw", "Pitch", "Roll"))
        return Maker("Skydio", table, "drone-skydio", oriented, flying, absolute_datum="msl")  # type: ignore[arg-type]
    if "drone-parrot" in prefixes:
        camera = ("CameraYawDegree", "CameraPitchDegree", "CameraRollDegree")
        drone = ("DroneYawDegree", "DronePitchDegree", "DroneRollDegree")
        return Maker("Parrot", table, "drone-parrot", camera, drone, exif_height_datum="msl")
    if "drone" in prefixes:
        known = "drone:GimbalPitchDegree" in table
        return Maker("Autel", table, "drone", _GIMBAL, _FLIGHT, ambiguous_pitch=not known)
    if "Camera" in prefixes:
        if "autel" in " ".join(table.get(key, "") for key in ("tiff:Make", "xmp:CreatorTool")).lower():
            return Maker("Autel", table, "Camera", ambiguous_pitch=True)
        return Maker("Pix4D", table, "Camera", _CAMERA, nadir_is_zero=True)
    return Maker("", table)
