"""Resistance to a drug that is answered in a row of its own: "Genotypisk resistens rifampicin": "Resistent".

Such a row is a result of the drug that it names, of what grew or, where nothing grew, of the one thing that was found (Mycobacterium
tuberculosis by PCR).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

from varde.messages.answers.known_names import is_antibiotic
from varde.messages.answers.notes import Noted
from varde.messages.answers.searches import Search, text_of
from varde.messages.records import Code

ASKING = re.compile(
    r"(?<!\w)(?:genotypisk|genotypic|molekylær|molekylærgenetisk|molecular)|resistens|resistance",
    re.I,
)
RESISTANCE = re.compile(
    r"(?<!\w)(?:genotypisk|genotypic|molekylær|molekylærgenetisk|molecular)(?!\w)"
    r"|-?(?:resistens|resistance|følsomhet|susceptibility)(?:bestemmelse|testing|test|sbestemmelse)?(?!\w)"
    r"|(?<!\w)(?:for|mot|mutasjon(?:er)?|pcr|to|against|m\.|mycobacterium|tuberculosis|mtb)(?!\w)",
    re.I,
)
"""What stands beside the drug in the name of such a row."""


@lru_cache(maxsize=4096)
def drug_of(names: tuple[Code, ...]) -> Code | None:
    """The drug to which the names of an analysis ask for resistance, by genes or not; None for all other analyses."""
    for text in map(text_of, names):
        if ASKING.search(text) is None or is_antibiotic((Code(text=text),)):
            continue
        drug = Code(text=" ".join(RESISTANCE.sub(" ", text).split()).strip(" ,;:()-–"))
        if drug.text and is_antibiotic((drug,)):
            return drug
    return None


class Detecting(Protocol):
    """An item of an answer, as far as it says what a search found; a reader's own."""

    detected: Search | None


Some = TypeVar("Some", bound=Detecting)


def bearer_of(names: tuple[Code, ...], detected: Sequence[Some]) -> list[Some]:
    """What such a resistance is of where nothing grew: the only thing that was found, else nothing."""
    found = [item for item in detected if item.detected and not isinstance(item.detected, Noted)]
    return found if len(found) == 1 and drug_of(names) is not None else []
