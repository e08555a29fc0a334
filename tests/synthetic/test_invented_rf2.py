"""The invented SNOMED CT release: layout, identifiers, hierarchy, and nothing real by accident."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import varde.synthetic
from varde.codes.snomed.identifiers import is_sctid

RELEASE = Path(varde.synthetic.__file__).parent / "data" / "SnomedCT_InventedDemo_20261101"
TERMINOLOGY, LANGUAGE = Path("Snapshot/Terminology"), Path("Snapshot/Refset/Language")
TAG = "INVENTED_20261101"
CONCEPTS = TERMINOLOGY / f"sct2_Concept_Snapshot_{TAG}.txt"
DESCRIPTIONS = {
    language: TERMINOLOGY / f"sct2_Description_Snapshot-{language}_{TAG}.txt"
    for language in ("en", "nb")
}
LANGUAGES = {
    language: LANGUAGE / f"der2_cRefset_LanguageSnapshot-{language}_{TAG}.txt"
    for language in ("en", "nb")
}
RELATIONSHIPS = TERMINOLOGY / f"sct2_Relationship_Snapshot_{TAG}.txt"
AXIOMS = TERMINOLOGY / f"sct2_sRefset_OWLExpressionSnapshot_{TAG}.txt"

COMMON = ["id", "effectiveTime", "active", "moduleId"]
DESCRIPTION = ["conceptId", "languageCode", "typeId", "term", "caseSignificanceId"]
RELATIONSHIP = [
    *("sourceId", "destinationId", "relationshipGroup", "typeId"),
    *("characteristicTypeId", "modifierId"),
]
MEMBER = ["refsetId", "referencedComponentId"]
LAYOUT = {
    CONCEPTS: [*COMMON, "definitionStatusId"],
    RELATIONSHIPS: [*COMMON, *RELATIONSHIP],
    AXIOMS: [*COMMON, *MEMBER, "owlExpression"],
    **{path: [*COMMON, *DESCRIPTION] for path in DESCRIPTIONS.values()},
    **{path: [*COMMON, *MEMBER, "acceptabilityId"] for path in LANGUAGES.values()},
}

INVENTED = re.compile(r"\d+9999999(10|11|12)\d")

GLOBAL_PATIENT_SET = {
    *("105590001", "124134002", "127489000", "14443002", "16857009", "236423003", "26643006"),
    *("27658006", "350162003", "37161004", "372480009", "372602008", "372722000", "372788003"),
    *("373206009", "373270004", "373297006", "404684003", "41587001", "416098002", "47625008"),
    *("57630001", "59466002", "62014003", "64572001", "764147003", "77386006", "78421000"),
    *("866041003", "91936005", "292954005"),
}
"""SNOMED CT Global Patient Set, release of September 2020 (CC BY 4.0, © SNOMED International)."""

PUBLISHED_EXAMPLES = {"778490002", "292954005"}
"""Helsedirektoratet, the antibiotic model (05.11.2021)."""

ROOT, MEDICINAL_PRODUCT, IS_A = "138875005", "763158003", "116680003"
MODIFICATION_OF, PRECISE_INGREDIENT = "738774007", "762949000"
SPECIFICATION = {
    ROOT,
    MEDICINAL_PRODUCT,
    IS_A,
    MODIFICATION_OF,
    PRECISE_INGREDIENT,
    "410662002",
    "609096000",
}
"""Root, tops and attributes in the public specifications of SNOMED International."""

METADATA = {
    *("900000000000003001", "900000000000013009"),  # fully specified name, synonym
    *("900000000000074008", "900000000000448009", "900000000000017005"),  # primitive, case
    *("900000000000011006", "900000000000451002"),  # inferred, existential
    *("900000000000548007", "900000000000549004"),  # preferred, acceptable
    *("900000000000509007", "61000202103", "733073007"),  # reference sets: en-US, nb, axioms
}
"""Values of the format's own columns, in its public specification."""

