"""Figures of one track and one State: seconds inside, the deepest fix, altitudes."""

import math
from dataclasses import dataclass

from atalaya.base.clock import iso


@dataclass(frozen=True)
class Seconds:
    """Seconds inside the drawn line.

    supported: over steps between fixes inside that are short or hide no exit
    minimum, maximum: what the highest speed and the position radius leave open
    estimate: at constant speed along geodesics between fixes
    """

    supported: float
    minimum: float
    maximum: float
    estimate: float

    def as_json(self) -> dict[str, float]:
        """Rounded to milliseconds."""
        shown = {"supported": self.supported, "minimum": self.minimum, "maximum": self.maximum}
        return {name: round(value, 3) for name, value in {**shown, "estimate": self.estimate}.items()}


@dataclass(frozen=True)
class Deepest:
    """The fix farthest behind the line.

    depth_m: geodesic distance to the drawn line. t_us, lon_deg, lat_deg: where and when
    z: depth over the standard deviations of position and layer together; infinite or NaN for an unknown one
    """

    depth_m: float
    t_us: int
    lon_deg: float
    lat_deg: float
    z: float

    def as_json(self) -> dict[str, object]:
        """Rounded to decimetres."""
        return {
            "depth_m": round(self.depth_m, 1),
            "t": iso(self.t_us),
            "lon_deg": round(self.lon_deg, 6),
            "lat_deg": round(self.lat_deg, 6),
            "z": round(self.z, 2) if math.isfinite(self.z) else None,
        }


@dataclass(frozen=True)
class HeightBand:
    """Lowest and highest fix inside the drawn line, in one datum: "hae", "msl" or "pressure"."""

    datum: str
    lowest_m: float
    highest_m: float
    fixes: int

    def as_json(self) -> dict[str, object]:
        """Rounded to decimetres."""
        heights = {"lowest_m": round(self.lowest_m, 1), "highest_m": round(self.highest_m, 1)}
        return {"datum": self.datum, **heights, "fixes": self.fixes}
