"""A cube on disk: the recording, its geometry, its track, and the truth about every pixel."""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from atalaya.base.clock import iso
from atalaya.base.errors import BadInput
from atalaya.earth.camera import Pose
from atalaya.sim.camera_angles import camera_angles
from atalaya.sim.cube.cube_form import CubeFormat
from atalaya.sim.cube.envi import EnviWriter, HeaderValue
from atalaya.sim.cube.pixel_truth import PixelTruth
from atalaya.sim.cube.spectrometer import Lines, Spectrometer
from atalaya.sim.material import materials

_UNITS = {"radiance": "microwatts per square centimetre steradian nanometre", "reflectance": "1"}


@dataclass(frozen=True)
class CubeFile:
    """Files of one strip, all rasters ENVI by line, each with a `.hdr` beside it.

    cube: (lines, bands, columns) the recording
    track: Parquet, a row per line: t_us, position, and yaw, pitch, roll of the camera (forward axis)
    geometry: 3 bands: longitude, latitude, height above the ellipsoid of the middle of each pixel
    truth: bands named in its header: material seen most, its share, site, thing, kg/m2 of each gas
    shares: a band per material: samples of the pixel that see it, `samples` in all
    things: JSON: what the numbers of sites, things and materials mean
    """

    cube: Path
    track: Path
    geometry: Path
    truth: Path
    shares: Path
    things: Path
    lines: int
    columns: int
    bands: int
    samples: int
    form: CubeFormat


class Outputs:
    """Writers of all files of a strip.

    Args:
        stem: path without suffix. machine: what records. form: of the cube.
        stack: that closes the files.

    Raises:
        BadInput: CUB-006, a file cannot be written.
    """

    def __init__(self, stem: Path, machine: Spectrometer, form: CubeFormat, stack: ExitStack) -> None:
        self._stem, self._machine, self._form = stem, machine, form
        self._truth = PixelTruth(machine.scene, machine.country, machine.gases.gases)
        self._seen = False
        imager = machine.imager
        try:
            stem.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput("CUB-006", where=str(stem.parent), detail=str(error)) from error

        def writer(suffix: str, bands: int, kind: str, header: dict[str, HeaderValue]) -> EnviWriter:
            path = stem.with_name(stem.name + suffix)
            return stack.enter_context(EnviWriter(path, imager.columns, bands, kind, header))

        self._cube = writer("", imager.bands, form.kind, _cube_header(machine, form))
        geometry: dict[str, HeaderValue] = {
            "description": ("geometry of each pixel WGS 84 - heights above the ellipsoid",),
            "band names": ("longitude deg", "latitude deg", "height hae m"),
        }
        self._geometry = writer("_igm", 3, "float64", geometry)
        truth: dict[str, HeaderValue] = {
            "description": ("truth of each pixel - numbers are explained in the json beside it",),
            "band names": self._truth.bands,
        }
        self._pixels = writer("_truth", len(self._truth.bands), "float32", truth)
        names = sorted(materials(), key=lambda name: materials()[name].code)
        shares: dict[str, HeaderValue] = {
            "description": (f"samples of {machine.fine**2} that see each material",),
            "band names": tuple(names),
        }
        self._codes = np.array([materials()[name].code for name in names])
        self._shares = writer("_shares", len(names), "uint8", shares)

    def write(self, lines: Lines) -> None:
        """Append a block."""
        self._cube.write(lines.values)
        ground = lines.ground
        self._seen |= bool(np.isfinite(ground.slant_m).any())
        self._geometry.write(np.stack((ground.lon_deg, ground.lat_deg, ground.height_hae_m), axis=1))
        self._pixels.write(self._truth.of(lines))
        self._shares.write(self._counted(lines))

    def finished(self, told: Pose, t_us: NDArray[np.int64]) -> CubeFile:
        """Track and names; what was made.

        Raises:
            BadInput: CUB-007, no line saw the country.
        """
        if not self._seen:
            raise BadInput("CUB-007")
        track = self._stem.with_name(self._stem.name + "_track.parquet")
        things = self._stem.with_name(self._stem.name + "_truth.json")
        try:
            pq.write_table(_track_of(told, t_us), track)
            text = json.dumps(self._truth.names(), indent=1, ensure_ascii=False)
            things.write_text(text + "\n", encoding="utf-8", newline="\n")
        except OSError as error:
            raise BadInput("CUB-006", where=str(self._stem), detail=str(error)) from error
        imager = self._machine.imager
        return CubeFile(
            self._cube.path, track, self._geometry.path, self._pixels.path, self._shares.path, things,
            self._cube.lines, imager.columns, imager.bands, self._machine.fine**2, self._form,
        )  # fmt: skip

    def _counted(self, lines: Lines) -> NDArray[np.uint8]:
        """(l, materials, c) samples of each material."""
        count, columns, slots = lines.count.shape
        table = np.zeros((count, 256, columns), np.uint8)
        row, column = np.meshgrid(np.arange(count), np.arange(columns), indexing="ij")
        alive = np.ones((count, columns), bool)
        for slot in range(slots):
            # the list of a pixel ends at the first count of zero
            alive &= lines.count[..., slot] > 0
            table[row[alive], lines.material[..., slot][alive], column[alive]] = lines.count[..., slot][alive]
        return table[:, self._codes]


def _cube_header(machine: Spectrometer, form: CubeFormat) -> dict[str, HeaderValue]:
    imager = machine.imager
    nm = imager.wavelengths_nm
    red, green, blue = (int(np.abs(nm - middle).argmin()) + 1 for middle in (650.0, 550.0, 460.0))
    header: dict[str, HeaderValue] = {
        "description": (f"{form.quantity} of the digital range - synthetic",),
        "sensor type": imager.name,
        "acquisition time": iso(int(machine.strip.t_us[0])),
        "data units": _UNITS[form.quantity],
        "data ignore value": form.ignore,
        "default bands": (float(red), float(green), float(blue)),
        "wavelength units": "Nanometers",
        "wavelength": tuple(float(x) for x in nm),
        "fwhm": tuple(float(x) for x in imager.fwhm_nm),
        "bbl": tuple(float(x) for x in machine.atmosphere.usable),
    }
    if form.whole:
        header["data gain values"] = (1.0 / form.steps,) * imager.bands
        header["data offset values"] = (0.0,) * imager.bands
        # readers such as SPy divide by this, whatever the quantity
        header["reflectance scale factor"] = form.steps
    return header


def _track_of(poses: Pose, t_us: NDArray[np.int64]) -> pa.Table:
    lon, lat, height, yaw, pitch, roll = camera_angles(poses)
    return pa.table(
        {
            "line": np.arange(len(t_us)),
            "t_us": t_us.astype(np.int64),
            "lon_deg": lon,
            "lat_deg": lat,
            "height_hae_m": height,
            "camera_yaw_deg": yaw,
            "camera_pitch_deg": pitch,
            "camera_roll_deg": roll,
        }
    )
