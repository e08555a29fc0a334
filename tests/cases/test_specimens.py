"""What is denied in its own specimen, what is the vaccine's, and what is of the congenital disease: against the plain
reference, for invented evidence that lies close together."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from cases.reference import reference
from cases.test_properties import plain
from varde.cases import (
    DiseaseFileError,
    Evidence,
    LaboratoryFinding,
    Linked,
    NotFound,
    Notified,
    Undecided,
    Vaccinated,
    classify,
    diseases,
    explain,
    read_disease,
)

FELT = """
key = "felt-fever"
nb = "Filtfeber"
en = "Felt fever"
organisms = ["staphylococcus-aureus", "staphylococcus-epidermidis"]
vaccine = ["measles"]
[[duty]]
valid_from = 2020-01-01
group = "A"
laboratory = true
clinician_form = true
at_once = false
source = "invented"
[[geography]]
valid_from = 2020-01-01
minimum = "county"
source = "invented"
[[definition]]
valid_from = 2020-01-01
source = "invented"
episode_days = 30
window_days = 12
presume = ["clinical"]
[[definition.laboratory]]
id = "marked"
nb = "merket"
en = "marked"
strength = "probable"
methods = ["culture", "unknown"]
organisms = ["staphylococcus-aureus"]
notifiable = true
unless = ["none"]
unless_notified = ["measles"]
[[definition.laboratory]]
id = "gene"
nb = "gen"
en = "gene"
strength = "confirmed"
methods = ["nucleic-acid"]
organisms = ["staphylococcus-aureus"]
unless_vaccinated_days = 10
unless_found = ["staphylococcus-epidermidis"]
though_linked = true
not_younger_than = 2
[[definition.laboratory]]
id = "told-apart"
nb = "ikke den andre"
en = "not the other"
strength = "probable"
methods = ["nucleic-acid", "culture"]
organisms = ["staphylococcus-aureus"]
beside_denied = ["staphylococcus-epidermidis"]
unless_found = ["staphylococcus-epidermidis"]
[[definition.laboratory]]
id = "genus"
nb = "slekt"
en = "genus"
strength = "probable"
methods = ["culture"]
organisms = ["staphylococcus"]
unless_finer = ["staphylococcus-lugdunensis"]
unless = ["both"]
[[definition.negative]]
id = "none"
nb = "ingen"
en = "none"
organisms = ["staphylococcus-aureus", "escherichia-coli-ehec"]
methods = ["nucleic-acid", "unknown"]
markers = ["stx1", "stx2"]
instead = [["kpc", "ndm"], ["cpo"]]
same_specimen = true
[[definition.negative]]
id = "both"
nb = "begge"
en = "both"
organisms = ["staphylococcus-aureus", "staphylococcus-epidermidis"]
methods = ["nucleic-acid", "culture"]
same_specimen = true
every = true
[definition.clinical]
nb = "feber"
en = "fever"
[definition.epidemiological]
nb = "smitte"
en = "link"
links = ["human"]
[definition.rules]
confirmed = [["laboratory"]]
probable = [["marked"], ["clinical", "told-apart"], ["clinical", "genus"], ["clinical", "epidemiological"]]
suspected = [["notified"]]
"""
START = date(2020, 2, 1)
AS_OF = date(2020, 6, 1)


def felt(text: str = FELT) -> object:
    return read_disease(text.encode(), "felt-fever.toml")


def near(chance: random.Random) -> list[Evidence]:
    """Some evidence of a few days."""

    def day() -> date:
        return START + timedelta(chance.choice([0, 0, 1, 2, 5, 13, 31, 40]))

    def looked_for() -> dict[str, Any]:
        some = chance.choice(
            [[], ["stx1"], ["stx2"], ["stx1", "stx2"], ["kpc"], ["ndm"], ["kpc", "ndm"], ["cpo"]]
        )
        named = ["staphylococcus-aureus", "escherichia-coli-ehec", "staphylococcus-epidermidis"]
        return {
            "organism": chance.choice([*named, "staphylococcus", *[""] * 3] if some else named),
            "markers": frozenset(some),
        }

    makers = {
        "finding": lambda key: LaboratoryFinding(
            key=key,
            day=day(),
            organism=chance.choice(
                ["staphylococcus-aureus"] * 4
                + ["staphylococcus"] * 2
                + ["staphylococcus-epidermidis", "staphylococcus-lugdunensis"]
            ),
            method=chance.choice(["culture", "culture", "nucleic-acid", "unknown"]),
            material=chance.choice(["", "urine", "stool"]),
            notifiable=chance.choice(["", "", "MSIS-M", "MSIS-M", "MSIS-AV"]),
            resistant=frozenset(chance.choice([[], [], [], ["cpo"], ["FOX"]])),
            age=chance.choice([None, 1, 40]),
        ),
        "absent": lambda key: NotFound(
            key=key,
            day=day(),
            method=chance.choice(["nucleic-acid", "nucleic-acid", "unknown", "culture"]),
            material=chance.choice(["", "urine", "stool", "other"]),
            **looked_for(),
        ),
        "unclear": lambda key: Undecided(
            key=key, day=day(), material=chance.choice(["", "urine", "stool"]), **looked_for()
        ),
        "form": lambda key: Notified(
            key=key,
            day=day(),
            disease=chance.choice(["felt-fever", "felt-fever", "measles"]),
            clinical=chance.choice(["met", "presumed", "unmet", "unknown"]),
            linked=chance.choice(["met", "unknown"]),
        ),
        "dose": lambda key: Vaccinated(key=key, day=day(), diseases=frozenset({"measles"})),
        "link": lambda key: Linked(key=key, day=day(), disease="felt-fever", kind="human"),
    }
    chosen = chance.choices(list(makers), [5, 5, 1, 3, 2, 1], k=chance.randrange(1, 9))
    made = [makers[name](f"{name}{number}") for number, name in enumerate(chosen)]
    if (
        chance.random() < 0.2
    ):  # rare otherwise: a genus that grew, and what was looked for in its specimen
        groups = ["staphylococcus-aureus", "staphylococcus-epidermidis"]
        genus = {"organism": "staphylococcus", "method": "culture"}
        made.append(LaboratoryFinding(key="genus", day=day(), **genus))
        made += [
            NotFound(key=f"group-{one}", day=day(), organism=one, method="culture")
            for one in chance.sample(groups, chance.randrange(3))
        ]
    return made


def test_agrees_with_the_reference() -> None:
    disease = felt()
    states: set[tuple[str, str]] = set()
    for seed in range(1500):
        evidence = near(random.Random(seed))
        found = explain(disease, evidence, AS_OF)
        assert [plain(one) for one in found.cases] == reference(disease, evidence, AS_OF), evidence
        assert found.cases == classify(disease, evidence[::-1], AS_OF)
        for one in (*found.cases, *found.attempts):
            states.update((reason.criterion, reason.state) for reason in one.reasons)
    assert {("none", "met"), ("none", "unmet"), ("marked", "met"), ("gene", "met")} <= states
    assert {("genus", "met"), ("genus", "unmet"), ("both", "met"), ("both", "unmet")} <= states
    assert {("told-apart", state) for state in ("met", "unmet", "unknown")} <= states


def marked(day: int = 0, material: str = "stool", **more: object) -> LaboratoryFinding:
    said = {"method": "culture", "notifiable": "MSIS-M"} | more
    return LaboratoryFinding(key=f"f{day}", day=START + timedelta(day), material=material, **said)  # type: ignore[arg-type]


def absent(organism: str, day: int = 0, material: str = "stool", **more: object) -> NotFound:
    said = {"method": "nucleic-acid"} | more
    return NotFound(
        key=f"a{day}", day=START + timedelta(day), organism=organism, material=material, **said
    )  # type: ignore[arg-type]


def classes(key: str, *evidence: Evidence) -> list[tuple[str, int]]:
    return [
        (one.classification, (one.first_day - START).days)
        for one in classify(diseases()[key], evidence, AS_OF)
    ]


CDI = "clostridioides-difficile"
EHEC = "escherichia-coli-ehec"
MRSA = frozenset({"mrsa"})


def gene(*names: str, **more: object) -> NotFound:
    return absent(EHEC, markers=frozenset(names), **more)  # type: ignore[arg-type]


def test_toxin_that_is_not_there_later_undoes_nothing() -> None:
    found = marked(organism=CDI)
    for later in (12, 1, 14, -1, -5):
        assert classes(CDI, found, absent(CDI, later, method="toxin")) == [("probable", 0)]
    assert classes(CDI, found, absent(CDI, 0, method="toxin")) == []
    assert classes(CDI, found, absent(CDI, 0, "urine", method="toxin")) == [("probable", 0)]
    assert classes(CDI, found, absent(CDI, 0, method="culture")) == [("probable", 0)]
    assert classes(CDI, found, absent(CDI, 0, method="toxin"), marked(5, organism=CDI)) == [
        ("probable", 5)
    ], "what is denied begins nothing; what is not does"


def test_mrsa_that_was_looked_for_and_not_found_is_none() -> None:
    found = marked(organism="staphylococcus-aureus")
    one = "staphylococcus-aureus"
    assert classes("mrsa", found) == [("probable", 0)]
    for method in ("nucleic-acid", "culture", "unknown"):
        assert classes("mrsa", found, absent(one, method=method, markers=MRSA)) == []
    # Another specimen, another resistance, or the bacterium itself: that says nothing.
    for other in (
        absent(one, 1, markers=MRSA),
        absent(one, 0, "nose", markers=MRSA),
        absent(one, markers=frozenset({"vre"})),
        absent(one),
        absent("enterococcus-faecium", markers=MRSA),
    ):
        assert classes("mrsa", found, other) == [("probable", 0)], other
    resistant = marked(organism=one, resistant=frozenset({"FOX"}))
    assert classes("mrsa", resistant, absent(one, markers=MRSA)) == [("confirmed", 0)]


def test_one_gene_of_two_denies_nothing() -> None:
    found = marked(organism="escherichia-coli")
    assert classes("ehec", found) == [("suspected", 0)]
    for partly in ([gene("stx1")], [gene("stx2")], [gene("stx1"), gene("stx2", day=1)]):
        assert classes("ehec", found, *partly) == [("suspected", 0)], partly
    for whole in (
        [gene("stx1"), gene("stx2")],
        [gene("stx1", "stx2")],
        [absent(EHEC)],
        [absent(EHEC, method="toxin")],
        [absent(EHEC, material="")],
    ):
        assert classes("ehec", found, *whole) == [], whole
    both = [gene("stx1"), marked(organism=EHEC, method="nucleic-acid")]
    assert classes("ehec", *both) == [("confirmed", 0)]


def test_what_is_named_more_precisely_is_of_that_disease() -> None:
    genus = marked(organism="salmonella", method="nucleic-acid")
    for day, still in ((0, []), (3, []), (-20, []), (30, []), (31, [("confirmed", 0)])):
        other = LaboratoryFinding(
            key="typhi",
            day=START + timedelta(day),
            organism="salmonella-typhi",
            method="culture",
            material="blood",
        )
        assert classes("salmonellosis", genus, other) == still, day
        assert [one for one, _ in classes("typhoid", genus, other)] == ["confirmed"]
    enteritidis = marked(1, organism="salmonella-enteritidis")
    typhi = marked(0, "blood", organism="salmonella-typhi")
    assert classes("salmonellosis", typhi, enteritidis) == [("confirmed", 1)], "a name of its own"
    lgv = marked(2, organism="chlamydia-trachomatis-lgv", method="nucleic-acid")
    plain_one = marked(0, organism="chlamydia-trachomatis", method="nucleic-acid")
    assert classes("chlamydia", plain_one, lgv) == []
    assert classes("lymphogranuloma-venereum", plain_one, lgv) == [("confirmed", 2)]


def test_both_groups_of_cholera_must_be_denied() -> None:
    found = marked(organism="vibrio-cholerae")
    first, second = (absent(f"vibrio-cholerae-{group}") for group in ("o1", "o139"))
    assert classes("cholera", found) == [("probable", 0)]
    assert classes("cholera", found, first) == [("probable", 0)]
    assert classes("cholera", found, second) == [("probable", 0)]
    assert classes("cholera", found, first, second) == []
    assert classes("cholera", found, first, absent("vibrio-cholerae-o139", 1)) == [("probable", 0)]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("every = true", 'every = true\nmarkers = ["mrsa"]', "every"),
        (
            'unless_finer = ["staphylococcus-lugdunensis"]',
            'unless_finer = ["staphylococcus-aureus"]',
            "unless_finer",
        ),
        (
            'unless_finer = ["staphylococcus-lugdunensis"]',
            'unless_finer = ["salmonella-typhi"]',
            "unless_finer",
        ),
        ("same_specimen = true", "", "markers"),
        ('markers = ["stx1", "stx2"]\n', "", "instead"),
        (
            'markers = ["stx1", "stx2"]\ninstead = [["kpc", "ndm"], ["cpo"]]',
            "at_least = 2",
            "same_specimen",
        ),
        ("unless_vaccinated_days = 10\n", "", "though_linked"),
        ('unless_found = ["staphylococcus-epidermidis"]', 'unless_found = ["x"]', "unless_found"),
        (
            'beside_denied = ["staphylococcus-epidermidis"]',
            'beside_denied = ["escherichia-coli"]',
            "beside_denied",
        ),
        ('unless_notified = ["measles"]', 'unless_notified = ["felt-fever"]', "unless_notified"),
    ],
)
def test_what_does_not_go_together_is_told(old: str, new: str, field: str) -> None:
    with pytest.raises(DiseaseFileError) as told:
        felt(FELT.replace(old, new))
    assert field in told.value.field
