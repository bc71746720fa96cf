"""What a report says: facts of one workspace, frozen; the page, and nothing else, turns them into words.

Everything but `header` may be empty: a workspace without sites, map, ledger or truth has a report too.
Positions are (longitude, latitude) in degrees, WGS 84.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding
from atalaya.law.ledger.completeness import Completeness
from atalaya.law.ledger.entry import LegalClass
from atalaya.locate.dossier import Dossier

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Header:
    """Which campaign, when, with what.

    Args:
        name, question: as the campaign file words them.
        workspace: name of the folder. version: of the program.
        first_t_us, last_t_us: first and last instant flown, microseconds UTC; None where nothing was flown.
        made_t_us: when the report was made; None leaves it out, and equal inputs give equal bytes.
        sorties: flights. flown_s: seconds in the air. area_km2: ground asked about; None where unknown.
        marking: shown above and below the page; "" for none.
        rehearsal: made on the digital range: nothing in it is real. seed: of the rehearsal.
    """

    name: str
    question: str = ""
    workspace: str = ""
    version: str = ""
    first_t_us: int | None = None
    last_t_us: int | None = None
    made_t_us: int | None = None
    sorties: int = 0
    flown_s: float | None = None
    area_km2: float | None = None
    marking: str = ""
    rehearsal: bool = False
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class SearchRasters:
    """The search map before and after the looks, on one grid.

    Args:
        before, after: (rows, columns) float64, expected undetected facilities per cell; row 0 is the north
            edge; NaN outside the area.
        looked: (rows, columns) bool, whether looks covered half of the cell or more.
        crs: of an equal-area projection in metres, as PROJ reads it.
        west_m, north_m: upper left corner. cell_m: edge of a cell.
        looked_km2: ground in the area that looks covered, where counted finer than by these cells.
    """

    before: Floats
    after: Floats
    looked: NDArray[np.bool_]
    crs: str
    west_m: float
    north_m: float
    cell_m: float
    looked_km2: float | None = None

    def __post_init__(self) -> None:
        same = self.before.ndim == 2 and self.before.shape == self.after.shape == self.looked.shape
        known = all(np.isfinite(each) for each in (self.west_m, self.north_m, self.cell_m))
        if not (same and known and self.cell_m > 0.0 and self.before.size):
            raise BadInput("RPT-008", what="search map")

    @property
    def expected_before(self) -> float:
        """Facilities expected before any look."""
        return float(np.nansum(self.before))

    @property
    def expected_after(self) -> float:
        """Facilities still expected, undetected."""
        return float(np.nansum(self.after))

    @property
    def looked_share(self) -> float:
        """Part of the ground asked about that some look covered."""
        inside = np.isfinite(self.before)
        if not inside.any():
            return 0.0
        if self.looked_km2 is None:
            return float(self.looked[inside].mean())
        return min(self.looked_km2 / (float(inside.sum()) * (self.cell_m / 1000.0) ** 2), 1.0)


@dataclass(frozen=True, slots=True)
class Area:
    """One ring of the ground asked about: (n, 2) float64."""

    name: str
    ring: Floats


@dataclass(frozen=True, slots=True)
class Track:
    """Where the aircraft of a sortie was: (n, 2) float64 in time order, NaN where unknown."""

    sortie: str
    lon_lat: Floats


@dataclass(frozen=True, slots=True)
class LookFootprint:
    """Ground one look covered: (n, 2) float64 ring; found: whether it saw something."""

    look: str
    sortie: str
    sensor: str
    ring: Floats
    found: bool


@dataclass(frozen=True, slots=True)
class SensorLooks:
    """Looks of one sensor, those that saw nothing counted too.

    Args:
        looks, empty: all, and without a find. unexamined: pictures a detector failed on: they lower nothing.
        covered_km2: ground covered, once. chance: median chance of detection. gsd_m: median; None unknown.
    """

    sensor: str
    looks: int
    empty: int
    unexamined: int = 0
    covered_km2: float | None = None
    chance: float | None = None
    gsd_m: float | None = None


@dataclass(frozen=True, slots=True)
class StateTime:
    """Time over one State, seconds: surely, and possibly or undetermined."""

    state: str
    certain_s: float
    doubtful_s: float


@dataclass(frozen=True, slots=True)
class LedgerBrief:
    """The overflight ledger in short.

    Args:
        seconds: by legal class, those without time left out. states: time over each State other than the own.
        verdict: whether the account is complete. refused: legs that law or policy refused before flight.
        log_size, log_root: entries of the tamper-evident log and its root hash (hex); 0 and "" for none.
    """

    sorties: int
    seconds: tuple[tuple[LegalClass, float], ...]
    states: tuple[StateTime, ...] = ()
    verdict: Completeness | None = None
    refused: int = 0
    log_size: int = 0
    log_root: str = ""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Sites of like probability: their mean probability, share of facilities among them, and how many."""

    mean: float
    share: float
    count: int


@dataclass(frozen=True, slots=True)
class TruthRow:
    """One true facility or look-alike, and what became of it.

    Args:
        id: of the truth. facility: False for a look-alike. site: id of the site found there; "" for none.
        offset_m: from truth to site. held: whether the truth lies in the site's 90 % ellipse.
    """

    id: str
    facility: bool
    site: str = ""
    offset_m: float | None = None
    held: bool | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The result held against the truth.

    Args:
        funnel: (stage, count) from all facilities down: there, covered, shown, detected, located, likely.
        false_sites: listed as likely or better where no facility is. searched_km2: ground they count on.
        brier, brier_base: of the list, and of its base rate alone. ece: expected calibration error.
        bins: reliability, by rising probability. rows: each truth.
    """

    funnel: tuple[tuple[str, int], ...]
    false_sites: int
    searched_km2: float | None = None
    brier: float | None = None
    brier_base: float | None = None
    ece: float | None = None
    bins: tuple[ReliabilityBin, ...] = ()
    rows: tuple[TruthRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page says.

    Args:
        sites: dossiers; listed by rank whatever their order here.
        findings: what a reader should know about the inputs. notes: sentences of the campaign, as they are.
    """

    header: Header
    sites: tuple[Dossier, ...] = ()
    search: SearchRasters | None = None
    areas: tuple[Area, ...] = ()
    tracks: tuple[Track, ...] = ()
    footprints: tuple[LookFootprint, ...] = ()
    looks: tuple[SensorLooks, ...] = ()
    ledger: LedgerBrief | None = None
    score: Score | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ranked(self) -> tuple[Dossier, ...]:
        """Sites by rank, then id."""
        return tuple(sorted(self.sites, key=lambda each: (each.rank, each.id)))
