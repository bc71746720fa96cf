"""A picture of a country from above, north up: light and shade on its cover, water, ways, houses, names."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.language import printable
from atalaya.sim.country.country import Country
from atalaya.sim.material import by_code, materials

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]

_SUN_AZIMUTH_DEG, _SUN_HEIGHT_DEG = 315.0, 42.0
_GAIN, _GAMMA = 2.6, 1.0 / 1.9
_TWICE = 2
_WATER, _ROAD, _TRACK, _HOUSE = (58, 88, 110), (250, 240, 214), (228, 208, 172), (142, 62, 46)
_CASING = (88, 66, 48)
_LEAST_PX = {"river": 1.6, "stream": 0.8, "road": 2.2, "track": 1.1, "path": 0.7}


def country_picture(country: Country, *, pixels: int = 1600, names: bool = False) -> Picture:
    """(h, w, 3) uint8: the country with its longer side that many pixels.

    Args:
        names: whether towns and villages are named.

    Raises:
        BadInput: CTY-001, fewer than 16 or more than 8192 pixels.
    """
    from PIL import Image, ImageDraw

    checked_pixels(pixels)
    west, south, east, north = country.bounds_m
    metre = pixels / max(east - west, north - south)
    shape = max(1, round((north - south) * metre)), max(1, round((east - west) * metre))
    ground = _ground(country, shape, metre)
    image = Image.fromarray(ground).resize((shape[1] * _TWICE, shape[0] * _TWICE), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(image)
    _draw_fields(pen, country, metre * _TWICE)
    _draw_lines(pen, country, metre * _TWICE)
    _draw_houses(pen, country, metre * _TWICE)
    image = image.resize((shape[1], shape[0]), Image.Resampling.BOX)
    if names:
        _draw_names(ImageDraw.Draw(image), country, metre, shape)
    return np.array(image, np.uint8)


def checked_pixels(pixels: int) -> None:
    """Raises: BadInput: CTY-001, fewer than 16 or more than 8192 pixels."""
    if not 16 <= pixels <= 8192:
        raise BadInput("CTY-001", where=str(pixels), detail="pixels")


def _ground(country: Country, shape: tuple[int, int], metre: float) -> Picture:
    """Cover in the light of the sun, a little haze in the valleys."""
    west, _, _, north = country.bounds_m
    x, y = np.meshgrid((np.arange(shape[1]) + 0.5) / metre, (np.arange(shape[0]) + 0.5) / metre)
    height = country.height_msl_m(west + x, north - y)
    colour = _cover_colour(country, shape, metre)
    down, right = np.gradient(np.nan_to_num(height, nan=float(np.nanmean(height))), 1.0 / metre)
    exaggerated = _relief_gain(country)
    down, right = down * exaggerated, right * exaggerated
    azimuth, rise = np.radians(_SUN_AZIMUTH_DEG), np.radians(_SUN_HEIGHT_DEG)
    sun = np.cos(rise) * np.sin(azimuth), np.cos(rise) * np.cos(azimuth), np.sin(rise)
    lit = (-right * sun[0] + down * sun[1] + sun[2]) / np.sqrt(1.0 + right**2 + down**2)
    light = 0.30 + 0.70 * np.clip(lit / sun[2], 0.0, 1.15)
    shown = np.clip(colour * light[..., None] * _GAIN, 0.0, 1.0) ** _GAMMA
    shadow = np.clip(1.0 - light, 0.0, 1.0)[..., None] * np.array([-0.02, 0.0, 0.04])
    return np.asarray(np.clip((shown + shadow) * 255.0, 0, 255), np.uint8)


def _relief_gain(country: Country) -> float:
    """Flat country is drawn steeper than it is, so that its valleys show."""
    spread = float(np.nanstd(country.heights_msl_m[::4, ::4]))
    return float(np.clip(160.0 / max(spread, 1.0), 1.0, 9.0))


def _cover_colour(country: Country, shape: tuple[int, int], metre: float) -> Floats:
    """(h, w, 3) mean reflectance of some cells of each pixel."""
    table = np.stack([by_code(part) for part in ("red", "green", "blue")], axis=1)
    total = np.zeros((*shape, 3))
    rows, columns = country.cover.shape
    for down in (0.17, 0.5, 0.83):
        row = np.clip(((np.arange(shape[0]) + down) / metre / country.cover_m).astype(np.intp), 0, rows - 1)
        for right in (0.17, 0.5, 0.83):
            at = ((np.arange(shape[1]) + right) / metre / country.cover_m).astype(np.intp)
            column = np.clip(at, 0, columns - 1)
            total += table[country.cover[row[:, None], column[None, :]]]
    return total / 9.0


def _places(country: Country, points_m: Floats, metre: float) -> list[tuple[float, float]]:
    west, _, _, north = country.bounds_m
    return [((x - west) * metre, (north - y) * metre) for x, y in points_m.tolist()]


def _draw_fields(pen: "ImageDraw", country: Country, metre: float) -> None:
    for patch in country.patches:
        pen.polygon(_places(country, patch.ring_m, metre), fill=_shown(patch.material))


def _draw_lines(pen: "ImageDraw", country: Country, metre: float) -> None:
    for line in country.lines:
        if line.kind in ("stream", "river"):
            width = max(_LEAST_PX[line.kind] * _TWICE, line.width_m * metre)
            fill = _shown("gravel") if line.material == "gravel" else _WATER
            fill = _shown("muddy_water") if line.material == "muddy_water" else fill
            pen.line(_places(country, line.points_m, metre), fill=fill, width=round(width), joint="curve")
    for kind, fill in (("path", _TRACK), ("track", _TRACK), ("road", _CASING), ("road", _ROAD)):
        for line in country.lines:
            if line.kind == kind:
                width = max(_LEAST_PX[kind] * _TWICE * min(1.0, metre * 60.0), line.width_m * metre)
                width += 3 if fill == _CASING else 0
                pen.line(_places(country, line.points_m, metre), fill=fill, width=max(1, round(width)))


def _draw_houses(pen: "ImageDraw", country: Country, metre: float) -> None:
    for house in country.solids:
        ((x, y),) = _places(country, np.array([[house.east_m, house.north_m]]), metre)
        size = max(0.8 * _TWICE, house.length_m * metre) / 2.0
        pen.rectangle((x - size, y - size, x + size, y + size), fill=_HOUSE)


def _shown(material: str) -> tuple[int, int, int]:
    found = materials()[material]
    red, green, blue = (
        int(255 * min(1.0, part * _GAIN * 0.95) ** _GAMMA) for part in (found.red, found.green, found.blue)
    )
    return red, green, blue


def _draw_names(pen: "ImageDraw", country: Country, metre: float, shape: tuple[int, int]) -> None:
    """Towns, then villages where there is room for the words."""
    from PIL import ImageFont

    taken: list[tuple[float, float, float, float]] = []
    for kind, size in (("town", 19), ("village", 13)):
        font = ImageFont.truetype(str(_font()), size)
        for place in country.settlements:
            if place.kind != kind:
                continue
            ((x, y),) = _places(country, np.array([[place.east_m, place.north_m]]), metre)
            left, top, right, bottom = pen.textbbox((x + 7, y - size), printable(place.name), font=font)
            box = (left - 3.0, top - 2.0, right + 3.0, bottom + 2.0)
            outside = box[0] < 0 or box[1] < 0 or box[2] > shape[1] or box[3] > shape[0]
            if outside or any(_overlap(box, other) for other in taken):
                continue
            taken.append(box)
            pen.text(
                (x + 7, y - size),
                printable(place.name),
                font=font,
                fill=(32, 28, 24),
                stroke_width=2,
                stroke_fill=(244, 238, 226),
            )


def _overlap(one: tuple[float, float, float, float], two: tuple[float, float, float, float]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def _font() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
