"""Planning a campaign from its file to its folder: what `atalaya plan` does."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from atalaya.base.errors import BadInput
from atalaya.base.finding import Finding
from atalaya.campaign.planning.campaign_file import read_campaign
from atalaya.campaign.planning.made_plan import MadePlan
from atalaya.campaign.planning.prepare import prepared
from atalaya.campaign.planning.scene import Effort
from atalaya.campaign.planning.solve import Progress, solve
from atalaya.campaign.planning.sortie_files import require_fields
from atalaya.campaign.planning.write_plan import write_plan
from atalaya.campaign.registers import open_registers
from atalaya.law.records.register import Register

PLANNED = "planned"
"""Kind of the log entry of a plan."""


def make_plan(
    file: Path,
    *,
    known_us: int,
    output: Path | None = None,
    formats: Sequence[str] = (),
    workspace: Path | None = None,
    layers: tuple[str, ...] = (),
    iterations: int = 400_000,
    executor: Executor | None = None,
    tell: Callable[[str], None] = lambda _: None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> MadePlan:
    """Read a campaign file, ask the law, plan.

    Args:
        known_us: instant of knowledge of the law.
        output, formats: where and how the plan will be written, tried before anything is planned; None for a
            folder that is chosen later.
        workspace: whose registers and layers are asked too; None for the file's statements alone.
        iterations, executor: see `Effort`.
        tell: told what is being done. progress, stop: see `solve`.

    Raises:
        BadInput, NotFound, VerificationFailed: what reading the file, the layers and the registers raises.
    """
    request = read_campaign(file)
    check_output(output, formats, request.flight_plan)
    recorded = recorded_in(workspace)
    scene, slots = prepared(request, recorded, known_us, root=workspace, layers=layers, tell=tell)
    return solve(scene, slots, Effort(iterations, executor), stop=stop, progress=progress)


def check_output(folder: Path | None, formats: Sequence[str], flight_plan: Mapping[str, Any]) -> None:
    """Whether a plan could be written there so: asked before hours are spent on it.

    Raises:
        BadInput: PLN-018 the folder cannot be made or written; PLN-010 a flight plan without its fields.
        Usage: XPT-008, no such format.
    """
    from atalaya.plan.exports.formats import format_named

    for name in formats:
        format_named(Path(f"x.{name}"), name)
    if "fpl" in formats:
        require_fields(flight_plan)
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadInput("PLN-018", where=str(folder), detail=error.strerror or str(error)) from error


def recorded_in(workspace: Path | None) -> Register:
    """Rows of a workspace's registers, held against the log; an empty register for none.

    Raises:
        VerificationFailed: LED-030, rows were changed behind the register's back.
    """
    if workspace is None:
        return Register()
    with open_registers(workspace) as registers:
        registers.verify()
        return registers.register()


def keep_plan(
    made: MadePlan, folder: Path, formats: tuple[str, ...], workspace: Path | None
) -> list[Finding]:
    """Write the folder; where there is a workspace, log that this was planned, by which records.

    Raises:
        AtalayaError: STO-005, XPT-0xx.
    """
    findings = write_plan(made, folder, formats)
    if workspace is not None:
        from atalaya.base.hashing import sha256_file

        with open_registers(workspace) as registers:
            body = {
                "campaign": made.request.name,
                "sorties": [each.sortie.id for each in made.sorties],
                "verdicts": sorted({str(each.answer.verdict) for each in made.sorties}),
            }
            outputs = [sha256_file(folder / "plan.json")]
            registers.act(PLANNED, body, inputs=[made.request.sha256], outputs=outputs, about="plan")
    return findings
