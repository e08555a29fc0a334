"""Words by which a result is of a susceptibility test though its name does not say so, alike in FHIR and HL7 version 2.

What stands in such a result and is none of the categories that are known (`Nedsatt følsomhet`) must be refused and told, and
never passed over: whoever reads the register would take the drug for untested.
"""

from __future__ import annotations

import re

LONGEST_RATED = 60
"""Characters of words that may be meant as a category; what is longer is a remark, unless the name is an antibiotic's."""

RATED = re.compile(
    r"resist|f[øöo]lsom|suscept|sensib|sensit|känslig|herkkä|empfindlich|intermedi|ikke[ -]?vill?type|wild[ -]?type"
    r"|(?<![^\W\d_])(?:mi[ck]|s\.?d\.?d|hlar|hlgr|sfr)(?![^\W\d_])"
    r"|^\s*[sir]\s*[(:;,=]|[\d\s](?:mg/l|[uµμ]g/ml|mcg/ml)",
    re.I,
)


FEWEST_OF_REMARK = 4
"""Words of a remark that speaks of no susceptibility ("Se vedlegg til prøvesvaret" has as many)."""


def is_remark(text: str) -> bool:
    """Whether what is said of an antibiotic is a remark, and not meant as a category."""
    return len(text.split()) >= FEWEST_OF_REMARK and RATED.search(text) is None


def speaks_of_susceptibility(text: str) -> bool:
    """Whether a short text has a word of susceptibility, of resistance, or of the concentration that inhibits."""
    return len(text) <= LONGEST_RATED and RATED.search(text) is not None
