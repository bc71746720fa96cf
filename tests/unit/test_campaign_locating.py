"""From detections to sites: looks that saw nothing count, failed ones do not, reviews weigh."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atalaya.base.errors import AtalayaError, BadInput, NotFound
from atalaya.base.hashing import sha256_file
from atalaya.campaign.detecting.detect import Footage, detect
from atalaya.campaign.detecting.detection_files import DetectionFiles
from atalaya.campaign.detecting.examine import Task
from atalaya.campaign.executor import ThisThread
from atalaya.campaign.locating.dossiers import dossiers_of
from atalaya.campaign.locating.kept_sites import site_id
from atalaya.campaign.locating.located import apart, locate_sites, split_of
from atalaya.campaign.locating.prior import prior_of, source_of
from atalaya.campaign.locating.sign_rates import CAUTIOUS, calibrations, place_m, rate_of, usual_model
from atalaya.campaign.locating.site_files import geojson, write_sites
from atalaya.campaign.locating.sought import sought_of
from atalaya.campaign.report.collect import Worked, collected
from atalaya.campaign.report.write import write_page
from atalaya.detect import Candidates, CardClass, Context, ModelCard, Tile
from atalaya.detect.candidates import no_candidates
from atalaya.earth.cells import areas_m2, cells_of
from atalaya.footage.writer import StreamFormat
from atalaya.locate.dossier import blind_view
from atalaya.locate.dossier_json import blind_json
from atalaya.locate.dossier_lines import blind_lines
from atalaya.locate.review import Review, Verdict
from atalaya.sensing.evidence import evidence_types
from atalaya.sensing.search_map import SearchMap
from atalaya.store.review_store import ReviewStore
from atalaya.store.workspace import Workspace
from tests.made_stream import START_US, make

FRAMES = 30


class Claiming:
    """Claims two signs in the middle of every picture, or nothing, or fails."""

    def __init__(self, how: str, name: str = "claiming") -> None:
        self.how = how
        classes = (CardClass("roof", "roof"), CardClass("heap", "dump"))
        self.card = ModelCard(name, "1", ("EO",), ("DN",), classes)

    def prepare(self, context: Context) -> Any:
        return None

    def detect(self, tile: Tile, state: Any) -> Candidates:
        if self.how == "fails":
            raise ValueError("broken on purpose")
        if self.how == "silent":
            return no_candidates()
        middle = np.array([tile.shape[1] / 2.0, tile.shape[0] / 2.0])
        box = np.concatenate((middle - 3, middle + 3))[None].astype(np.float32)
        if self.how == "floods":
            n = 200
            return Candidates(np.repeat(box, n, 0), np.ones(n, np.float32), np.zeros(n, np.int16))
        return Candidates(np.repeat(box, 2, 0), np.ones(2, np.float32), np.array([0, 1], np.int16))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "a.ts"
    make(path, StreamFormat(320, 240), FRAMES)
    return path


def workspace(clip: Path, root: Path, how: str) -> Workspace:
    """A workspace in which the clip was looked at."""
    made = Workspace.open(root)
    sha256 = sha256_file(clip)
    made.keep(clip, sha256)
    list(detect([Footage(sha256, clip, clip.name)], made, [Task(Claiming(how))], ThisThread()))
    return made


@pytest.mark.proves("SIT-101")
def test_a_look_that_saw_nothing_lowers_the_map_where_it_looked_and_nowhere_else(
    clip: Path, tmp_path: Path
) -> None:
    root = workspace(clip, tmp_path, "silent").root
    found = locate_sites(root, prior_of(root))
    assert found.sites == ()
    lower = found.after.rate < found.before.rate - 1e-12
    assert lower.any()
    assert not lower.all()
    assert np.allclose(found.after.rate[~lower], found.before.rate[~lower])


@pytest.mark.proves("SIT-101")
@pytest.mark.proves("DET-002")
def test_a_detector_that_failed_lowers_nothing(clip: Path, tmp_path: Path) -> None:
    seen = workspace(clip, tmp_path / "silent", "silent").root
    root = workspace(clip, tmp_path / "fails", "fails").root
    prior = prior_of(seen)
    # cells are cut and added up again: equal but for the last digits
    assert np.allclose(locate_sites(root, prior).after.rate, prior.rate, rtol=1e-12, atol=0.0)


@pytest.mark.proves("SIT-102")
def test_a_detector_that_claims_things_all_over_says_nothing(clip: Path, tmp_path: Path) -> None:
    seen = workspace(clip, tmp_path / "silent", "silent").root
    root = workspace(clip, tmp_path / "floods", "floods").root
    prior = prior_of(seen)
    found = locate_sites(root, prior)
    assert found.sites == ()
    assert np.allclose(found.after.rate, prior.rate, rtol=1e-12, atol=0.0)


def test_two_signs_in_one_place_are_one_site_with_its_evidence(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    found = locate_sites(made.root, prior_of(made.root, per_km2=1.0))
    assert len(found.sites) == 1
    (dossier,) = dossiers_of(found, made.root)
    assert dossier.kinds == ("dump", "roof")
    assert dossier.ce90_m > 0.0
    assert {row.frame is not None for row in dossier.evidence if row.found} == {True}
    assert dossier.chips
    assert dossier.next_look is not None
    # the ledger explains the number: prior and changes add up to it
    site = found.sites[0]
    odds = site.prior_log_odds + sum(line.change for line in site.ledger)
    assert np.isclose(odds, np.log(site.facility / (1.0 - site.facility)), atol=1e-6)


def test_the_same_whatever_was_done_before(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    prior = prior_of(made.root, per_km2=1.0)
    pages = []
    for _ in range(2):
        found = locate_sites(made.root, prior)
        write_sites(made, found, dossiers_of(found, made.root))
        pages.append([(made.root / "sites" / name).read_bytes() for name in ("sites.json", "sites.gpkg")])
    assert pages[0] == pages[1]


def test_reviews_move_the_number_by_who_made_them(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    prior = prior_of(made.root, per_km2=1.0)
    before = locate_sites(made.root, prior).sites[0]
    seen = Review(before.id, "ana", START_US + 10**9, Verdict.ACCEPT)
    blind = Review(before.id, "eva", START_US + 2 * 10**9, Verdict.ACCEPT, blind=True)
    store = ReviewStore(made.root)
    store.append([seen])
    once = locate_sites(made.root, prior).sites[0]
    store.append([blind])
    twice = locate_sites(made.root, prior).sites[0]
    assert before.id == once.id == twice.id
    assert before.facility < once.facility < twice.facility < 1.0


def test_damaged_detections_cost_their_recording_alone(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    DetectionFiles(made.root, sha256_file(clip)).detections.write_bytes(b"PAR1 nothing")
    found = locate_sites(made.root, prior_of(workspace(clip, tmp_path / "b", "silent").root))
    assert [error.code for error in found.errors] == ["SIT-002"]


def test_without_detections_it_says_what_to_do(tmp_path: Path) -> None:
    root = Workspace.open(tmp_path).root
    with pytest.raises(NotFound, match="SIT-001"):
        prior_of(root)


def test_ground_nobody_could_place_is_no_prior(clip: Path, tmp_path: Path) -> None:
    root = workspace(clip, tmp_path, "fails").root
    with pytest.raises(BadInput, match="SIT-003"):
        prior_of(root)


def test_ids_are_found_by_their_beginning(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    with pytest.raises(NotFound, match="SIT-006"):
        site_id(made.root, "S")
    found = locate_sites(made.root, prior_of(made.root, per_km2=1.0))
    write_sites(made, found, dossiers_of(found, made.root, chips=False))
    whole = found.sites[0].id
    assert site_id(made.root, whole[:4]) == whole
    assert site_id(made.root, whole.upper()) == whole
    for wrong, code in (("", "SIT-016"), (whole[:3], "SIT-016"), ("nothing", "SIT-004")):
        with pytest.raises(AtalayaError, match=code):
            site_id(made.root, wrong)
    (made.root / "sites" / "sites.json").write_text("{", "utf-8")
    with pytest.raises(BadInput, match="SIT-007"):
        site_id(made.root, whole)


def test_geojson_holds_place_and_ellipse(clip: Path, tmp_path: Path) -> None:
    import shapely

    made = workspace(clip, tmp_path, "claims")
    found = locate_sites(made.root, prior_of(made.root, per_km2=1.0))
    place, ellipse = geojson(dossiers_of(found, made.root, chips=False))["features"]
    ring = shapely.from_geojson(json.dumps(ellipse["geometry"]))
    assert ring.is_valid
    assert ring.exterior.is_ccw
    assert ring.contains(shapely.from_geojson(json.dumps(place["geometry"])))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_is_written_with_and_without_sites(clip: Path, tmp_path: Path, lang: str) -> None:
    for how in ("claims", "silent"):
        page = write_page(workspace(clip, tmp_path / how, how).root, lang).read_text("utf-8")
        assert f'lang="{lang}"' in page
        assert "http://" not in page.replace("http://www.w3.org", "")
    empty = write_page(Workspace.open(tmp_path / "empty").root, lang).read_text("utf-8")
    assert f'lang="{lang}"' in empty


def test_rates_speak_of_kinds_there_are_and_of_all_classes() -> None:
    model = usual_model()
    assert set(model.rates) <= set(evidence_types())
    assert all(0.0 < rate.mean < 1.0 for rates in model.rates.values() for rate in rates)
    assert calibrations()


def test_what_is_sought_decides_what_a_look_is_worth() -> None:
    strip, mine = usual_model("strip").rates["pit"], usual_model("mine").rates["pit"]
    assert strip[0].mean < 0.5 < mine[0].mean
    assert place_m("strip") > place_m("lab")
    with pytest.raises(BadInput, match=r"SIT-011.*lab, mine, strip"):
        usual_model("submarine")


def test_what_is_sought_is_kept_and_a_rehearsal_knows_its_own(clip: Path, tmp_path: Path) -> None:
    root = workspace(clip, tmp_path, "claims").root
    assert sought_of(root) == "any"
    found = locate_sites(root, prior_of(root, per_km2=1.0), "mine")
    write_sites(Workspace.open(root), found, dossiers_of(found, root))
    assert sought_of(root) == "mine"
    assert sought_of(root, "lab") == "lab"
    (root / "rehearsal.json").write_text('{"flown": "..", "sought": "strip"}')
    assert sought_of(root) == "strip"
    with pytest.raises(BadInput, match="SIT-011"):
        sought_of(root, "x" * 90)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_who_judges_blind_is_not_told_what_the_machine_looked_for(
    clip: Path, tmp_path: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATALAYA_LANG", lang)
    root = workspace(clip, tmp_path, "claims").root
    located = locate_sites(root, prior_of(root, per_km2=1.0))
    (dossier,) = dossiers_of(located, root, chips=False)
    missed = replace(dossier.evidence[0], kind="", missed="drums", look="another")
    blind = blind_view(replace(dossier, evidence=(*dossier.evidence, missed)))
    text = "\n".join(blind_lines(blind)) + json.dumps(blind_json(blind), ensure_ascii=False)
    assert dossier.mgrs in text
    for kind, known in evidence_types().items():
        assert kind not in text
        assert known.labels[lang] not in text


def test_where_the_expectation_comes_from_is_told(clip: Path, tmp_path: Path) -> None:
    root = workspace(clip, tmp_path, "claims").root
    assert source_of(root) == "even"
    assert source_of(root, tmp_path / "map.tif") == "given"
    found = locate_sites(root, prior_of(root))
    write_sites(Workspace.open(root), found, ())
    assert (source_of(root), source_of(root, None, 0.1)) == ("kept", "even")


def test_chances_fall_with_coarser_pictures_and_end() -> None:
    rate = rate_of("range-signs-eo/1", "roof")
    chance = rate.chance_at(np.array([0.3, 0.8, 1.2, 1.6, 1.7, np.nan]))
    assert (np.diff(chance[:4]) <= 0.0).all()
    assert chance[4:].tolist() == [0.0, 0.0]
    assert rate_of("nobody/9", "roof") is CAUTIOUS


def test_places_nearer_than_a_camp_is_wide_are_one(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    (site,) = locate_sites(made.root, prior_of(made.root, per_km2=1.0)).sites

    def at(east_m: float, p: float) -> Any:
        return replace(site, z_m=site.z_m + np.array([east_m, 0.0]), facility=p)

    kept = apart([at(0.0, 0.9), at(80.0, 0.5), at(170.0, 0.4), at(400.0, 0.1)])
    assert [one.facility for one in kept] == [0.9, 0.4, 0.1]


def test_wide_ground_is_cut_coarser_and_too_wide_a_map_refused() -> None:
    def of(cells: int, cell_m: float) -> SearchMap:
        rate = np.full((cells, cells), 1e-6)
        return SearchMap(rate, np.zeros_like(rate), "EPSG:6933", (0.0, cell_m, 0.0, 0.0, 0.0, -cell_m))

    assert split_of(of(10, 500.0)) == 10
    assert split_of(of(10, 30.0)) == 1
    assert 1 <= split_of(of(300, 500.0)) < 10
    with pytest.raises(BadInput, match=r"SIT-012.*\d+ x \d+ km"):
        split_of(of(2_000, 500.0))


def test_recordings_of_two_continents_are_not_one_search(clip: Path, tmp_path: Path) -> None:
    root = workspace(clip, tmp_path, "silent").root
    (file,) = root.glob("detections/*.coverage.parquet")
    near = pq.read_table(file)
    far = cells_of([10.0], [-30.0])
    cells = pa.concat_tables([near, near.slice(0, 1).set_column(
        near.schema.get_field_index("cell"), near.schema.field("cell"), [pa.array(far)])])  # fmt: skip
    pq.write_table(cells, file)
    with pytest.raises(BadInput, match=r"SIT-013.*350 km"):
        prior_of(root)


def again(made: Workspace, clip: Path, detector: Claiming, kind: str = "") -> dict[str, Any]:
    footage = Footage(sha256_file(clip), clip, clip.name)
    (done,) = detect([footage], made, [Task(detector)], ThisThread(), kind=kind)
    assert done.result is not None
    return done.result


def test_a_detector_that_runs_later_takes_nothing_from_the_others(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    prior = prior_of(made.root, per_km2=1.0)
    before = locate_sites(made.root, prior)
    result = again(made, clip, Claiming("silent", "other"))
    assert [each["detector"] for each in result["detectors"]] == ["other/1"]
    kept = json.loads(DetectionFiles(made.root, sha256_file(clip)).result.read_text("utf-8"))
    assert {each["detector"] for each in kept["detectors"]} == {"other/1", "claiming/1"}
    after = locate_sites(made.root, prior)
    assert [site.id for site in after.sites] == [site.id for site in before.sites]
    assert sorted(after.tracklets.id) == sorted(before.tracklets.id)
    unsuited = again(made, clip, Claiming("claims"), kind="IR")
    assert unsuited["unsuited"] == {"claiming/1": "sensor"}
    assert len(locate_sites(made.root, prior).sites) == 1
    again(made, clip, Claiming("silent"))
    assert locate_sites(made.root, prior).sites == ()


def test_a_map_of_another_place_is_refused_and_nothing_is_lost(clip: Path, tmp_path: Path) -> None:
    root = workspace(clip, tmp_path, "claims").root
    prior = prior_of(root, per_km2=1.0)
    x0, dx, rx, y0, ry, dy = prior.post_affine
    elsewhere = SearchMap(prior.rate, prior.hidden, prior.crs, (x0 + 3e5, dx, rx, y0, ry, dy), prior.looks)
    with pytest.raises(BadInput, match="SIT-015"):
        locate_sites(root, elsewhere)


def test_ground_looked_at_is_counted_finer_than_the_map(clip: Path, tmp_path: Path) -> None:
    made = workspace(clip, tmp_path, "claims")
    located = locate_sites(made.root, prior_of(made.root))
    search = collected(made.root, worked=Worked(located, (), None)).search
    assert search is not None
    cells = np.unique(np.asarray(located.known[0].coverage["cell"]))
    assert search.looked_km2 == pytest.approx(areas_m2(cells).sum() / 1e6, rel=1e-6)
    assert search.looked_share < 0.1
