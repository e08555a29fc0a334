"""Whether a proportion's numerator is part of its denominator, as far as the definition alone can say it.

Each condition of the denominator must follow from the numerator's: then whatever counts above counts below. Where it
does not, the first thing that would count above alone is named. The conditions are read as `matching` and `conditions`
read them, over all codes and ages that there are, and not over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from varde.prescribing.indicators.allowed import find_allowed, may_lack_age
from varde.prescribing.indicators.checking import Problem, drugs_of
from varde.prescribing.indicators.definition import OLDEST, Part, Where, in_icpc, read_ages

ADVICE: Final = "narrow the numerator, widen the denominator, or make it a rate"
SMALLER: Final = {
    ("patients", "contacts"),
    ("patients", "rows"),
    ("contacts", "rows"),
    ("on-antibiotics", "residents"),
}
"""What is never more than the other of the same rows: a patient has a contact or more, a contact a row or more."""
NAMED: Final = frozenset(("first", "alternative", "combined"))
"""What the guideline says of a drug whose course it knows."""
LENGTHS: Final = frozenset(("shorter", "within", "longer"))
CHAPTERS: Final = "ABDFHKLNPRSTUWXYZ"
"""Letters of ICPC-2."""

Outside = Callable[[Where, Where, str], str]
"""What the first asks for and the second does not, in words, of rows of a table; empty where nothing is."""


def check_inclusion(numerator: Part, denominator: Part) -> Iterator[Problem]:
    """What the numerator of a proportion counts and its denominator does not.

    Args:
        numerator, denominator: with nothing wrong in either by itself.
    """
    if numerator.table != denominator.table:
        yield Problem(
            "numerator.table",
            f"{numerator.table} are no part of {denominator.table}",
            "count one table above and below, or make it a rate",
        )
        return
    counts = (numerator.counts, denominator.counts)
    if counts[0] != counts[1] and counts not in SMALLER:
        yield Problem(
            "numerator.counts",
            f"{counts[0]} are no part of {counts[1]}",
            "count the same above and below, or make it a rate",
        )
    above, below = numerator.contact, denominator.contact
    mine = numerator.where
    if above:
        mine = _joined(mine, above.where)
    yield from _find(mine, denominator.where, numerator.table, "numerator.where")
    if below and not above:
        yield Problem(
            "numerator",
            "the denominator has only rows with a contact, and the numerator others too",
            "ask for the contact in both",
        )
    elif below and above:
        theirs = _joined(above.where, numerator.where)
        yield from _find(theirs, below.where, above.table, "numerator.contact.where")


def _joined(where: Where, other: Where) -> Where:
    """What is asked of rows; of person and setting, where they are not asked for it, what their contact is asked for: it
    is of the same person and day."""
    return Where(
        **{name: getattr(where, name) for name in where.__struct_fields__}
        | {
            name: getattr(where, name) or getattr(other, name)
            for name in ("ages", "sex", "setting")
        }
    )


def _find(mine: Where, theirs: Where, table: str, place: str) -> Iterator[Problem]:
    for name in theirs.asked:
        if name in SAME and SAME[name] in theirs.asked:
            continue  # two lists of one condition are looked at once
        if outside := RULES[name](mine, theirs, table):
            yield Problem(
                f"{place}.{name}", f"it counts {outside}, which its denominator does not", ADVICE
            )


def _drugs(mine: Where, theirs: Where, _table: str) -> str:
    if theirs.atc and not mine.atc:
        return "drugs of every ATC code"
    named = (*mine.atc, *mine.atc_not, *theirs.atc, *theirs.atc_not)
    counted = set(drugs_of(theirs.atc, theirs.atc_not, named))
    return next(
        (code for code in drugs_of(mine.atc, mine.atc_not, named) if code not in counted), ""
    )


def _codes(ranges: tuple[str, ...]) -> Iterator[str]:
    for letter in CHAPTERS:
        for number in range(100):
            if in_icpc(code := f"{letter}{number:02}", ranges):
                yield code


def _diagnoses(mine: Where, theirs: Where, _table: str) -> str:
    if not mine.diagnoses:
        return "contacts with any diagnosis or none"
    return _icpc(mine.diagnoses, theirs.diagnoses)


def _icpc(mine: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    # What both write alike need not be looked at code by code.
    other = tuple(text for text in mine if text not in theirs)
    return next((code for code in _codes(other) if not in_icpc(code, theirs)), "")


def _reimbursed(mine: Where, theirs: Where, _table: str) -> str:
    if not mine.reimbursement_icpc and not mine.reimbursement_icd:
        return "prescriptions with any code of reimbursement or none"
    icd = (one for one in mine.reimbursement_icd if not one.startswith(theirs.reimbursement_icd))
    return _icpc(mine.reimbursement_icpc, theirs.reimbursement_icpc) or next(icd, "")


def _billing(mine: Where, theirs: Where, _table: str) -> str:
    if not mine.billing:
        return "contacts with any billing code or none"
    for setting in (mine.setting,) if mine.setting else ("gp", "out-of-hours"):
        known = _billed(theirs, setting)
        for code in _billed(mine, setting):
            if code not in known:
                return f"{code} ({setting})"
    return ""


def _billed(where: Where, setting: str) -> tuple[str, ...]:
    out_of_hours = where.billing_out_of_hours if setting == "out-of-hours" else ()
    return out_of_hours or where.billing


def _ages(mine: Where, theirs: Where, table: str) -> str:
    if not mine.ages and may_lack_age(table):
        return "rows without age"
    known = _years(theirs.ages)
    years = _years(mine.ages) if mine.ages else frozenset(range(OLDEST + 1))
    return f"the age {min(years - known)}" if years - known else ""


def _years(bands: tuple[str, ...]) -> frozenset[int]:
    found: set[int] = set()
    for low, high in map(read_ages, bands):
        found |= set(range(low, (OLDEST if high is None else high) + 1))
    return frozenset(found)


def _listed(name: str) -> Outside:
    def outside(mine: Where, theirs: Where, table: str) -> str:
        asked, known = _values(mine, name), _values(theirs, name)
        allowed = find_allowed(table, name)
        if not asked and allowed:
            if allowed.blank:
                return f"rows of which {name} is not known"
            asked = allowed.values
        return next((value for value in asked if value not in known), "")

    return outside


def _values(where: Where, name: str) -> tuple[str, ...]:
    asked = getattr(where, name)
    return (asked,) if isinstance(asked, str) and asked else tuple(asked)


def _flag(name: str, text: str) -> Outside:
    return lambda mine, _theirs, _table: "" if getattr(mine, name) else text


def _concordance(mine: Where, theirs: Where, _table: str) -> str:
    below = theirs.concordance
    if below is None:
        return ""
    if above := mine.concordance:
        if above.diagnosis != below.diagnosis:
            return f"by the diagnosis of {above.diagnosis}"
        return next((one for one in above.chosen if one not in below.chosen), "")
    if mine.course and mine.course.diagnosis == below.diagnosis and set(below.chosen) >= NAMED:
        return ""  # whose course is known, the guideline names
    return "what the guideline says anything or nothing of"


def _course(mine: Where, theirs: Where, _table: str) -> str:
    above, below = mine.course, theirs.course
    if below is None:
        return ""
    if above is None:
        return "courses of which no length is known"
    if (above.diagnosis, above.sums) != (below.diagnosis, below.sums):
        return "courses that are put together in another way"
    if set(below.chosen) == LENGTHS:
        return ""
    if above.slack_days != below.slack_days:
        return "courses by other slack_days"
    return next((one for one in above.chosen if one not in below.chosen), "")


SAME: Final[Mapping[str, str]] = {
    "atc_not": "atc",
    "reimbursement_icd": "reimbursement_icpc",
    "billing_out_of_hours": "billing",
}
RULES: Final[Mapping[str, Outside]] = {
    "atc": _drugs,
    "atc_not": _drugs,
    "reimbursement_icpc": _reimbursed,
    "reimbursement_icd": _reimbursed,
    "diagnoses": _diagnoses,
    "billing": _billing,
    "billing_out_of_hours": _billing,
    "ages": _ages,
    **{
        name: _listed(name)
        for name in (
            "sex",
            "setting",
            "wait_and_see",
            "part",
            "stay",
            "route",
            "institution_kinds",
            "classifications",
        )
    },
    "delivered": _flag("delivered", "months of which no drug was told"),
    "answered": _flag("answered", "wards that told no number"),
    "told": _flag("told", "days of which the institution did not tell"),
    "concordance": _concordance,
    "course": _course,
}
"""How each condition of a denominator is looked at."""
