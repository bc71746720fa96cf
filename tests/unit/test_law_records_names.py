"""Names: every spelling to its id by table, likeness only suggested, the easily confused kept apart."""

import pytest

from atalaya.law.records import Draft, Register, Span, parse_stated
from atalaya.law.records.names import Basis, NameTable, name_key
from tests.law_records import NOW, RECORDED_US, Importing, at, companies, example_register, record, sdn_issue

SPELLINGS = {
    "organisation/tren-de-aragua": ["Tren de Aragua", "TdA", "TREN DE ARAGUA", "tda"],
    "organisation/ofac-sdn-15412": ["Mara Salvatrucha", "MS-13", "MS13", "ms 13"],
    "organisation/ofac-sdn-11440": [
        "Cartel de Sinaloa",
        "Cártel de Sinaloa",
        "Sinaloa Cartel",
        "SINALOA CARTEL",
    ],
    "organisation/ofac-sdn-17671": [
        *("Cartel de Jalisco Nueva Generacion", "Cártel de Jalisco Nueva Generación", "CJNG", "C.J.N.G."),
        *("Jalisco New Generation Cartel", "New Generation Cartel of Jalisco"),
    ],
    "organisation/carteles-unidos": ["Carteles Unidos", "Cárteles Unidos", "CU", "United Cartels"],
    "organisation/ofac-sdn-11438": [
        *("Cartel del Noreste", "Cártel del Noreste", "CDN", "Northeast Cartel", "Los Zetas", "LOS ZETAS"),
    ],
    "organisation/ofac-sdn-10386": [
        *("Cartel del Golfo", "Cártel del Golfo", "Cártel de Golfo", "CDG", "Gulf Cartel"),
    ],
    "organisation/ofac-sdn-39376": ["La Nueva Familia Michoacana", "LNFM", "la  nueva familia   michoacana"],
}


@pytest.fixture(scope="module")
def names() -> NameTable:
    return NameTable(example_register(), NOW)


@pytest.mark.proves("REG-040")
@pytest.mark.parametrize(
    ("text", "organisation"), [(text, key) for key, texts in SPELLINGS.items() for text in texts]
)
def test_every_spelling_means_its_organisation(names: NameTable, text: str, organisation: str) -> None:
    assert names.resolve(text).organisation == organisation


@pytest.mark.proves("REG-040")
@pytest.mark.parametrize(
    ("text", "organisation", "other"),
    [
        ("La Familia Michoacana", "organisation/ofac-sdn-11439", "organisation/ofac-sdn-39376"),
        ("La Nueva Familia Michoacana", "organisation/ofac-sdn-39376", "organisation/ofac-sdn-11439"),
        ("Clan del Golfo", "organisation/ofac-sdn-15871", "organisation/ofac-sdn-10386"),
        ("Cártel del Golfo", "organisation/ofac-sdn-10386", "organisation/ofac-sdn-15871"),
    ],
)
def test_names_easily_confused_never_merge(
    names: NameTable, text: str, organisation: str, other: str
) -> None:
    found = names.resolve(text)
    assert found.organisation == organisation
    assert other not in {meaning.organisation for meaning in (*found.meanings, *found.also)}
    apart = names.organisation(organisation)
    assert apart is not None
    assert other in apart.distinct_from


@pytest.mark.proves("REG-040")
@pytest.mark.parametrize("text", ["Familia Michoacana", "Cartel de Jalisco", "Golfo", "", "!!!", "x" * 5000])
def test_likeness_suggests_and_never_answers(names: NameTable, text: str) -> None:
    found = names.resolve(text)
    assert (found.organisation, found.meanings) == (None, ())
    assert all(0 <= one.score < 100 for one in names.suggest(text))


def test_a_part_of_a_name_suggests_the_whole(names: NameTable) -> None:
    assert names.suggest("Cartel de Jalisco")[0].organisation == "organisation/ofac-sdn-17671"
    likely = names.suggest("Familia Michoacana")
    assert {"organisation/ofac-sdn-11439", "organisation/ofac-sdn-39376"} <= {
        one.organisation for one in likely
    }
    assert all(one.distinct_from for one in likely[:2])


@pytest.mark.proves("REG-042")
def test_a_spelling_of_two_organisations_means_none_and_says_so() -> None:
    again = record("alias/again", body={"organisation": "organisation/tren-de-aragua", "text": "C.D.G."})
    names = NameTable(example_register().added([Draft(again)], RECORDED_US + 1), NOW)
    found = names.resolve("cdg")
    assert found.ambiguous
    assert found.organisation is None
    assert len({meaning.organisation for meaning in found.meanings}) == 2


def test_a_former_name_and_a_spelling_of_its_time() -> None:
    zetas = NameTable(example_register(), NOW).resolve("Los Zetas")
    assert zetas.meanings[0].former
    span = Span(parse_stated("2020", "UTC"), parse_stated("2022", "UTC"))
    alias = record(
        "alias/t", body={"organisation": "organisation/tren-de-aragua", "text": "El Tren"}, valid=span
    )
    names = NameTable(example_register().added([Draft(alias)], RECORDED_US + 1), NOW)
    assert names.resolve("el tren").organisation == "organisation/tren-de-aragua"
    assert names.resolve("el tren", at("2021-06-01")).organisation == "organisation/tren-de-aragua"
    assert names.resolve("el tren", at("2025-06-01")).organisation is None


@pytest.mark.proves("REG-022")
def test_names_of_a_list_count_where_nobody_curated_one_and_old_ones_stay_known() -> None:
    rows = companies(60)
    renamed = ("8237", "CARRILLO FUENTES ORGANIZATION", "-0-", "SDNTK", "a.k.a. 'CFO'.")
    gulf = ("9999", "GULF CARTEL", "-0-", "SDNTK", "a.k.a. 'CDG'; a.k.a. 'THE COMPANY'.")
    importing = Importing(example_register())
    importing.take(sdn_issue([*rows, renamed, gulf], "2021-08-18"), expect_gone=0)
    after = ("8237", "JUAREZ CARTEL", "-0-", "SDNTK", "a.k.a. 'VCFO'.")
    importing.take(sdn_issue([*rows, after, gulf], "2021-12-16"))
    names = NameTable(importing.register, NOW)
    assert names.resolve("Juárez Cartel").organisation == "organisation/ofac-sdn-8237"
    former = names.resolve("Carrillo Fuentes Organization")
    assert former.organisation == "organisation/ofac-sdn-8237"
    assert former.meanings[0].basis is Basis.LISTED_BEFORE
    curated = names.resolve("Gulf Cartel")
    assert curated.organisation == "organisation/ofac-sdn-10386"
    assert [meaning.organisation for meaning in curated.also] == ["organisation/ofac-sdn-9999"]
    assert names.resolve("The Company").organisation == "organisation/ofac-sdn-9999"


def test_keys_do_without_case_accents_and_punctuation() -> None:
    assert name_key("Cártel «de» Sinaloa ") == name_key("CARTEL DE SINALOA") == "carteldesinaloa"
    assert name_key("Ñuñoa—Øst") == "nunoaost"
    assert name_key("картель") == "картель"
    assert NameTable(Register(), NOW).resolve("CJNG").meanings == ()
