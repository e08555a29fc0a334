"""What is wrong with a definition: where in its file, what, and what to do about it.

Nothing here reads the clock: a definition holds, or does not, on whichever day it is read. `check_reviewed` is told a
day, for those who write definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Final

from varde.codes import antibiotics, antivirals, daily_doses, diagnosis_codes
from varde.prescribing.indicators.allowed import find_allowed
from varde.prescribing.indicators.definition import (
    Concordance,
    Course,
    Definition,
    Part,
    Where,
    in_icpc,
    read_ages,
)
from varde.prescribing.indicators.shapes import SHAPES

ATC: Final = re.compile(r"[A-Z]\d\d([A-Z]([A-Z](\d\d)?)?)?")
ICPC: Final = re.compile(r"([ABDFHKLNPRSTUWXYZ])(\d\d)(?:-\1(\d\d))?")
ICD: Final = re.compile(r"([A-Z]\d\d)(\.\d)?")
BILLING: Final = re.compile(r"\d{1,3}[a-z]{0,3}")
KNOWN_ATC: Final = ("J01", "J02", "J05AB", "J05AH")
"""Where the house has WHO's codes: whatever is below these must match one that it knows."""
PER: Final = (1, 100, 1000)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        place: where in the file, as it is written there ("numerator.where.atc"); empty for the whole file.
        text: what is wrong.
        advice: what to do.
    """

    place: str
    text: str
    advice: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.text, self.advice) if part)

    def below(self, place: str) -> Problem:
        """The same, of a table within another one."""
        return replace(self, place=f"{place}.{self.place}".rstrip("."))


def check_definition(definition: Definition) -> Iterator[Problem]:
    """What is wrong with a definition, as far as it can be seen from itself; nothing when it is as it should be."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,59}", definition.id):
        yield Problem(
            "id",
            f"the id {definition.id!r} is not small letters, digits and hyphens",
            "begin with a letter, and write two to sixty of these",
        )
    yield from _check_words(definition)
    yield from _check_days(definition)
    if definition.per not in PER:
        yield Problem(
            "per",
            f"it is shown per 1, 100 or 1000, not {definition.per}",
            "give one of these",
        )
    elif definition.kind == "proportion" and definition.per != 100:
        yield Problem("per", "a proportion is shown per cent", "write per = 100")
    if not definition.kinds:
        yield Problem(
            "denominator.table",
            "no unit has rows in both tables",
            "set what prescribers do over their own, and what institutions do over theirs",
        )
    counts_doses = any(part.counts == "ddd" or part.where.course for part in definition.parts)
    if counts_doses != (definition.ddd_version is not None):
        yield Problem(
            "ddd_version",
            "ddd_version is said where daily doses are counted, and nowhere else",
            "give the year of the daily doses" if counts_doses else "take it away",
        )
    elif definition.ddd_version is not None:
        yield from _check_version(definition.ddd_version)
    for name, part in zip(("numerator", "denominator"), definition.parts, strict=True):
        for problem in _check_part(part):
            yield problem.below(name)


def _check_words(definition: Definition) -> Iterator[Problem]:
    if not definition.sources:
        yield Problem("sources", "it has no source", "say where it is from, and what was decided")
    words = {
        "title.nb": definition.title.nb,
        "title.en": definition.title.en,
        "text.nb": definition.text.nb,
        "text.en": definition.text.en,
        **{f"sources[{place}]": text for place, text in enumerate(definition.sources)},
        **{f"revisions[{place}].text": one.text for place, one in enumerate(definition.revisions)},
    }
    for name, text in words.items():
        if not text.strip():
            yield Problem(name, "it is empty", "write what readers are to be told")


def _check_version(version: int) -> Iterator[Problem]:
    """Doses are counted anew in another year's by what the tables of daily doses say of both years."""
    known = [int(dose.version) for dose in daily_doses()]
    if not min(known) <= version <= max(known):
        yield Problem(
            "ddd_version",
            f"the daily doses of {version} are not known here",
            f"give a year from {min(known)} to {max(known)}",
        )


