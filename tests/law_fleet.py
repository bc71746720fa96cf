"""700 sorties of seven aircraft, and what others counted of them."""

from typing import Any

import numpy as np

from atalaya.law.ledger.completeness import CounterTotal, ListedSortie
from tests.law_facts import at

HOUR_US = 3_600_000_000
START_US = at("00:00", "2025-01-01")


def fleet(airframes: int = 7, each: int = 100) -> tuple[list[ListedSortie], list[CounterTotal]]:
    """700 sorties of 7 aircraft, with a launch log and an hour meter (tenths) that somebody else keeps."""
    rng = np.random.default_rng(3)
    sorties, counters = [], []
    for name in (f"X{n}" for n in range(airframes)):
        own = []
        for number in range(1, each + 1):
            start = START_US + number * 30 * HOUR_US
            seconds = float(rng.integers(1800, 20 * 3600))
            own.append(
                ListedSortie(name, number, True, start, start + round(seconds * 1e6), seconds, seconds / 2)
            )
        end_us = START_US + (each + 2) * 30 * HOUR_US
        hours = round(sum(s.flight_s or 0 for s in own) / 360) * 360.0
        common: dict[str, Any] = {
            "airframe": name,
            "start_us": START_US,
            "end_us": end_us,
            "kept_by": "base",
            "independent": True,
        }
        counters += [
            CounterTotal(**common, counts="sorties", value=each, resolution=0, record=f"counter/{name}/log"),
            CounterTotal(
                **common, counts="flight_s", value=hours, resolution=360, record=f"counter/{name}/meter"
            ),
        ]
        sorties += own
    return sorties, counters
