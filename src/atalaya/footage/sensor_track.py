"""Where the sensor was and where it says it looked, one row per metadata packet, as arrays."""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.earth import HeightDatum

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SensorTrack:
    """Metadata of one recording in the terms of geometry, whichever standard it came in.

    Every array has n rows in order of the packets; NaN where the packet does not say. Angles are degrees,
    lengths metres, positions WGS 84. `sensor_height_m` and `centre_height_m` are in the datum named beside
    them ("msl" EGM96 orthometric, "hae" ellipsoidal).

        t_us: (n,) int64, microseconds since 1970 UTC
        corner_lon_deg, corner_lat_deg: (n, 4), upper left, upper right, lower right, lower left
    """

    t_us: NDArray[np.int64]
    sensor_lon_deg: Floats
    sensor_lat_deg: Floats
    sensor_height_m: Floats
    heading_true_deg: Floats
    pitch_deg: Floats
    roll_deg: Floats
    rel_azimuth_deg: Floats
    rel_elevation_deg: Floats
    rel_roll_deg: Floats
    hfov_deg: Floats
    vfov_deg: Floats
    slant_m: Floats
    ground_width_m: Floats
    centre_lon_deg: Floats
    centre_lat_deg: Floats
    centre_height_m: Floats
    corner_lon_deg: Floats
    corner_lat_deg: Floats
    ce90_m: Floats
    le90_m: Floats
    sensor_height_datum: HeightDatum = "msl"
    centre_height_datum: HeightDatum = "msl"
    standard: str = "ST 0601"
    corner_source: Literal["full", "offset", "none"] = "none"

    def __len__(self) -> int:
        return len(self.t_us)

    def take(self, rows: NDArray[np.intp]) -> "SensorTrack":
        """The track of some rows (-1 gives an empty row: NaN and time 0)."""
        missing = rows < 0
        chosen: dict[str, object] = {}
        for spec in fields(self):
            value = getattr(self, spec.name)
            if not isinstance(value, np.ndarray):
                chosen[spec.name] = value
                continue
            empty = np.zeros((len(rows), *value.shape[1:]), value.dtype)
            picked = value[rows] if len(value) else empty
            picked[missing] = 0 if spec.name == "t_us" else np.nan
            chosen[spec.name] = picked
        return SensorTrack(**chosen)  # type: ignore[arg-type]