def check_reviewed(definition: Definition, day: date) -> Iterator[Problem]:
    """Whether it was looked over by a day that has come.

    Args:
        day: today, as whoever asks tells it.
    """
    if definition.reviewed > day:
        yield Problem(
            "reviewed",
            f"nobody has looked it over on {definition.reviewed}: that day is to come",
            f"give the day of the last review, {day} at the latest",
        )


def _check_days(definition: Definition) -> Iterator[Problem]:
    # A version may be looked over before the day from which it is to hold. That it is to be looked over anew before
    # anybody uses it is a slip of the pen.
    if definition.next_review <= definition.version:
        yield Problem(
            "next_review",
            f"the next review is not after the first day of this version, {definition.version}",
            "correct one of the two days",
        )
    if definition.next_review <= definition.reviewed:
        yield Problem(
            "next_review",
            "the next review is not after the last one",
            f"give a day after {definition.reviewed}",
        )
    days = [one.on for one in definition.revisions]
    if days != sorted(days) or any(day > definition.reviewed for day in days):
        yield Problem(
            "revisions",
            "its revisions are not in order, or later than its last review",
            "put the oldest first, and look the definition over when it is mended",
        )


def _check_part(part: Part) -> Iterator[Problem]:
    shape = SHAPES[part.table]
    if part.counts not in shape.counts:
        yield Problem(
            "counts",
            f"{part.table} has no {part.counts} to count",
            f"count one of {', '.join(sorted(shape.counts))}",
        )
    for problem in _check_where(part.where, part.table):
        yield problem.below("where")
    for name, wanted in _of_guideline(part.where):
        if (wanted.diagnosis == "contact") != (part.contact is not None):
            yield Problem(
                f"where.{name}.diagnosis",
                "the diagnosis is the contact's where there is a contact, and only there",
                f'write diagnosis = "{"contact" if part.contact else "reimbursement"}"',
            )
    if part.contact is None:
        return
    if {part.table, part.contact.table} != {"dispensings", "consultations"}:
        yield Problem(
            "contact.table",
            "a contact joins dispensings with consultations",
            "count one of the two, and ask the other for the contact",
        )
    if part.counts != "rows":
        yield Problem(
            "counts", "of rows with a contact only the rows are counted", 'write counts = "rows"'
        )
    for problem in _check_where(part.contact.where, part.contact.table):
        yield problem.below("contact.where")
    if part.contact.table == "dispensings" and part.contact.where.setting:
        yield Problem(
            "contact.where.setting",
            "the setting of a contact is asked of the consultations that are counted",
            "move it to where",
        )
    for name, _ in _of_guideline(part.contact.where):
        yield Problem(
            f"contact.where.{name}",
            "concordance and course are asked of the dispensings that are counted",
            "move it to where",
        )


def _of_guideline(where: Where) -> Iterator[tuple[str, Concordance | Course]]:
    if where.concordance:
        yield "concordance", where.concordance
    if where.course:
        yield "course", where.course


def _check_where(where: Where, table: str) -> Iterator[Problem]:
    known = SHAPES[table].conditions
    for name in where.asked:
        if name not in known:
            yield Problem(
                name,
                f"{table} cannot be asked for {name}",
                f"ask for {', '.join(sorted(known))}",
            )
        else:
            yield from _check_values(name, getattr(where, name), table)
    yield from _check_drugs(where)
    if table == "treatments" and where.atc:
        yield from _check_surveyed(where.atc)
    for name in ("diagnoses", "reimbursement_icpc"):
        yield from _check_icpc(name, getattr(where, name))
    yield from _check_icd(where.reimbursement_icd)
    if where.billing_out_of_hours and not where.billing:
        yield Problem(
            "billing_out_of_hours",
            "billing codes out of hours stand beside those of other contacts",
            "give billing too",
        )
    for name in ("billing", "billing_out_of_hours"):
        for code in getattr(where, name):
            if not BILLING.fullmatch(code):
                yield Problem(
                    name,
                    f"{code!r} is no billing code",
                    "write up to three digits and up to three small letters, as 2ad",
                )
    for text in where.ages:
        try:
            read_ages(text)
        except ValueError as error:
            yield Problem("ages", str(error), "correct the band")
    if where.course:
        yield from _check_course(where.course, where)


