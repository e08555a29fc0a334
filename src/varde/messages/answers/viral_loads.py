"""Viral loads: amounts of copies or international units in a volume, as laboratories write them."""

from __future__ import annotations

import re

AMOUNT = re.compile(
    r"(?:(?:virusmengde|virusload|viral\s+load|mengde|kvantitet|ca\.?|cirka|circa|about|approx\.?|omtrent"
    r"|log(?:10)?)\s*:?\s*){0,3}"
    r"(?:>=|=>|≥|>|=|~|≈)?\s*([0-9]+(?:[.,][0-9]+|\s[0-9]{3}(?![0-9]))*(?:[eE][+-]?[0-9]{1,2})?)"
    r"(?:\s*[-–—]\s*[0-9][0-9.,]*(?:[eE][+-]?[0-9]{1,2})?)?"
    r"(?:\s*[x×·*]\s*10\s*(?:\^|\*)?\s*[0-9]*)?\s*(\S.*)",
    re.I,
)
"""An amount: no "<", a number or a range, and its unit."""

COPIES = re.compile(
    r"(?:10[*^]\d+\.?)?(?:(?:mill(?:ioner|ion|\.)?|mio\.?|tusen|thousand|million)\s?)?"
    r"[{\[(]?(?:log(?:10|₁₀)?)?[\])]?[_\s]?[{\[]?(?:[kKM](?=\[?[iI][uUeE]))?"
    r"(?:\[?i[ue]\]?|kopi(?:er)?|cop(?:y|ies)?|cps?|geq|ge|genomkopier)[}\]]?\s?(?:/|per\b|pr\b)",
    re.I,
)
"""Units of a viral load: copies or international units in a volume (UCUM, and as laboratories write them)."""

ANYWHERE = re.compile(
    r"(?<![\w.,<≤])(?<![<≤]\s)[0-9][0-9 .,]{0,20}(?:[eE][+-]?[0-9]{1,2})?\s*"
    r"(?:[x×·*]\s*10\s*(?:\^|\*)?\s*[0-9]*\s*)?" + COPIES.pattern,
    re.I,
)
"""A load in a text, whatever stands before it."""


def is_load(amount: str) -> bool:
    """Whether a measured value is an amount of copies or international units above the limit of detection."""
    found = AMOUNT.fullmatch(amount.strip()) if amount else None
    return (
        found is not None
        and any(digit in "123456789" for digit in found.group(1))
        and COPIES.match(found.group(2)) is not None
    )


def speaks_of_load(text: str) -> bool:
    """Whether a text has an amount of copies or international units anywhere."""
    found = ANYWHERE.search(text)
    return found is not None and any(digit in "123456789" for digit in found.group().split("/")[0])
