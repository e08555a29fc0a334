"""Disease files: what is wrong in one is said by file and field, and nothing that refers to nothing is let in."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from cases.invented import INVENTED, invented
from varde.cases import (
    DISEASES,
    DiseaseFileError,
    Problem,
    check_diseases,
    diseases,
    material_sets,
    read_disease,
    read_diseases,
)
from varde.codes import materials


def test_the_shipped_files_are_without_fault() -> None:
    assert check_diseases() == []


def test_there_are_the_diseases_with_notice_at_once() -> None:
    """The list of Smittevernhåndboka (fhi.no); the other diseases are held against the form's names."""
    today = date(2026, 11, 25)
    duties = {key: disease.duty_on(today) for key, disease in diseases().items()}
    assert {key for key, duty in duties.items() if duty and duty.at_once} == {
        *(
            "anthrax",
            "botulism",
            "cholera",
            "congenital-rubella",
            "diphtheria",
            "ehec",
            "epidemic-typhus",
            "hus",
        ),
        *("legionellosis", "measles", "meningococcal-disease", "mers", "mpox", "plague"),
        *("poliomyelitis", "rabies", "rubella", "sars", "smallpox", "trichinellosis"),
        *("viral-haemorrhagic-fever", "zoonotic-influenza"),
    }


def test_sets_of_materials_are_opened_and_defaults_filled_in() -> None:
    grown, resistant, antibody = invented().definition[0].laboratory
    assert grown.materials == material_sets()["sterile-site"].materials <= set(materials())
    assert grown.organisms == resistant.organisms == {"coxiella-burnetii"}
    assert antibody.organisms == {"coxiella-burnetii", "bartonella"}


FAULTS = [
    ('key = "wool-fever"', 'key = "wool"', "key", "named wool.toml"),
    ('nb = "Ullfeber"\n', "", "", "`nb`"),
    ('nb = "Ullfeber"\n', 'nb = " "\n', "nb", "regex"),
    ('nb = "Ullfeber"\n', 'nb = "Ullfeber"\ncolour = "red"\n', "", "colour"),
    ('["coxiella-burnetii"]\nvaccine', '["coxiella"]\nvaccine', "organisms", "'coxiella'"),
    ('vaccine = ["measles"]', 'vaccine = ["wool"]', "vaccine", "'wool'"),
    ('vaccine = ["measles"]', "", "definition[0].laboratory[0].unless_vaccinated_days", "vaccine"),
    ('group = "B"', 'group = "D"', "duty[0].group", "'D'"),
    ("2020-01-10", "2019-01-10", "duty[1].valid_from", "order"),
    ("valid_from = 2020-01-10", 'valid_from = "soon"', "duty[1].valid_from", "RFC3339"),
    ("within_hours = 0", "within_hours = 3", "duty[1].tell", "at once"),
    ("within_hours = 0", "within_hours = -1", "duty[1].tell[0].within_hours", ">= 0"),
    ('minimum = "county"', 'minimum = "street"', "geography[0].minimum", "'street'"),
    ('"culture", "unknown"', '"smell"', "definition[0].laboratory[0].methods[0]", "'smell'"),
    ('["culture", "unknown"]', "[]", "definition[0].laboratory[0].methods", ">= 1"),
    ('["sterile-site"]', '["moon"]', "definition[0].laboratory[0].materials", "'moon'"),
    ('"FOX"', '"XXX"', "definition[0].laboratory[1].resistant_to", "'XXX'"),
    ('"bartonella"', '"bart"', "definition[0].laboratory[2].organisms", "'bart'"),
    ('id = "resistant-twice"', 'id = "grown"', "definition[0].laboratory[1].id", "'grown'"),
    ('id = "antibody"', 'id = "clinical"', "definition[0].laboratory[2].id", "'clinical'"),
    ("episode_days = 40", "", "definition[0].episode_days", "lifetime"),
    ("episode_days = 40", "episode_days = 9", "definition[0].window_days", "longer"),
    (
        "lifetime = true",
        "lifetime = true\nepisode_days = 9",
        "definition[1].episode_days",
        "either",
    ),
    ('["clinical"]\n\n[[', '["laboratory"]\n\n[[', "definition[0].presume[0]", "'laboratory'"),
    ('[["laboratory"]]', '[["lab"]]', "definition[1].rules.probable[0]", "'lab'"),
    ('[["laboratory"]]', "[[]]", "definition[1].rules.probable[0]", ">= 1"),
    ('[["no-clinical"]]', '[["none"]]', "definition[0].presentation[1].when[0]", "'none'"),
    (
        'when = [["grown", "clinical"], ["resistant-twice"]]',
        "",
        "definition[0].presentation[0].when",
        "",
    ),
    ('id = "silent"', 'id = "deep"', "definition[0].presentation[1].id", "'deep'"),
    (
        "days_after_onset = [2, 20]",
        "days_after_onset = [20, 2]",
        "definition[0].negative[1].days_after_onset",
        "the last day comes before the first",
    ),
    ('despite = ["antibody"]', 'despite = ["pcr"]', "definition[0].negative[0].despite", "'pcr'"),
    ('unless = ["not-found-twice"]', 'unless = ["x"]', "definition[0].laboratory[2].unless", "'x'"),
    ("younger_than = 60", "younger_than = 0", "definition[0].laboratory[2].younger_than", ">= 1"),
    ('id = "not-grown"', 'id = "undecided"', "definition[0].negative[0].id", "another criterion"),
    (
        '["not-grown", "no-clinical"], ["not-found-twice"]',
        '["no-clinical"], ["not-grown"], ["not-found-twice"]',
        "definition[0].rules.discarded[0]",
        "names no negative criterion",
    ),
    ('id = "not-grown"', 'id = "grown"', "definition[0].negative[0].id", "another criterion too"),
    (
        '["not-grown", "no-clinical"], ["not-found-twice"]',
        '["not-found-twice"]',
        "definition[0].negative[0].id",
        "no rule uses",
    ),
    ('links = ["animal", "human"]', "links = []", "definition[0].epidemiological.links", ">= 1"),
    (
        'links = ["animal", "human"]',
        'links = ["animal"]\ncarriers = true',
        "definition[0].epidemiological.carriers",
        "from person to person",
    ),
    (
        'confirmed = [["laboratory", "epidemiological"]]\nprobable = [["laboratory"]]',
        'confirmed = [["laboratory"]]',
        "definition[1].epidemiological",
        "no rule uses it",
    ),
    (
        'confirmed = [["laboratory", "epidemiological"]]\nprobable = [["laboratory"]]\nsuspected = [["notified"]]',
        "",
        "definition[1].rules",
        "there is no rule",
    ),
    ('source = "invented"\nlifetime', 'source = ""\nlifetime', "definition[1].source", "regex"),
]


