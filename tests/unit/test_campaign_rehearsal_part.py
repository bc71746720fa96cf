"""What a campaign file says of the range: every key is read, every refusal names its place."""

from pathlib import Path
from typing import Any

import pytest

from atalaya.base.errors import AtalayaError
from atalaya.campaign.planning.campaign_file import read_campaign
from atalaya.campaign.planning.request import CampaignRequest, Rehearsal, SyntheticGround
from tests.tiny_campaign import tiny, write

EVERY_KEY = {
    "theme": "mine", "facilities": 2, "confusers": 1.5, "concealment": [0.1, 0.3], "air_c": -4.0,
    "swing_k": 3.0, "visibility_km": 12.0, "cloud": 0.5, "errors": "turret-ins",
    "faults": ["absolute azimuth", "positions late"], "video_s": 8.0, "clip_s": 2.0, "width": 320,
    "height": 180, "rate_hz": 25.0, "packets_hz": 2.0, "targets": "yes",
}  # fmt: skip


def request(tmp_path: Path, **tables: Any) -> CampaignRequest:
    return read_campaign(write(tmp_path, tiny(**tables)))


def test_every_key_of_the_range_is_read(tmp_path: Path) -> None:
    read = request(tmp_path, rehearsal=EVERY_KEY).rehearsal
    assert read is not None
    wanted = {**EVERY_KEY, "concealment": (0.1, 0.3), "targets": True}
    wanted["faults"] = ("absolute azimuth", "positions late")
    assert {name: getattr(read, name) for name in wanted} == wanted


def test_an_empty_table_asks_for_what_is_usual_and_none_for_nothing(tmp_path: Path) -> None:
    assert request(tmp_path, rehearsal={}).rehearsal == Rehearsal()
    assert request(tmp_path).rehearsal is None


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("theme", 3, "REC-011"), ("facilities", -1, "REC-011"), ("facilities", 1.5, "PLN-003"),
        ("confusers", -0.1, "REC-011"), ("concealment", [0.7, 0.2], "PLN-003"),
        ("concealment", [0.2, 1.2], "PLN-003"), ("concealment", 0.3, "PLN-003"), ("air_c", 90.0, "REC-011"),
        ("swing_k", -1.0, "REC-011"), ("visibility_km", 0.0, "REC-011"), ("cloud", 1.1, "REC-011"),
        ("errors", 1, "REC-011"), ("faults", 7, "REC-011"), ("video_s", -1.0, "REC-011"),
        ("video_s", float("nan"), "REC-011"), ("clip_s", 0.0, "REC-011"), ("width", 161, "PLN-003"),
        ("height", 16, "REC-011"), ("rate_hz", 0.0, "REC-011"), ("packets_hz", -1.0, "REC-011"),
        ("targets", "perhaps", "REC-011"), ("people", 4, "REC-012"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_with_its_place(
    tmp_path: Path, key: str, value: object, code: str
) -> None:
    with pytest.raises(AtalayaError) as caught:
        request(tmp_path, rehearsal={key: value})
    assert caught.value.code == code
    assert "tiny.toml, [rehearsal]" in caught.value.where
    assert key in str(caught.value)


def test_the_numbers_of_synthetic_ground(tmp_path: Path) -> None:
    ground = {"synthetic": "hill", "post_m": 90, "worked_m": 180, "cover_m": 30, "wetness": 0.4}
    assert request(tmp_path, terrain=ground).ground.synthetic == SyntheticGround(
        "hill", 90.0, 180.0, 30.0, 0.4, None
    )


def test_a_folder_of_country_is_ground(tmp_path: Path) -> None:
    (tmp_path / "country").mkdir()
    found = request(tmp_path, terrain={"country": "country"}).ground.synthetic
    assert found is not None
    assert found.folder == tmp_path / "country"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"synthetic": "moon"}, "REC-011"), ({"synthetic": "hill", "post_m": 0}, "REC-011"),
        ({"synthetic": "hill", "worked_m": -5}, "REC-011"), ({"synthetic": "hill", "wetness": 2}, "REC-011"),
        ({"synthetic": "hill", "cover_m": 0}, "REC-011"), ({"country": "nowhere"}, "PLN-006"),
        ({"synthetic": "hill", "flat_msl_m": 1400.0}, "PLN-003"),
        ({"synthetic": "hill", "sea": 1}, "REC-012"),
    ],
)  # fmt: skip
def test_ground_that_cannot_be_is_refused_with_its_place(
    tmp_path: Path, table: dict[str, object], code: str
) -> None:
    with pytest.raises(AtalayaError) as caught:
        request(tmp_path, terrain=table)
    assert caught.value.code == code
    assert "tiny.toml, [terrain]" in caught.value.where