SUBSTANCE, INGREDIENT = "105590001", "127489000"
FULL_NAME, PREFERRED = "900000000000003001", "900000000000548007"

Row = Mapping[str, str]


@cache
def rows(path: Path) -> list[Row]:
    lines = (RELEASE / path).read_bytes().decode("utf-8").split("\r\n")
    header = lines[0].split("\t")
    return [dict(zip(header, line.split("\t"), strict=True)) for line in lines[1:-1]]


def active(path: Path) -> list[Row]:
    return [row for row in rows(path) if row["active"] == "1"]


@cache
def names() -> dict[str, str]:
    """Concept → its fully specified name."""
    found = active(DESCRIPTIONS["en"])
    return {row["conceptId"]: row["term"] for row in found if row["typeId"] == FULL_NAME}


@cache
def norwegian() -> dict[str, str]:
    """Concept → its preferred Norwegian term."""
    preferred = {
        row["referencedComponentId"]
        for row in active(LANGUAGES["nb"])
        if row["acceptabilityId"] == PREFERRED
    }
    found = [row for row in active(DESCRIPTIONS["nb"]) if row["id"] in preferred]
    assert len({row["conceptId"] for row in found}) == len(found)
    return {row["conceptId"]: row["term"] for row in found}


@cache
def links(kind: str) -> dict[str, set[str]]:
    """Concept → the targets of its active relationships of this type."""
    found: dict[str, set[str]] = {row["id"]: set() for row in active(CONCEPTS)}
    for row in active(RELATIONSHIPS):
        if row["typeId"] == kind:
            found[row["sourceId"]].add(row["destinationId"])
    return found


@cache
def ancestors(concept: str) -> frozenset[str]:
    parents = links(IS_A)[concept]
    return frozenset(parents).union(*(ancestors(parent) for parent in parents))


def below(top: str) -> set[str]:
    return {concept for concept in links(IS_A) if top in ancestors(concept)}


def tagged(tag: str) -> set[str]:
    return {row["id"] for row in active(CONCEPTS) if names()[row["id"]].endswith(f" ({tag})")}


def called(term: str) -> str:
    (found,) = [concept for concept, name in norwegian().items() if name == term]
    return found


def test_the_release_has_these_files_and_no_others() -> None:
    found = {path.relative_to(RELEASE) for path in RELEASE.rglob("*") if path.is_file()}
    assert found == {Path("README.txt"), *LAYOUT}


@pytest.mark.parametrize("path", LAYOUT, ids=lambda path: path.name.split("_2026")[0])
def test_every_line_has_the_columns_of_its_file(path: Path) -> None:
    content = (RELEASE / path).read_bytes().decode("utf-8")
    assert content.startswith("\t".join(LAYOUT[path]) + "\r\n")
    assert content.endswith("\r\n")
    assert content.count("\n") == content.count("\r") == content.count("\r\n")
    assert all(all(row.values()) for row in rows(path))
    assert {row["effectiveTime"] for row in rows(path)} == {"20261101"}
    assert {row["active"] for row in rows(path)} <= {"0", "1"}


def test_it_says_that_it_is_invented() -> None:
    readme = (RELEASE / "README.txt").read_text(encoding="utf-8")
    first = readme.splitlines()[0]
    assert first == "INVENTED. Not SNOMED CT. Not for clinical use."
    assert "CC BY 4.0" in readme and "SNOMED International" in readme
    assert {row["moduleId"] for path in LAYOUT for row in rows(path)} == {
        called("oppdiktet modul for Varde")
    }


def test_every_invented_concept_says_so_in_its_name() -> None:
    for concept, name in names().items():
        assert (" - invented (" in name) == bool(INVENTED.fullmatch(concept)), name


