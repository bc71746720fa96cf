"""Expanding square: from the datum outwards, legs S, S, 2S, 2S, 3S, 3S, ... with turns of 90 degrees.

IAMSAR Manual, vol. II ch. 5 and vol. III section 3 (paraphrased).
"""

from atalaya.base.errors import BadInput
from atalaya.plan.patterns.pattern import Pattern, positive, swept, walked


def expanding_square(
    spacing_m: float,
    legs: int,
    *,
    bearing_deg: float = 0.0,
    datum: tuple[float, float] = (0, 0),
    left: bool = False,
) -> Pattern:
    """A square spiral; leg k (from 1) is ceil(k / 2) spacings long.

    Args:
        spacing_m: track spacing S.
        legs: how many.
        bearing_deg: of the first leg, usually down-drift.
        datum: where it starts, metres.
        left: turn left instead of right.

    Raises:
        BadInput: COV-003.
    """
    positive("spacing_m", spacing_m)
    if legs < 1:
        raise BadInput("COV-003", name="legs", value=legs)
    turn = -90.0 if left else 90.0
    bearings = [bearing_deg + turn * k for k in range(legs)]
    return swept(walked(bearings, [spacing_m * (k // 2 + 1) for k in range(legs)], datum))
