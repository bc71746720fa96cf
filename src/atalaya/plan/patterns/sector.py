"""Sector search: three triangles through the datum, turns of 120 degrees, a second pass turned by 30 degrees.

IAMSAR Manual, vol. II ch. 5 and vol. III section 3 (paraphrased): all turns are 120 degrees to the right, and
each time the datum is crossed the course is held.
"""

from atalaya.base.errors import BadInput
from atalaya.plan.patterns.pattern import Pattern, positive, swept, walked

COURSES_DEG = (0, 120, 240, 240, 0, 120, 120, 240, 0)
SECOND_PASS_DEG = 30


def sector_search(
    radius_m: float, *, bearing_deg: float = 0.0, passes: int = 1, datum: tuple[float, float] = (0, 0)
) -> Pattern:
    """Nine legs of one radius each per pass; ends at the datum.

    Args:
        radius_m: of the circle.
        bearing_deg: of the first leg.
        passes: 1 or 2; the second starts 30 degrees to the right of the last leg of the first.
        datum: metres.

    Raises:
        BadInput: COV-003.
    """
    positive("radius_m", radius_m)
    if passes not in (1, 2):
        raise BadInput("COV-003", name="passes", value=passes)
    bearings = [bearing_deg + c + SECOND_PASS_DEG * k for k in range(passes) for c in COURSES_DEG]
    return swept(walked(bearings, [radius_m] * len(bearings), datum))