def test_every_identifier_is_valid_and_unique() -> None:
    partitions = {CONCEPTS: "10", RELATIONSHIPS: "12"}
    partitions |= dict.fromkeys(DESCRIPTIONS.values(), "11")
    seen: list[str] = []
    for path in LAYOUT:
        for row in rows(path):
            seen.append(row["id"])
            if path not in partitions:
                assert str(uuid.UUID(row["id"])) == row["id"]
                continue
            assert is_sctid(row["id"]), row
            invented = INVENTED.fullmatch(row["id"])
            assert invented is None or invented[1] == partitions[path]
    assert len(seen) == len(set(seen))


def test_real_codes_are_on_the_list_of_those_that_may_be_used() -> None:
    allowed = GLOBAL_PATIENT_SET | PUBLISHED_EXAMPLES | SPECIFICATION
    real = {row["id"] for row in rows(CONCEPTS) if not INVENTED.fullmatch(row["id"])}
    assert real <= allowed
    assert real >= GLOBAL_PATIENT_SET | PUBLISHED_EXAMPLES
    everything = " ".join(value for path in LAYOUT for row in rows(path) for value in row.values())
    for code in re.findall(r"(?<![\w-])\d{6,18}(?![\w-])", everything):
        assert INVENTED.fullmatch(code) or code in allowed | METADATA | {"20261101"}, code
    assert all(is_sctid(code) for code in allowed | METADATA)


def test_both_ends_of_every_relationship_exist() -> None:
    every = {row["id"] for row in rows(CONCEPTS)}
    alive = {row["id"] for row in active(CONCEPTS)}
    for row in rows(RELATIONSHIPS):
        ends = {row["sourceId"], row["destinationId"], row["typeId"]}
        assert ends <= (alive if row["active"] == "1" else every), row
        assert row["sourceId"] != row["destinationId"]
    found = active(RELATIONSHIPS)
    same = ("sourceId", "destinationId", "typeId", "relationshipGroup")
    assert len({tuple(row[column] for column in same) for row in found}) == len(found)


def test_the_hierarchy_is_a_tree_of_ways_to_one_root() -> None:
    assert len(tuple(TopologicalSorter(links(IS_A)).static_order())) == len(active(CONCEPTS))
    for concept in links(IS_A):
        assert concept == ROOT or ROOT in ancestors(concept), names()[concept]
    assert not links(IS_A)[ROOT]


@pytest.mark.parametrize(
    ("tag", "top"),
    [
        ("substance", SUBSTANCE),
        ("clinical drug", MEDICINAL_PRODUCT),
        ("medicinal product form", MEDICINAL_PRODUCT),
        ("medicinal product", MEDICINAL_PRODUCT),
    ],
)
def test_concepts_with_a_tag_are_below_its_top(tag: str, top: str) -> None:
    found = tagged(tag) - {top}
    assert found
    assert found <= below(top)


def test_below_substance_are_only_substances() -> None:
    assert below(SUBSTANCE) <= tagged("substance")


def test_ingredients_are_substances() -> None:
    substances = tagged("substance")
    for kind in (INGREDIENT, PRECISE_INGREDIENT, MODIFICATION_OF):
        assert any(links(kind).values())
        assert set().union(*links(kind).values()) <= substances
    assert all(links(INGREDIENT)[product] for product in tagged("medicinal product form"))
    assert all(links(PRECISE_INGREDIENT)[drug] for drug in tagged("clinical drug"))
    assert INGREDIENT in ancestors(PRECISE_INGREDIENT)


def test_a_modification_is_beside_its_base_in_the_hierarchy() -> None:
    """Else no one would need the relationship."""
    modified = {source: bases for source, bases in links(MODIFICATION_OF).items() if bases}
    assert len(modified) >= 20
    for source, bases in modified.items():
        (base,) = bases
        assert base not in ancestors(source)
        assert links(IS_A)[source] != {SUBSTANCE}
    first, second = called("pivmecillinam"), called("mecillinam")
    assert links(MODIFICATION_OF)[called("pivmecillinamhydroklorid")] == {first}
    assert links(MODIFICATION_OF)[first] == {second}


