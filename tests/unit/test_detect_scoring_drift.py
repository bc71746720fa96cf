"""The drift alarm: silent while nothing changes, loud when it does, without truth; what cards say."""

import json

import numpy as np
import pytest

from atalaya.base.errors import BadInput
from atalaya.detect.card import ModelCard
from atalaya.detect.scoring.conditions import DRIFT_KEY, outside_card
from atalaya.detect.scoring.drift import Reference, drift, even_edges, histogram, reference
from tests import mining_chips
from tests.shared_data import shared

EDGES = np.stack([np.linspace(-6, 6, 25)] * 2)
NAMES = ("red", "score")


def strips(rng: np.random.Generator, blocks: int, shift: float = 0.0, own: float = 0.7) -> np.ndarray:
    """Blocks whose pixels share an offset, so that pixels are no independent draws."""
    middle = rng.normal(shift, own, (blocks, 2, 1))
    values = middle + rng.normal(0, 1, (blocks, 2, 400))
    return np.stack([[histogram(v, e) for v, e in zip(block, EDGES, strict=True)] for block in values])


@pytest.mark.proves("SCO-007")
@pytest.mark.parametrize("size", [6, 25])
def test_silent_while_nothing_changes_and_loud_when_it_does(size: int) -> None:
    rng = np.random.default_rng(11)
    false = loud = 0
    for _ in range(60):
        known = reference(strips(rng, 40), EDGES, NAMES, rng, rounds=300)
        false += drift(known, strips(rng, size)).fired
        loud += drift(known, strips(rng, size, shift=1.5)).fired
    assert false <= 3
    assert loud >= 57


@pytest.mark.proves("SCO-007")
def test_fires_from_2019_to_2024_on_the_mining_chips_and_not_within_a_year() -> None:
    found = mining_chips.by_year(shared("detect/amazon_mining/gallery"))
    rng = np.random.default_rng(2)
    known = reference(found[2019], mining_chips.EDGES, mining_chips.NAMES, rng, rounds=500)
    assert drift(known, found[2024]).fired
    assert drift(known, found[2023]).fired
    false = 0
    for _ in range(20):
        order = rng.permutation(len(found[2019]))
        half = found[2019][order[::2]], found[2019][order[1::2]]
        within = reference(half[0], mining_chips.EDGES, mining_chips.NAMES, rng, rounds=200)
        false += drift(within, half[1]).fired
    assert false <= 1


def test_a_card_keeps_the_reference_and_tells_what_left_it() -> None:
    rng = np.random.default_rng(5)
    kept = json.loads(json.dumps(reference(strips(rng, 30), EDGES, NAMES, rng, rounds=200).as_json()))
    card = ModelCard("d", "1", ("EO",), ("DN",), (), gsd_m=(0.05, 0.2), extra={DRIFT_KEY: kept})
    same = outside_card(card, kind="EO", unit="DN", gsd_m=[0.1, 0.15], counts=strips(rng, 20))
    assert same == []
    told = outside_card(card, kind="IR", unit="K", gsd_m=[0.1, 0.4, np.nan], counts=strips(rng, 20, shift=4))
    assert [each.code for each in told] == ["SCO-020", "SCO-021", "SCO-022", "SCO-023", "SCO-023"]
    assert told[2].count == 2
    assert all("{" not in each.message for each in told)
    bare = ModelCard("d", "1", ("EO",), ("DN",), ())
    assert [each.code for each in outside_card(bare, kind="EO", unit="DN", gsd_m=np.nan)] == ["SCO-024"]


def test_values_beyond_the_edges_and_without_a_number_are_kept_apart() -> None:
    counts = histogram([-99.0, 0.5, 1.5, 99.0, np.nan], np.array([0.0, 1.0, 2.0]))
    assert counts.tolist() == [2, 2]
    assert histogram(np.array([[1, 2]]), np.array([0.0, 1.5, 3.0]), np.array([[True, False]])).tolist() == [
        1,
        0,
    ]


def test_edges_part_values_evenly() -> None:
    values = np.random.default_rng(1).exponential(size=10_000)
    counts = histogram(values, even_edges(values, 20))
    assert counts.min() > 450


@pytest.mark.parametrize(
    "harm",
    [
        lambda kept: kept.pop("limit"),
        lambda kept: kept["edges"][0].reverse(),
        lambda kept: kept["share"].pop(),
        lambda kept: kept.update(sizes=[]),
        lambda kept: kept["limit"][0].__setitem__(0, None),
        lambda kept: kept.update(names=3),
    ],
)
def test_a_damaged_reference_is_one_error(harm: object) -> None:
    rng = np.random.default_rng(5)
    kept = reference(strips(rng, 9), EDGES, NAMES, rng, rounds=50).as_json()
    harm(kept)  # type: ignore[operator]
    with pytest.raises(BadInput) as error:
        Reference.from_json(kept)
    assert error.value.code in ("SCO-001", "SCO-002", "SCO-012")


def test_too_few_blocks_give_no_limit() -> None:
    rng = np.random.default_rng(5)
    with pytest.raises(BadInput) as error:
        reference(strips(rng, 7), EDGES, NAMES, rng)
    assert error.value.code == "SCO-013"
