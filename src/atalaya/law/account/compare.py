"""How far the answer for one State moves from layer to layer."""

from collections.abc import Sequence
from dataclasses import dataclass

from atalaya.law.account.intervals import Standing
from atalaya.law.account.state_account import STRENGTH, StateAccount


@dataclass(frozen=True)
class Comparison:
    """One State across layers.

    state: its code. layers: names of the layers that know of it, and their verdicts
    strongest, weakest: the strongest and the weakest verdict
    estimate_s, depth_m: least and most of any layer (0 where a layer sees no fix inside)
    """

    state: str
    layers: tuple[str, ...]
    verdicts: tuple[Standing, ...]
    strongest: Standing
    weakest: Standing
    estimate_s: tuple[float, float]
    depth_m: tuple[float, float]

    def as_json(self) -> dict[str, object]:
        """The comparison as plain values."""
        named = zip(self.layers, self.verdicts, strict=True)
        return {
            "state": self.state,
            "verdicts": {layer: verdict.word for layer, verdict in named},
            "estimate_s": [round(value, 3) for value in self.estimate_s],
            "deepest_m": [round(value, 1) for value in self.depth_m],
        }


def compared(accounts: Sequence[StateAccount]) -> tuple[Comparison, ...]:
    """One comparison per State, in order of appearance. `USA_conus` and `USA` are one State."""
    by_state: dict[str, list[StateAccount]] = {}
    for one in accounts:
        by_state.setdefault(state_of(one.state), []).append(one)
    return tuple(_comparison(state, group) for state, group in by_state.items())


def state_of(code: str) -> str:
    """The State of an area code: what stands before an underscore."""
    return code.partition("_")[0]


def _comparison(state: str, group: list[StateAccount]) -> Comparison:
    ranked = sorted((one.verdict for one in group), key=STRENGTH.index)
    seconds = [one.seconds.estimate for one in group]
    depths = [0.0 if one.deepest is None else one.deepest.depth_m for one in group]
    return Comparison(
        state,
        tuple(one.layer for one in group),
        tuple(one.verdict for one in group),
        ranked[0],
        ranked[-1],
        (min(seconds), max(seconds)),
        (min(depths), max(depths)),
    )
