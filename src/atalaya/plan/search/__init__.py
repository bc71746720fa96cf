"""From a search map to flight paths: the most facilities per flight hour, whatever turns and wind allow.

In: a `SearchProblem` (map, where one may fly and look, sorties). Out: way points per sortie, what they are
expected to find by one independent evaluator, and a bound that no flyable paths can exceed. Search theory:
Koopman 1980, Stone 1975; the method and its proofs are in docs/background/search-paths.md.

Names that need numba or scipy are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from atalaya.plan.search.evaluate import Evaluation, expected_finds
from atalaya.plan.search.problem import SearchProblem, SearchSortie
from atalaya.plan.search.track import FlownTrack, flown_track

if TYPE_CHECKING:
    from atalaya.plan.search.bound import PathBound, path_bound
    from atalaya.plan.search.box import best_box
    from atalaya.plan.search.campaign import CampaignPlan, plan_campaign
    from atalaya.plan.search.greedy import density_greedy, myopic
    from atalaya.plan.search.planner import PathPlan, plan_paths
    from atalaya.plan.search.prune import pruned
    from atalaya.plan.search.starts import plan_from_starts

_HEAVY = {
    "CampaignPlan": "campaign",
    "PathBound": "bound",
    "PathPlan": "planner",
    "best_box": "box",
    "density_greedy": "greedy",
    "myopic": "greedy",
    "path_bound": "bound",
    "plan_campaign": "campaign",
    "plan_from_starts": "starts",
    "plan_paths": "planner",
    "pruned": "prune",
}

__all__ = [
    "CampaignPlan",
    "Evaluation",
    "FlownTrack",
    "PathBound",
    "PathPlan",
    "SearchProblem",
    "SearchSortie",
    "best_box",
    "density_greedy",
    "expected_finds",
    "flown_track",
    "myopic",
    "path_bound",
    "plan_campaign",
    "plan_from_starts",
    "plan_paths",
    "pruned",
]


def __getattr__(name: str) -> object:
    if name not in _HEAVY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"atalaya.plan.search.{_HEAVY[name]}"), name)
