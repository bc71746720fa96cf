"""`atalaya plan effort TABLE.csv --hours T`: where search hours should go, with the price of one more."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from atalaya.base.language import printable, say
from atalaya.cli.plan_options import AsJson

if TYPE_CHECKING:
    from atalaya.campaign.planning_verbs.effort_table import Allotted


def effort(
    table: Annotated[Path, Parameter(help=say("cli.plan.effort.table"))],
    /,
    *,
    hours: Annotated[list[float], Parameter(help=say("cli.plan.effort.hours"), negative="")],
    law: Annotated[str, Parameter(help=say("cli.plan.effort.law"))] = "exponential",
    as_json: AsJson = False,
) -> int:
    """Allot search hours."""
    from atalaya.campaign.planning_verbs.effort_table import allot, read_effort_table

    found = allot(read_effort_table(table), hours, law)
    print(json.dumps(found.as_json(), ensure_ascii=False) if as_json else "\n".join(_lines(found)))
    return 0


def _lines(found: "Allotted") -> list[str]:
    shown = found.as_json()
    names = [printable(row["name"])[:32] for row in shown["cells"]]
    wide = max([len(say("plan.effort.name")), *map(len, names)])
    many = len(shown["hours"]) > 1
    heads = [say("plan.effort.hours") + (f" {j}" if many else "") for j in range(1, len(shown["hours"]) + 1)]
    heads += [say("plan.effort.found"), say("plan.effort.share")]
    lines = [f"{say('plan.effort.name'):{wide}} " + " ".join(f"{head:>12}" for head in heads)]
    for name, row in zip(names, shown["cells"], strict=True):
        share = "-" if row["share"] is None else f"{100.0 * row['share']:.2f} %"
        cells = [*(f"{hours:.6f}" for hours in row["hours"]), f"{row['found']:.6f}", share]
        lines.append(f"{name:{wide}} " + " ".join(f"{cell:>12}" for cell in cells))
    part = 100.0 * shown["found"] / shown["worth"] if shown["worth"] else 0.0
    lines += [
        "",
        say(
            "plan.effort.total",
            found=f"{shown['found']:.10g}",
            worth=f"{shown['worth']:.6g}",
            share=f"{part:.2f}",
            bound=f"{shown['bound']:.10g}",
        ),
        say("plan.effort.price", prices=", ".join(f"{price:.6g}" for price in shown["price"])),
    ]
    return lines
