"""A folder as `atalaya plan` writes it, around the worked sortie of the export tests."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from shapely.geometry import Polygon

from atalaya.campaign.planning.made_plan import PlannedSortie
from atalaya.campaign.planning.plan_json import sortie_json
from atalaya.law.gate import Answer
from atalaya.plan.exports import export
from atalaya.plan.sortie import Sortie
from atalaya.sensing.look import Setting
from atalaya.sensing.settings import SettingValue
from tests.export_sorties import FENCE, HOME


@dataclass(frozen=True)
class SaidYes:
    """What the gates answered, as far as a plan's object shows it."""

    verdict: str = "allowed"

    def as_json(self) -> dict[str, Any]:
        return {"verdict": self.verdict}


def sortie_object(sortie: Sortie) -> dict[str, Any]:
    """One sortie of `atalaya.plan/1`."""
    use = SettingValue(Setting("eo", "wide", 4000.0, 45.0), 80.0, 1400.0, 400.0, 10.0, 1.1, 3.8, 0.8, 0.1)
    answer = cast(Answer, SaidYes())
    return sortie_json(PlannedSortie(sortie, 0, 0, use, use, answer, Polygon(), 1000.0, 400.0, 100.0))


def write_folder(folder: Path, *sorties: Sortie, fence: bool = True) -> Path:
    """plan.json and, with a fence, a mission per sortie."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {"schema": "atalaya.plan/1", "sorties": [sortie_object(each) for each in sorties]}
    (folder / "plan.json").write_text(json.dumps(found), encoding="utf-8")
    for each in sorties if fence else ():
        export(each, folder / f"{each.id}.plan", home=HOME, fence=FENCE)
    return folder
