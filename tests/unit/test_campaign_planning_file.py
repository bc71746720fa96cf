"""A campaign file is taken whole or refused with one error that has a code and a place."""

import math
import re
from pathlib import Path
from typing import Any

import pytest

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.campaign.planning.campaign_file import KNOWN, read_campaign
from atalaya.campaign.planning.stated_law import STATEMENTS
from tests.tiny_campaign import AREA, authorisation, box, platform, scene_of, tiny, write

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "plan.md"
CROSSED = [[-110.2, 31.0], [-110.1, 31.1], [-110.1, 31.0], [-110.2, 31.1]]
VOLUME = {"name": "v", "kind": "keep_out", "polygon": box(-110.2, 31.05, -110.15, 31.1), "floor_m": 0.0,
          "ceiling_m": 9000.0, "datum": "msl"}  # fmt: skip
HEAD, NORTH, STRIP = tiny()["campaign"], tiny()["area"][0], tiny()["base"][0]

REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("PLN-002", "tiny.toml", {"aera": []}),
    ("PLN-003", "[[area]]", {"area": []}),
    ("PLN-003", "[[area]]", {"area": [NORTH, NORTH]}),
    ("PLN-003", "area", {"area": 7}),
    ("PLN-004", "[[area]] 1", {"area": [{**NORTH, "polygon": CROSSED}]}),
    ("PLN-004", "[[area]] 1, polygon", {"area": [{**NORTH, "polygon": [[lat, lon] for lon, lat in AREA]}]}),
    ("PLN-004", "[[area]] 1, polygon", {"area": [{**NORTH, "polygon": [[math.nan, 31.0], *AREA]}]}),
    ("PLN-004", "[[area]] 1, polygon", {"area": [{**NORTH, "polygon": [[1e308, 31.0], *AREA]}]}),
    ("PLN-004", "[[area]] 1, polygon", {"area": [{**NORTH, "polygon": AREA[:2]}]}),
    ("PLN-004", "[[area]] 1, holes", {"area": [{**NORTH, "holes": box(-110.25, 31.05, -110.2, 31.1)}]}),
    ("PLN-004", "[[area]] 1", {"area": [{**NORTH, "holes": [box(-100.0, 31.0, -99.0, 32.0)]}]}),
    ("PLN-006", "[[area]] 1, file", {"area": [{"name": "a", "file": "nothing.gpkg"}]}),
    ("PLN-006", "[prior], map", {"prior": {"map": "x" * 1500}}),
    ("REC-011", "[prior]", {"prior": {"map": "a\0b"}}),
    ("REC-011", "[prior]", {"prior": {"cell_m": math.nan}}),
    ("REC-011", "[prior]", {"prior": {"expected": math.inf}}),
    ("REC-012", "[prior]", {"prior": {"cell": 1000.0}}),
    ("REC-010", "[campaign]", {"campaign": {"start": HEAD["start"]}}),
    ("REC-001", "[campaign], start", {"campaign": {**HEAD, "start": "tomorrow"}}),
    ("PLN-003", "[campaign], start", {"campaign": {**HEAD, "start": "2026-12-02T00:00:00"}}),
    ("PLN-003", "[campaign], start", {"campaign": {**HEAD, "start": "2026-12-02"}}),
    ("PLN-003", "[campaign], days", {"campaign": {**HEAD, "days": 1.5}}),
    ("REC-011", "[campaign]", {"campaign": {**HEAD, "days": 10**9}}),
    ("REC-011", "[campaign]", {"campaign": {**HEAD, "language": "xx"}}),
    ("PLN-007", "tiny.toml", {"campaign": {**HEAD, "purpose": "airstrike"}}),
    ("PLN-007", "tiny.toml", {"campaign": {**HEAD, "question": "where to drop bombs"}}),
    ("PLN-007", "tiny.toml", {"area": [{**NORTH, "name": "missile range"}]}),
    ("PLN-007", "[[platform]] 1", {"platform": [platform(aircraft=["missile-1"])]}),
    ("PLN-003", "[[platform]] 1, aircraft", {"platform": [platform(aircraft=["../../N-ONE"])]}),
    ("PLN-003", "[[platform]] 1, aircraft", {"platform": [platform(aircraft=["N"], count=3)]}),
    ("PLN-003", "[[platform]]", {"platform": [platform(), platform()]}),
    ("PLN-003", "[[platform]] 1, height", {"platform": [platform(flight_level=100)]}),
    ("PLN-005", "[[platform]] 1", {"platform": [platform(base="Elsewhere")]}),
    ("PLN-005", "[[platform]] 1, sensor", {"platform": [platform(sensor="x-ray")]}),
    ("REC-012", "[[platform]] 1", {"platform": [platform(weapon="none")]}),
    ("PLN-003", "[[base]]", {"base": [STRIP, {**STRIP, "lat_deg": 30.9}]}),
    ("REC-011", "[[base]] 1", {"base": [{**STRIP, "lon_deg": 30.9, "lat_deg": -110.2}]}),
    ("PLN-003", "[terrain]", {"terrain": {}}),
    ("PLN-003", "[flight], windows", {"flight": {"windows": 3}}),
    ("PLN-003", "[flight], windows", {"flight": {"windows": [["2026-12-02T00:00", "2026-12-02T09:00"]]}}),
    ("PLN-003", "[flight], windows", {"flight": {"windows": [["2026-12-02T09:00Z", "2026-12-02T00:00Z"]]}}),
    ("REC-012", "[[volume]] 1", {"volume": [{**VOLUME, "celing_m": 100.0}]}),
    ("REC-012", "[flight_plan]", {"flight_plan": {"weight": "M"}}),
    ("REC-011", "[[volume]] 1", {"volume": [{**VOLUME, "floor_m": math.nan}]}),
    ("LED-001", "[[authorisation]] 1", {"authorisation": [authorisation(area=[[31.3, -110.6]])]}),
    ("LED-003", "[[authorisation]] 1", {"authorisation": [authorisation(instrument="permit for missiles")]}),
    ("REC-012", "[[authorisation]] 1", {"authorisation": [authorisation(bnad="FL100-FL200")]}),
]  # fmt: skip


