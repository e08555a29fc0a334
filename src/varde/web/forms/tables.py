"""Questions made of the columns of a published table, and the fields that its readers' places mean.

The words are those of the table: the first sentence of a column's text, or what stands before its colon,
is the question, and the rest says how to answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.messages import Table
from varde.messages.tables.cells import is_organisation_number
from varde.messages.tables.definition import Column
from varde.web.forms.choices import municipality_groups
from varde.web.forms.fields import Choice, Field, Group, Kind, Values

KINDS: Mapping[str, Kind] = {
    "date": "day",
    "integer": "number",
    "code": "choice",
    "municipality": "choice",
    "yes-no": "radios",
}
EXAMPLES: Mapping[str, str] = {"atc": "J01CE02", "procedure": "NFB30"}
"""Column → an answer as it is to be written, where not every text can be read."""
NARROW = frozenset({"day", "number"})
_CELL = re.compile(r"line (\d+), column (.*)", re.DOTALL)
_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)


def field_of(column: Column, on: date, prefix: str = "", label: str = "") -> Field:
    """The question of a column.

    Args:
        on: the day whose municipalities can be chosen.
        prefix: stands before the column's name, where a form has several rows.
        label: instead of the column's own words.
    """
    label = label or short_labels().get(column.name, "")
    own, hint = split_text(in_language(column.text))
    kind = KINDS.get(column.holds, "text")
    classes = _classes().get(column.name)
    if classes:
        kind = "choice"
    return Field(
        name=prefix + column.name,
        label=label or own,
        kind=kind,
        hint=how_to().get(column.name) or (hint if hint and not label else _how(kind)),
        groups=[Group("", classes)] if classes else _groups(column, on),
        required=column.required,
        narrow=kind in NARROW,
        least=column.least or 0,
        most=column.most or 0,
        longest=column.longest,
        example=EXAMPLES.get(column.name, ""),
        century=column.name != "born",
        identity=column.holds == "person",
    )


def short_labels() -> dict[str, str]:
    """Questions that a form puts shorter than the table does, by column."""
    return {
        "municipality": _("Municipality"),
        "sex": _("Sex"),
        "age": _("Age in years"),
        "asa": _("Physical status (ASA)"),
        "wound_class": _("Wound class"),
        "atc": _("Antibiotic"),
        "classification": _("Treatment or prophylaxis"),
        "indication": _("Given for"),
        "specialty": _("Specialty"),
        "urgent": _("Emergency?"),
        "prophylaxis": _("Antibiotic prophylaxis given?"),
        "implant": _("Implant left?"),
        "reoperated": _("Operated on again because of the infection?"),
        "present": _("Present at eight in the morning"),
        "with_infection": _("With a healthcare-associated infection"),
        "on_antibiotics": _("Given an antibiotic"),
    }


def _classes() -> dict[str, list[Choice]]:
    """Classes that the table has as numbers, with what each of them means, by column.

    ASA in our own words after the classification of the American Society of Anesthesiologists; wound classes
    after the table's own text.
    """
    words = {
        "asa": (
            _("1: healthy"),
            _("2: mild systemic disease"),
            _("3: severe systemic disease"),
            _("4: systemic disease that is a constant threat to life"),
            _("5: not expected to survive without the operation"),
        ),
        "wound_class": (
            _("1: clean"),
            _("2: clean-contaminated"),
            _("3: contaminated"),
            _("4: dirty or infected"),
        ),
    }
    return {
        name: [Choice(str(number), said) for number, said in enumerate(texts, 1)]
        for name, texts in words.items()
    }


def how_to() -> dict[str, str]:
    """How to answer what the table says too shortly for people, by column."""
    return {
        "atc": _("Write some of the name and choose, or write the ATC code, such as J01CE02."),
        "procedure": _("Three letters and two digits, such as NFB30."),
        "born": _("Day, month and a year of four digits."),
    }


def in_language(text: object) -> str:
    """Words of the table in the reader's language."""
    return str(getattr(text, "en" if get_language() == "en" else "nb"))


def split_text(text: str) -> tuple[str, str]:
    """Question and explanation: parted at the first colon or end of a sentence."""
    found = re.match(r"(.+?)(?:: |\. |\.$)(.*)", text, re.DOTALL)
    if found is None:
        return text, ""
    question, rest = found.groups()
    return question, rest[:1].upper() + rest[1:]


def _how(kind: Kind) -> str:
    return _("Day, month and year.") if kind == "day" else ""


def _groups(column: Column, on: date) -> Sequence[Group]:
    if column.holds == "municipality":
        return municipality_groups(on)
    if column.holds == "yes-no":
        return [Group("", [Choice("ja", _("Yes")), Choice("nei", _("No"))])]
    if column.codes:
        return [Group("", [Choice(c.code, _capital(in_language(c.text))) for c in column.codes])]
    return ()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def column_at(table: Table, place: str) -> str:
    """The name of the column at a place of a table that Varde has written; "" for none."""
    found = _CELL.fullmatch(place)
    heading = found.group(2) if found else ""
    return next((c.name for c in table.columns if c.heading == heading), "")


def plain_values(values: Values) -> dict[str, str]:
    """The answers as the cells of a row."""
    return {name: answers[0] for name, answers in values.items()}


def organisation_faults(values: Values, name: str) -> dict[str, str]:
    """A number of nine digits is an organisation's, and its last digit can be checked."""
    given = "".join((values.get(name) or [""])[0].split())
    if len(given) != 9 or not (given.isascii() and given.isdigit()):
        return {}
    if is_organisation_number(given):
        return {}
    return {name: _("The organisation number is not valid: check every digit.")}


def day_of(text: str) -> str:
    """A day as 2026-01-31, however it was typed; what is no day as it is."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    day, month, year = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}"
