"""What every catalogue adapter promises."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from atalaya.store.catalogue import Catalogue, ClipRecord, ExploitRecord, OutputRecord
from atalaya.store.sql_catalogue import open_sqlite

CLIP = ClipRecord(
    "a" * 64, "flight.ts", 10, "mpegts", 1_700_000_000_000_000, 5, 9, 3, (-107.0, 25.0, -106.9, 25.1)
)
OUTPUTS = (
    OutputRecord("frames", "frames/aa.parquet", "b" * 64),
    OutputRecord("map", "clips/aa/map.png", "c" * 64),
)
EXPLOIT = ExploitRecord(
    CLIP.sha256, "repaired", "0.1.0", {"schema": "atalaya.exploit/1", "n": [1, None]}, OUTPUTS
)

ADAPTERS: dict[str, Callable[[Path], Catalogue]] = {
    "sqlite-file": lambda folder: open_sqlite(folder / "catalogue.sqlite"),
    "sqlite-memory": lambda folder: open_sqlite(None),
}


@pytest.fixture(params=sorted(ADAPTERS))
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    opened = ADAPTERS[request.param](tmp_path)
    yield opened
    opened.close()


def test_what_was_registered_is_read_back_whole(catalogue: Catalogue) -> None:
    assert catalogue.register(CLIP, EXPLOIT) is True
    assert catalogue.clip(CLIP.sha256) == CLIP
    assert catalogue.exploit(CLIP.sha256, "repaired") == EXPLOIT
    assert catalogue.clips() == [CLIP]


def test_the_same_twice_changes_nothing(catalogue: Catalogue) -> None:
    catalogue.register(CLIP, EXPLOIT)
    later = replace(CLIP, name="copy of flight.ts", received_us=CLIP.received_us + 1)
    assert catalogue.register(later, EXPLOIT) is False
    assert catalogue.clips() == [CLIP]


def test_another_variant_joins_and_a_new_reading_replaces(catalogue: Catalogue) -> None:
    catalogue.register(CLIP, EXPLOIT)
    plain = replace(EXPLOIT, variant="as-recorded", outputs=OUTPUTS[:1])
    assert catalogue.register(CLIP, plain) is True
    newer = replace(EXPLOIT, version="0.2.0", outputs=OUTPUTS[1:])
    assert catalogue.register(CLIP, newer) is True
    assert catalogue.exploit(CLIP.sha256, "repaired") == newer
    assert catalogue.exploit(CLIP.sha256, "as-recorded") == plain


def test_unknown_things_are_none(catalogue: Catalogue) -> None:
    assert catalogue.clip("f" * 64) is None
    assert catalogue.exploit("f" * 64, "repaired") is None


def test_clips_between_takes_closed_intervals_and_leaves_undated_clips_out(catalogue: Catalogue) -> None:
    undated = replace(CLIP, sha256="d" * 64, start_us=None, end_us=None, bounds_deg=None)
    catalogue.register(CLIP, EXPLOIT)
    catalogue.register(undated, replace(EXPLOIT, sha256=undated.sha256, outputs=()))
    assert catalogue.clips_between(9, 20) == [CLIP]
    assert catalogue.clips_between(0, 5) == [CLIP]
    assert catalogue.clips_between(10, 20) == []
    assert catalogue.clip(undated.sha256) == undated


def test_a_failing_registration_leaves_nothing(catalogue: Catalogue) -> None:
    doubled = replace(EXPLOIT, outputs=(OUTPUTS[0], OUTPUTS[0]))
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        catalogue.register(CLIP, doubled)
    assert catalogue.clip(CLIP.sha256) is None
    assert catalogue.exploit(CLIP.sha256, "repaired") is None
