"""Track: where one aircraft was, fix by fix, with how well that is known. Nothing is ever deleted from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atalaya.base.clock import EARLIEST_US, LATEST_US
from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Track:
    """Fixes of one aircraft in order of time, as its source gave them.

    aircraft: ICAO address, tail number or call sign; "" where the source names none
    t_us: (n,) int64, UTC microseconds of each record, ascending, repeats allowed
    lon_deg, lat_deg: (n,) WGS 84; may be NaN or impossible, which `integrity_of` flags
    height_hae_m: (n,) above the ellipsoid (geometric); NaN where absent
    height_msl_m: (n,) above mean sea level; NaN where absent
    height_pressure_m: (n,) pressure altitude over 1013.25 hPa (QNE); NaN where absent
    ground_speed_mps: (n,) as the aircraft or tracker states it; NaN where absent
    on_ground: (n,) bool, stated to be on the ground
    position_age_s: (n,) how old the position was when recorded; NaN where the source does not say
    containment_m: (n,) radius that holds the true position in 95 % of cases; NaN where unknown, never 0
        for it
    callsigns: call signs heard with it, in order of appearance
    source: file name or other origin. sha256: of its bytes, "" where there is no file. format: what it was
    findings: what its reader should know
    columns: field -> column of the source it was read from, where the source has named columns

    The three heights have different datums and are never mixed or converted here.
    """

    aircraft: str
    t_us: Times
    lon_deg: Floats
    lat_deg: Floats
    height_hae_m: Floats
    height_msl_m: Floats
    height_pressure_m: Floats
    ground_speed_mps: Floats
    on_ground: Bools
    position_age_s: Floats
    containment_m: Floats
    callsigns: tuple[str, ...] = ()
    source: str = ""
    sha256: str = ""
    format: str = ""
    findings: tuple[Finding, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.t_us)

    @property
    def fix_t_us(self) -> Times:
        """(n,) when each position was true: its record's time less its age, where the age is known."""
        age = self.position_age_s
        if not len(age) or age.strides == (0,):
            return self.t_us
        age_us = np.where(np.isfinite(age), age * 1e6, 0.0)
        return self.t_us - np.rint(age_us).astype(np.int64)

    def rows(self, keep: NDArray[np.intp] | Bools | slice) -> "Track":
        """The same track with only some of its rows."""
        arrays = {name: getattr(self, name)[keep] for name in ARRAYS}
        return replace(self, **arrays)

    def with_containment(self, default_m: float) -> "Track":
        """The same track with `default_m` where the source states no position error (a profile's figure)."""
        known = np.isfinite(self.containment_m)
        return replace(self, containment_m=np.where(known, self.containment_m, default_m))

    def split(self, longest_gap_s: float) -> "list[Track]":
        """The track cut where nothing was recorded for longer than `longest_gap_s`: one track per sortie."""
        cuts = np.flatnonzero(np.diff(self.t_us) > longest_gap_s * 1e6) + 1
        if not len(cuts):
            return [self]
        edges = [0, *cuts.tolist(), len(self)]
        return [self.rows(slice(a, b)) for a, b in pairwise(edges)]


ARRAYS = tuple(f.name for f in fields(Track) if f.type in (Times, Floats, Bools))


def track_of(
    t_us: ArrayLike,
    lon_deg: ArrayLike,
    lat_deg: ArrayLike,
    *,
    aircraft: str = "",
    height_hae_m: ArrayLike | None = None,
    height_msl_m: ArrayLike | None = None,
    height_pressure_m: ArrayLike | None = None,
    ground_speed_mps: ArrayLike | None = None,
    on_ground: ArrayLike | None = None,
    position_age_s: ArrayLike | None = None,
    containment_m: ArrayLike | None = None,
    callsigns: Sequence[str] = (),
    source: str = "",
    sha256: str = "",
    format: str = "arrays",  # noqa: A002  the field's name
    findings: Sequence[Finding] = (),
    columns: Mapping[str, str] | None = None,
) -> Track:
    """A track from plain arrays: KLV sensor positions, a simulation, another program's columns.

    Args: (n,) arrays as in `Track`; those left out are unknown. `height_*`, speed, age and containment may
        hold NaN, also infinite or negative values, which become NaN.

    Returns:
        Rows in order of time (sorted, with finding TRK-012, where they were not); rows without a time between
        1990 and 2100 are left out and counted (TRK-013), since they belong nowhere.

    Raises:
        BadInput: TRK-001, arrays of different lengths or of more than one dimension; TRK-002, no row is left.
    """
    given = {
        "height_hae_m": height_hae_m,
        "height_msl_m": height_msl_m,
        "height_pressure_m": height_pressure_m,
        "ground_speed_mps": ground_speed_mps,
        "position_age_s": position_age_s,
        "containment_m": containment_m,
    }
    times = np.asarray(t_us, np.int64)
    count = times.size
    arrays: dict[str, NDArray[Any]] = {
        "t_us": times,
        "lon_deg": np.asarray(lon_deg, np.float64),
        "lat_deg": np.asarray(lat_deg, np.float64),
        "on_ground": _absent(False, count) if on_ground is None else np.asarray(on_ground, np.bool_),
    }
    arrays |= {name: _known(name, values, count) for name, values in given.items()}
    for name, values in arrays.items():
        if values.shape != (count,) or times.ndim != 1:
            raise BadInput("TRK-001", where=source, column=name)
    made, notes = _in_order(arrays, source)
    return Track(
        aircraft=aircraft,
        callsigns=tuple(dict.fromkeys(callsigns)),
        source=source,
        sha256=sha256,
        format=format,
        findings=(*findings, *notes),
        columns=dict(columns or {}),
        **made,
    )


def _known(name: str, values: ArrayLike | None, count: int) -> Floats:
    if values is None:
        return _absent(np.nan, count)
    numbers = np.asarray(values, np.float64)
    usable = np.isfinite(numbers)
    if name == "containment_m":
        usable &= numbers > 0.0
    elif not name.startswith("height"):
        usable &= numbers >= 0.0
    return numbers if usable.all() else np.where(usable, numbers, np.nan)


def _absent(value: float | bool, count: int) -> NDArray[np.float64]:
    """One value seen n times: an absent column costs no memory."""
    made: NDArray[np.float64] = np.broadcast_to(np.asarray(value), (count,))
    return made


def _in_order(arrays: dict[str, NDArray[Any]], source: str) -> tuple[dict[str, NDArray[Any]], list[Finding]]:
    times = arrays["t_us"]
    notes = []
    timed = (times >= EARLIEST_US) & (times < LATEST_US)
    if not timed.all():
        notes.append(Finding("TRK-013", Severity.WARNING, int((~timed).sum()), where=source))
        arrays = {name: values[timed] for name, values in arrays.items()}
        times = arrays["t_us"]
    if not len(times):
        raise BadInput("TRK-002", where=source)
    backwards = int((np.diff(times) < 0).sum())
    if backwards:
        order = np.argsort(times, kind="stable")
        arrays = {name: values[order] for name, values in arrays.items()}
        notes.append(Finding("TRK-012", Severity.INFO, backwards, where=source))
    return arrays, notes
