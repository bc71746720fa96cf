"""A campaign to rehearse that is small enough to fly for a test: half an hour, two clips of a second.

Not a test itself. One of its two areas lacks authorisation.
"""

from typing import Any

from tests.tiny_campaign import authorisation, box, platform, tiny

OPEN = box(-110.40, 31.035, -109.95, 31.30)
CLOSED = box(-110.24, 30.97, -110.14, 31.02)
FAULT = "absolute azimuth"


def small(**changes: Any) -> dict[str, Any]:
    """The campaign as the tables of its file; a change replaces a table whole."""
    whole = tiny(
        campaign={"name": "Small", "start": "2026-03-10T00:00:00Z", "seed": 5},
        terrain={"synthetic": "hill", "post_m": 90.0, "cover_m": 30.0},
        area=[
            {"name": "North", "expected": 1.0, "polygon": box(-110.24, 31.05, -110.14, 31.14)},
            {"name": "Closed", "expected": 1.0, "polygon": CLOSED},
        ],
        base=[{"name": "Strip", "lon_deg": -110.20, "lat_deg": 31.18, "height_msl_m": 1400.0}],
        platform=[platform(height_msl_m=2600.0, hours=0.5)],
        flight={"light": "day", "clearance_m": 150.0},
        authorisation=[
            authorisation(valid_from="2026-03-09T00:00:00Z", valid_to="2026-03-14T00:00:00Z", area=OPEN)
        ],
        rehearsal={
            "facilities": 1, "confusers": 1.0, "video_s": 2.0, "clip_s": 1.0, "width": 160, "height": 90,
            "rate_hz": 10.0, "packets_hz": 0.5, "errors": "turret-ins", "faults": [FAULT],
        },
    )  # fmt: skip
    return {**whole, **changes}
