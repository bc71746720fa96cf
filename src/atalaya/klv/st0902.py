"""ST 0902, the minimum metadata set: what every motion imagery stream must say at least every 30 seconds."""

from typing import Final

HOLD_US: Final = 30_000_000
"""An item that does not change must be repeated, and may be held, that long (ST 0902, report on change)."""

MINIMUM: Final[tuple[tuple[int, ...], ...]] = (
    (1,),
    (2,),
    (3,),
    (5,),
    (6, 90),
    (7, 91),
    (10,),
    (11,),
    (12,),
    (13,),
    (14,),
    (15, 75, 104),
    (16,),
    (17,),
    (18,),
    (19,),
    (20,),
    (21,),
    (22, 96),
    (23,),
    (24,),
    (25, 78),
    (48,),
    (65,),
)
"""Tags of ST 0601; of those joined in one row, one is enough."""

SECURITY: Final = (1, 2, 3, 12, 13, 22)
"""Tags of ST 0102 that tag 48 must hold; 4, 5 and 6 only where such markings apply."""

MINIMUM_TAGS: Final = frozenset(tag for row in MINIMUM for tag in row)
