"""Rows of many aircraft on their way to tracks: numbers in flat arrays, 80 bytes a fix, one set per
aircraft."""

from array import array
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding, Severity
from atalaya.earth.track.containment import containment_from_nacp, containment_from_nic
from atalaya.earth.track.doubts import doubts, refuse_exchanged
from atalaya.earth.track.times import NO_TIME, microseconds, unit_of
from atalaya.earth.track.track import Track, track_of

Floats = NDArray[np.float64]

NUMBERS = (
    *("t", "lon_deg", "lat_deg", "height_hae_m", "height_msl_m", "height_pressure_m", "ground_speed_mps"),
    *("on_ground", "position_age_s", "last_position", "containment_m", "nac_p", "nic"),
)
"""What a row may hold; `t` and `last_position` are counts of one unit."""

_AGES_S = 7 * 86400.0
"""An age beyond a week is a broken clock, not an age."""


@dataclass
class _Rows:
    columns: dict[str, "array[float]"] = field(default_factory=dict)
    count: int = 0
    callsigns: dict[str, None] = field(default_factory=dict)

    def column(self, name: str) -> Floats | None:
        held = self.columns.get(name)
        if held is None:
            return None
        self._fill(held)
        return np.frombuffer(held, np.float64)

    def add(self, name: str, values: Floats) -> None:
        held = self.columns.setdefault(name, array("d"))
        self._fill(held)
        held.frombytes(np.ascontiguousarray(values, np.float64).tobytes())

    def _fill(self, held: "array[float]") -> None:
        missing = self.count - len(held)
        if missing > 0:
            held.frombytes(np.full(missing, np.nan).tobytes())


class Collector:
    """Takes blocks of rows, gives tracks.

    Args:
        source: file name. sha256: of its bytes. format: what it is.
        unit: of `t` and `last_position` ("s", "ms", "us", "ns"); None to find it from the counts.
    """

    def __init__(self, source: str, sha256: str, format: str, unit: str | None = None) -> None:  # noqa: A002
        self.source, self.sha256, self.format = source, sha256, format
        self.unit = unit
        self.bad: Counter[str] = Counter()
        self.notes: list[Finding] = []
        self.columns: dict[str, str] = {}
        self._rows: dict[str, _Rows] = {}

    def add(self, aircraft: str, columns: dict[str, Floats]) -> None:
        """Append rows of one aircraft: arrays of one length by name of `NUMBERS`."""
        rows = self._rows.setdefault(aircraft, _Rows())
        for name, values in columns.items():
            rows.add(name, values)
        rows.count += len(columns["t"])

    def split(
        self, aircraft: NDArray[np.str_], callsign: NDArray[np.str_], columns: dict[str, Floats]
    ) -> None:
        """Append rows of several aircraft, told apart by `aircraft` (n,)."""
        names, place = np.unique(aircraft, return_inverse=True)
        for number, name in enumerate(names):
            mine = place == number if len(names) > 1 else slice(None)
            rows = {key: values[mine] for key, values in columns.items()}
            self.add(str(name), rows)
            heard = self._rows[str(name)].callsigns
            heard.update(dict.fromkeys(str(word) for word in np.unique(callsign[mine]) if word))

    def heard(self, aircraft: str, callsign: str) -> None:
        """Remember a call sign."""
        if callsign:
            self._rows[aircraft].callsigns.setdefault(callsign)

    @property
    def filled(self) -> bool:
        """Whether any row has come in."""
        return bool(self._rows)

    def reject(self, why: str, count: int = 1) -> None:
        """Count rows that could not be read."""
        if count:
            self.bad[why] += count

    def tracks(self) -> list[Track]:
        """One track per aircraft, those of one file with the same findings about it.

        Raises:
            BadInput: TRK-002, no row had a time and a place; TRK-004, the unit of time is not clear; TRK-017,
            longitude and latitude are exchanged.
        """
        notes = list(self.notes)
        notes += [
            Finding("TRK-011", Severity.WARNING, n, self.source, {"detail": w}) for w, n in self.bad.items()
        ]
        if self.unit == "iso":  # already counted in microseconds
            self.unit = "us"
        if self.unit is None and self._rows:
            self.unit = self._unit()
        refuse_exchanged(
            ((rows.column("lon_deg"), rows.column("lat_deg")) for rows in self._rows.values()), self.source
        )
        made = []
        for aircraft, rows in self._rows.items():
            try:
                made.append(self._track(aircraft, rows, notes))
            except BadInput as error:
                if error.code != "TRK-002":
                    raise
        if not made:
            raise BadInput("TRK-002", where=self.source)
        return made

    def _unit(self) -> str:
        samples = [rows.column("t") for rows in self._rows.values()]
        return unit_of(np.concatenate([part for part in samples if part is not None]), self.source)

    def _track(self, aircraft: str, rows: _Rows, notes: list[Finding]) -> Track:
        assert self.unit is not None
        counts = rows.column("t")
        assert counts is not None
        t_us = microseconds(counts, self.unit)
        ground = rows.column("on_ground")
        track = track_of(
            t_us,
            _or_nan(rows.column("lon_deg"), rows.count),
            _or_nan(rows.column("lat_deg"), rows.count),
            aircraft=aircraft,
            height_hae_m=rows.column("height_hae_m"),
            height_msl_m=rows.column("height_msl_m"),
            height_pressure_m=rows.column("height_pressure_m"),
            ground_speed_mps=rows.column("ground_speed_mps"),
            on_ground=None if ground is None else ground == 1.0,
            position_age_s=self._age_s(rows, t_us),
            containment_m=_containment(rows),
            callsigns=tuple(rows.callsigns),
            source=self.source,
            sha256=self.sha256,
            format=self.format,
            findings=notes,
            columns=self.columns,
        )
        return replace(track, findings=(*track.findings, *doubts(track)))

    def _age_s(self, rows: _Rows, t_us: NDArray[np.int64]) -> Floats | None:
        stated, last = rows.column("position_age_s"), rows.column("last_position")
        if last is None:
            return stated
        assert self.unit is not None
        last_us = microseconds(last, self.unit)
        both = (t_us != NO_TIME) & (last_us != NO_TIME)
        age = np.where(both, np.where(both, t_us - last_us, 0) / 1e6, np.nan)
        age = np.where((age >= -1.0) & (age < _AGES_S), np.maximum(age, 0.0), np.nan)
        return age if stated is None else np.where(np.isfinite(stated), stated, age)


def _or_nan(values: Floats | None, count: int) -> Floats:
    return np.full(count, np.nan) if values is None else values


def _containment(rows: _Rows) -> Floats | None:
    """The accuracy category where there is one, else a radius as stated, else the integrity category."""
    found: Floats | None = None
    for name, convert in (
        ("nac_p", containment_from_nacp),
        ("containment_m", None),
        ("nic", containment_from_nic),
    ):
        values = rows.column(name)
        if values is None:
            continue
        metres = values if convert is None else convert(values)
        metres = np.where(metres > 0.0, metres, np.nan)
        found = metres if found is None else np.where(np.isfinite(found), found, metres)
    return found
