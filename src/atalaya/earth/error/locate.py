"""Lines of sight to ground points with their error."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atalaya.base.errors import BadInput
from atalaya.earth.error import single
from atalaya.earth.error.budget import TERMS, ErrorBudget
from atalaya.earth.error.cloud import Anchors, anchors
from atalaya.earth.error.draws import DEFAULT_SAMPLES, Draws, draw
from atalaya.earth.error.effects import effect_map
from atalaya.earth.error.estimate import Estimate, ground_points, nothing_known
from atalaya.earth.error.first_order import jacobian
from atalaya.earth.error.ground_point import GroundPoints, Method, joined
from atalaya.earth.error.looks import Looks
from atalaya.earth.error.monte_carlo import monte_carlo
from atalaya.earth.surface import Surface

Floats = NDArray[np.float64]
MethodName = Literal["auto", "monte-carlo", "unscented", "first-order"]

CHECK_RAYS = 20
"""Rays that must fall where the Jacobian says before it is believed."""

BLOCK_RAYS = 100_000
"""Rays worked on at once: with the next, bounds the memory of a day's flight."""

BLOCK_LOOKS = 4096
"""Looks worked on at once."""


def locate(
    surface: Surface,
    looks: Looks,
    budget: ErrorBudget | Sequence[ErrorBudget],
    *,
    rng: np.random.Generator | None = None,
    draws: Draws | None = None,
    method: MethodName = "auto",
    samples: int = DEFAULT_SAMPLES,
) -> GroundPoints:
    """Where n lines of sight meet the ground, each with an error whose 90 % region holds 90 % of the truths.

    All looks are disturbed by the same draws: what their sortie shares stays shared (`shared_factor`).

    Args:
        surface: the ground.
        budget: one for all looks, or one each.
        rng: source of the draws; or `draws` made before (a live feed makes them once).
        method: "monte-carlo" casts all draws; "first-order" takes the Jacobian unasked; "unscented" six
            rays; "auto" takes the Jacobian where 20 real rays agree with it and all draws elsewhere. A
            method that cannot answer for a look (nothing met, rays lost) gives way to "monte-carlo" there.

    Raises:
        BadInput: EAR-064, not one budget and not one per look; EAR-065, neither rng nor draws; EAR-063, too
            few samples.
    """
    budgets = [budget] if isinstance(budget, ErrorBudget) else list(budget)
    if len(budgets) not in (1, len(looks)):
        raise BadInput("EAR-064", budgets=len(budgets), looks=len(looks))
    if draws is None:
        if rng is None:
            raise BadInput("EAR-065")
        draws = draw(rng, samples)
    starts = range(0, max(len(looks), 1), BLOCK_LOOKS)
    blocks = [
        _block(surface, looks, budgets, draws, method, np.arange(start, min(start + BLOCK_LOOKS, len(looks))))
        for start in starts
    ]
    return joined(blocks)


def _block(
    surface: Surface,
    looks: Looks,
    budgets: list[ErrorBudget],
    draws: Draws,
    method: MethodName,
    rows: NDArray[np.intp],
) -> GroundPoints:
    some = looks.take(rows)
    mine = budgets if len(budgets) == 1 else [budgets[row] for row in rows]
    named = {name for one in {id(one): one for one in mine}.values() for name in one.assumed}
    effects = effect_map(some, mine)
    anchor = anchors(surface, some)
    found = nothing_known(len(some))
    left = np.arange(len(some))
    if method != "monte-carlo":
        left = _by_one_gaussian(surface, some, anchor, effects, draws, method, found)
    anchor = _by_cloud(surface, some, anchor, effects, draws, left, found)
    return ground_points(anchor, found, tuple(name for name in TERMS if name in named))


def _by_one_gaussian(
    surface: Surface,
    looks: Looks,
    anchor: Anchors,
    effects: Floats,
    draws: Draws,
    method: MethodName,
    found: Estimate,
) -> NDArray[np.intp]:
    """Fill in the rows one Gaussian can answer; returns the others."""
    moves = jacobian(surface, looks, anchor, effects)
    usable = np.asarray(np.all(np.isfinite(moves), axis=(1, 2)), np.bool_)
    rows = np.flatnonzero(usable)
    some, there, turns = looks.take(rows), anchor.take(rows), effects[rows]
    if method == "unscented":
        gaussian, holds = single.unscented(surface, some, there, moves[rows], turns)
        kind = Method.UNSCENTED
    else:
        gaussian, kind = single.first_order(some, there, moves[rows], turns), Method.FIRST_ORDER
        holds = np.ones(len(rows), bool)
        if method == "auto":
            unit = draws.unit[:CHECK_RAYS]
            holds = single.first_order_holds(surface, some, there, moves[rows], turns, unit)
    kept = single.estimate(some, gaussian, kind)
    places = np.flatnonzero(holds)
    found.put(rows[places], _rows_of(kept, places))
    usable[rows[~holds]] = False
    return np.flatnonzero(~usable)


def _rows_of(estimate: Estimate, rows: NDArray[np.intp]) -> Estimate:
    picked = nothing_known(len(rows))
    everything = {name: getattr(estimate, name) for name in Estimate.__dataclass_fields__}
    parts = everything.pop("parts")
    for name, value in everything.items():
        getattr(picked, name)[:] = value[rows]
    for name in parts.__dataclass_fields__:
        getattr(picked.parts, name)[:] = getattr(parts, name)[rows]
    return picked


def _by_cloud(
    surface: Surface,
    looks: Looks,
    anchor: Anchors,
    effects: Floats,
    draws: Draws,
    rows: NDArray[np.intp],
    found: Estimate,
) -> Anchors:
    """Fill in rows from clouds, in blocks; returns the anchors with stand-ins where nothing was met."""
    moving = (anchor.xyz_m, anchor.range_m, anchor.height_hae_m, anchor.enu)
    xyz, reach, height, enu = (part.copy() for part in moving)
    block = max(1, BLOCK_RAYS // len(draws))
    for start in range(0, len(rows), block):
        some = rows[start : start + block]
        moved, estimate = monte_carlo(surface, looks.take(some), anchor.take(some), effects[some], draws)
        found.put(some, estimate)
        xyz[some], reach[some], height[some], enu[some] = (
            moved.xyz_m,
            moved.range_m,
            moved.height_hae_m,
            moved.enu,
        )
    return Anchors(anchor.status, xyz, reach, height, enu)
