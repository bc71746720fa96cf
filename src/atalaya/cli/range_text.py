"""What verbs of the digital range print for people."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.language import figure, say

if TYPE_CHECKING:
    from atalaya.campaign.rehearsal.run import Run


def flown_lines(flown: Mapping[str, Any], folder: Path) -> list[str]:
    """The flights of a plan."""
    sites = flown["sites"]
    lines = [
        say(
            "range.sortie",
            id=sortie["id"],
            aircraft=sortie["aircraft"],
            hours=figure(sortie["flight_hours"]),
            clips=len(sortie["clips"]),
            seconds=figure(sortie["video_s"]),
        )
        for sortie in flown["sorties"]
    ]
    told = say("range.sites", facilities=sites["facilities"], look_alikes=sites["look_alikes"])
    return [told, *lines, say("range.wrote", folder=folder)]


def score_lines(score: Mapping[str, Any]) -> list[str]:
    """A score as a small table."""
    lines = []
    for kind in ("facilities", "look_alikes"):
        counts = score["sites"][kind]
        lines.append(say(f"range.score.{kind}", **counts))
    placing = score["placing"]
    if placing["places"]:
        told = {key: figure(value) for key, value in placing.items() if key not in ("places", "held")}
        held = f"{100.0 * placing['held']:.0f}"
        lines.append(say("range.score.placing", places=placing["places"], held=held, **told))
    else:
        lines.append(say("range.score.no_placing"))
    injected = sum(len(each["injected"]) for each in score["faults"])
    found = sum(len(each["found"]) for each in score["faults"])
    wrong = sum(bool(each["repairs"]) and not each["injected"] for each in score["faults"])
    lines.append(say("range.score.faults", injected=injected, found=found, wrong=wrong))
    return lines


def run_lines(run: "Run") -> list[str]:
    """A run from plan to score."""
    plan = run.plan
    lines = [
        say(
            "range.run.plan",
            sorties=len(plan["sorties"]),
            finds=figure(plan["expected"]["finds"]),
            expected=figure(plan["expected"]["facilities"]),
        )
    ]
    lines += [
        say("range.run.left_out", area=area["area"], why="; ".join(area["opens"]) or "-")
        for area in plan["left_out"]
    ]
    lines += [
        say("range.run.refused", id=refused["id"], why="; ".join(refused["reasons"][:2]))
        for refused in plan["refused"]
    ]
    lines += flown_lines(run.flown, run.folder / "flown")[:-1]
    lines.append(say("range.run.exploited", clips=len(run.exploited), ledger=len(run.recorded)))
    if run.score is not None:
        lines += score_lines(run.score.as_json())
    return [*lines, say("range.run.next", folder=run.folder)]
