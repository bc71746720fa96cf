"""Recipes: what they may say, and that a search among their sites is an honest one."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from atalaya.base.errors import AtalayaError, BadInput, NotAuthorised, NotFound
from atalaya.sensing.evidence import evidence_types
from atalaya.sensing.unarmed import SENSOR_KINDS
from atalaya.sim.scene import read_recipes, recipes, themes
from atalaya.sim.scene.recipe_file import SOURCE_CLASSES
from atalaya.sim.scene.unpopulated import names_the_living_or_moving

HUT = """
[[recipe]]
name = "hut"
label_en = "hut"
label_es = "choza"
facility = false
themes = ["x"]
[[recipe.part]]
name = "roof"
form = "solid"
evidence = "roof"
materials = ["metal_roof"]
length_m = [4.0, 6.0]
width_m = [3.0, 4.0]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_vocabulary_is_told_in_both_languages() -> None:
    for word in evidence_types().values():
        assert word.labels["en"] != word.labels["es"]
        assert word.means["en"] != word.means["es"]
        assert word.shows
        assert word.shows <= SENSOR_KINDS


@pytest.mark.proves("SCN-009")
def test_every_word_of_evidence_is_of_the_vocabulary_and_every_word_is_used() -> None:
    used = {word for one in recipes().values() for word in one.shown}
    claimed_by_detectors_alone = {"vehicle", "strip", "change", "anomaly"}
    assert used == set(evidence_types()) - claimed_by_detectors_alone


@pytest.mark.proves("SCN-009")
def test_every_value_of_a_packaged_recipe_has_a_source() -> None:
    raw = tomllib.loads((files("atalaya.sim.scene") / "recipes.toml").read_text(encoding="utf-8"))
    for entry in raw["recipe"]:
        one = recipes()[entry["name"]]
        for part in entry["part"]:
            for key in set(part) - {"name"}:
                assert one.sources[f"{part['name']}.{key}"].split(":")[0] in SOURCE_CLASSES
    stated = [source for one in recipes().values() for source in one.sources.values()]
    assert {source.split(":")[0] for source in stated} == set(SOURCE_CLASSES)


@pytest.mark.proves("SCN-002")
@pytest.mark.parametrize("theme", themes())
def test_look_alikes_share_signs_with_a_facility_and_never_all(theme: str) -> None:
    of_theme = [one for one in recipes().values() if theme in one.themes]
    for facility in (one for one in of_theme if one.facility):
        assert len(facility.sure) >= 3
        for other in (one for one in of_theme if not one.facility):
            assert other.sure & facility.sure
            assert not facility.sure <= other.shown


@pytest.mark.proves("SCN-003")
@pytest.mark.parametrize("theme", themes())
def test_every_theme_has_three_kinds_of_look_alikes_or_more(theme: str) -> None:
    assert sum(theme in one.themes and not one.facility for one in recipes().values()) >= 3


def test_labels_are_in_both_languages() -> None:
    assert all(one.labels["en"] != one.labels["es"] for one in recipes().values())


@pytest.mark.proves("SCN-001")
@pytest.mark.parametrize(
    "name",
    ["workers", "guard_post", "truck", "pickup", "cattle", "parked_car", "avioneta", "camioneta", "perros",
     "trabajadores", "rifle", "motor_boat", "person_01", "vehículo", "Niños"],
)  # fmt: skip
def test_a_recipe_that_names_the_living_the_moving_or_arms_is_refused(tmp_path: Path, name: str) -> None:
    for text in (
        HUT.replace('name = "roof"', f'name = "{name}"'),
        HUT.replace('label_es = "choza"', f'label_es = "{name}"'),
    ):
        with pytest.raises(NotAuthorised) as caught:
            read_recipes(written(tmp_path, text))
        assert caught.value.code == "SCN-003"
        with pytest.raises(NotAuthorised):
            read_recipes(written(tmp_path, text + f"{name.encode('ascii', 'ignore').decode()}_m = 3\n"))


@pytest.mark.proves("SCN-001")
def test_no_packaged_recipe_names_one() -> None:
    for one in recipes().values():
        texts = [one.name, *one.labels.values(), *(part.name for part in one.parts)]
        assert [text for text in texts if names_the_living_or_moving(text)] == []