@pytest.mark.parametrize(("old", "new", "field", "problem"), FAULTS)
def test_a_fault_is_named_with_its_field(old: str, new: str, field: str, problem: str) -> None:
    assert old in INVENTED
    with pytest.raises(DiseaseFileError) as caught:
        invented(INVENTED.replace(old, new, 1))
    error = caught.value
    assert error.file == "wool-fever.toml"
    assert error.field == field
    assert problem in error.problem
    assert str(error).startswith("wool-fever.toml: ")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"key = ", "no TOML"),
        (b'key = "a"\nkey = "b"', "no TOML"),
        (b"\xff", "UTF-8"),
        pytest.param(b"a = " + b"[" * 10_000, "x.toml", id="deep"),
        (b"", "missing required field"),
    ],
)
def test_what_is_no_toml_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(DiseaseFileError, match=problem):
        read_disease(content, "x.toml")


def test_an_unused_criterion_is_a_fault() -> None:
    changed = INVENTED.replace(
        'probable = [["clinical", "epidemiological"], ["laboratory-probable"]]', ""
    )
    with pytest.raises(DiseaseFileError, match="no rule uses 'antibody'"):
        invented(changed)


def test_all_fields_of_a_wrong_shape_are_told(tmp_path: Path) -> None:
    changed = INVENTED
    for old, new in (
        ('nb = "Ullfeber"\n', 'colour = "red"\n'),
        ('group = "B"', 'group = "D"'),
        ("within_hours = 0", "within_hours = -1"),
        ('links = ["animal", "human"]', 'links = ["animal", "moon"]'),
        ('source = "invented"\nlifetime', 'source = ""\nlifetime'),
    ):
        assert old in changed
        changed = changed.replace(old, new, 1)
    (tmp_path / "wool-fever.toml").write_text(changed, encoding="utf-8")
    (tmp_path / "x.toml").write_bytes(b"key = ")
    assert [(one.file, one.field) for one in check_diseases(tmp_path)] == [
        ("wool-fever.toml", ""),
        ("wool-fever.toml", ""),
        ("wool-fever.toml", "definition[0].epidemiological.links[1]"),
        ("wool-fever.toml", "definition[1].source"),
        ("wool-fever.toml", "duty[0].group"),
        ("wool-fever.toml", "duty[1].tell[0].within_hours"),
        ("x.toml", ""),
    ]


def test_the_checker_tells_everything_at_once(tmp_path: Path) -> None:
    (tmp_path / "wool-fever.toml").write_text(
        INVENTED.replace('"FOX"', '"XXX"').replace('vaccine = ["measles"]', 'vaccine = ["wool"]')
    )
    (tmp_path / "broken.toml").write_text("key =")
    shutil.copy(DISEASES / "measles.toml", tmp_path)
    found = check_diseases(tmp_path)
    assert [(one.file, one.field) for one in found] == [
        ("broken.toml", ""),
        ("wool-fever.toml", "definition[0].laboratory[1].resistant_to"),
        ("wool-fever.toml", "vaccine"),
    ]


def test_two_diseases_do_not_share_a_name(tmp_path: Path) -> None:
    shutil.copy(DISEASES / "measles.toml", tmp_path)
    (tmp_path / "wool-fever.toml").write_text(INVENTED.replace("Woolsorter's ague", "MORBILLI"))
    said = Problem("wool-fever.toml", "also", "'morbilli' is a name of measles too")
    assert check_diseases(tmp_path) == [said]
    with pytest.raises(DiseaseFileError, match="name of measles too"):
        read_diseases(tmp_path)


@pytest.mark.parametrize("key", diseases())
def test_bokmal_and_english_are_both_written(key: str) -> None:
    disease = diseases()[key]
    for row in disease.definition:
        for text in (*row.laboratory, *filter(None, [row.clinical, row.epidemiological])):
            assert text.nb != text.en
