"""What verbs of the digital range print for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atalaya.base.clock import iso, now_us
from atalaya.base.language import figure, say
from atalaya.law.records.stated import parse_stated

if TYPE_CHECKING:
    from atalaya.campaign.rehearsal.run import Run

_DAY_US = 86_400_000_000


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
    recordings = score["recordings"]
    if recordings["known"] < recordings["flown"]:
        lines.append(say("range.score.unknown", count=recordings["flown"] - recordings["known"]))
    placing = score["placing"]
    if placing["places"]:
        told = {key: figure(placing[key]) for key in ("miss_median_m", "miss_90_m", "stated_ce90_median_m")}
        held = f"{100.0 * placing['held']:.0f}"
        counts = {"places": placing["places"], "sorties": placing["sorties"]}
        lines.append(say("range.score.placing", **counts, held=held, **told))
        if placing["errors"] == "none":
            lines.append(say("range.score.no_errors"))
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
    if run.found is not None:
        told = run.found.as_json()
        left = "-" if told["expected_undetected"] is None else figure(told["expected_undetected"])
        counts = {name: told[name] for name in ("detections", "sites", "likely")}
        lines.append(say("range.run.sites", **counts, left=left))
    if run.score is not None:
        lines += score_lines(run.score.as_json())
    known = _known_from(run.flown["sorties"])
    lines.append(say("range.run.next", folder=run.folder, known=f" --known {known}" if known else ""))
    return lines if run.report is None else [*lines, say("range.run.report", file=run.report)]


def _known_from(sorties: Sequence[Mapping[str, Any]]) -> str:
    """The day after the last landing, where it is still to come: the ledger knows nothing of it before."""
    last_us = max((parse_stated(sortie["end"], "UTC").latest_us for sortie in sorties), default=0)
    return iso(last_us + _DAY_US)[:10] + "T00:00Z" if last_us + _DAY_US > now_us() else ""
