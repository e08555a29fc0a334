"""Cases for whoever asks: a list without persons, one with its reasons, counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import msgspec

from varde.cases import CLASSES, Case, Catalogue, Classification
from varde.codes import municipalities, successors
from varde.register import store
from varde.register.casework.drafts import LINK, read_trail
from varde.register.casework.evidence import diagnosed
from varde.register.store import connection

_LISTED = (
    "id, disease, classification, presentation, CAST(first_day AS TEXT), CAST(onset AS TEXT), "
    "imported, form_missing, residence, stay, infected_in, sex, age"
)


class ListedCase(msgspec.Struct, frozen=True, kw_only=True, rename={"classification": "class"}):
    """One case, and nothing that leads to the person; fields as those of `varde.register.models.Case`."""

    number: int
    disease: str
    classification: Classification
    presentation: str
    first_day: date
    onset: date | None
    imported: str
    form_missing: bool
    residence: str
    stay: str
    infected_in: str
    sex: str
    age: int | None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a piece of evidence is from.

    Attributes:
        key: as the case names it.
        kind, sender, number: of the report, `number` as its sender has it.
        part: of a finding, its number in the report; of what was not found, the number of its specimen, below zero; else 0.
        joined_to: the key of the finding that it is one with, and that counts; empty for one that counts itself.
        onset: of a form, when it says that the person fell ill; None for all else.
    """

    key: str
    kind: str
    sender: str
    number: str
    part: int
    joined_to: str = ""
    onset: date | None = None


class KnownCase(msgspec.Struct, frozen=True, kw_only=True):
    """One case with its reasons.

    Attributes:
        known_as: other numbers that its evidence has had: of cases that are one with it now, and of cases that
            it was split from.
        case: as `varde.cases` made it.
        sources: of its evidence and of what was set aside.
    """

    listed: ListedCase
    known_as: tuple[int, ...]
    case: Case
    sources: tuple[Source, ...]


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """A number that no case has now.

    Attributes:
        merged_into: the case that its evidence is in now; None when nothing is left of it.
    """

    number: int
    merged_into: int | None


def list_cases(
    disease: str = "",
    classification: Classification | None = None,
    first: date | None = None,
    last: date | None = None,
    area: str = "",
    on: date | None = None,
    limit: int | None = None,
) -> list[ListedCase]:
    """Cases by disease and first day, the newest last.

    Args:
        disease: a key; empty for all.
        first, last: first days between these, both included.
        area: number of a municipality (four digits) or county (two) of residence; with an earlier structure's
            numbers among what was sent followed to those of `on`, where all that they became lies in the area.
        on: the day whose municipalities and counties `area` is of; needed with it.
        limit: at most so many, the newest; None for all.
    """
    conditions: list[str] = []
    values: list[Any] = []
    for column, value in (("disease", disease), ("classification", classification)):
        if value:
            conditions.append(f"{column} = %s")
            values.append(value)
    for sign, day in ((">=", first), ("<=", last)):
        if day:
            conditions.append(f"first_day {sign} %s")
            values.append(store.day(day))
    if area and on:
        numbers = _residences(area, on)
        conditions.append(f"residence IN ({', '.join(['%s'] * len(numbers)) or 'NULL'})")
        values += numbers
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    end = "" if limit is None else f"LIMIT {limit:d}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_LISTED} FROM register_case {where} ORDER BY first_day DESC, id DESC {end}",
            values,
        )
        found = [_listed(row) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: (one.disease, one.first_day, one.number))


def read_listed(numbers: Collection[int]) -> dict[int, ListedCase]:
    """The cases there are of some numbers."""
    rows = store.select_in("case", _LISTED, "id", sorted(numbers))
    return {one.number: one for one in map(_listed, rows)}


