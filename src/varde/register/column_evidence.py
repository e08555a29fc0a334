"""What the warehouse's tables hold of one month that takes the disease files or a case's reasons to say: findings with
the diseases of which each is a case by itself, clinicians' forms, and what each case is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec
import pyarrow as pa

from varde.cases import Catalogue
from varde.messages.times import midnight, norwegian_day
from varde.register import ids, store
from varde.register.casework.beginning import mark_of, method_of, profile_of
from varde.register.casework.drafts import LINK
from varde.register.casework.evidence import diagnosed
from varde.register.casework.findings import read_asked
from varde.register.column_tables import (
    DAY,
    LAYOUTS,
    NUMBER,
    SMALL,
    TEXT,
    Place,
    columns,
    days_of,
    make_batch,
    select,
)

_FORMS = """
    SELECT n.id, r.person, n.diagnosis, n.diagnosis_name, n.disease, CAST(COALESCE(n.sampled, n.onset) AS TEXT),
           CAST(r.generated_at AS TEXT), r.municipality, n.age, r.sex
    FROM register_notification n JOIN register_report r ON r.id = n.id
    WHERE (COALESCE(n.sampled, n.onset) >= %s AND COALESCE(n.sampled, n.onset) < %s)
       OR (COALESCE(n.sampled, n.onset) IS NULL AND r.generated_at >= %s AND r.generated_at < %s)
    ORDER BY n.id
"""
_FORM_COLUMNS = columns(
    notification_id=NUMBER, person_id=NUMBER, disease=TEXT, day=DAY, place=TEXT, age=SMALL, sex=TEXT
)


def read_findings(
    month: str, place: Place, groups: Mapping[str, str], definitions: Catalogue | None
) -> Iterator[pa.RecordBatch]:
    """The month's findings, those that another laboratory's counts in place of among them.

    Args:
        groups: material → its group.
        definitions: by which a finding is a case by itself; None where there are no cases.
    """
    layout = LAYOUTS["findings"]
    for rows in select(layout.statement, layout.given(month)):
        batch = make_batch(
            layout.columns, rows, layout.day, place, {"material": ("material_group", groups)}
        )
        met = [""] * len(rows) if definitions is None else _met(batch, definitions)
        yield batch.append_column("meets", pa.array(met, TEXT))


def _met(batch: pa.RecordBatch, definitions: Catalogue) -> list[str]:
    """The diseases of which each finding is a case with nothing beside it, with blanks between them."""
    numbers, organisms, methods, materials, marks, ages = (
        batch.column(name).to_pylist()
        for name in ("finding_id", "organism", "method", "material", "notifiable", "age")
    )
    agents = definitions.agents
    asked = [n for n, organism in zip(numbers, organisms, strict=True) if organism in agents]
    categories = read_asked(asked, definitions)
    markers = dict(store.select_in("finding", "id, markers", "id", asked, "AND markers <> ''"))
    return [
        " ".join(
            sorted(
                definitions.carried_by(
                    organism,
                    method_of(method),
                    material or "",
                    profile_of(
                        categories.get(number, {}).items(), definitions, markers.get(number, "")
                    ),
                    mark_of(mark),
                    age,
                )
            )
        )
        if organism in agents
        else ""
        for number, organism, method, material, mark, age in zip(
            numbers, organisms, methods, materials, marks, ages, strict=True
        )
    ]


def read_forms(month: str, place: Place, definitions: Catalogue) -> Iterator[pa.RecordBatch]:
    """The month's notifications: of the specimen's day, else of onset, else of the day they were made."""
    first, after = days_of(month)
    near = [store.stamp(midnight(day)) for day in (first, after)]
    for rows in select(_FORMS, [store.day(first), store.day(after), *near]):
        found = []
        for number, person, code, words, confirmed, said, made, where, age, sex in rows:
            day = date.fromisoformat(said) if said else norwegian_day(store.moment(str(made)))
            if first <= day < after:
                named = diagnosed(definitions, code, words, confirmed)
                disease = named.disease if named else None
                found.append((number, person, disease, day.isoformat(), where, age, sex))
        if found:
            yield make_batch(_FORM_COLUMNS, found, "day", place, {})


class _Case(msgspec.Struct):
    evidence: tuple[str, ...] = ()


class _Trail(msgspec.Struct):
    """As much of a `Trail` as is needed here."""

    case: _Case


_read_trail = msgspec.json.Decoder(_Trail).decode
_KINDS = {"laboratory": "finding", "notification": "form", "vaccination": "dose"}


def read_evidence(month: str) -> Iterator[pa.RecordBatch]:
    """What the month's cases are made of; one that is discarded is no case in any figure."""
    statement = "SELECT id, trail FROM register_case WHERE period = %s AND classification <> 'discarded' ORDER BY id"
    for rows in select(statement, [month]):
        pieces = [
            (number, *map(int, key.split(".")))
            for number, trail in rows
            for key in _read_trail(trail).case.evidence
            if not key.startswith(LINK)
        ]
        kinds = dict(
            store.select_in("report", "id, kind", "id", sorted({one[1] for one in pieces}))
        )
        found = sorted(
            {
                (number, _KINDS[kinds[report]], ids.part_id(report, part) if part else report)
                for number, report, part in pieces
                if kinds.get(report) in _KINDS
            }
        )
        if found:
            numbers, what, evidence = zip(*found, strict=True)
            yield pa.record_batch(
                {
                    "case_id": pa.array(numbers, NUMBER),
                    "kind": pa.array(what, TEXT),
                    "evidence_id": pa.array(evidence, NUMBER),
                }
            )
