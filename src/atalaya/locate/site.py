"""A site: a place that may be a facility, with what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

import numpy as np
from numpy.typing import NDArray

from atalaya.locate.judgement import Judgement
from atalaya.locate.scan import Scan

Floats = NDArray[np.float64]

TIME = -1_000_000_000
"""Number in a ledger that stands for time passing."""

MORE_LIKELY = 0.5
"""Share from which a tracklet is called the site's."""


@dataclass(frozen=True, slots=True, eq=False)
class BestLinks:
    """Of each scan the tracklet most likely a site's: scan (k,) rising, tracklet (k,), share (k,)."""

    scan: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    tracklet: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    share: Floats = field(default_factory=lambda: np.empty(0))

    def of(self, scan: int) -> tuple[int, float]:
        """Tracklet and share; (-1, 0) where the scan has none."""
        at = int(np.searchsorted(self.scan, scan))
        if at == len(self.scan) or self.scan[at] != scan:
            return -1, 0.0
        return int(self.tracklet[at]), float(self.share[at])


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What one look, or one review, did to a site.

    Args:
        scan: id of the scan; the verdict of a review; "" for time passing. t_us, sortie, sensor: of it; of a
            review, sensor is the reader. evidence: kind, "review" or "time".
        tracklet: id of the tracklet most likely the site's, "" for a look that spoke against it without one.
        share: that this tracklet is the site's, given that the site exists.
        chance: of the look there, at the reference hit rate.
        change: of the log-odds of "a facility is here"; all lines and the prior add up to the total.
        calibrated: whether the tracklet's evidence was calibrated; if not it counts as seen, no more.
    """

    scan: str
    t_us: int
    sortie: str
    evidence: str
    sensor: str
    tracklet: str
    share: float
    chance: float
    change: float
    calibrated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ledger(Sequence[LedgerLine]):
    """What every look, review and the passing of time did to a site, in order; lines are made when asked for.

    Args:
        look: (k,) number of the scan; -1 - number of a review; `TIME`. change, chance: (k,) of each.
        best: by number of the scan.
        scans, reviews: what the numbers stand for.
    """

    look: NDArray[np.int64]
    change: Floats
    chance: Floats
    best: BestLinks
    scans: Sequence[Scan]
    reviews: Mapping[int, Judgement]

    def __len__(self) -> int:
        return len(self.look)

    @overload
    def __getitem__(self, at: int) -> LedgerLine: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[LedgerLine, ...]: ...
    def __getitem__(self, at: int | slice) -> LedgerLine | tuple[LedgerLine, ...]:
        if isinstance(at, slice):
            return tuple(self[k] for k in range(*at.indices(len(self))))
        number, change, chance = int(self.look[at]), float(self.change[at]), float(self.chance[at])
        if number == TIME:
            return LedgerLine("", self.scans[-1].t_us, "", "time", "", "", 1.0, 1.0, change)
        if number < 0:
            one = self.reviews[-1 - number]
            return LedgerLine(one.verdict, one.t_us, "", "review", one.by, "", 1.0, 1.0, change)
        scan, (tracklet, share) = self.scans[number], self.best.of(number)
        # a look that speaks for the site saw something of it, even where several claims may be the one
        named = tracklet >= 0 and (share > MORE_LIKELY or change > 0.0)
        name = scan.tracklet[tracklet] if named else ""
        weighed = bool(name) and bool(scan.llr[tracklet] != 0.0)
        head = (scan.id, scan.t_us, scan.sortie, scan.evidence, scan.sensor, name)
        return LedgerLine(*head, share, chance, change, weighed)

    @property
    def total(self) -> float:
        """Of all changes: the log-odds after all looks less those before."""
        return float(self.change.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One site.

    Args:
        id: the same whenever the same evidence is worked through again.
        existence: probability that something stands there that gives tracklets.
        classes: probability of each of `model.CLASSES`, given that it exists.
        facility: probability that a facility is here: existence times its class.
        z_m: (2,) metres east, north in the frame of the area. lon_deg, lat_deg: of it.
        own_m2, shared_m2: (2, 2) covariance by errors of its own looks, and by errors of sorties.
        kinds: of evidence whose tracklets are more likely the site's than not.
        word: as ICD 203 has it, held to what `at_least_two_kinds` allows. confidence: low, moderate, high.
        capped: whether that rule lowered the word.
        looks, hits: scans that saw the place, and those with a tracklet of it. sorties: that saw it.
        first_us, last_us: of its hits.
        prior_log_odds: of "a facility is here", before all looks. ledger: what each look changed.
        ambiguous: whether the answer hangs on an association that could as well be otherwise.
        alternative: id of the site that shares the doubtful tracklets, "" for none.
        alternative_facility: probability if they were that site's.
        reviews: how many readers judged it.
    """

    id: str
    existence: float
    classes: tuple[float, ...]
    facility: float
    z_m: Floats
    lon_deg: float
    lat_deg: float
    own_m2: Floats
    shared_m2: Floats
    kinds: tuple[str, ...]
    word: str
    confidence: str
    capped: bool
    looks: int
    hits: int
    sorties: int
    first_us: int
    last_us: int
    prior_log_odds: float
    ledger: Ledger
    ambiguous: bool = False
    alternative: str = ""
    alternative_facility: float = float("nan")
    reviews: int = 0

    @property
    def covariance_m2(self) -> Floats:
        """(2, 2) of both parts."""
        return np.asarray(self.own_m2 + self.shared_m2)

    def ellipse(self) -> tuple[float, float, float]:
        """Half axes of the 90 % ellipse, metres, and azimuth of the longer, degrees from north."""
        from atalaya.earth.error.circular import CHI2_2_90, principal_axes

        major, minor, azimuth = principal_axes(self.covariance_m2)
        scale = CHI2_2_90**0.5
        return float(major) * scale, float(minor) * scale, float(azimuth)

    @property
    def ce90_m(self) -> float:
        """Radius of the circle that holds 90 %."""
        from atalaya.earth.error.circular import circular_error_m

        return float(circular_error_m(self.covariance_m2))
