"""What the coding of ST 0601 rounds away: 16-bit heights and angles carry less than the sensors know."""

from collections.abc import Collection
from dataclasses import replace

from atalaya.earth.error import ErrorBudget

STEPS = {
    5: ("quantised_heading_deg", 360.0 / 65535.0),
    6: ("quantised_pitch_deg", 40.0 / 65534.0),
    7: ("quantised_roll_deg", 100.0 / 65534.0),
    15: ("quantised_position_up_m", 19900.0 / 65535.0),
    75: ("quantised_position_up_m", 19900.0 / 65535.0),
}
"""Size of one step by tag (ST 0601.19, items 5, 6, 7, 15, 75)."""

FINER = {6: 90, 7: 91, 15: 104, 75: 104}
"""Items that say the same in more bits: with them present the coarse one is not used."""

_STEP_TO_SIGMA = 12.0**-0.5


def with_rounding(budget: ErrorBudget, tags: Collection[int]) -> ErrorBudget:
    """The budget with the rounding of the items a packet carries.

    Args:
        tags: items of ST 0601 present in it.
    """
    found = {
        name: step * _STEP_TO_SIGMA
        for tag, (name, step) in STEPS.items()
        if tag in tags and FINER.get(tag) not in tags
    }
    return replace(budget, **found)  # type: ignore[arg-type]
