"""A search problem as plain arrays: what is believed about the ground, where one may fly, who flies."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.sensing.search_map import SearchMap

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SearchSortie:
    """One flight to be planned, in the plane of the map.

    Args:
        start, end: (x, y), metres, east and north in the map's projection; to continue a flight, start is the
            next point the aircraft is already flying to.
        airspeed_ms: true airspeed.
        turn_radius_m: of a turn over the ground, at the strongest wind: (v + w)^2 / (g tan bank).
        endurance_s: seconds from start to end, reserve taken off; with a time window, no more than the
        window. sweep_m: sweep width W: flying a length L over a cell of area A gives coverage W L / A.
        wind_ms: (east, north), where the air moves to.
        label: a name for people.
    """

    start: Point
    end: Point
    airspeed_ms: float
    turn_radius_m: float
    endurance_s: float
    sweep_m: float
    wind_ms: Point = (0.0, 0.0)
    label: str = ""

    def checked(self, where: str) -> Self:
        """Itself.

        Raises:
            BadInput: SEA-002 a number that no flight can have, or wind as fast as the aircraft.
        """
        positive = (self.airspeed_ms, self.endurance_s)
        others = (*self.start, *self.end, *self.wind_ms, self.turn_radius_m, self.sweep_m)
        if not np.all(np.isfinite([*positive, *others])) or min(positive) <= 0:
            raise BadInput("SEA-002", where=where, detail="airspeed_ms, endurance_s")
        if self.turn_radius_m < 0 or self.sweep_m < 0:
            raise BadInput("SEA-002", where=where, detail="turn_radius_m, sweep_m")
        if np.hypot(*self.wind_ms) >= 0.9 * self.airspeed_ms:
            raise BadInput("SEA-002", where=where, detail="wind_ms")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class SearchProblem:
    """What is believed about the ground, where one may fly and look, and the flights there are.

    A facility in a cell that was flown over for lengths L_k by sorties of sweep width W_k is found with
    chance (1 - hidden) (1 - exp(-effectiveness sum_k W_k L_k / A)), A the area of the cell: the exponential
    law of search theory (Koopman), with the cap of the planning note for looks that are not independent.

    Args:
        rate: (rows, columns) float64, expected facilities not yet found; row 0 is the north edge.
        hidden: (rows, columns) float64 in [0, 1].
        cell_m: edge of a cell, metres.
        sorties: the flights, in the order in which their finds are credited.
        west_m, north_m: the map's north-west corner.
        flyable: (rows, columns) bool, cells that may be overflown; all by default.
        searchable: (rows, columns) bool, cells whose search is authorised: others earn nothing.
        effectiveness: (rows, columns) float64, factor on the coverage; 1 by default.
        outside: whether the ground beyond the map may be overflown (nothing is found there).
    """

    rate: Floats
    hidden: Floats
    cell_m: float
    sorties: tuple[SearchSortie, ...]
    west_m: float = 0.0
    north_m: float = 0.0
    flyable: Bools = field(default=None)  # type: ignore[arg-type]
    searchable: Bools = field(default=None)  # type: ignore[arg-type]
    effectiveness: Floats = field(default=None)  # type: ignore[arg-type]
    outside: bool = False

    def __post_init__(self) -> None:
        shape = np.shape(self.rate)
        for name, kind, usual in _ARRAYS:
            given = getattr(self, name)
            array = np.full(shape, usual) if given is None else np.ascontiguousarray(given, dtype=kind)
            object.__setattr__(self, name, array)
        self._check()

    def _check(self) -> None:
        for name, kind, _ in _ARRAYS:
            array = getattr(self, name)
            if array.ndim != 2 or array.shape != self.rate.shape or not array.size:
                raise BadInput("SEA-001", where=name, detail=f"shape {array.shape}")
            if kind is np.float64 and not (np.isfinite(array).all() and array.min() >= 0):
                raise BadInput("SEA-001", where=name, detail="negative or not finite")
        if self.hidden.max() > 1:
            raise BadInput("SEA-001", where="hidden", detail="> 1")
        if not (np.isfinite([self.cell_m, self.west_m, self.north_m]).all() and self.cell_m > 0):
            raise BadInput("SEA-001", where="cell_m", detail=f"{self.cell_m}")
        for k, sortie in enumerate(self.sorties):
            sortie.checked(f"sorties[{k}]")
            for name, place in (("start", sortie.start), ("end", sortie.end)):
                if not self.may_fly(place):
                    raise BadInput("SEA-003", where=f"sorties[{k}].{name}", place=place)

    @classmethod
    def of_map(cls, ground: SearchMap, sorties: tuple[SearchSortie, ...], **others: object) -> Self:
        """The problem of a search map; others as in the class."""
        west, _, _, north, _, _ = ground.post_affine
        return cls(
            ground.rate,
            ground.hidden,
            ground.cell_m,
            sorties,
            west_m=west,
            north_m=north,
            **others,  # type: ignore[arg-type]
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rate.shape[0], self.rate.shape[1]

    @property
    def worth(self) -> Floats:
        """(rows, columns): what endless search of a cell finds; 0 where it must not be searched or flown."""
        allowed = self.searchable & self.flyable & (self.effectiveness > 0)
        return np.where(allowed, self.rate * (1 - self.hidden), 0.0)

    def grid(self, places: Floats) -> Floats:
        """(n, 2) metres east and north to (n, 2) cells east and south of the north-west corner."""
        places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
        return np.column_stack((places[:, 0] - self.west_m, self.north_m - places[:, 1])) / self.cell_m

    def metres(self, grid: Floats) -> Floats:
        """The inverse of `grid`."""
        return np.column_stack(
            (self.west_m + grid[:, 0] * self.cell_m, self.north_m - grid[:, 1] * self.cell_m)
        )

    def may_fly(self, place: Point) -> bool:
        """Whether a point lies where one may fly."""
        u, v = self.grid(np.array([place]))[0]
        rows, columns = self.shape
        if 0 <= u <= columns and 0 <= v <= rows:
            return bool(self.flyable[min(int(v), rows - 1), min(int(u), columns - 1)])
        return self.outside


_ARRAYS = (
    ("rate", np.float64, 0.0),
    ("hidden", np.float64, 0.0),
    ("flyable", np.bool_, True),
    ("searchable", np.bool_, True),
    ("effectiveness", np.float64, 1.0),
)
