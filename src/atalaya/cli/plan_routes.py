"""`atalaya plan routes INSTANCE...`: team orienteering instances solved, every answer checked."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from atalaya.base.errors import AtalayaError, PartlyDone
from atalaya.base.language import printable, say
from atalaya.cli.plan_options import AsJson

if TYPE_CHECKING:
    from atalaya.campaign.planning_verbs.solved_instances import Solved


def routes(
    instances: Annotated[list[Path], Parameter(help=say("cli.plan.routes.instances"), negative="")],
    /,
    *,
    seconds: Annotated[float | None, Parameter(help=say("cli.plan.routes.seconds"))] = None,
    iterations: Annotated[int | None, Parameter(help=say("cli.plan.routes.iterations"))] = None,
    engine: Annotated[
        Literal["own", "pyvrp", "ortools"], Parameter(help=say("cli.plan.routes.engine"))
    ] = "own",
    seed: Annotated[int, Parameter(help=say("cli.plan.routes.seed"))] = 1,
    routes: Annotated[int | None, Parameter(name="--routes", help=say("cli.plan.routes.routes"))] = None,
    as_json: AsJson = False,
) -> int:
    """Solve instances."""
    from atalaya.campaign.planning_verbs.solved_instances import files_in, solve_file
    from atalaya.cli.guard import positive
    from atalaya.cli.main import report
    from atalaya.cli.plan_make import INTERRUPTED, stoppable
    from atalaya.plan.orienteering import engine_named

    for option, value in (("--seconds", seconds), ("--iterations", iterations), ("--routes", routes)):
        positive(option, value)
    engine_named(engine)
    files = [file for each in instances for file in files_in(each)]
    limit = 10.0 if seconds is None and iterations is None else seconds
    errors: list[AtalayaError] = []
    with stoppable() as stopped:
        for number, file in enumerate(files, 1):
            if stopped[0]:
                return INTERRUPTED
            if len(files) > 1:
                word = say("plan.routes.working", done=number, total=len(files), name=printable(file.name))
                print(word, file=sys.stderr, flush=True)
            try:
                solved = solve_file(
                    file,
                    engine=engine,
                    seed=seed,
                    seconds=limit,
                    iterations=iterations,
                    vehicles=routes,
                    stop=lambda: stopped[0],
                )
            except AtalayaError as error:
                errors.append(error)
                report(error, as_json=as_json, file=str(file))
            else:
                print(json.dumps(solved.as_json()) if as_json else "\n".join(_lines(solved)), flush=True)
        if stopped[0]:
            return INTERRUPTED
    if not errors:
        return 0
    return PartlyDone.exit_code if len(errors) < len(files) else errors[0].exit_code


def _lines(solved: "Solved") -> list[str]:
    found = solved.as_json()
    head = say(
        "plan.routes.line",
        name=printable(found["instance"]),
        score=f"{found['score']:g}",
        count=len(found["routes"]),
        engine=found["engine"],
        seconds=f"{found['seconds']:.1f}",
    )
    lines = [head + (say("plan.routes.all") if found["complete"] else "")]
    for route in found["routes"]:
        length, budget = f"{route['length']:.3f}", f"{route['budget']:.3f}"
        places = " ".join(map(str, route["places"]))
        lines.append(say("plan.routes.route", length=length, budget=budget, places=places))
    return lines