def _check_values(name: str, asked: str | tuple[str, ...], table: str) -> Iterator[Problem]:
    allowed = find_allowed(table, name)
    if allowed is None:
        return
    for value in (asked,) if isinstance(asked, str) else asked:
        if value not in allowed.values:
            yield Problem(
                name,
                f"no row of {table} has {value!r}",
                f"give one of {', '.join(allowed.values)}",
            )


def _check_surveyed(codes: tuple[str, ...]) -> Iterator[Problem]:
    """What is given on wards is known by the antibiotic that it is read as, and has no ATC code but that one's."""
    if not any(drug.atc.startswith(codes) for drug in antibiotics().values() if drug.atc):
        yield Problem(
            "atc",
            f"no antibiotic of the surveys has an ATC code that begins with {', '.join(codes)}",
            "correct them",
        )


def _check_course(course: Course, where: Where) -> Iterator[Problem]:
    if not 0 <= course.slack_days <= 7:
        yield Problem("course.slack_days", "slack_days is from 0 to 7", "give one of these")
    if course.sums and course.diagnosis != "contact":
        yield Problem(
            "course.sums",
            "sums is for courses by the diagnosis of a contact",
            "take it away, or ask for a contact",
        )
    if course.sums and where.setting:
        yield Problem(
            "setting",
            "the setting of a course that is added up is not asked for: it may be of several rows",
            "take it away",
        )


def _check_drugs(where: Where) -> Iterator[Problem]:
    for name in ("atc", "atc_not"):
        for code in getattr(where, name):
            if not ATC.fullmatch(code):
                yield Problem(
                    name,
                    f"{code!r} is no beginning of an ATC code",
                    "write three, four, five or seven signs of one, as J01 or J01CE02",
                )
            elif code.startswith(KNOWN_ATC) and not any(one.startswith(code) for one in atc()):
                yield Problem(
                    name,
                    f"no drug has an ATC code that begins with {code}",
                    "correct it; a new drug must be in the tables of codes first",
                )
    if where.atc and not any(drugs_of(where.atc, where.atc_not, (*where.atc, *where.atc_not))):
        yield Problem(
            "atc_not", "no drug is left: all that atc gives it takes away", "take away fewer"
        )


def drugs_of(
    inside: tuple[str, ...], outside: tuple[str, ...], named: Iterable[str]
) -> Iterator[str]:
    """The codes that two lists of beginnings leave.

    Of the codes that the house knows, and of the beginnings that are named and that it knows no code of: such a one
    stands for all below it.
    """
    unknown = {code for code in named if not any(one.startswith(code) for one in atc())}
    for code in sorted(atc() | unknown):
        if code.startswith(inside or "") and not code.startswith(outside):
            yield code


def _check_icpc(name: str, ranges: tuple[str, ...]) -> Iterator[Problem]:
    """The house has the codes that the guideline has, not all: each list must hold one of them."""
    for text in ranges:
        found = ICPC.fullmatch(text)
        if not found:
            yield Problem(
                name,
                f"{text!r} is no code or range of ICPC-2",
                "write R80, or R80-R83 within one chapter",
            )
        elif found[3] and found[3] <= found[2]:
            yield Problem(name, f"the range {text} ends before it begins", "turn it round")
    if ranges and not any(
        system == "ICPC-2" and in_icpc(code, ranges) for system, code in diagnosis_codes()
    ):
        yield Problem(
            name, f"none of the codes of ICPC-2 in {' '.join(ranges)} is known", "correct them"
        )


def _check_icd(codes: tuple[str, ...]) -> Iterator[Problem]:
    name = "reimbursement_icd"
    for code in codes:
        if not ICD.fullmatch(code):
            yield Problem(name, f"{code!r} is no code of ICD-10", "write J15 or J15.7")
    if codes and not any(
        system == "ICD-10" and code.startswith(codes) for system, code in diagnosis_codes()
    ):
        yield Problem(name, "none of its codes of ICD-10 is known", "correct them")


@cache
def atc() -> frozenset[str]:
    """Every ATC code that the house knows."""
    found = {drug.atc for drug in antibiotics().values()}
    found |= {drug.atc for drug in antivirals().values()}
    found |= {dose.atc for dose in daily_doses()}
    return frozenset(found - {""})
