"""Accounts of tracks, kept: a track held against a layer once need not be held against it again.

What is kept is named by the hash of everything that went in, so that another track, edition, assumption or
build is another account. The files are a cache: deleting them loses time, nothing else; one that was changed
is not believed, because the log holds its hash.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atalaya.base.hashing import sha256_bytes
from atalaya.campaign.build import build_identity
from atalaya.campaign.registers import Registers
from atalaya.law.account import Deepest, HeightBand, Intervals, Seconds
from atalaya.store.workspace import written_whole

if TYPE_CHECKING:
    from atalaya.law.account import Account, StateAccount

FOLDER = "accounts"
SCHEMA = "atalaya.kept-account/1"


@dataclass(frozen=True)
class KeptState:
    """A State by one layer, see `StateAccount`.

    answers: whether this layer answers for the State. shown: its JSON form.
    """

    state: str
    layer: str
    edition: str
    sovereign: bool
    answers: bool
    intervals: Intervals
    seconds: Seconds
    deepest: Deepest | None
    heights: tuple[HeightBand, ...]
    shown: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As `StateAccount.as_json`."""
        return self.shown


@dataclass(frozen=True)
class KeptAccount:
    """An account without its fixes; see `Account`.

    start_us, end_us: of the track. states: by layer and State. between_layers: how far the answer moves.
    """

    start_us: int
    end_us: int
    states: tuple[KeptState, ...]
    between_layers: tuple[dict[str, Any], ...]

    @property
    def answering(self) -> dict[str, KeptState]:
        """State to the account of the layer that answers for it."""
        return {each.state: each for each in self.states if each.answers}


def kept(account: "Account", answering: "Mapping[str, StateAccount]") -> KeptAccount:
    """What is kept of an account.

    Args:
        answering: State to the account of the layer that answers for it.
    """
    return KeptAccount(
        account.path.start_us,
        account.path.end_us,
        tuple(_state(each, answering.get(each.state) is each) for each in account.states),
        tuple(dict(each.as_json()) for each in account.comparisons),
    )


def account_name(track_sha256: str, layers: list[str], options: dict[str, Any]) -> str:
    """The name of an account: a hash over the track, the layers and the assumptions, and the build."""
    inputs = {
        "schema": SCHEMA,
        "track": track_sha256,
        "layers": layers,
        "options": options,
        "build": build_identity()["sha256"],
    }
    return sha256_bytes(json.dumps(inputs, sort_keys=True).encode())


def read_kept(registers: Registers, name: str) -> KeptAccount | None:
    """An account kept in a workspace; None where there is none that the log vouches for."""
    path = registers.workspace.root / FOLDER / f"{name}.json"
    try:
        content = path.read_bytes()
        if not registers.vouched(name, content):
            return None
        value = json.loads(content)
        states = tuple(_read_state(each) for each in value["states"])
        return KeptAccount(value["start_us"], value["end_us"], states, tuple(value["between_layers"]))
    except (OSError, ValueError, KeyError, TypeError):  # made anew: it is only a cache
        return None


def keep(registers: Registers, name: str, account: KeptAccount) -> None:
    """Keep an account in a workspace, with its hash in the log.

    Raises:
        AtalayaError: STO-005.
    """
    value = {
        "schema": SCHEMA,
        "start_us": account.start_us,
        "end_us": account.end_us,
        "states": [_written_state(each) for each in account.states],
        "between_layers": list(account.between_layers),
    }
    content = json.dumps(value).encode()
    with written_whole(registers.workspace.root / FOLDER / f"{name}.json") as partial:
        partial.write_bytes(content)
    registers.vouch(name, content)


def _state(each: "StateAccount", answers: bool) -> KeptState:
    return KeptState(
        each.state,
        each.layer,
        each.edition,
        each.sovereign,
        answers,
        each.intervals,
        each.seconds,
        each.deepest,
        each.heights,
        each.as_json(),
    )


def _written_state(each: KeptState) -> dict[str, Any]:
    table = each.intervals
    deepest = each.deepest
    return {
        "state": each.state,
        "layer": each.layer,
        "edition": each.edition,
        "sovereign": each.sovereign,
        "answers": each.answers,
        "intervals": [
            table.start_us.tolist(),
            table.end_us.tolist(),
            table.standing.tolist(),
            table.supported.tolist(),
        ],
        "seconds": [
            each.seconds.supported,
            each.seconds.minimum,
            each.seconds.maximum,
            each.seconds.estimate,
        ],
        "deepest": None
        if deepest is None
        else [
            deepest.depth_m,
            deepest.t_us,
            deepest.lon_deg,
            deepest.lat_deg,
            deepest.z if math.isfinite(deepest.z) else None,
        ],
        "heights": [[band.datum, band.lowest_m, band.highest_m, band.fixes] for band in each.heights],
        "shown": each.shown,
    }


def _read_state(value: dict[str, Any]) -> KeptState:
    start, end, standing, supported = value["intervals"]
    deepest = value["deepest"]
    if deepest is not None:
        depth_m, t_us, lon_deg, lat_deg, z = deepest
        deepest = Deepest(depth_m, t_us, lon_deg, lat_deg, math.nan if z is None else z)
    return KeptState(
        value["state"],
        value["layer"],
        value["edition"],
        value["sovereign"],
        value["answers"],
        Intervals(
            np.array(start, np.int64),
            np.array(end, np.int64),
            np.array(standing, np.uint8),
            np.array(supported, np.bool_),
        ),
        Seconds(*value["seconds"]),
        deepest,
        tuple(HeightBand(*band) for band in value["heights"]),
        value["shown"],
    )
