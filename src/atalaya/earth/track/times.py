"""Times of foreign files: ISO 8601 texts and counts since 1970 whose unit is found, never guessed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from atalaya.base.clock import EARLIEST_US, EPOCH, LATEST_US
from atalaya.base.errors import BadInput

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

NO_TIME = np.iinfo(np.int64).min
"""Where a row has no readable time."""

US_PER_UNIT = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}


def unit_of(counts: Floats, where: str = "") -> str:
    """Whether counts since 1970 are seconds, milli-, micro- or nanoseconds.

    Between 1990 and 2100 the four ranges do not meet, so a count has one unit or none.

    Raises:
        BadInput: TRK-004, no unit puts the finite counts between 1990 and 2100, or not the same one.
    """
    finite = counts[np.isfinite(counts)]
    # the largest count any unit takes to an instant: far ones would only overflow
    near = np.clip(finite, -LATEST_US, LATEST_US * 1000.0)
    fits = {
        unit: int(((near * factor >= EARLIEST_US) & (near * factor < LATEST_US)).sum())
        for unit, factor in US_PER_UNIT.items()
    }
    found = [unit for unit, count in fits.items() if count]
    if len(found) != 1:
        shown = f"{finite[0]:.15g}" if len(finite) else "-"
        raise BadInput("TRK-004", where=where, value=shown, units=", ".join(found) or "-")
    return found[0]


def microseconds(counts: Floats, unit: str) -> Times:
    """(n,) int64 microseconds of counts in `unit`; `NO_TIME` for those not finite or beyond 1990..2100."""
    scaled = np.clip(counts, -LATEST_US, LATEST_US * 1000.0) * US_PER_UNIT[unit]
    usable = (scaled >= EARLIEST_US) & (scaled < LATEST_US)  # False for NaN
    return np.where(usable, np.rint(np.where(usable, scaled, 0.0)), NO_TIME).astype(np.int64)


def iso_microseconds(texts: Iterable[str | None], *, utc: bool = False, where: str = "") -> Times:
    """(n,) int64 microseconds of ISO 8601 texts; `NO_TIME` for those that cannot be read.

    Args:
        utc: texts without a zone are UTC, because the column's name or the caller says so.

    Raises:
        BadInput: TRK-005, a text has no zone and nobody says that it is UTC.
    """
    made = []
    for text in texts:
        moment = _moment(text)
        if moment is None:
            made.append(NO_TIME)
            continue
        if moment.tzinfo is None:
            if not utc:
                raise BadInput("TRK-005", where=where, value=text)
            moment = moment.replace(tzinfo=UTC)
        made.append((moment - EPOCH) // timedelta(microseconds=1))
    return np.array(made, np.int64)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None
