"""`atalaya demo`: a small campaign from plan to score, and any recordings given along with it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from atalaya.base.language import say
from atalaya.cli.main import report
from atalaya.cli.range_progress import tell_step
from atalaya.store.workspace import Workspace, written_whole

CAMPAIGN = "small-sierra.toml"
EFFORT = 60_000
"""Of the search for paths: enough for two short sorties."""


def demo(
    also: Annotated[list[str] | None, Parameter(help=say("cli.demo.also"), negative="")] = None,
    /,
    *,
    output: Annotated[Path, Parameter(help=say("cli.demo.output"))] = Path("demo-output"),
) -> int:
    """Run the demo."""
    print(say("demo.intro", file=CAMPAIGN), file=sys.stderr)
    file = output / CAMPAIGN
    if not file.exists():
        with written_whole(file) as partial:
            partial.write_bytes((files("atalaya.campaign.rehearsal") / CAMPAIGN).read_bytes())
    code = _rehearsed(file, output)
    if also:
        code = max(code, _exploited(also, output / "workspace"))
    return code


def _rehearsed(file: Path, output: Path) -> int:
    with _warming() as ready, _warming("look", later=True) as look:
        from atalaya.campaign.executor import make_executor
        from atalaya.campaign.rehearsal.run import run
        from atalaya.cli.range_text import run_lines

        def begin(step: str) -> None:
            tell_step("text", step)
            if step == "fly":
                ready()
                look()  # what searching needs is compiled while the flights are drawn
            elif step == "detect":
                look()

        with make_executor(None) as executor:
            done = run(file, output, executor, iterations=EFFORT, begin=begin)
    for error in done.errors:
        report(error, as_json=False)
    print("\n".join(run_lines(done)))
    return done.errors[0].exit_code if done.errors else 0


@contextmanager
def _warming(part: str = "", *, later: bool = False) -> "Iterator[Any]":
    """A process that compiles what a part of the work needs while this one goes on; yields a call that waits
    for it. With `later` the first call starts it, the second waits.
    """
    command = [sys.executable, "-m", "atalaya.campaign.rehearsal.warm", *([part] if part else [])]
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        quiet = subprocess.DEVNULL
        started.append(subprocess.Popen(command, stdout=quiet, stderr=quiet))

    def call() -> None:
        if started:
            started[0].wait()
        else:
            start()

    if not later:
        start()
    try:
        yield call
    finally:
        for helper in started:
            if helper.poll() is None:
                helper.terminate()
            helper.wait()


def _exploited(sources: list[str], root: Path) -> int:
    from atalaya.campaign.executor import make_executor
    from atalaya.campaign.exploit import exploit
    from atalaya.footage.analyse import Reading

    workspace = Workspace.open(root)
    catalogue = workspace.catalogue()
    code, results = 0, []
    try:
        with make_executor(None) as executor:
            for outcome in exploit(sources, workspace, catalogue, Reading(), executor):
                if outcome.error is not None:
                    report(outcome.error, as_json=False)
                    code = outcome.error.exit_code
                elif outcome.result is not None:
                    results.append(outcome.result)
    finally:
        catalogue.close()
    print()
    _print_table([_row(result) for result in results])
    _print_places(results, root)
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
