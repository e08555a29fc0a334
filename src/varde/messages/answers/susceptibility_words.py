"""Words by which a result is of a susceptibility test though its name does not say so, alike in FHIR and HL7 version 2.

What stands in such a result and is none of the categories that are known (`Nedsatt følsomhet`) must be refused and told, and
never passed over: whoever reads the register would take the drug for untested.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from varde.messages.answers.known_names import is_antibiotic
from varde.messages.records import Code

LONGEST_RATED = 60
"""Characters of words that may be meant as a category; what is longer is a remark, unless the name is an antibiotic's."""

RATED = re.compile(
    r"resist|f[øöo]lsom|suscept|sensib|sensit|känslig|herkkä|empfindlich|intermedi|ikke[ -]?vill?type|wild[ -]?type"
    r"|(?<![^\W\d_])(?:mi[ck]|s\.?d\.?d|hlar|hlgr|sfr)(?![^\W\d_])"
    r"|eksponering|exposure|standard[ -]?dos"
    r"|^\s*(?:ns|[sir])\s*(?:[(:;,=]|(?:ved|with|at)\b)|[\d\s](?:mg/l|[uµμ]g/ml|mcg/ml)",
    re.I,
)


_LETTER = re.compile(r"(?:^|[\s(/])[SIR](?:$|[\s)/*?!,.])")
LONGEST_LETTERED = 12
"""Characters of words with the letter of a category among them ("Trolig R", "S/I")."""

FEWEST_OF_REMARK = 4
"""Words of a remark that speaks of no susceptibility ("Se vedlegg til prøvesvaret" has as many)."""


WITH_CONCENTRATION = re.compile(
    r"\s*(?P<category>[^\W\d_][^\d(\[<>=≤≥]{0,40}?)[\s,;:]*[(\[]?\s*(?P<mic>(?:mi[ck]\s*[:=]?\s*)?(?:<=|>=|≤|≥|<|>|=)?\s*\d{1,4}(?:[.,]\d{1,4})?)"
    r"(?P<unit>\s*(?:mg/l|[uµμ]g/ml|mcg/ml))?\s*[)\]]?\s*\.?\s*",
    re.I,
)
"""A category with the concentration that inhibits: R (MIC 32), S, MIC 0,5 mg/L, Resistent >32."""

SIGN = re.compile(r"mi[ck]|[<>≤≥=()\[\]]|mg/l|g/ml", re.I)
"""What says that a number behind a category is a concentration."""


def split_rating(text: str, categories: Collection[str]) -> tuple[str, str] | None:
    """The category and the concentration of an answer that gives both in one text; None for any other.

    Args:
        text: as it stands.
        categories: the words of the categories, in lower case.

    Returns:
        the word of the category as it stands, and the concentration with its sign ("<=0,5"), in mg/L.
    """
    found = WITH_CONCENTRATION.fullmatch(text) if len(text) <= LONGEST_RATED else None
    if found is None or SIGN.search(text) is None:
        return None
    category = found["category"].strip(" ,;:")
    if " ".join(category.casefold().split()) not in categories:
        return None
    return category, re.sub(r"mi[ck]|[:\s]|(?<![<>])=", "", found["mic"], flags=re.I)


def is_remark(text: str) -> bool:
    """Whether what is said of an antibiotic is a remark, and not meant as a category."""
    return len(text.split()) >= FEWEST_OF_REMARK and RATED.search(text) is None


def speaks_of_susceptibility(text: str) -> bool:
    """Whether a short text has a word of susceptibility, of resistance, or of the concentration that inhibits, or the letter
    of a category."""
    if len(text) <= LONGEST_LETTERED and _LETTER.search(text):
        return True
    return len(text) <= LONGEST_RATED and RATED.search(text) is not None


def may_rate(names: tuple[Code, ...], said: Sequence[str], panel: bool) -> bool:
    """Whether words may be meant as a category though no list has them: among susceptibility tests (`panel`) what has a word
    of susceptibility, and what is said of an antibiotic and is no remark; elsewhere what has such a word, of an antibiotic."""
    if any(map(speaks_of_susceptibility, said)):
        return panel or is_antibiotic(names)
    return panel and bool(said) and not all(map(is_remark, said)) and is_antibiotic(names)
