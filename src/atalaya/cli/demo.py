"""`atalaya demo`: write a recording, exploit it like anyone's, show what came out."""

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from atalaya.base.errors import BadInput
from atalaya.base.language import say
from atalaya.campaign.demo_flight import write_demo
from atalaya.campaign.executor import make_executor
from atalaya.campaign.exploit import exploit
from atalaya.cli.main import report
from atalaya.footage.analyse import Reading
from atalaya.store.workspace import SETTINGS_FILE, Workspace, written_whole

SEED = 2026


def demo(
    also: Annotated[list[str] | None, Parameter(help=say("cli.demo.also"), negative="")] = None,
    /,
    *,
    output: Annotated[Path, Parameter(help=say("cli.demo.output"))] = Path("demo-output"),
) -> int:
    """Run the demo."""
    print(say("demo.intro", seed=SEED), file=sys.stderr)
    flight = output / "flight.ts"
    if flight.exists() and not (output / "workspace" / SETTINGS_FILE).exists():
        raise BadInput("STO-004", where=str(output))  # somebody's own recording lies there
    if not flight.exists():
        with written_whole(flight) as partial:
            write_demo(partial, seed=SEED)
    workspace = Workspace.open(output / "workspace")
    catalogue = workspace.catalogue()
    code = 0
    results = []
    try:
        with make_executor(None) as executor:
            sources = [str(flight), *(also or [])]
            for outcome in exploit(sources, workspace, catalogue, Reading(), executor):
                if outcome.error is not None:
                    report(outcome.error, as_json=False)
                    code = outcome.error.exit_code
                elif outcome.result is not None:
                    results.append(outcome.result)
    finally:
        catalogue.close()
    _print_table([_row(result) for result in results])
    _print_places(results, workspace.root)
    return code


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    clock, centre = result["metadata"]["clock"], result["geolocation"]["frame_centre_miss_m"]
    worth_reading = [finding for finding in result["verdict"] if finding["severity"] != "info"]
    return (
        result["file"],
        str(result["clip"]["frames"]),
        f"{clock['method'].upper()} {clock['bound']}",
        "-" if centre["median"] is None else f"{centre['median']:.2f}",
        str(result["geolocation"]["target_miss_m"]["n"]),
        str(len(worth_reading)),
        str(sum(repair["applied"] for repair in result["repairs"])),
    )


def _print_table(rows: list[tuple[str, ...]]) -> None:
    columns = ("recording", "frames", "bound", "miss", "targets", "findings", "repairs")
    heads = tuple(say("demo." + name) for name in columns)
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    for row in (heads, *rows):
        cells = [
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    print()


def _print_places(results: list[dict[str, Any]], root: Path) -> None:
    for key, kind in (("demo.maps", "map"), ("demo.layers", "geopackage")):
        print(say(key))
        for result in results:
            print(f"  {root / result['outputs'][kind]}")
    print(say("demo.next", workspace=root))
