"""The Military Grid Reference System on WGS 84: places as text, and back.

NGA.STND.0037 (2014), "Universal Grids and Grid Reference Systems", chapters 11 and 12: UTM between 80 S and
84 N with the wide zones of Norway and Svalbard, UPS about the poles. Digits are cut, never rounded: the
reference names the south-west corner of a square that holds the place.
"""

import math
import re
from functools import cache
from typing import TYPE_CHECKING

from atalaya.base.errors import BadInput

if TYPE_CHECKING:
    from pyproj import Transformer

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_WEST = "JKLPQRSTUXYZ"  # columns of UPS west and east of the pole
_EAST = "ABCFGHJKLPQR"
_SQUARE_M = 100_000
_DEGREES = "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
_CYCLE_M = 2_000_000
_TEXT = re.compile(r"(\d{1,2})?([A-Z])([A-Z])([A-Z])((?:\d\d){0,5})")


def mgrs(lon_deg: float, lat_deg: float, digits: int = 5) -> str:
    """The reference of a place, spaced for the eye: `31U DQ 48251 11932`.

    Args:
        lon_deg, lat_deg: WGS 84. digits: of each coordinate, 0 to 5 (5: squares of one metre).

    Raises:
        BadInput: RPT-004, not a place.
    """
    if not (math.isfinite(lon_deg) and abs(lat_deg) <= 90.0 and 0 <= digits <= 5):
        raise BadInput("RPT-004", where=f"{lon_deg}, {lat_deg}")
    lon_deg = (lon_deg + 180.0) % 360.0 - 180.0
    polar = lat_deg < -80.0 or lat_deg >= 84.0
    name, east_m, north_m = _polar(lon_deg, lat_deg) if polar else _zoned(lon_deg, lat_deg)
    if digits == 0:
        return name
    cut = 10 ** (5 - digits)
    east, north = int(east_m) % _SQUARE_M // cut, int(north_m) % _SQUARE_M // cut
    return f"{name} {east:0{digits}d} {north:0{digits}d}"


def from_mgrs(text: str) -> tuple[float, float]:
    """Longitude and latitude of the south-west corner of the square a reference names, degrees (WGS 84).

    Raises:
        BadInput: RPT-005, not a reference.
    """
    found = _TEXT.fullmatch("".join(text.upper().split())) if len(text) <= 40 and text.isascii() else None
    if found is None:
        raise BadInput("RPT-005", where=text[:40])
    zone, band, column, row, figures = found.groups()
    digits = len(figures) // 2
    east_m = float(int(figures[:digits] or 0) * 10 ** (5 - digits))
    north_m = float(int(figures[digits:] or 0) * 10 ** (5 - digits))
    try:
        if zone is None:
            return _from_polar(band, column, row, east_m, north_m)
        return _from_zoned(int(zone), band, column, row, east_m, north_m)
    except ValueError as error:
        raise BadInput("RPT-005", where=text[:40]) from error


def _zone(lon_deg: float, lat_deg: float) -> int:
    zone = min(int((lon_deg + 180.0) // 6.0) + 1, 60)
    if 56.0 <= lat_deg < 64.0 and 3.0 <= lon_deg < 12.0:
        return 32
    if lat_deg >= 72.0 and 0.0 <= lon_deg < 42.0:
        return 31 if lon_deg < 9.0 else 33 if lon_deg < 21.0 else 35 if lon_deg < 33.0 else 37
    return zone


def _band(lat_deg: float) -> str:
    return _BANDS[min(int((lat_deg + 80.0) // 8.0), 19)]


def _zoned(lon_deg: float, lat_deg: float) -> tuple[str, float, float]:
    zone = _zone(lon_deg, lat_deg)
    east_m, north_m = _utm(zone).transform(lon_deg, lat_deg)
    if lat_deg < 0.0:
        north_m += 10_000_000.0
    east_m, north_m = _settled(east_m), _settled(north_m)
    column = _columns(zone)[int(east_m // _SQUARE_M) - 1]
    row = _ROWS[(int(north_m // _SQUARE_M) + _first_row(zone)) % 20]
    return f"{zone:02d}{_band(lat_deg)} {column}{row}", east_m, north_m


def _from_zoned(
    zone: int, band: str, column: str, row: str, east_m: float, north_m: float
) -> tuple[float, float]:
    if not 1 <= zone <= 60:
        raise ValueError(zone)
    east_m += (_columns(zone).index(column) + 1) * _SQUARE_M
    north_m += (_ROWS.index(row) - _first_row(zone)) % 20 * _SQUARE_M
    south_deg = _BANDS.index(band) * 8.0 - 80.0
    # the row letters repeat every 2,000 km: the repetition that lies in the band is meant
    southmost_m = _utm(zone).transform(zone * 6.0 - 183.0, south_deg)[1] + (
        10_000_000.0 if south_deg < 0.0 else 0.0
    )
    while north_m < southmost_m - 1.5 * _SQUARE_M:
        north_m += _CYCLE_M
    lon_deg, lat_deg = _utm(zone).transform(
        east_m, north_m - (10_000_000.0 if south_deg < 0.0 else 0.0), direction="INVERSE"
    )
    if not south_deg - 1.0 <= lat_deg <= south_deg + (13.0 if band == "X" else 9.0):
        raise ValueError(band)
    return (lon_deg + 180.0) % 360.0 - 180.0, lat_deg


def _polar(lon_deg: float, lat_deg: float) -> tuple[str, float, float]:
    north = lat_deg > 0.0
    east_m, north_m = (_settled(each) for each in _ups(north).transform(lon_deg, lat_deg))
    west = east_m < _CYCLE_M
    letter = ("Y" if west else "Z") if north else ("A" if west else "B")
    first_m, lowest_m = (800_000 if west else _CYCLE_M), (1_300_000 if north else 800_000)
    column = (_WEST if west else _EAST)[int(east_m - first_m) // _SQUARE_M]
    row = _LETTERS[int(north_m - lowest_m) // _SQUARE_M]
    return f"{letter} {column}{row}", east_m, north_m


def _from_polar(letter: str, column: str, row: str, east_m: float, north_m: float) -> tuple[float, float]:
    north, west = letter in "YZ", letter in "AY"
    if letter not in "ABYZ":
        raise ValueError(letter)
    east_m += (_WEST if west else _EAST).index(column) * _SQUARE_M + (800_000 if west else _CYCLE_M)
    north_m += _LETTERS.index(row) * _SQUARE_M + (1_300_000 if north else 800_000)
    lon_deg, lat_deg = _ups(north).transform(east_m, north_m, direction="INVERSE")
    return (lon_deg + 180.0) % 360.0 - 180.0, lat_deg


def _settled(metres: float) -> float:
    """Without the last bits of a projection: a corner read back stays in its own square."""
    return round(metres, 6)


def _columns(zone: int) -> str:
    start = (zone - 1) % 3 * 8
    return _LETTERS[start : start + 8]


def _first_row(zone: int) -> int:
    return 0 if zone % 2 else 5


@cache
def _utm(zone: int) -> "Transformer":
    """From degrees to metres of a zone, northings negative south of the equator."""
    from pyproj import Transformer

    return Transformer.from_pipeline(f"{_DEGREES} +step +proj=utm +zone={zone} +ellps=WGS84")


@cache
def _ups(north: bool) -> "Transformer":
    from pyproj import Transformer

    south = "" if north else " +south"
    return Transformer.from_pipeline(f"{_DEGREES} +step +proj=ups +ellps=WGS84{south}")
