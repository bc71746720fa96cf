"""What planning is told of the law before it looks for paths is what the gates say of the flight."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atalaya.campaign.planning.asked_sorties import ask_path, barred_us
from atalaya.campaign.planning.opening_words import opening_words
from atalaya.campaign.planning.request import Fleet
from atalaya.campaign.planning.scene import Effort, Scene
from atalaya.campaign.planning.slots import Slot
from atalaya.law.ledger.steps import Tri
from atalaya.plan.airspace import check_path
from atalaya.plan.flight_path import FlightPath
from tests.tiny_campaign import (
    ALL_OPEN,
    START_US,
    Planned,
    authorisation,
    box,
    plan,
    platform,
    scene_of,
    tiny,
)

FEW = Effort(300)
WEST, EAST = box(-110.60, 30.70, -110.20, 31.30), box(-110.20, 30.70, -109.80, 31.30)
HOUR_US = 3_600_000_000

TERMS: list[dict[str, Any]] = [
    {},
    {"band": "FL060-FL100"},
    {"band": "FL180-FL280"},
    {"sensors": ["eo", "ir"]},
    {"sensors": ["sar"]},
    {"purposes": ["search"]},
    {"purposes": ["mapping"]},
    {"airframes": ["N-ONE"]},
    {"airframes": ["N-OTHER"]},
    {"lead_time_s": 3600},
    {"lead_time_s": 10 * 86400},
    {"valid_from": "2026-12-02T06:00:00Z", "valid_to": "2026-12-02T09:00:00Z"},
    {"valid_to": "2026-12-02T00:30:00Z"},
    {"airspace_of": "GTM"},
]
PERIOD = {"state": "MEX", "from": "2026-12-01T00:00Z", "to": "2026-12-10T00:00Z"}
NOTICE = {"id": "N", "valid_from": "2026-11-28T12:00:00Z", "notice": "n", "step": "sent", "to": "MEX",
          "medium": "letter", "about": PERIOD}  # fmt: skip
REVOKED = {"id": "R", "valid_from": "2026-12-02T07:00:00Z", "authorisation": "authorisation/A",
           "by": "an invented office"}  # fmt: skip
CONTESTED = {"id": "C", "valid_from": "2026-11-30T00:00:00Z", "speaker": "an invented office",
             "wording": "we contest it", "stance": "contests",
             "standing": "host", "about": PERIOD}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("law")


def straight(
    scene: Scene, fleet: Fleet, cells: np.ndarray[Any, Any], start_us: int, seconds: float
) -> FlightPath:
    """A level flight from the middle of one cell to that of another."""
    lon, lat = (each.ravel()[cells] for each in scene.ground.grid.middles())
    share = np.linspace(0.0, 1.0, 12)
    t_us = (start_us + share * seconds * 1e6).astype(np.int64)
    flat = np.full(12, fleet.height_m)
    lines = (lon[0] + share * (lon[1] - lon[0]), lat[0] + share * (lat[1] - lat[0]))
    return FlightPath(t_us, *lines, flat, np.ones(12), np.zeros(12, np.int64))


def allowed_by_gates(scene: Scene, slot: Slot, path: FlightPath) -> bool:
    """Whether the gates, asked with the path, have no ground of airspace against it."""
    return not barred_us(ask_gates(scene, slot, path))


def ask_gates(scene: Scene, slot: Slot, path: FlightPath) -> Any:
    flight = replace(scene.flights[slot.fleet], airframe=slot.aircraft)
    return ask_path(path, flight, scene.law, scene.request.off_track_m, "again")


@pytest.mark.proves("PLN-003")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(TERMS), st.sampled_from([WEST, EAST, ALL_OPEN])), max_size=3),
    st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 2**31),
)  # fmt: skip
def test_a_region_is_open_exactly_when_the_gates_allow_flights_inside_it(
    folder: Path, papers: list[tuple[dict[str, Any], Any]], notice: bool, revoked: bool, contested: bool,
    by_level: bool, seed: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    stated = [authorisation(id="ABC"[k], area=area, **terms) for k, (terms, area) in enumerate(papers)]
    height = {"height_msl_m": None, "flight_level": 80} if by_level else {}
    whole = tiny(authorisation=stated, platform=[platform(**height)], prior={"cell_m": 2000.0})
    whole["notification"] = [NOTICE] if notice else []
    whole["revocation"] = [REVOKED] if revoked and stated else []
    whole["attestation"] = [CONTESTED] if contested else []
    scene, slots = scene_of(folder, whole)
    slot, fleet = slots[0], scene.request.fleets[0]
    number = scene.regions["USA"].number
    for region, opening in enumerate(slot.openings):
        inside = np.flatnonzero(number == region)
        if not scene.regions["USA"].regions[region].certain or len(inside) < 2:
            continue
        for _ in range(2):
            cells = rng.choice(inside, 2)
            line = straight(scene, fleet, cells, 0, 1.0)
            if not np.all(np.isin(number.reshape(scene.ground.grid.shape)[_cells(scene, line)], region)):
                continue  # the straight way leaves the region
            start_us = START_US + int(rng.integers(0, 23 * HOUR_US))
            path = straight(scene, fleet, cells, start_us, 600.0)
            says = allowed_by_gates(scene, slot, path)
            assert not opening.covers(start_us, int(path.t_us[-1])) or says, "open, and the gates refuse it"
            if says and _certain(scene, region):
                assert opening.covers(start_us, int(path.t_us[-1])), "closed, and the gates allow it"


def _certain(scene: Scene, region: int) -> bool:
    """Whether nothing about a region is in doubt: no cell of it near an edge of an area."""
    found = scene.regions["USA"].regions[region]
    return Tri.UNKNOWN not in (*found.areas.values(), *found.rules.values())


def _cells(scene: Scene, path: FlightPath) -> tuple[Any, Any]:
    columns, rows = scene.ground.grid.grid.cells(path.lon_deg, path.lat_deg)
    return np.rint(rows).astype(int), np.rint(columns).astype(int)


def kept(planned: Planned) -> None:
    """Every rule, looked at anew and by other means where there are any."""
    for each in planned.made.sorties:
        path = each.sortie.path
        slot = next(s for s in planned.slots if s.aircraft == each.sortie.aircraft and s.day == each.day
                    and s.start_us <= path.t_us[0] <= s.end_us)  # fmt: skip
        assert slot.start_us <= path.t_us[0]
        assert path.t_us[-1] <= slot.end_us, "in its slot"
        assert allowed_by_gates(planned.scene, slot, path), "no second without leave"
        assert each.fuel_left >= each.reserve
        assert path.fuel[-1] >= each.reserve
        assert each.sortie.expected_finds > 0.0
        flown = shapely.linestrings(np.column_stack((path.lon_deg, path.lat_deg)))
        dense = shapely.points(shapely.get_coordinates(shapely.segmentize(flown, 5e-4)))
        for volume in planned.scene.request.volumes:
            area = shapely.geometry.shape(volume["geometry"]).buffer(-1e-5)
            assert not shapely.contains(area, dense).any(), "out of keep-outs"
        base = planned.scene.request.bases[each.sortie.base]
        aside = np.hypot(path.lon_deg - base.lon_deg, path.lat_deg - base.lat_deg)
        away = aside > 0.05  # of the climb: the base itself lies on the ground
        clearance = path.height_msl_m[away] - 1400.0
        assert (clearance >= planned.scene.request.clearance_m - 1.0).all()
        platform_ = planned.scene.request.fleets[each.fleet].platform
        assert not check_path(path, planned.scene.airspace.volumes, planned.scene.airspace.terrain, platform_,
                              clearance_m=planned.scene.request.clearance_m)  # fmt: skip
    assert planned.made.expected_finds <= planned.made.bound + 1e-9
    gone = planned.made.before.expected - planned.made.after.expected
    assert gone == pytest.approx(planned.made.expected_finds, abs=1e-9)
    _closed_ground_is_named(planned)


def _closed_ground_is_named(planned: Planned) -> None:
    """Ground of the areas that is closed to every flight of a day is in what was left out, with a reason."""
    scene, made = planned.scene, planned.made
    lon, lat = scene.ground.grid.middles()
    left = shapely.union_all([each.geometry for each in made.left_out]).buffer(1e-3)
    for day in {slot.day for slot in planned.slots}:
        closed = np.logical_and.reduce([~scene.flyable(s) for s in planned.slots if s.day == day])
        cells = closed & (scene.ground.grid.share > 0.0)
        assert shapely.contains_xy(left, lon[cells], lat[cells]).all()
    for each in made.left_out:
        assert each.volumes or opening_words(each.grounds, each.states, made.stated)


@st.composite
def campaigns(draw: st.DrawFn) -> dict[str, Any]:
    """Small campaigns with random papers, hours and keep-outs."""
    papers = [
        authorisation(id="A", area=draw(st.sampled_from([ALL_OPEN, box(-110.45, 30.75, -110.15, 31.3)])))
    ]
    for name in "BC"[: draw(st.integers(0, 2))]:
        west, south = draw(st.floats(-110.4, -110.15)), draw(st.floats(30.8, 31.1))
        papers.append(authorisation(id=name, area=box(west, south, west + 0.2, south + 0.2)))
    from_hour = draw(st.integers(0, 5))
    if draw(st.booleans()):
        papers[0] |= {"valid_from": f"2026-12-02T0{from_hour}:00:00Z",
                      "valid_to": f"2026-12-02T0{from_hour + 3}:00:00Z"}  # fmt: skip
    volumes = []
    for number in range(draw(st.integers(0, 2))):
        west, south = draw(st.floats(-110.3, -110.13)), draw(st.floats(30.95, 31.12))
        size = draw(st.floats(0.02, 0.1))
        volumes.append({"name": f"V{number}", "kind": "keep_out", "datum": "msl", "floor_m": 0.0,
                        "ceiling_m": draw(st.sampled_from([2000.0, 6000.0])),
                        "polygon": box(west, south, west + size, south + size)})  # fmt: skip
    wind = {"from_deg": draw(st.floats(0.0, 360.0)), "speed_ms": draw(st.floats(0.0, 12.0))}
    return tiny(authorisation=papers, volume=[v for v in volumes if v["ceiling_m"] > 2400.0], wind=wind,
                platform=[platform(hours=draw(st.sampled_from([1.0, 2.0])),
                                   sorties_per_day=draw(st.integers(1, 2)))])  # fmt: skip


@pytest.mark.proves("PLN-004", "PLN-005", "PLN-006")
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(campaigns())
def test_no_plan_breaks_a_rule_and_closed_ground_is_named(folder: Path, whole: dict[str, Any]) -> None:
    kept(plan(folder, whole, FEW))


@pytest.mark.proves("PLN-005")
@pytest.mark.parametrize(
    ("paper", "words", "opened"),
    [
        (None, "no authorisation", authorisation()),
        (authorisation(band="FL180-FL280"), "altitudes", authorisation(band=None)),
        (authorisation(sensors=["sar"]), "sensors", authorisation(sensors=["eo", "ir"])),
        (authorisation(purposes=["mapping"]), "purpose", authorisation(purposes=["search"])),
        (authorisation(airframes=["N-TWO"]), "aircraft", authorisation(airframes=["N-ONE"])),
        (authorisation(lead_time_s=3600), "notice", authorisation(lead_time_s=None)),
        (authorisation(area=box(-110.6, 30.7, -109.8, 30.95)), "area", authorisation()),
    ],
)  # fmt: skip
def test_closed_ground_says_what_would_open_it_and_that_opens_it(
    folder: Path, paper: dict[str, Any] | None, words: str, opened: dict[str, Any]
) -> None:
    shut = plan(folder, tiny(authorisation=[] if paper is None else [paper]), FEW).made
    assert not shut.sorties
    assert shut.refused[0].reasons
    assert sum(each.expected for each in shut.left_out) == pytest.approx(1.0, abs=0.05)
    said = " ".join(opening_words(shut.left_out[0].grounds, shut.left_out[0].states, shut.stated))
    assert words in said
    open_ = plan(folder, tiny(authorisation=[opened]), FEW).made
    assert open_.sorties
    assert not open_.left_out
