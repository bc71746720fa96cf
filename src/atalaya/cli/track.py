"""`atalaya track account FILE...` and `atalaya track show FILE...`: where aircraft were, over whose
territory."""

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from atalaya.base.errors import AtalayaError, PartlyDone, Usage
from atalaya.base.language import say
from atalaya.cli.guard import positive, refuse_to_replace
from atalaya.cli.main import report
from atalaya.store.workspace import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from atalaya.law.account import AccountOptions

app = App(name="track", help=say("cli.track.help"))

HOUR_S = 3600.0

Files = Annotated[list[Path], Parameter(help=say("cli.track.files"), negative="")]
Aircraft = Annotated[str | None, Parameter(help=say("cli.track.aircraft"))]
Utc = Annotated[bool, Parameter(negative="", help=say("cli.track.utc"))]
Vmax = Annotated[float | None, Parameter(help=say("cli.track.vmax"))]
Silence = Annotated[float, Parameter(help=say("cli.track.silence"))]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.json"))]


@app.command(name="account", help=say("cli.track.account.help"))
def account_(
    files: Files,
    /,
    *,
    layer: Annotated[list[str] | None, Parameter(help=say("cli.track.layer"), negative="")] = None,
    state: Annotated[list[str] | None, Parameter(help=say("cli.track.state"), negative="")] = None,
    aircraft: Aircraft = None,
    vmax: Vmax = None,
    containment_m: Annotated[float | None, Parameter(help=say("cli.track.containment"))] = None,
    gap: Annotated[float | None, Parameter(help=say("cli.track.gap"))] = None,
    silence: Silence = 3.0,
    utc: Utc = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], help=say("cli.track.output"))] = None,
    workspace: Annotated[
        Path, Parameter(help=say("cli.exploit.workspace"), env_var="ATALAYA_WORKSPACE")
    ] = DEFAULT_WORKSPACE,
    as_json: AsJson = False,
) -> int:
    """Account for tracks."""
    from atalaya.campaign.track_accounts import accounts_of, sorties_in, write_account_map
    from atalaya.cli.track_text import account_lines
    from atalaya.law.account import Account

    for option, value in (
        ("--vmax", vmax),
        ("--containment-m", containment_m),
        ("--gap", gap),
        ("--silence", silence),
    ):
        positive(option, value)
    if output is not None:
        refuse_to_replace([output], files)
    options = _options(vmax, containment_m, gap, state or [])
    root = workspace if workspace.is_dir() else None
    kept: list[Account] = []

    def show(file: Path) -> None:
        tracks = sorties_in(file, aircraft, utc=utc, longest_gap_s=silence * HOUR_S)
        quiet = 0
        for found in accounts_of(tracks, layer or [], root, options):
            if isinstance(found, tuple):
                report(found[1], as_json=as_json, file=str(file))
            elif as_json:
                print(json.dumps(found.as_json(), ensure_ascii=False, allow_nan=False), flush=True)
            elif found.states:
                print("\n".join(account_lines(found)) + "\n", flush=True)
            else:
                quiet += 1
            if isinstance(found, Account) and output is not None:
                kept.append(found)
        if quiet and not as_json:
            print(say("track.nowhere", count=quiet))

    code = _each(files, show, as_json=as_json)
    if output is not None and kept:
        write_account_map(kept, output)
        if not as_json:
            print(say("track.wrote", output=output))
    return code


@app.command(help=say("cli.track.show.help"))
def show(
    files: Files,
    /,
    *,
    aircraft: Aircraft = None,
    vmax: Vmax = None,
    silence: Silence = 3.0,
    utc: Utc = False,
    as_json: AsJson = False,
) -> int:
    """Show tracks."""
    from atalaya.campaign.track_accounts import sorties_in
    from atalaya.cli.track_text import track_json, track_lines
    from atalaya.earth.track import integrity_of

    positive("--vmax", vmax)
    positive("--silence", silence)
    limits = _options(vmax, None, None, []).limits

    def print_all(file: Path) -> None:
        for track in sorties_in(file, aircraft, utc=utc, longest_gap_s=silence * HOUR_S):
            integrity = integrity_of(track, limits)
            if as_json:
                print(
                    json.dumps(track_json(track, integrity), ensure_ascii=False, allow_nan=False), flush=True
                )
            else:
                print("\n".join(track_lines(track, integrity)) + "\n", flush=True)

    return _each(files, print_all, as_json=as_json)


def _options(
    vmax: float | None, containment_m: float | None, gap: float | None, states: Iterable[str]
) -> "AccountOptions":
    from atalaya.earth.track import IntegrityLimits
    from atalaya.law.account import AccountOptions

    given = {"gap_s": gap, "containment_m": containment_m, "speed_bound_mps": vmax}
    limits = IntegrityLimits() if vmax is None else IntegrityLimits(vmax_mps=vmax)
    chosen = {name: value for name, value in given.items() if value is not None and math.isfinite(value)}
    return AccountOptions(states=tuple(code.upper() for code in states), limits=limits, **chosen)


def _each(files: list[Path], action: Callable[[Path], None], *, as_json: bool) -> int:
    """Do it for every file; one bad file never stops the rest. The exit code."""
    if not files:
        raise Usage("CLI-005")
    failed: list[AtalayaError] = []
    for file in files:
        try:
            action(file)
        except AtalayaError as error:
            report(error, as_json=as_json, file=str(file))
            failed.append(error)
    if not failed:
        return 0
    return PartlyDone.exit_code if len(failed) < len(files) else failed[0].exit_code