def test_a_clinical_drug_contains_what_the_product_above_it_contains() -> None:
    """As it is, or as a salt, ester or hydrate of it."""
    for drug in tagged("clinical drug"):
        (product,) = links(IS_A)[drug]
        precise = links(PRECISE_INGREDIENT)[drug]
        bases = set().union(*(links(MODIFICATION_OF)[substance] for substance in precise))
        assert links(INGREDIENT)[product] <= precise | bases, names()[drug]


@pytest.mark.parametrize(
    "term", ["Trimetoprim-sulfametoksazol oral", "Amoksicillin-klavulansyre oral"]
)
def test_a_combination_has_a_group_for_each_ingredient(term: str) -> None:
    for concept in (called(term), *below(called(term))):
        found = [
            row
            for row in active(RELATIONSHIPS)
            if row["sourceId"] == concept and row["typeId"] != IS_A
        ]
        assert len(found) == 2
        assert {row["relationshipGroup"] for row in found} == {"1", "2"}


def test_every_concept_has_one_preferred_term_in_each_language() -> None:
    for language in ("en", "nb"):
        descriptions = {row["id"]: row for row in active(DESCRIPTIONS[language])}
        assert {row["languageCode"] for row in descriptions.values()} == {language}
        members = [row["referencedComponentId"] for row in active(LANGUAGES[language])]
        assert Counter(members) == Counter(dict.fromkeys(descriptions, 1))
        preferred = Counter(
            (descriptions[row["referencedComponentId"]]["conceptId"], kind)
            for row in active(LANGUAGES[language])
            if row["acceptabilityId"] == PREFERRED
            and (kind := descriptions[row["referencedComponentId"]]["typeId"])
        )
        kinds = 2 if language == "en" else 1
        assert set(preferred.values()) == {1}
        assert len(preferred) == kinds * len(rows(CONCEPTS))


def test_preferred_norwegian_terms_are_unique_within_a_tag() -> None:
    tags = {concept: name.rpartition(" (")[2] for concept, name in names().items()}
    pairs = [(term.casefold(), tags[concept]) for concept, term in norwegian().items()]
    assert len(pairs) == len(set(pairs))


def test_axioms_say_what_the_relationships_say() -> None:
    said: dict[str, set[str]] = {row["id"]: set() for row in active(CONCEPTS)}
    for row in active(AXIOMS):
        expression = row["owlExpression"]
        assert expression.count("(") == expression.count(")")
        assert f":{row['referencedComponentId']}" in expression
        if expression.startswith(("SubClassOf(", "SubObjectPropertyOf(:")):
            mentioned = set(re.findall(r":(\d+)", expression))
            said[row["referencedComponentId"]] |= mentioned - {row["referencedComponentId"]}
    related: dict[str, set[str]] = {concept: set() for concept in said}
    for row in active(RELATIONSHIPS):
        parts = {row["destinationId"]}
        if row["typeId"] != IS_A:
            parts.add(row["typeId"])
        if row["relationshipGroup"] != "0":
            parts.add("609096000")
        related[row["sourceId"]] |= parts
    assert said == related


def test_something_is_inactive_in_every_kind_that_readers_must_pass_over() -> None:
    for path in (CONCEPTS, DESCRIPTIONS["nb"], RELATIONSHIPS):
        assert len(active(path)) < len(rows(path))


@pytest.mark.parametrize(
    ("code", "term"),
    [
        ("778490002", "Benzylpenicillin parenteral"),
        ("292954005", "Penicillin bivirkning"),
        ("26643006", "peroralt"),
    ],
)
def test_published_codes_have_their_published_terms(code: str, term: str) -> None:
    assert norwegian()[code] == term


def test_parts_of_a_pregnancy_are_pregnancy() -> None:
    pregnant = called("Gravid")
    last = called("Gravid siste 4 uker")
    assert called("Gravid 3. trimester") in ancestors(last)
    assert all(pregnant in ancestors(called(f"Gravid {n}. trimester")) for n in (1, 2, 3))
    assert pregnant not in ancestors(called("Amming"))
