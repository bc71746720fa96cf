"""A campaign from its file to its score: planned, flown on the range, exploited, accounted for, scored."""

import json
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atalaya.base.clock import now_us, rehearsed_at
from atalaya.base.errors import AtalayaError, BadInput
from atalaya.base.hashing import sha256_file
from atalaya.campaign.exploit import exploit
from atalaya.campaign.planning.campaign_file import read_campaign
from atalaya.campaign.planning.flown import read_plan
from atalaya.campaign.planning.make import keep_plan, make_plan
from atalaya.campaign.planning.request import CampaignRequest, Rehearsal
from atalaya.campaign.registers import Registers, open_registers
from atalaya.campaign.registry import add
from atalaya.campaign.rehearsal.flown_file import files_of, known_flights, pictures_of
from atalaya.campaign.rehearsal.fly import Tell
from atalaya.campaign.rehearsal.fly_plan import fly_plan
from atalaya.campaign.rehearsal.found import Found, find_sites
from atalaya.campaign.rehearsal.marker import MARKER
from atalaya.campaign.rehearsal.score import Score, score
from atalaya.campaign.rehearsal.world import WORLD_FILES, require_country, world_of
from atalaya.campaign.report.collect import Worked
from atalaya.campaign.report.write import write_page
from atalaya.campaign.sorties import NewSortie, record_flights
from atalaya.footage.analyse import Reading
from atalaya.law.records.as_json import read_record
from atalaya.law.records.stated import parse_stated
from atalaya.store.workspace import SETTINGS_FILE, Workspace, written_whole

SCHEMA = "atalaya.run/1"
PLAN, FLOWN, WORKSPACE = "plan", "flown", "workspace"
"""Folders of a run."""

_DAY_US = 86_400_000_000

Step = Callable[[str], None]
"""Told which step begins: "plan", "fly", "exploit", "detect", "ledger", "score", "report"."""


