"""What is in a product, and what concerns it: the table that a clinician can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from codes.snomed.rf2_release import (
    INGREDIENT,
    IS_A,
    MODIFICATION,
    PRECISE,
    ROOT,
    SUBSTANCE,
    axiom,
    code,
    concept,
    relationship,
    write_rf2,
)
from varde.codes.snomed import Step, Terminology, UnknownConcept, load_release, open_terminology

NAMES = """product, morphine product, morphine sulfate product, penicillin product, benzylpenicillin
product, co-amoxiclav product, amoxicillin trihydrate product, brand of co-amoxiclav, water product,
disease, opioid, morphine, morphine sulfate, morphine sulfate pentahydrate, beta-lactam, penicillin,
benzylpenicillin, benzathine benzylpenicillin, amoxicillin, amoxicillin trihydrate, clavulanic acid,
potassium clavulanate, cefalexin, water"""
CODES = {" ".join(name.split()): code(number) for number, name in enumerate(NAMES.split(","))}
CODES |= {"root": ROOT, "substance": SUBSTANCE}

WAYS = """
product > root, disease > root, substance > root
morphine product > product, morphine sulfate product > morphine product
penicillin product > product, benzylpenicillin product > penicillin product
co-amoxiclav product > penicillin product, brand of co-amoxiclav > co-amoxiclav product
amoxicillin trihydrate product > penicillin product, water product > product
opioid > substance, morphine > opioid, morphine sulfate > opioid
morphine sulfate pentahydrate > opioid, beta-lactam > substance, penicillin > beta-lactam
benzylpenicillin > penicillin, benzathine benzylpenicillin > penicillin
amoxicillin > penicillin, amoxicillin trihydrate > penicillin, cefalexin > beta-lactam
clavulanic acid > substance, potassium clavulanate > substance, water > substance
""".replace("\n", ", ")

RELATIONS = [
    ("morphine product", INGREDIENT, "morphine"),
    ("morphine sulfate product", INGREDIENT, "morphine sulfate"),
    ("benzylpenicillin product", INGREDIENT, "benzylpenicillin"),
    ("co-amoxiclav product", INGREDIENT, "amoxicillin"),
    ("co-amoxiclav product", PRECISE, "potassium clavulanate"),
    ("amoxicillin trihydrate product", PRECISE, "amoxicillin trihydrate"),
    ("morphine sulfate", MODIFICATION, "morphine"),
    ("morphine sulfate pentahydrate", MODIFICATION, "morphine sulfate"),
    ("benzathine benzylpenicillin", MODIFICATION, "benzylpenicillin"),
    ("amoxicillin trihydrate", MODIFICATION, "amoxicillin"),
    ("potassium clavulanate", MODIFICATION, "clavulanic acid"),
]
OWL = [
    f"SubObjectPropertyOf(ObjectPropertyChain(:{INGREDIENT} :{MODIFICATION}) :{INGREDIENT})",
    f"TransitiveObjectProperty(:{MODIFICATION})",
    f"SubObjectPropertyOf(:{PRECISE} :{INGREDIENT})",
]
FROM_HIERARCHY = [
    *(concept(kind) for kind in (INGREDIENT, PRECISE)),
    relationship(PRECISE, IS_A, INGREDIENT),
]


def rows() -> list:
    is_a = [pair.strip().split(" > ") for pair in WAYS.split(",") if pair.strip()]
    return [
        *(concept(found) for found in CODES.values()),
        *(relationship(CODES[below], IS_A, CODES[above]) for below, above in is_a),
        *(relationship(CODES[source], kind, CODES[to], 1) for source, kind, to in RELATIONS),
    ]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param([], id="built-in"),
        pytest.param(FROM_HIERARCHY, id="hierarchy"),
        pytest.param([axiom(text) for text in OWL], id="axioms"),
    ],
)
def terminology(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Terminology:
    """The same answers, wherever the meaning of the relationship types comes from."""
    folder = tmp_path_factory.mktemp("snomed")
    write_rf2(folder / "release", [*rows(), *request.param])
    load_release([folder / "release"], folder / "store")
    return open_terminology(folder / "store")


# Contra-indication on … · concerns … · because of the steps
APPLIES = [
    # the ingredient itself, and its class
    ("morphine", "morphine product", [INGREDIENT]),
    ("opioid", "morphine product", [INGREDIENT, IS_A]),
    ("penicillin", "benzylpenicillin product", [INGREDIENT, IS_A]),
    ("beta-lactam", "benzylpenicillin product", [INGREDIENT, IS_A, IS_A]),
    # a salt or ester gives its base
    ("morphine sulfate", "morphine sulfate product", [INGREDIENT]),
    ("amoxicillin", "amoxicillin trihydrate product", [PRECISE, MODIFICATION]),
    ("penicillin", "amoxicillin trihydrate product", [PRECISE, IS_A]),
    # a combination matches on each ingredient
    ("amoxicillin", "co-amoxiclav product", [INGREDIENT]),
    ("potassium clavulanate", "co-amoxiclav product", [PRECISE]),
    ("clavulanic acid", "co-amoxiclav product", [PRECISE, MODIFICATION]),
    # what the product inherits
    ("amoxicillin", "brand of co-amoxiclav", [IS_A, INGREDIENT]),
    ("clavulanic acid", "brand of co-amoxiclav", [IS_A, PRECISE, MODIFICATION]),
    # a substance is its own ingredient
    ("morphine", "morphine", []),
    ("morphine", "morphine sulfate", [MODIFICATION]),
    ("morphine", "morphine sulfate pentahydrate", [MODIFICATION, MODIFICATION]),
    ("penicillin", "benzathine benzylpenicillin", [IS_A]),
    ("benzylpenicillin", "benzathine benzylpenicillin", [MODIFICATION]),
    ("water", "water", []),
]
# Contra-indication on … · does not concern …
NOT = [
    ("morphine sulfate", "morphine product"),  # the salt is narrower than what is in the product
    ("morphine sulfate pentahydrate", "morphine sulfate product"),
    ("benzathine benzylpenicillin", "benzylpenicillin product"),
    ("amoxicillin", "penicillin"),  # a class is not its members
    ("penicillin", "morphine product"),
    ("cefalexin", "benzylpenicillin product"),  # the same class is not the same substance
    ("penicillin", "cefalexin"),
    ("morphine", "product"),
    ("morphine", "disease"),
    ("disease", "disease"),  # neither a substance nor a product with one
    ("product", "morphine product"),  # a product is no ingredient of what is below it
    ("water", "water product"),  # the release does not say what is in it
]


@pytest.mark.parametrize(("substance", "product", "relations"), APPLIES)
def test_what_concerns_a_product(
    terminology: Terminology, substance: str, product: str, relations: list[str]
) -> None:
    path = terminology.correspondence(CODES[product], CODES[substance])
    assert path is not None
    assert [step.relation for step in path] == relations
    ends = [CODES[product], *(step.target for step in path)]
    assert [step.source for step in path] == ends[:-1]
    assert ends[-1] == CODES[substance]


@pytest.mark.parametrize(("substance", "product"), NOT)
def test_what_does_not(terminology: Terminology, substance: str, product: str) -> None:
    assert terminology.correspondence(CODES[product], CODES[substance]) is None


@pytest.mark.parametrize(
    ("product", "ingredients"),
    [
        ("morphine product", "morphine"),
        ("morphine sulfate product", "morphine sulfate, morphine"),
        ("benzylpenicillin product", "benzylpenicillin"),
        ("co-amoxiclav product", "amoxicillin, potassium clavulanate, clavulanic acid"),
        ("brand of co-amoxiclav", "amoxicillin, potassium clavulanate, clavulanic acid"),
        (
            "morphine sulfate pentahydrate",
            "morphine sulfate pentahydrate, morphine sulfate, morphine",
        ),
        ("penicillin product", ""),
        ("disease", ""),
        ("root", ""),
    ],
)
def test_ingredients_nearest_first(
    terminology: Terminology, product: str, ingredients: str
) -> None:
    names = {found: name for name, found in CODES.items()}
    found = terminology.active_ingredients(CODES[product])
    assert ", ".join(names[ingredient.code] for ingredient in found) == ingredients
    for ingredient in found:
        assert ingredient.path == terminology.correspondence(CODES[product], ingredient.code)


def test_a_path_names_every_step(terminology: Terminology) -> None:
    sulfate = CODES["morphine sulfate"]
    assert terminology.active_ingredients(CODES["morphine sulfate product"])[1].path == (
        Step(CODES["morphine sulfate product"], INGREDIENT, sulfate),
        Step(sulfate, MODIFICATION, CODES["morphine"]),
    )


def test_unknown_codes(terminology: Terminology) -> None:
    for unknown in (code(999), "", "x", "0" + ROOT, ROOT + " ", "9" * 30):
        assert unknown not in terminology
        for ask in (
            terminology.active_ingredients,
            terminology.ancestors,
            terminology.descendants,
            terminology.term,
            terminology.attributes,
            lambda unknown: terminology.subsumes(ROOT, unknown),
            lambda unknown: terminology.subsumes(unknown, ROOT),
            lambda unknown: terminology.correspondence(ROOT, unknown),
        ):
            with pytest.raises(UnknownConcept, match="has no active concept") as caught:
                ask(unknown)
            assert caught.value.code == unknown


def load(folder: Path, extra: list) -> Terminology:
    write_rf2(folder / "release", extra)
    load_release([folder / "release"], folder / "store")
    return open_terminology(folder / "store")


def test_a_modification_is_inherited_by_what_is_below_the_substance(tmp_path: Path) -> None:
    product, salt, form, base = map(code, range(4))
    found = load(
        tmp_path,
        [
            *map(concept, (product, salt, form, base)),
            relationship(product, INGREDIENT, form),
            relationship(form, IS_A, salt),
            relationship(salt, MODIFICATION, base),
        ],
    )
    path = found.correspondence(product, base)
    assert path and [step.relation for step in path] == [INGREDIENT, IS_A, MODIFICATION]
    assert [each.code for each in found.active_ingredients(product)] == [form, base]


def test_cycles_of_modification_end(tmp_path: Path) -> None:
    first, second, product = map(code, range(3))
    found = load(
        tmp_path,
        [
            *map(concept, (first, second, product)),
            relationship(first, MODIFICATION, second),
            relationship(second, MODIFICATION, first),
            relationship(second, MODIFICATION, second),
            relationship(product, PRECISE, first),
        ],
    )
    assert [each.code for each in found.active_ingredients(product)] == [first, second]
    assert [each.code for each in found.active_ingredients(second)] == [second, first]


def test_where_the_meaning_comes_from(tmp_path: Path) -> None:
    properties = load(tmp_path / "a", rows()).release.properties
    assert (properties.chains_from, properties.narrower_from) == ("built-in", "built-in")
    assert properties.narrower == ((PRECISE, INGREDIENT),)
    properties = load(tmp_path / "b", [*rows(), *FROM_HIERARCHY]).release.properties
    assert (properties.chains_from, properties.narrower_from) == ("built-in", "release")
    properties = load(tmp_path / "c", [*rows(), *map(axiom, OWL)]).release.properties
    assert (properties.chains_from, properties.narrower_from) == ("release", "release")
    assert properties.transitive == (MODIFICATION,)


def test_axioms_without_a_chain_to_ingredients_leave_the_built_in_one(tmp_path: Path) -> None:
    others = [
        "SubClassOf(:105590001 :138875005)",
        "SubObjectPropertyOf(ObjectPropertyChain(:363698007 :733928003) :363698007)",
        "SubObjectPropertyOf(ObjectPropertyChain(:1 :2 :3) :4)",
        "ReflexiveObjectProperty(:733928003)",
    ]
    release = load(tmp_path, [*rows(), *map(axiom, others)]).release
    assert release.properties.chains_from == "built-in"
    assert len(release.properties.chains) == 1
    assert release.left_out.axioms == 1


def test_an_attribute_below_the_precise_one_counts_too(tmp_path: Path) -> None:
    """No list of relationship types is built in: a new one in the release is enough."""
    new, product, substance = map(code, range(3))
    found = load(
        tmp_path,
        [
            *map(concept, (INGREDIENT, PRECISE, new, product, substance)),
            relationship(PRECISE, IS_A, INGREDIENT),
            relationship(new, IS_A, PRECISE),
            relationship(product, new, substance),
        ],
    )
    assert [each.code for each in found.active_ingredients(product)] == [substance]


def chain(first: str, second: str, result: str) -> str:
    return f"SubObjectPropertyOf(ObjectPropertyChain(:{first} :{second}) :{result})"


@pytest.mark.parametrize("transitive", [True, False])
def test_a_chain_that_ends_in_another_type_than_it_began_with(
    tmp_path: Path, transitive: bool
) -> None:
    """Its second type is followed repeatedly only if the release says that it is transitive."""
    made_from, product, first, second, third = map(code, range(5))
    found = load(
        tmp_path,
        [
            *map(concept, (product, first, second, third)),
            relationship(product, made_from, first),
            relationship(first, MODIFICATION, second),
            relationship(second, MODIFICATION, third),
            axiom(chain(made_from, MODIFICATION, INGREDIENT)),
            *([axiom(f"TransitiveObjectProperty(:{MODIFICATION})")] if transitive else ()),
        ],
    )
    expected = [second, third] if transitive else [second]
    assert [each.code for each in found.active_ingredients(product)] == expected


def test_a_chain_about_the_built_in_narrower_type(tmp_path: Path) -> None:
    product, salt, base = map(code, range(3))
    found = load(
        tmp_path,
        [
            *map(concept, (product, salt, base)),
            relationship(product, PRECISE, salt),
            relationship(salt, MODIFICATION, base),
            axiom(chain(PRECISE, MODIFICATION, PRECISE)),
        ],
    )
    assert found.release.properties.chains_from == "release"
    assert [each.code for each in found.active_ingredients(product)] == [salt, base]
    assert [each.code for each in found.active_ingredients(salt)] == [salt]


def test_chains_that_follow_each_other(tmp_path: Path) -> None:
    """The result of the first is narrower than what the second begins with."""
    made_from, brewed_from, boiled_from, product, plant, leaf, oil = map(code, range(7))
    found = load(
        tmp_path,
        [
            *map(concept, (product, plant, leaf, oil)),
            relationship(product, boiled_from, plant),
            relationship(plant, MODIFICATION, leaf),
            relationship(leaf, MODIFICATION, oil),
            axiom(chain(boiled_from, MODIFICATION, brewed_from)),
            axiom(f"SubObjectPropertyOf(:{brewed_from} :{made_from})"),
            axiom(chain(made_from, MODIFICATION, INGREDIENT)),
        ],
    )
    assert [each.code for each in found.active_ingredients(product)] == [oil]
