"""A set of disease files: what may begin a case, which version it is, and what a form's place means."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from cases.invented import INVENTED, invented
from cases.test_properties import AS_OF, WOOL, lists_of
from varde.cases import (
    DISEASES,
    Catalogue,
    Evidence,
    LaboratoryFinding,
    Linked,
    Notified,
    Profile,
    Vaccinated,
    catalogue,
    classify,
    diseases,
    infected_in,
    read_catalogue,
)

DAY = date(2020, 1, 20)
OF_WOOL = Catalogue({WOOL.key: WOOL})


@settings(max_examples=100, deadline=None)
@given(lists_of(WOOL))
def test_there_is_no_case_of_what_nothing_begins(evidence: list[Evidence]) -> None:
    begun = OF_WOOL.begun_by(evidence)
    assert begun <= OF_WOOL.concerned(evidence)
    if classify(WOOL, evidence, AS_OF):
        assert begun == {WOOL.key}


def finding(**said: object) -> LaboratoryFinding:
    about: dict[str, object] = {"key": "f", "day": DAY, "organism": "coxiella-burnetii"}
    return LaboratoryFinding(**(about | said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ({"method": "culture", "material": "blood"}, True),
        ({"method": "unknown", "material": "blood"}, True),
        ({"method": "culture", "material": "blood", "notifiable": "MSIS-AV"}, False),
        ({"method": "unknown", "material": "urine"}, False),
        # By the definition of March, which takes any material.
        ({"method": "culture", "material": "urine"}, True),
        ({"method": "antigen", "resistant": frozenset({"FOX"})}, True),
        ({"method": "antigen", "resistant": frozenset({"PEN"})}, False),
        ({"organism": "bartonella", "method": "antibody", "notifiable": "MSIS-M"}, True),
        ({"organism": "bartonella", "method": "antibody"}, False),
        ({"organism": "escherichia-coli", "method": "culture", "material": "blood"}, False),
    ],
)
def test_a_finding_begins_a_case_when_it_meets_a_criterion_of_any_definition(
    said: dict[str, object], begins: bool
) -> None:
    assert OF_WOOL.begun_by([finding(**said)]) == ({WOOL.key} if begins else set())


def test_a_form_begins_a_case_and_a_dose_or_a_link_does_not() -> None:
    form = Notified(key="n", day=DAY, disease="wool-fever")
    link = Linked(key="l", day=DAY, disease="wool-fever", kind="animal")
    dose = Vaccinated(key="v", day=DAY, diseases=frozenset({"measles"}))
    assert OF_WOOL.begun_by([form]) == {"wool-fever"}
    assert OF_WOOL.begun_by([link, dose]) == set()
    assert OF_WOOL.begun_by([Notified(key="n", day=DAY, disease="measles")]) == set()


def test_what_it_knows_of_all_its_files() -> None:
    assert OF_WOOL.resistances == {"FOX", "OXA"}
    assert OF_WOOL.doses == {"measles"}
    assert OF_WOOL.agents == {
        "coxiella-burnetii": frozenset({"wool-fever"}),
        "bartonella": frozenset({"wool-fever"}),
    }
    assert catalogue().diseases == diseases()


def test_the_version_is_another_when_the_file_is() -> None:
    same = Catalogue({WOOL.key: invented()})
    assert same.versions == OF_WOOL.versions
    assert same.criteria_version == OF_WOOL.criteria_version
    longer = Catalogue(
        {WOOL.key: invented(INVENTED.replace("window_days = 10", "window_days = 9"))}
    )
    assert longer.versions != OF_WOOL.versions
    # What may begin a case has nothing to do with windows.
    assert longer.criteria_version == OF_WOOL.criteria_version
    other = Catalogue({WOOL.key: invented(INVENTED.replace('"FOX", "OXA"', '"FOX"'))})
    assert other.versions != OF_WOOL.versions
    assert other.criteria_version != OF_WOOL.criteria_version


def test_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "measles.toml").write_bytes((DISEASES / "measles.toml").read_bytes())
    found = read_catalogue(tmp_path)
    assert found.diseases.keys() == {"measles"}
    assert found.versions["measles"] == catalogue().versions["measles"]
    assert found.named("Morbilli") == catalogue().named("morbilli")
    assert found.named("Salmonellose") is None


@pytest.mark.parametrize(
    ("code", "words", "place"),
    [
        ("0301", "", "0301"),
        ("030101", "Gamle Oslo", "0301"),
        ("2100", "Utenfor Fastlands-Norge", "2100"),
        ("9999", "Ukjent kommune", ""),
        ("100", "Norge", "NO"),
        ("137", "", "ES"),
        ("684", "", "US"),
        ("999", "Brasil", "BR"),
        ("999", "", "abroad"),
        ("1AF", "Afrika", "1AF"),
        ("1UK", "Ukjent", ""),
        ("ES", "", "ES"),
        ("XX", "", ""),
        ("", "spania", "ES"),
        ("Thailand", "", "TH"),
        ("", "Svalbard", "SJ"),
        ("", "i utlandet", "abroad"),
        ("", "Asia", "1AS"),
        ("", "BERGEN", "4601"),
        ("", "Herøy", "NO"),  # of two municipalities
        ("", "Fjordby", ""),
        ("••••••", "", ""),
        ("", "", ""),
    ],
)
def test_where_a_form_says_that_somebody_was_infected(code: str, words: str, place: str) -> None:
    assert infected_in(code, words, date(2026, 1, 1)) == place


def test_names_of_municipalities_are_those_of_the_day() -> None:
    assert infected_in("", "Ålesund", date(2023, 1, 1)) == "1507"
    assert infected_in("", "Ålesund", date(2026, 1, 1)) == "1508"


def test_a_finding_that_counts_beside_a_form_alone_is_no_case_by_itself() -> None:
    def carried(material: str) -> tuple[bool, bool]:
        said = ("streptococcus-pyogenes", "culture", material, Profile(), "")
        key = "group-a-streptococcal-disease"
        return key in catalogue().met_by(*said), key in catalogue().carried_by(*said)

    assert carried("blood") == (True, True)
    assert carried("throat") == (True, False)


def test_rules_are_part_of_the_version_of_what_findings_are_by_themselves() -> None:
    weaker = INVENTED.replace('probable = [["laboratory"]]', 'probable = [["epidemiological"]]')
    assert weaker != INVENTED
    other = Catalogue({WOOL.key: invented(weaker)})
    assert other.criteria_version != OF_WOOL.criteria_version


@pytest.mark.parametrize(
    "word", ["Fugleinfluensa", "Influensa med pandemisk potensial", "avian influenza"]
)
def test_a_form_on_influenza_of_animals_is_of_group_a_with_notice_at_once(word: str) -> None:
    named = catalogue().named(word)
    assert named is not None and named.disease == "zoonotic-influenza"
    duty = diseases()[named.disease].duty_on(date(2026, 1, 1))
    assert duty is not None and (duty.group, duty.at_once) == ("A", True)
