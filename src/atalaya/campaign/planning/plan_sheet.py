"""The sheet of a plan, for people: what it should find, each sortie on a page, what was left out and why."""

from collections.abc import Iterator

import numpy as np

from atalaya.base.clock import iso
from atalaya.base.language import figure, printable, say
from atalaya.campaign.planning.made_plan import LeftOut, MadePlan, PlannedSortie, RefusedSortie
from atalaya.campaign.planning.opening_words import opening_words
from atalaya.campaign.planning.separation import Meeting, meetings
from atalaya.campaign.planning.verdict_words import verdict_lines
from atalaya.earth.ellipsoid import geod
from atalaya.plan.waypoint import LegKind

MOST_MEETINGS = 8


def sheet(made: MadePlan) -> str:
    """All pages, parted by form feeds."""
    pages = ["\n".join(summary(made))]
    pages += ["\n".join(sortie_page(each)) for each in made.sorties]
    return "\n\f\n".join(pages) + "\n"


def summary(made: MadePlan) -> list[str]:
    """The first page; also what the command prints."""
    finds, hours = made.expected_finds, made.flight_hours
    lines = [printable(made.request.name)]
    if made.request.question:
        lines.append(printable(made.request.question))
    lines += [
        "",
        say(
            "plan.map.finds",
            finds=figure(finds),
            total=figure(made.before.expected),
            hours=figure(hours),
            sorties=len(made.sorties),
        ),
    ]
    if made.bound > 0.0:
        share = figure(100.0 * finds / made.bound)
        lines.append(say("plan.sheet.bound", bound=figure(made.bound), share=share))
    if np.isfinite(made.price):
        lines.append(say("plan.sheet.price", price=figure(made.price)))
    lines.append("")
    lines += [_line(each) for each in made.sorties]
    lines += [line for each in made.refused for line in _refused(each)]
    lines += [line for each in made.left_out for line in _left_out(each, made)]
    lines += [_meeting(each) for each in meetings(made.sorties)[:MOST_MEETINGS]]
    lines += [say(f"plan.note.{name}", **values) for name, values in made.notes]
    if made.stated:
        lines += ["", say("plan.sheet.stated", count=len(made.stated))]
    if not made.complete:
        lines += ["", say("plan.sheet.stopped")]
    return lines


def sortie_page(planned: PlannedSortie) -> list[str]:
    """One sortie: times, fuel, how it looks, what the law says, every leg."""
    sortie, path = planned.sortie, planned.sortie.path
    use, confirm = planned.use, planned.confirm
    start, end = (iso(int(t))[:19] + "Z" for t in (path.t_us[0], path.t_us[-1]))
    hours = figure(path.duration_s / 3600.0)
    lines = [
        say(
            "plan.sheet.sortie",
            id=printable(sortie.id),
            aircraft=printable(sortie.aircraft),
            platform=sortie.platform,
        ),
        say(
            "plan.sheet.times", base=sortie.base, recovery=sortie.recovery, start=start, end=end, hours=hours
        ),
        say(
            "plan.sheet.fuel",
            loaded=figure(planned.fuel_loaded),
            left=figure(planned.fuel_left),
            reserve=figure(planned.reserve),
        ),
        say(
            "plan.sheet.finds",
            finds=figure(sortie.expected_finds),
            per_hour=figure(sortie.expected_finds / max(path.duration_s / 3600.0, 1e-9)),
        ),
        say(
            "plan.sheet.use",
            sensor=use.setting.sensor,
            mode=use.setting.mode,
            depression=figure(use.setting.depression_deg),
            swath=figure(use.swath_m),
            chance=figure(100.0 * use.chance),
            niirs=f"{use.niirs:.1f}",
            hidden=figure(100.0 * use.hidden),
        ),
        say(
            "plan.sheet.confirm",
            sensor=confirm.setting.sensor,
            mode=confirm.setting.mode,
            gsd=figure(confirm.gsd_m),
            niirs=f"{confirm.niirs:.1f}",
        ),
        *verdict_lines(planned.answer),
        "",
        say("plan.sheet.legs"),
    ]
    return [*lines, *_legs(planned)]


def _legs(planned: PlannedSortie) -> Iterator[str]:
    points, path = planned.sortie.waypoints, planned.sortie.path
    rows = np.minimum(np.searchsorted(path.waypoint, np.arange(len(points))), len(path.t_us) - 1)
    lon, lat = (np.array([getattr(p, name) for p in points]) for name in ("lon_deg", "lat_deg"))
    course, _, length = geod().inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    for number, point in enumerate(points):
        what = "" if number == len(points) - 1 else say(f"plan.leg.{point.leg}")
        turned = (
            ""
            if number == len(points) - 1
            else f"{course[number] % 360.0:5.1f}° {length[number] / 1000.0:7.2f} km"
        )
        time = iso(int(path.t_us[rows[number]]))[11:19]
        place = f"{point.lat_deg:10.5f} {point.lon_deg:11.5f} {point.height_msl_m:7.0f} m"
        mark = "*" if point.leg is LegKind.SEARCH else " "
        fuel = f"{path.fuel[rows[number]]:9.1f}"
        yield f"{number:4d} {time}Z {place} {fuel} {mark} {turned:18} {what} {point.label}".rstrip()


def _line(planned: PlannedSortie) -> str:
    path = planned.sortie.path
    return say(
        "plan.sheet.line",
        id=printable(planned.sortie.id),
        start=iso(int(path.t_us[0]))[:16] + "Z",
        hours=f"{path.duration_s / 3600.0:.2f}",
        finds=f"{planned.sortie.expected_finds:.3f}",
        verdict=say(f"may.{planned.answer.verdict}"),
    )


def _meeting(each: Meeting) -> str:
    return say(
        "plan.sheet.meeting",
        first=printable(each.first),
        second=printable(each.second),
        apart=figure(each.apart_m),
        time=iso(each.t_us)[:19] + "Z",
    )


def _refused(each: RefusedSortie) -> list[str]:
    lines = ["", say("plan.sheet.refused", id=printable(each.id))]
    return [*lines, *(f"  {printable(reason)}" for reason in each.reasons[:6])]


def _left_out(each: LeftOut, made: MadePlan) -> list[str]:
    lines = [
        "",
        say(
            "plan.sheet.left_out",
            area=printable(each.area),
            states=", ".join(each.states) or "-",
            km2=figure(each.km2),
            expected=figure(each.expected),
            days=each.days,
        ),
    ]
    lines += [f"  {words}" for words in opening_words(each.grounds, each.states, made.stated)]
    if each.volumes:
        lines.append("  " + say("plan.sheet.volumes", names=", ".join(map(printable, each.volumes))))
    return lines