def read_case(number: int) -> KnownCase | Gone | None:
    """One case by its number; None when no case ever had it."""
    rows = list(store.select_in("case", f"{_LISTED}, known_as, trail", "id", [number]))
    if not rows:
        return _gone(number)
    *listed, known_as, kept = rows[0]
    trail = read_trail(kept)
    case = trail.case
    keys = {*case.evidence, *(one.evidence for one in case.set_aside)}
    keys.update(key for one in case.set_aside for key in one.because)
    keys.update(key for reason in case.reasons for key in reason.evidence)
    counted = {other: key for key, others in trail.joined.items() for other in others}
    keys = {key for key in keys if not key.startswith(LINK)}
    return KnownCase(
        listed=_listed(listed),
        known_as=tuple(map(int, filter(None, known_as.split(",")))),
        case=case,
        sources=tuple(_sources(sorted(keys | counted.keys()), counted)),
    )


def pseudonym_of(number: int) -> bytes | None:
    """Whose a case is, for the access log; None when there is no such case, or nobody knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.pseudonym FROM register_case c JOIN register_person p ON p.id = c.person "
            "WHERE c.id = %s",
            [number],
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def count_classes() -> dict[str, int]:
    """How many cases there are of each class, the strongest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT classification, COUNT(*) FROM register_case GROUP BY classification")
        found = dict(cursor.fetchall())
    return {name: found[name] for name in (*CLASSES, "discarded") if name in found}


def count_unknown_diagnoses(definitions: Catalogue) -> int:
    """How many notifications are of something that no disease file names, and nobody has confirmed the meaning of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT diagnosis, diagnosis_name, disease, COUNT(*) FROM register_notification "
            "GROUP BY diagnosis, diagnosis_name, disease"
        )
        return sum(
            count
            for code, words, disease, count in cursor.fetchall()
            if diagnosed(definitions, code, words, disease) is None
        )


def _listed(row: Sequence[Any]) -> ListedCase:
    number, disease, classification, presentation, first_day, onset, imported, missing, *rest = row
    residence, stay, infected_in, sex, age = rest
    return ListedCase(
        number=number,
        disease=disease,
        classification=classification,
        presentation=presentation,
        first_day=date.fromisoformat(first_day),
        onset=date.fromisoformat(onset) if onset else None,
        imported=imported,
        form_missing=bool(missing),
        residence=residence,
        stay=stay,
        infected_in=infected_in,
        sex=sex,
        age=age,
    )


def _residences(area: str, on: date) -> list[str]:
    """The numbers, as they were sent, of residences that lie in an area."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT residence FROM register_case WHERE residence <> ''")
        sent = sorted(row[0] for row in cursor.fetchall())
    found = []
    for number in sent:
        current = successors(number, on)
        counties = {municipalities(on)[each].county for each in current}
        if area == number or {area} in (current, counties):
            found.append(number)
    return found


def _gone(number: int) -> Gone | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM register_casenumber WHERE number = %s LIMIT 1", [number])
        if cursor.fetchone() is None:
            return None
        cursor.execute(
            "SELECT id FROM register_case WHERE NOT (known_as = '') "
            "AND ',' || known_as || ',' LIKE %s ORDER BY id",
            [f"%,{number:d},%"],
        )
        row = cursor.fetchone()
    return Gone(number=number, merged_into=row[0] if row else None)


def _sources(keys: Sequence[str], counted: dict[str, str]) -> list[Source]:
    reports = {int(key.partition(".")[0]) for key in keys}
    known = {
        row[0]: row[1:]
        for row in store.select_in("report", "id, kind, sender, report_ref", "id", sorted(reports))
    }
    onsets = dict(
        store.select_in(
            "notification",
            "id, CAST(onset AS TEXT)",
            "id",
            sorted(reports),
            "AND onset IS NOT NULL",
        )
    )
    found = []
    for key in keys:
        report, _, part = key.partition(".")
        onset = onsets.get(int(report))
        kind, sender, number = known[int(report)]
        found.append(
            Source(
                key=key,
                kind=kind,
                sender=sender,
                number=number,
                part=int(part),
                joined_to=counted.get(key, ""),
                onset=date.fromisoformat(onset) if onset else None,
            )
        )
    return found
