"""What an account assumes; every threshold is here and is printed with the result."""

import math
from dataclasses import dataclass, field

from atalaya.base.errors import Usage
from atalaya.earth.track import IntegrityLimits


@dataclass(frozen=True)
class AccountOptions:
    """Assumptions of an account.

    states: codes of the areas to account for; () for every one the track may have touched
    gap_s: two fixes at most that far apart support the path between them; a longer step is a gap, where only
        the highest speed limits where the aircraft was
    speed_bound_mps: that highest speed; None for 1.1 times the largest believed ground speed of the track
    containment_m: position radius (95 %) for fixes whose source states none. 92.6 m is what 14 CFR 91.227
        asks of ADS-B (NACp 8); a platform's profile knows better
    prism_limit_s: a gap longer than this names no new State: it could have reached any
    depth_tolerance_m: the greatest depth is searched to within this
    limits: thresholds of position integrity
    """

    states: tuple[str, ...] = ()
    gap_s: float = 60.0
    speed_bound_mps: float | None = None
    containment_m: float = 92.6
    prism_limit_s: float = 3 * 3600.0
    depth_tolerance_m: float = 1.0
    limits: IntegrityLimits = field(default_factory=IntegrityLimits)

    def __post_init__(self) -> None:
        named = {
            "gap_s": self.gap_s,
            "containment_m": self.containment_m,
            "prism_limit_s": self.prism_limit_s,
            "depth_tolerance_m": self.depth_tolerance_m,
            "speed_bound_mps": 1.0 if self.speed_bound_mps is None else self.speed_bound_mps,
            "vmax_mps": self.limits.vmax_mps,
        }
        for name, value in named.items():
            if not 0.0 < value < math.inf:
                raise Usage("ACC-001", where=name, value=value)

    def as_json(self) -> dict[str, object]:
        """The assumptions as values."""
        return {
            "gap_s": self.gap_s,
            "containment_where_unstated_m": self.containment_m,
            "prism_limit_s": self.prism_limit_s,
            "depth_tolerance_m": self.depth_tolerance_m,
            "vmax_mps": self.limits.vmax_mps,
            "max_age_s": self.limits.max_age_s,
        }
