"""Tags of a photograph: EXIF 2.32 and an XMP packet with the properties DJI's cameras write.

The datum of every height is stated: AbsoluteAltitude is ellipsoidal, as an RTK fix (RtkFlag 50) makes it;
GPSAltitude is above mean sea level (EGM96), as EXIF wants it.
"""

from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import quoteattr

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from atalaya.base.clock import EPOCH
from atalaya.earth.geoid import undulation_m
from atalaya.earth.lens import Pinhole
from atalaya.sim.still.statement import StillCamera, StillStatement

_FRACTION = 10_000
_SECONDS = 1_000_000
_FULL_FRAME_MM = 43.266615


def exif_of(
    stated: StillStatement, lens: Pinhole, camera: StillCamera, t_us: int, offset_min: int
) -> Image.Exif:
    """The EXIF directories; angles of the place to 0.3 mm, times to a microsecond."""
    local = (EPOCH + timedelta(microseconds=t_us)).astimezone(timezone(timedelta(minutes=offset_min)))
    exif = Image.Exif()
    exif[0x010E] = "synthetic picture of the digital range"
    exif[0x010F], exif[0x0110], exif[0x0131] = camera.make, camera.name, "atalaya"
    exif[0x0132] = f"{local:%Y:%m:%d %H:%M:%S}"
    exif[0x8769] = _photo(lens, camera, local)
    exif[0x8825] = _gps(stated, t_us)
    return exif


def xmp_of(stated: StillStatement, lens: Pinhole, camera: StillCamera, t_us: int) -> bytes:
    """The XMP packet."""
    moment = EPOCH + timedelta(microseconds=t_us)
    yaw, pitch, roll = stated.aircraft_deg
    east, north, up = stated.position_sd_m
    properties = {
        "tiff:Make": camera.make,
        "tiff:Model": camera.name,
        "drone-dji:GpsLatitude": f"{stated.lat_deg:+.9f}",
        "drone-dji:GpsLongitude": f"{stated.lon_deg:+.9f}",
        "drone-dji:AltitudeType": "RtkAlt",
        "drone-dji:AbsoluteAltitude": f"{stated.height_hae_m:+.3f}",
        "drone-dji:RelativeAltitude": f"{stated.above_take_off_m:+.3f}",
        "drone-dji:GimbalYawDegree": f"{(stated.yaw_deg + 180.0) % 360.0 - 180.0:+.4f}",
        "drone-dji:GimbalPitchDegree": f"{stated.pitch_deg:+.4f}",
        "drone-dji:GimbalRollDegree": f"{stated.roll_deg:+.4f}",
        "drone-dji:FlightYawDegree": f"{(yaw + 180.0) % 360.0 - 180.0:+.4f}",
        "drone-dji:FlightPitchDegree": f"{pitch:+.4f}",
        "drone-dji:FlightRollDegree": f"{roll:+.4f}",
        "drone-dji:RtkFlag": "50",
        "drone-dji:RtkStdLon": f"{east:.4f}",
        "drone-dji:RtkStdLat": f"{north:.4f}",
        "drone-dji:RtkStdHgt": f"{up:.4f}",
        "drone-dji:CalibratedFocalLength": f"{lens.focal_x_px:.4f}",
        "drone-dji:CalibratedOpticalCenterX": f"{lens.centre_column:.4f}",
        "drone-dji:CalibratedOpticalCenterY": f"{lens.centre_row:.4f}",
        "drone-dji:UTCAtExposure": f"{moment:%Y-%m-%dT%H:%M:%S.%f}",
    }
    shown = "\n   ".join(f"{key}={quoteattr(value)}" for key, value in properties.items())
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
   xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"
   {shown}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def _photo(lens: Pinhole, camera: StillCamera, local: datetime) -> dict[int, object]:
    per_mm = lens.width / camera.sensor_width_mm
    focal_mm = lens.focal_x_px / per_mm
    chip_mm = (lens.width**2 + lens.height**2) ** 0.5 / per_mm
    zone = f"{local:%z}"
    offset = f"{zone[:3]}:{zone[3:5]}"
    return {
        0x9000: b"0232",
        0x9003: f"{local:%Y:%m:%d %H:%M:%S}",
        0x9004: f"{local:%Y:%m:%d %H:%M:%S}",
        0x9010: offset,
        0x9011: offset,
        0x9012: offset,
        0x9291: f"{local.microsecond:06d}",
        0x920A: IFDRational(round(focal_mm * _FRACTION), _FRACTION),
        0xA002: lens.width,
        0xA003: lens.height,
        0xA20E: IFDRational(round(per_mm * 10.0 * _FRACTION), _FRACTION),
        0xA20F: IFDRational(round(per_mm * 10.0 * _FRACTION), _FRACTION),
        0xA210: 3,
        0xA405: max(1, round(focal_mm * _FULL_FRAME_MM / chip_mm)),
    }


def _gps(stated: StillStatement, t_us: int) -> dict[int, object]:
    height = stated.height_hae_m - float(undulation_m(stated.lon_deg, stated.lat_deg))
    moment = EPOCH + timedelta(microseconds=t_us)
    seconds = moment.second * _SECONDS + moment.microsecond
    return {
        0: b"\x02\x03\x00\x00",
        1: "N" if stated.lat_deg >= 0.0 else "S",
        2: _sexagesimal(stated.lat_deg),
        3: "E" if stated.lon_deg >= 0.0 else "W",
        4: _sexagesimal(stated.lon_deg),
        5: b"\x00" if height >= 0.0 else b"\x01",
        6: IFDRational(round(abs(height) * 1000), 1000),
        7: (IFDRational(moment.hour, 1), IFDRational(moment.minute, 1), IFDRational(seconds, _SECONDS)),
        16: "T",
        17: IFDRational(round(stated.yaw_deg % 360.0 * _FRACTION), _FRACTION),
        18: "WGS-84",
        29: f"{moment:%Y:%m:%d}",
        31: IFDRational(round(max(stated.position_sd_m[:2]) * 1000), 1000),
    }


def _sexagesimal(angle_deg: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes, seconds to 1e-5: no carry is lost to rounding."""
    total = round(abs(angle_deg) * 3600.0 * 100_000)
    minutes, seconds = divmod(total, 60 * 100_000)
    degrees, minutes = divmod(minutes, 60)
    return IFDRational(degrees, 1), IFDRational(minutes, 1), IFDRational(seconds, 100_000)