@pytest.mark.parametrize(
    "name", ["carport roof", "cartón", "carbon", "manual", "busbar", "planed timber", "dogwood"]
)
def test_words_that_only_sound_like_it_pass(name: str) -> None:
    assert names_the_living_or_moving(name) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('evidence = "roof"', 'evidence = "smell"'),
        ('["metal_roof"]', '["unobtainium"]'),
        ('["metal_roof"]', "[]"),
        ('["metal_roof"]', '"metal_roof"'),
        ("[4.0, 6.0]", "[6.0, 4.0]"),
        ("[4.0, 6.0]", "[4.0]"),
        ("[4.0, 6.0]", "[nan, 6.0]"),
        ("[4.0, 6.0]", "[4.0, inf]"),
        ("[4.0, 6.0]", "[4.0, 1e300]"),
        ("[4.0, 6.0]", "[true, false]"),
        ("[4.0, 6.0]", '["a", "b"]'),
        ('form = "solid"', 'form = "cloud"'),
        ('form = "solid"', 'form = "line"'),
        ("facility = false", 'facility = "no"'),
        ('name = "hut"', 'name = "../hut"'),
        ('name = "hut"', 'name = ""'),
        ('themes = ["x"]', 'themes = ["x"]\ncolour = 1'),
        ('themes = ["x"]', 'themes = ["x"]\nplace = 3'),
        ('themes = ["x"]', 'themes = ["x"]\nplace = {slope_deg = [0, 90]}'),
        ('themes = ["x"]', 'themes = ["x"]\nplace = {relax = ["luck"]}'),
        ('themes = ["x"]', 'themes = ["x"]\nsources = {"roof.length_m" = "hearsay: x"}'),
        ('themes = ["x"]', 'themes = ["x"]\nsources = {"roof.colour" = "assumed"}'),
        ('evidence = "roof"', "count = [0, 3]"),
        ('evidence = "roof"', "side = {a = 1}"),
        ('evidence = "roof"', 'side = "silk"'),
        ('evidence = "roof"', "count = [1, 100000]"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_one_clear_error(tmp_path: Path, old: str, new: str) -> None:
    assert old in HUT
    with pytest.raises(BadInput) as caught:
        read_recipes(written(tmp_path, HUT.replace(old, new, 1)))
    assert caught.value.code == "SCN-004"
    assert "own.toml" in caught.value.where


def test_a_users_recipe_is_read_and_unsaid_sources_are_assumed(tmp_path: Path) -> None:
    hut = read_recipes(written(tmp_path, HUT))["hut"]
    assert hut.parts[0].length_m == (4.0, 6.0)
    assert set(hut.sources.values()) == {"assumed"}


def test_a_facility_that_shows_too_little_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_recipes(written(tmp_path, HUT.replace("facility = false", "facility = true")))
    assert caught.value.code == "SCN-005"


def test_a_look_alike_that_shows_all_of_a_facility_is_refused(tmp_path: Path) -> None:
    more = "".join(
        f'[[recipe.part]]\nname = "{word}"\nform = "decal"\nevidence = "{word}"\nmaterials = ["char"]\n'
        for word in ("scar", "pit")
    )
    facility = HUT.replace("facility = false", "facility = true") + more
    twin = HUT.replace('name = "hut"', 'name = "twin"') + more
    with pytest.raises(BadInput) as caught:
        read_recipes(written(tmp_path, facility + twin))
    assert caught.value.code == "SCN-005"
    assert caught.value.details["name"] == "twin"
    unlike = HUT.replace('name = "hut"', 'name = "other"').replace('evidence = "roof"', 'evidence = "heat"')
    with pytest.raises(BadInput):
        read_recipes(written(tmp_path, facility + unlike))
    assert len(read_recipes(written(tmp_path, facility + HUT.replace('name = "hut"', 'name = "less"')))) == 2


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_recipes(tmp_path / "missing.toml")
    for raw in (
        b"\xff\xfe",
        b"= 3",
        b"[[recipe]]\n" * 3,
        b"",
        b"recipe = 3",
        b"[recipe]\n",
        b"a" * 1_000_001,
    ):
        (tmp_path / "odd.toml").write_bytes(raw)
        with pytest.raises(AtalayaError) as caught:
            read_recipes(tmp_path / "odd.toml")
        assert caught.value.code in ("SCN-002", "SCN-004")