@dataclass(frozen=True)
class Run:
    """What came of a run.

    Args:
        folder: it lies in. plan, flown: the objects of its steps. exploited: results of its recordings.
        recorded: ids of the sorties in the ledger. found: detections and sites; None where nothing could
            be exploited. score: against the truth; None where no recording could be read.
        report: the page for people.
        errors: what failed without stopping the rest.
    """

    folder: Path
    plan: dict[str, Any]
    flown: dict[str, Any]
    exploited: list[dict[str, Any]]
    recorded: tuple[str, ...]
    score: Score | None
    found: Found | None = None
    report: Path | None = None
    errors: list[AtalayaError] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The `atalaya.run/1` object."""
        return {
            "schema": SCHEMA,
            "campaign": self.plan["campaign"],
            "folder": str(self.folder),
            "sorties": [sortie["id"] for sortie in self.flown["sorties"]],
            "expected_finds": self.plan["expected"]["finds"],
            "refused": len(self.plan["refused"]),
            "left_out": [area["area"] for area in self.plan["left_out"]],
            "recordings": [result["file"] for result in self.exploited],
            "ledger": list(self.recorded),
            "sites": None if self.found is None else self.found.as_json(),
            "score": None if self.score is None else self.score.as_json(),
            "report": None if self.report is None else str(self.report),
            "errors": [error.as_json() for error in self.errors],
        }


def run(
    file: Path,
    folder: Path,
    executor: Executor,
    *,
    known_us: int | None = None,
    iterations: int = 400_000,
    begin: Step = lambda _: None,
    tell: Tell = lambda _name, _share: None,
) -> Run:
    """Run a campaign file; steps that are done already, from the same file, are not done again.

    Args:
        folder: for `plan/`, `flown/` and `workspace/`.
        known_us: instant of knowledge of the law; None for the eve of the campaign, or now where that is
            earlier.
        iterations: of the search for paths.

    Raises:
        BadInput, NotFound: what reading the file and planning raise; RHS-001, its ground is not synthetic;
            RHS-009, the workspace there holds more than a rehearsal; RHS-011, the rehearsal of another
            campaign file lies there.
        AtalayaError: STO-005, the folder cannot be written.
    """
    request = read_campaign(file)
    require_country(request)
    if (folder / PLAN / "plan.json").is_file():
        # asked before anything is planned over what lies there
        known_flights(folder / FLOWN, request, folder / PLAN)
    workspace = _workspace(folder, (request.rehearsal or Rehearsal()).theme)
    known_us = min(request.start_us, now_us()) if known_us is None else known_us
    begin("plan")
    plan = _planned(file, request, folder / PLAN, executor, known_us, iterations)
    begin("fly")
    flown, errors = _flown(request, folder, tell)
    begin("exploit")
    exploited, failed = _exploited(workspace, folder / FLOWN, flown, executor)
    found = None
    if exploited:
        begin("detect")
        found = find_sites(workspace, folder / FLOWN, executor)
        failed += found.errors
    begin("ledger")
    recorded, refused = _accounted(workspace, request, folder / FLOWN, flown)
    begin("score")
    filmed = any(sortie["clips"] for sortie in flown["sorties"])
    scored = score(workspace.root) if exploited or not filmed else None
    begin("report")
    counts = None if scored is None else scored.sites["facilities"]
    worked = None if found is None else Worked(found.located, found.dossiers, counts)
    page = write_page(workspace.root, request.language, worked=worked)
    return Run(folder, plan, flown, exploited, recorded, scored, found, page, [*errors, *failed, *refused])


def _workspace(folder: Path, theme: str) -> Workspace:
    """A workspace of rehearsals alone: what was only rehearsed must not stand beside what was flown."""
    root = folder / WORKSPACE
    if (root / SETTINGS_FILE).exists() and not (root / MARKER).exists():
        raise BadInput("RHS-009", where=str(root))
    workspace = Workspace.open(root)
    with written_whole(root / MARKER) as partial:
        marker = {"schema": "atalaya.rehearsal/1", "flown": f"../{FLOWN}", "sought": theme}
        partial.write_text(json.dumps(marker) + "\n", encoding="utf-8")
    return workspace


def _planned(
    file: Path, request: CampaignRequest, folder: Path, executor: Executor, known_us: int, iterations: int
) -> dict[str, Any]:
    if (folder / "plan.json").is_file():
        known = read_plan(folder)
        if known.get("campaign_sha256") == request.sha256 and known.get("complete"):
            return known
    made = make_plan(
        file, known_us=known_us, output=folder, formats=("plan",), iterations=iterations, executor=executor
    )
    keep_plan(made, folder, ("plan",), None)
    return read_plan(folder)


def _flown(request: CampaignRequest, folder: Path, tell: Tell) -> tuple[dict[str, Any], list[AtalayaError]]:
    target = folder / FLOWN
    known = known_flights(target, request, folder / PLAN)
    missing = _missing(read_plan(folder / PLAN), known, target)
    if known is not None and not missing:
        return known, []
    return fly_plan(world_of(request), request, folder / PLAN, target, ids=missing, tell=tell)


def _missing(plan: dict[str, Any], known: dict[str, Any] | None, folder: Path) -> list[str]:
    """Sorties of a plan that were not flown yet, or of which files are gone."""
    there = {
        sortie["id"]
        for sortie in (known or {"sorties": []})["sorties"]
        if all((folder / name).is_file() for name in (*WORLD_FILES, *files_of(sortie)))
    }
    return [sortie["id"] for sortie in plan["sorties"] if sortie["id"] not in there]


def _exploited(
    workspace: Workspace, folder: Path, flown: dict[str, Any], executor: Executor
) -> tuple[list[dict[str, Any]], list[AtalayaError]]:
    from atalaya.earth.terrain import Terrain

    clips = [str(path) for sortie in flown["sorties"] for path in pictures_of(folder, sortie)]
    dem = folder / "country" / "terrain.tif"
    results, errors = [], []
    catalogue = workspace.catalogue()
    try:
        with Terrain.open(dem) as terrain:
            sha256 = sha256_file(dem)
            known = {"file": dem.name, "sha256": sha256}
            reading = Reading(surface=terrain, surface_id=sha256[:8])
            for outcome in exploit(clips, workspace, catalogue, reading, executor, terrain=known):
                if outcome.error is not None:
                    errors.append(outcome.error)
                elif outcome.result is not None:
                    results.append(outcome.result)
    finally:
        catalogue.close()
    return results, errors


def _accounted(
    workspace: Workspace, request: CampaignRequest, folder: Path, flown: dict[str, Any]
) -> tuple[tuple[str, ...], list[AtalayaError]]:
    """The statements of the file and every sortie on record; ids of the sorties, and what was refused.

    Statements are recorded a day before the campaign, sorties when they have landed: at the time of the
    rehearsal. The log begins by saying that it is one.
    """
    recorded: list[str] = []
    errors: list[AtalayaError] = []
    with rehearsed_at(request.start_us - _DAY_US), open_registers(workspace.root) as registers:
        if not registers.journal.size:
            registers.act("rehearsal", {"campaign": request.name, "clock": "rehearsed"}, about="rehearsal")
        _state(registers, request)
        for sortie in sorted(flown["sorties"], key=lambda each: str(each["end"])):
            landed_us = parse_stated(sortie["end"], "UTC").latest_us
            try:
                with rehearsed_at(max(landed_us, _latest_us(registers)) + 1):
                    recorded += _record(registers, request, folder, sortie)
            except AtalayaError as error:
                errors.append(error)
    return tuple(recorded), errors


def _state(registers: Registers, request: CampaignRequest) -> None:
    """Records stated in the file that are not on record yet."""
    register = registers.register()
    records = [read_record(form) for form in request.statements]
    new = [record for record in records if not register.history(record.id)]
    if new:
        with rehearsed_at(max(now_us(), _latest_us(registers) + 1)):
            add(registers, new)


def _latest_us(registers: Registers) -> int:
    """When the newest row or entry was made; looking at the ledger makes some, at the true time."""
    journal = registers.journal
    logged_us = journal.entry(journal.size - 1).t_us if journal.size else 0
    return max(logged_us, registers.register().last_recorded_us)


def _record(
    registers: Registers, request: CampaignRequest, folder: Path, sortie: dict[str, Any]
) -> list[str]:
    new = NewSortie(
        sortie["aircraft"],
        sortie["operator_state"],
        sensors=tuple(sortie["sensors"]),
        purpose=request.purpose,
        video_s=sortie["video_s"],
        clips=tuple(sha256_file(path) for path in pictures_of(folder, sortie)),
    )
    made = record_flights(registers, folder / sortie["files"]["track"], new)
    return [each.record.id for each in made]
