"""Kinds of relief: how high, how rough, how settled the made country is."""

from dataclasses import dataclass
from typing import Literal

from atalaya.base.errors import BadInput

ReliefName = Literal["mountain", "hill", "plain"]


@dataclass(frozen=True, slots=True)
class Relief:
    """A kind of relief.

    Args:
        mean_m, deviation_m: of the heights.
        steepest: rise per metre no slope exceeds.
        hill_m2: catchment below which ground is hillside rather than channel.
        floor_m: depth to which valleys of large streams are filled flat.
        towns, villages, farms: per 1000 square kilometres.
    """

    mean_m: float
    deviation_m: float
    steepest: float = 0.85
    hill_m2: float = 2.0e5
    floor_m: float = 26.0
    towns: float = 0.6
    villages: float = 13.0
    farms: float = 50.0


_NAMED: dict[str, Relief] = {
    "mountain": Relief(1500.0, 300.0),
    "hill": Relief(
        600.0, 80.0, steepest=0.6, hill_m2=1.5e5, floor_m=14.0, towns=1.0, villages=22.0, farms=90.0
    ),
    "plain": Relief(
        230.0, 12.0, steepest=0.3, hill_m2=3.0e5, floor_m=6.0, towns=0.9, villages=15.0, farms=70.0
    ),
}

_DEVIATIONS_M = (1.0, 1000.0)
_MEANS_M = (0.0, 5000.0)


def relief_of(relief: ReliefName | Relief) -> Relief:
    """A relief by its name, or the one given, checked.

    Raises:
        BadInput: CTY-003, no such name, or numbers no country has.
    """
    found = _NAMED.get(relief) if isinstance(relief, str) else relief
    if found is None:
        raise BadInput("CTY-003", where=str(relief), detail=", ".join(_NAMED))
    within = (
        _MEANS_M[0] <= found.mean_m <= _MEANS_M[1]
        and _DEVIATIONS_M[0] <= found.deviation_m <= _DEVIATIONS_M[1]
        and 0.05 <= found.steepest <= 2.0
        and 1e3 <= found.hill_m2 <= 1e7
        and 0.0 <= found.floor_m <= 100.0
        and all(0.0 <= number <= 2000.0 for number in (found.towns, found.villages, found.farms))
    )
    if not within:
        raise BadInput("CTY-003", where=str(found), detail=f"{_MEANS_M}, {_DEVIATIONS_M}")
    return found