@pytest.mark.proves("PLN-001")
@pytest.mark.parametrize(("code", "place", "change"), REFUSED)
def test_what_cannot_be_is_refused_with_code_and_place(
    tmp_path: Path, code: str, place: str, change: dict[str, Any]
) -> None:
    with pytest.raises(AtalayaError) as caught:
        read_campaign(write(tmp_path, tiny(**change)))
    assert caught.value.code == code
    assert place in str(caught.value.where)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("FLT-010", {"polygon": CROSSED}),
        ("FLT-011", {"kind": "keep_about"}),
        ("FLT-011", {"valid_from": "2026-12-05T00:00:00Z", "valid_to": "2026-12-01T00:00:00Z"}),
        ("FLT-012", {"datum": ""}),
    ],
)
def test_volumes_that_cannot_be(tmp_path: Path, code: str, change: dict[str, Any]) -> None:
    with pytest.raises(AtalayaError, match=code) as caught:
        scene_of(tmp_path, tiny(volume=[{**VOLUME, **change}]))
    assert "[[volume]] 1" in str(caught.value.where)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[[area]", b"a = " + b"[" * 3000, b"a = 1\na = 2", b"x" * 70])
def test_files_that_are_no_toml(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.toml").write_bytes(data)
    with pytest.raises(BadInput, match="PLN-001"):
        read_campaign(tmp_path / "x.toml")


@pytest.mark.parametrize("name", ["absent.toml", ".", "x" * 1000])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound, match="PLN-006"):
        read_campaign(tmp_path / name)


def known_keys(folder: Path, part: str, table: dict[str, Any]) -> set[str]:
    """The keys that reading a part asks for, as its refusal of an unknown one lists them."""
    one = {**table, "no_such_key": 1}
    listed = part in ("area", "base", "platform", "volume")
    with pytest.raises(BadInput, match="REC-012") as caught:
        read_campaign(write(folder, tiny(**{part: [one] if listed else one})))
    return set(str(caught.value.details["known"]).split(", "))


def documented() -> dict[str, set[str]]:
    """Part to the words in code type of its row."""
    text = PAGE.read_text(encoding="utf-8").partition("## The campaign file")[2].partition("\n## ")[0]
    found: dict[str, set[str]] = {}
    for heads, body in re.findall(r"^\| (`\[.+?) \| (.+) \|$", text, re.MULTILINE):
        for head in re.findall(r"`\[+(\w+)\]+`", heads):
            found[head] = set(re.findall(r"`(\w+)`", body))
    return found


def test_every_part_is_documented_and_every_documented_part_is_known() -> None:
    assert set(documented()) == KNOWN


@pytest.mark.proves("PLN-002")
@pytest.mark.parametrize(
    ("part", "table"),
    [("campaign", HEAD), ("area", NORTH), ("prior", {}), ("base", STRIP), ("platform", platform()),
     ("wind", {}), ("flight", {}), ("volume", VOLUME), ("terrain", {"flat_msl_m": 1400.0}),
     ("flight_plan", {})],
)  # fmt: skip
def test_every_key_is_documented(tmp_path: Path, part: str, table: dict[str, Any]) -> None:
    known = known_keys(tmp_path, part, table) - {"layer"}
    assert known - documented()[part] == set()


def test_every_documented_key_is_known(tmp_path: Path) -> None:
    values = {
        "any",
        "day",
        "night",
        "en",
        "es",
        "msl",
        "hae",
        "agl",
        "geodesic",
        "parallel",
        "keep_out",
        "keep_in",
    }
    tables = {"campaign": HEAD, "area": NORTH, "prior": {}, "base": STRIP, "platform": platform(), "wind": {},
              "flight": {}, "volume": VOLUME, "terrain": {"flat_msl_m": 1400.0},
              "flight_plan": {}}  # fmt: skip
    for part, table in tables.items():
        known = known_keys(tmp_path, part, table)
        assert documented()[part] - values - known - {"fpl", "locate"} == set(), part


def test_statements_are_those_of_the_page() -> None:
    assert set(STATEMENTS) <= set(documented())
