"""Platforms: what comes with the program, a user's own file, and what is refused."""

from pathlib import Path

import pytest

from atalaya.base.errors import AtalayaError, BadInput, NotAuthorised, NotFound
from atalaya.sensing import Phase, endurance_h, left_after, platform, platforms, read_platform, read_platforms
from atalaya.sensing.endurance import burn_per_h
from atalaya.sensing.platforms import SOURCE_CLASSES
from atalaya.sensing.unarmed import require_sensors_only

OWN = """
[[platform]]
name = "own"
like = "small-fixed-wing"
label_en = "our wing"
payload_kg = 0.5
[platform.tank]
capacity = 150.0
[platform.sources]
payload_kg = "maker: data sheet"
"""

WHOLE = """
[[platform]]
name = "bare"
empty_kg = 10.0
payload_kg = 1.0
loiter_ms = 20.0
cruise_ms = 25.0
climb_ms = 3.0
descent_ms = 3.0
ceiling_msl_m = 4000.0
bank_deg = 25.0
[platform.tank]
unit = "kg"
capacity = 4.0
coefficient = 0.004
[[platform.sensor]]
name = "eo"
kind = "EO"
rer = 0.4
snr = 30.0
modes = [["narrow", 2.0, 1.5, 1280, 960], ["wide", 20.0, 15.0, 1280, 960]]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "platforms.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.proves("SNS-002")
def test_every_value_says_where_it_is_from_in_both_languages() -> None:
    names = {one.name for one in platforms()}
    assert {"mq9a", "mq9a-loaded", "mq9b", "scaneagle", "small-fixed-wing", "small-multirotor"} <= names
    for one in platforms():
        assert set(one.labels) == {"en", "es"}
        assert one.labels["en"] != one.labels["es"]
        wanted = {f"{sensor.name}.{key}" for sensor in one.sensors for key in ("modes", "rer", "snr")}
        assert wanted <= set(one.sources)
        for name, source in one.sources.items():
            assert source.split(":")[0] in SOURCE_CLASSES, name
            assert ".modes" not in name or source.startswith("assumed"), name
        for sensor in one.sensors:
            widths = [mode.horizontal_deg for mode in sensor.modes]
            assert widths == sorted(widths, reverse=True)


def test_a_users_own_file(tmp_path: Path) -> None:
    own = read_platform(written(tmp_path, OWN))
    base = platform("small-fixed-wing")
    assert (own.name, own.payload_kg, own.tank.capacity) == ("own", 0.5, 150.0)
    assert own.sensors == base.sensors
    assert own.sources["payload_kg"] == "maker: data sheet"
    bare = read_platform(written(tmp_path, WHOLE), "bare")
    assert [mode.name for mode in bare.sensors[0].modes] == ["wide", "narrow"]
    assert bare.sources["empty_kg"] == "assumed"
    assert bare.tank.mass_exponent == 1.5
    assert len(read_platforms(written(tmp_path, WHOLE + OWN))) == 2


def test_unknown_names_are_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="mq9a") as caught:
        platform("mq99")
    assert caught.value.code == "SNS-001"
    with pytest.raises(NotFound, match="SNS-001"):
        read_platform(written(tmp_path, OWN), "other")
    with pytest.raises(NotFound, match="SNS-005"):
        read_platform(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("empty_kg = 10.0", "empty_kg = -1.0", "SNS-003"),
        ("empty_kg = 10.0", "empty_kg = nan", "SNS-003"),
        ("empty_kg = 10.0", 'empty_kg = "10"', "SNS-003"),
        ("empty_kg = 10.0", "empty_kg = true", "SNS-003"),
        ("empty_kg = 10.0", "", "SNS-003"),
        ("empty_kg = 10.0", "empty_kg = 10.0\nwingspan_m = 3.0", "SNS-003"),
        ("empty_kg = 10.0", "empty_kg = 10.0\nempty_kg = 9.0", "SNS-002"),
        ('unit = "kg"', 'unit = "lb"', "SNS-003"),
        ("coefficient = 0.004", "", "SNS-003"),
        ('kind = "EO"', 'kind = "LASER"', "SNS-003"),
        ("rer = 0.4", "", "SNS-003"),
        ("1280, 960]]", "1280]]", "SNS-003"),
        ("20.0, 15.0", "200.0, 15.0", "SNS-003"),
        ("[[platform]]", "[[platform", "SNS-002"),
        ("[[platform]]", '[[platform]]\nlike = "mq99"', "SNS-003"),
        ("[[platform]]", "[[aircraft]]", "SNS-003"),
        ('name = "bare"', 'name = "bare"\nsources = { empty_kg = "rumour" }', "SNS-003"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(
    before: str, after: str, code: str, tmp_path: Path
) -> None:
    assert before in WHOLE
    path = written(tmp_path, WHOLE.replace(before, after, 1))
    with pytest.raises(BadInput) as caught:
        read_platform(path)
    assert caught.value.code == code
    assert str(path) in caught.value.where


@pytest.mark.proves("SNS-001")
@pytest.mark.parametrize(
    "line",
    [
        'weapons = ["none stated"]',
        "hardpoints = 4",
        "stores_kg = 500.0",
        'munitions = "2"',
        'payload = "AGM-114 Hellfire"',
        'label_es = "avión con misiles"',
        'label_en = "strike configuration"',
        'armamento = "cohetes"',
        'kit = { laser_designator = "yes" }',
        'bays = [{ holds = "guided bombs" }]',
        'label_en = "wing with machine gun"',
    ],
)
def test_a_profile_that_names_arms_is_refused_whole(line: str, tmp_path: Path) -> None:
    text = WHOLE.replace("[[platform]]", f"[[platform]]\n{line}", 1)
    with pytest.raises(NotAuthorised) as caught:
        read_platforms(written(tmp_path, WHOLE.replace("bare", "first") + text))
    assert caught.value.code == "SNS-004"
    assert caught.value.exit_code == 5


@pytest.mark.proves("SNS-001")
def test_words_that_deny_arms_or_only_look_like_them_pass() -> None:
    for text in ("MQ-9A, unarmed", "desarmado", "no weapons", "sin armas", "Bombardier", "restored", "alarm"):
        require_sensors_only({"name": text, "sources": {"x": "official: hunter with weapons, fact sheet"}})
    with pytest.raises(NotAuthorised):
        require_sensors_only({"name": "no weapons but missiles"})


def test_phases_burn_what_the_law_says() -> None:
    one = platform("mq9a")
    left = left_after(
        one, [Phase("climb", 1.0), Phase("cruise", 3.0), Phase("loiter", 10.0), Phase("descent", 0.5)]
    )
    assert len(left) == 5
    # by small steps, to compare
    fuel, dry = one.tank.capacity, one.empty_kg + one.payload_kg
    for hours, regime, reached in (
        (1.0, "climb", left[1]),
        (3.0, "cruise", left[2]),
        (10.0, "loiter", left[3]),
    ):
        for _ in range(2000):
            middle = fuel - burn_per_h(one.tank, dry + fuel, regime) * hours / 4000.0  # type: ignore[arg-type]
            fuel -= burn_per_h(one.tank, dry + middle, regime) * hours / 2000.0  # type: ignore[arg-type]
        assert fuel == pytest.approx(reached, rel=1e-6)
    assert endurance_h(one) == pytest.approx(
        endurance_h(one, reserve_share=0.0) - _reserve_hours(one), rel=1e-9
    )


def _reserve_hours(one):  # type: ignore[no-untyped-def]
    return endurance_h(one, load=one.tank.capacity * one.tank.reserve_share, reserve_share=0.0)


def test_a_flight_beyond_the_fuel_is_no_number_and_a_battery_is_straight() -> None:
    assert str(left_after(platform("mq9a"), [Phase("loiter", 40.0), Phase("loiter", 1.0)])[1:]) == "[nan nan]"
    small = platform("small-multirotor")
    assert endurance_h(small, reserve_share=0.0) == pytest.approx(77.0 / 115.0)
    assert left_after(small, [Phase("loiter", 0.1)])[1] == pytest.approx(77.0 - 11.5)
    for wrong in ({"load": 1e6}, {"load": -1.0}, {"reserve_share": 1.0}):
        with pytest.raises(AtalayaError, match="SNS-006"):
            endurance_h(small, **wrong)
