"""The property chain of active ingredients, on the small release that comes with an OWL toolkit.

Its answers are those that a classifier works out from the axiom in its files. The files are not part
of the repository; where they are absent this is skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from varde.codes.snomed import Step, Terminology, load_release, open_terminology

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "oracles" / "snomed"

pytestmark = pytest.mark.skipif(
    not list(FOLDER.glob("sct2_Concept_*.txt")),
    reason="the small SNOMED CT release of the oracle is not beside the repository",
)

HAS_ACTIVE_INGREDIENT, HAS_PRECISE, IS_MODIFICATION_OF = "127489000", "762949000", "738774007"
MORPHINE, SULPHATE = "100202001", "100203001"
FLUOCORTOLONE, HEXANOATE = "100301001", "100302001"
MORPHINE_PRODUCT, SULPHATE_PRODUCT = "100205001", "100206001"


@pytest.fixture(scope="module")
def terminology(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    store = tmp_path_factory.mktemp("snomed")
    load_release([FOLDER], store)
    return open_terminology(store)


def test_what_is_in_the_sulphate_product(terminology: Terminology) -> None:
    paths = {each.code: each.path for each in terminology.active_ingredients(SULPHATE_PRODUCT)}
    assert paths.keys() == {MORPHINE, SULPHATE, FLUOCORTOLONE, HEXANOATE}
    assert paths[MORPHINE] == (
        Step(SULPHATE_PRODUCT, HAS_ACTIVE_INGREDIENT, SULPHATE),
        Step(SULPHATE, IS_MODIFICATION_OF, MORPHINE),
    )
    assert paths[HEXANOATE] == (Step(SULPHATE_PRODUCT, HAS_PRECISE, HEXANOATE),)


def test_the_chain_is_read_from_the_axiom(terminology: Terminology) -> None:
    properties = terminology.release.properties
    assert properties.chains_from == properties.narrower_from == "release"
    assert properties.narrower == ((HAS_PRECISE, HAS_ACTIVE_INGREDIENT),)


@pytest.mark.parametrize(
    ("substance", "product", "applies"),
    [
        (MORPHINE, SULPHATE_PRODUCT, True),
        (MORPHINE, MORPHINE_PRODUCT, True),
        (SULPHATE, SULPHATE_PRODUCT, True),
        (SULPHATE, MORPHINE_PRODUCT, False),
        (FLUOCORTOLONE, SULPHATE_PRODUCT, True),
        (FLUOCORTOLONE, MORPHINE_PRODUCT, False),
    ],
)
def test_which_contraindication_applies(
    terminology: Terminology, substance: str, product: str, applies: bool
) -> None:
    assert (terminology.correspondence(product, substance) is not None) == applies


def test_what_the_release_leaves_open_is_said(terminology: Terminology) -> None:
    """Its root and the top of its attributes are not among its concepts."""
    release = terminology.release
    assert (release.counts.concepts, release.name) == (11, "INT 2018-07-31")
    assert release.left_out.unknown_concepts == ("138875005", "410662002")
    assert release.left_out.unknown_concept == 4
