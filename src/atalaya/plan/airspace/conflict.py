"""What stands against a flight: which leg, which rule, from where to where, when, by how much."""

from dataclasses import dataclass
from enum import StrEnum

from atalaya.base.clock import iso
from atalaya.base.language import figure, say


class ConflictTerm(StrEnum):
    """The rule a stretch of a flight does not keep."""

    KEEP_OUT = "keep_out"
    KEEP_IN = "keep_in"
    TERRAIN = "terrain"
    TERRAIN_UNKNOWN = "terrain_unknown"
    FUEL = "fuel"
    CEILING = "ceiling"
    WINDOW = "window"
    WIND = "wind"


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when. t_us: microseconds UTC; height_msl_m: metres, EGM96."""

    t_us: int
    lon_deg: float
    lat_deg: float
    height_msl_m: float

    def as_json(self) -> dict[str, object]:
        """As it stands in `--json`."""
        return {
            "time": iso(self.t_us),
            "lon_deg": round(self.lon_deg, 7),
            "lat_deg": round(self.lat_deg, 7),
            "height_msl_m": round(self.height_msl_m, 1),
        }


@dataclass(frozen=True, slots=True)
class Conflict:
    """One stretch of one leg that does not keep one rule.

    Args:
        term: the rule.
        leg: index of the waypoint the leg starts at.
        subject: name of the volume or window; "" where the rule has none.
        start, end: of the stretch.
        least: what was found: the least distance to the volume's border (negative inside a keep-out or
            outside of a keep-in) or least clearance, metres; fuel left at the end, in the tank's unit;
            greatest height or metres above a ceiling; 0 for a window.
        asked: what it should be at least (at most, for a ceiling), in the same unit.
        unit: of both.
    """

    term: ConflictTerm
    leg: int
    subject: str
    start: Place
    end: Place
    least: float
    asked: float
    unit: str = "m"

    @property
    def message(self) -> str:
        """One sentence in the reader's language."""
        return say(
            f"flight.conflict.{self.term}",
            leg=self.leg,
            subject=self.subject,
            start=iso(self.start.t_us)[:19] + "Z",
            end=iso(self.end.t_us)[:19] + "Z",
            lat=f"{self.start.lat_deg:.5f}",
            lon=f"{self.start.lon_deg:.5f}",
            least=figure(self.least),
            asked=figure(self.asked),
            unit=self.unit,
        )

    def as_json(self) -> dict[str, object]:
        """As it stands in `--json`."""
        return {
            "term": str(self.term),
            "leg": self.leg,
            "subject": self.subject,
            "from": self.start.as_json(),
            "to": self.end.as_json(),
            "least": round(self.least, 2),
            "asked": round(self.asked, 2),
            "unit": self.unit,
            "message": self.message,
        }
