"""One measure: what was found, what was asked for, what the peer gave on the same input in the same run."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Measure:
    """One figure.

    Args:
        room: whose it is.
        measure: what was measured, in a few words.
        value: the figure; None where data or peer is absent (`note` says which).
        unit: its unit.
        goal: what it should reach; None where it only informs.
        better: whether more or less is good.
        peer: name and version of what it is compared with; "" for none.
        peer_value: the peer's figure on the same input in the same run.
        note: what a reader must know to judge it.
    """

    room: str
    measure: str
    value: float | None
    unit: str
    goal: float | None = None
    better: Literal["more", "less"] = "more"
    peer: str = ""
    peer_value: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is no goal or no value."""
        if self.value is None or self.goal is None:
            return None
        return self.value >= self.goal if self.better == "more" else self.value <= self.goal

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer; None without one."""
        if self.value is None or self.peer_value is None or not (self.value and self.peer_value):
            return None
        ratio = self.value / self.peer_value
        return ratio if self.better == "more" else 1 / ratio

    def as_json(self) -> str:
        """One JSON object on one line."""
        shown = {**asdict(self), "met": self.met, "ratio": self.ratio}
        keys = ("room", "measure", "value", "unit", "goal", "met", "peer", "peer_value", "ratio")
        chosen: dict[str, object] = {key: shown[key] for key in keys}
        if self.note:
            chosen["note"] = self.note
        return json.dumps(chosen)

    def as_line(self) -> str:
        """One line for a reader."""
        parts = [f"{self.room:8} {self.measure:44}", f"{figure(self.value):>10} {self.unit}".ljust(24)]
        if self.goal is not None:
            sign = ">=" if self.better == "more" else "<="
            verdict = {True: "met", False: "NOT MET", None: "not measured"}[self.met]
            parts.append(f"goal {sign} {figure(self.goal)}: {verdict}")
        if self.peer and self.peer_value is not None:
            times = "" if self.ratio is None else f" ({figure(self.ratio)}x)"
            parts.append(f"{self.peer}: {figure(self.peer_value)}{times}")
        if self.note:
            parts.append(f"[{self.note}]")
        return "  ".join(parts)


def figure(value: float | None) -> str:
    """A number of three or four digits, thousands apart; "-" for none."""
    if value is None:
        return "-"
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def best_of(times: int, action: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs: the one the rest of the machine disturbed least."""
    best = math.inf
    for _ in range(times):
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best


def interleaved(rounds: int, ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Best seconds of two actions run in turn, so that both meet the same load."""
    best = [math.inf, math.inf]
    for _ in range(rounds):
        for place, action in enumerate((ours, theirs)):
            best[place] = min(best[place], best_of(1, action))
    return best[0], best[1]
