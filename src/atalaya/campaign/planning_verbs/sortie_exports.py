"""Sorties of a written plan, exported again with the fence they were planned with."""

import re
from pathlib import Path

import numpy as np

from atalaya.campaign.planning.plan_read import ReadSortie
from atalaya.earth.geoid import converted_height_m
from atalaya.earth.surface import Surface
from atalaya.plan.exports import Exported, Mission, MissionOptions, export, mission_of
from atalaya.plan.exports.formats import format_named
from atalaya.plan.exports.heights import Ground


def export_sortie(found: ReadSortie, folder: Path, name: str, options: MissionOptions) -> Exported:
    """Write one sortie in one format, read again and compared.

    Raises:
        Usage: XPT-008, no such format; XPT-027, a flight plan needs what only `atalaya plan` is told.
        BadInput, DatumError, VerificationFailed, AtalayaError: XPT-0xx.
    """
    chosen = format_named(Path("-"), name)
    suffix = ".fpl" if chosen is None else chosen.suffixes[0]
    word = re.sub(r"[^\w.-]+", "-", found.sortie.id)
    path = folder / f"{word}{suffix}"
    return export(found.sortie, path, format=name, home=found.home, fence=found.fence, options=options)


def mission_for(found: ReadSortie, options: MissionOptions) -> Mission:
    """One sortie as a vehicle is told it.

    Raises:
        BadInput, DatumError: XPT-0xx.
    """
    return mission_of(found.sortie, found.home, fence=found.fence, options=options)


def ground_of(terrain: Surface) -> Ground:
    """Height of the ground above mean sea level at a place; NaN where the model knows none."""

    def height(lon_deg: float, lat_deg: float) -> float:
        lon, lat = np.array([lon_deg]), np.array([lat_deg])
        return float(converted_height_m(terrain.height_hae_m(lon, lat), lon, lat, have="hae", want="msl")[0])

    return height
