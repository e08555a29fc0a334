"""Questions and decisions for whoever reviews them, without anything that says who somebody is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from varde.linkage import fields
from varde.register import store
from varde.register.identities.rulings import Verdict
from varde.register.store import connection


class FieldSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What one field says; as of `varde.linkage.FieldWeight`, in bits."""

    field: str
    level: str
    weight: float

    def words(self, language: str) -> str:
        """What was found, without what stands in the field."""
        text = fields()[self.field].levels[self.level]
        return text.en if language.startswith("en") else text.nb

    def name(self, language: str) -> str:
        """What the field is called."""
        field = fields()[self.field]
        return field.en if language.startswith("en") else field.nb


class ListedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question: are two persons one?

    Attributes:
        number: its own, the same for as long as these two descriptions are asked about.
        persons: ids of the two, of `varde.register.models.Person`.
        cause: why it is asked; as of `varde.linkage.Question`, or ``death``: what is said of one person's death
            contradicts other things, or another day of it. Then the two are of one person.
        weight: of the evidence that they are one, in bits.
        reason: as of `varde.linkage.Decision`.
        version: of the weights.
    """

    number: int
    persons: tuple[int, int]
    cause: str
    weight: float
    reason: str
    version: str
    fields: tuple[FieldSaid, ...]


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A decision of a person, or that one was undone.

    Attributes:
        undoes: of one that undoes another, its number.
        undone: whether another undoes it.
    """

    number: int
    verdict: Verdict
    undoes: int | None
    undone: bool
    by: str
    purpose: str
    reason: str
    at: datetime


_QUESTIONS = (
    "SELECT q.id, a.person, b.person, q.cause, q.weight, q.reason, q.version, q.why "
    "FROM register_question q JOIN register_node a ON a.hash = q.one "
    "JOIN register_node b ON b.hash = q.other "
)


def list_questions(limit: int | None = None) -> list[ListedQuestion]:
    """The questions that are asked now: about deaths, then those that are least sure first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_QUESTIONS} ORDER BY CASE q.cause WHEN 'death' THEN 0 ELSE 1 END, "
            "ABS(q.weight - 3000), q.id" + (" LIMIT %s" if limit else ""),
            [limit] if limit else [],
        )
        return [_question(row) for row in cursor.fetchall()]


def read_question(number: int) -> ListedQuestion | None:
    """One question; None when it is not asked, or not any more."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_QUESTIONS} WHERE q.id = %s", [number])
        row = cursor.fetchone()
    return _question(row) if row else None


def _question(row: tuple[Any, ...]) -> ListedQuestion:
    number, one, other, cause, weight, reason, version, why = row
    return ListedQuestion(
        number=number,
        persons=(one, other),
        cause=cause,
        weight=weight / 1000,
        reason=reason,
        version=version,
        fields=tuple(
            FieldSaid(field=field, level=level, weight=milli / 1000)
            for field, level, milli in msgspec.json.decode(why)
        ),
    )


def list_rulings(limit: int) -> list[Decided]:
    """The newest decisions, those undone among them; of an act about several pairs its first row stands for all, by
    whose number the act is undone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.id, r.verdict, r.undoes, EXISTS (SELECT 1 FROM register_ruling u WHERE "
            "u.undoes = r.id), r.decided_by, r.purpose, r.reason, CAST(r.at AS TEXT) "
            "FROM register_ruling r LEFT JOIN register_ruling o ON o.id = COALESCE(r.undoes, r.id) "
            "WHERE SUBSTR(o.version, 1, 4) <> 'act/' OR o.version = 'act/' || o.id "
            "ORDER BY r.id DESC LIMIT %s",
            [limit],
        )
        return [
            Decided(
                number=number,
                verdict=verdict,
                undoes=undoes,
                undone=bool(undone),
                by=by,
                purpose=purpose,
                reason=reason,
                at=store.moment(at),
            )
            for number, verdict, undoes, undone, by, purpose, reason, at in cursor.fetchall()
        ]


def count_identities() -> dict[str, int]:
    """How linking stands: descriptions, the persons that they are of, questions, decisions in force, changes of number.

    ``unlinked``: descriptions that hang together with more than `components.LARGEST` others, of which nothing but
    numbers is looked at; ``common_keys``: keys that too many have to be followed.
    """
    statements = {
        "descriptions": "SELECT COUNT(*) FROM register_node",
        "described_persons": "SELECT COUNT(DISTINCT person) FROM register_node",
        "questions": "SELECT COUNT(*) FROM register_question",
        "decisions": "SELECT COUNT(*) FROM register_ruling r WHERE r.verdict <> 'undone' AND NOT "
        "EXISTS (SELECT 1 FROM register_ruling u WHERE u.undoes = r.id)",
        "number_changes": "SELECT COUNT(*) FROM register_numberchange",
        "unlinked": "SELECT COUNT(*) FROM register_node WHERE large",
        "common_keys": "SELECT COUNT(*) FROM register_commonkey",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, statement in statements.items():
            cursor.execute(statement)
            found[name] = int(cursor.fetchone()[0])
    return found
