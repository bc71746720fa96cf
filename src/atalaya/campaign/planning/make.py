"""Planning a campaign from its file to its folder: what `atalaya plan` does."""

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from atalaya.base.finding import Finding
from atalaya.campaign.planning.campaign_file import read_campaign
from atalaya.campaign.planning.made_plan import MadePlan
from atalaya.campaign.planning.prepare import prepared
from atalaya.campaign.planning.scene import Effort
from atalaya.campaign.planning.solve import Progress, solve
from atalaya.campaign.planning.write_plan import write_plan
from atalaya.campaign.registers import open_registers
from atalaya.law.records.register import Register

PLANNED = "planned"
"""Kind of the log entry of a plan."""


def make_plan(
    file: Path,
    *,
    known_us: int,
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
        workspace: whose registers and layers are asked too; None for the file's statements alone.
        iterations, executor: see `Effort`.
        tell: told what is being done. progress, stop: see `solve`.

    Raises:
        BadInput, NotFound, VerificationFailed: what reading the file, the layers and the registers raises.
    """
    request = read_campaign(file)
    recorded = Register()
    if workspace is not None:
        with open_registers(workspace) as registers:
            registers.verify()
            recorded = registers.register()
    scene, slots = prepared(request, recorded, known_us, root=workspace, layers=layers, tell=tell)
    return solve(scene, slots, Effort(iterations, executor), stop=stop, progress=progress)


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
