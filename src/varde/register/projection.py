"""What one statement means for the register's tables: a pure function of statement, maps and keys.

Each kind of statement has a module in `kinds/` that makes its `Projection`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from varde.access.keys import Keys
from varde.access.pseudonyms import Pseudonymise, make_fingerprinter, make_pseudonymiser
from varde.cases import Catalogue, catalogue
from varde.codes import CodeFileError, CodeMap, SiteMaps, organism_proved_by
from varde.identity.vault import Vault
from varde.messages.errors import mask_digits
from varde.messages.records import Code, Patient, Statement
from varde.register import store
from varde.register.identities.describing import Who, describe
from varde.register.identities.knowledge import Knowledge
from varde.register.ids import EXPRESSIONS

_logger = logging.getLogger(__name__)

OSLO = ZoneInfo("Europe/Oslo")
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class Context:
    """What a projection depends on besides the statement: maps and keys; and what cases are made by.

    Attributes:
        site: where `codes` are from, when they may change while the process runs.
        definitions: gives the disease files, which are read when they are first needed.
        knowledge: what linking needs; None where nobody is linked, and a person is a number.
    """

    codes: CodeMap
    pseudonym: Pseudonymise
    reference: Callable[[bytes], bytes]
    fingerprint: Callable[[bytes], bytes]
    site: SiteMaps | None = None
    definitions: Callable[[], Catalogue] = catalogue
    knowledge: Knowledge | None = None

    @classmethod
    def make(
        cls, codes: CodeMap, keys: Keys, site: SiteMaps | None = None, vault: Vault | None = None
    ) -> Context:
        """Context with the register's own derived keys."""
        return cls(
            knowledge=Knowledge(vault, keys) if vault is not None else None,
            codes=codes,
            pseudonym=make_pseudonymiser(keys, "register"),
            reference=make_fingerprinter(keys, "reference"),
            fingerprint=make_fingerprinter(keys, "fingerprint"),
            site=site,
        )

    def renewed(self) -> Context:
        """The context with the site's maps as they are now.

        Whoever changes them does it under `store.lock`: asked for inside that lock, the maps are those
        that the register stands in. Files that cannot be used are told of in the log, and change nothing.
        """
        if self.site is None:
            return self
        try:
            codes = self.site.read()
        except CodeFileError as error:
            _logger.error("a code map cannot be read, and the earlier one holds: %s", error)
            return self
        return self if codes is self.codes else replace(self, codes=codes)


Expression = tuple[str, str, str, str]
"""kind, system, code, text: an expression that no map knows"""


@dataclass
class Noted:
    """Expressions of a statement that no map knows.

    Attributes:
        unmapped: those that nobody has said anything about.
        confirmed: those that a person has confirmed the meaning of.
    """

    unmapped: list[Expression] = field(default_factory=list)
    confirmed: list[Expression] = field(default_factory=list)

    def add(self, more: Noted) -> None:
        """Note what another has noted, too."""
        self.unmapped += more.unmapped
        self.confirmed += more.confirmed

    def fields(self) -> dict[str, Any]:
        """The fields of a projection that say so; of very many, the first."""
        return {
            "unmapped": tuple(self.unmapped[: EXPRESSIONS - 1]),
            "confirmed": tuple(self.confirmed[: EXPRESSIONS - 1]),
        }


Tables = dict[str, list[tuple[Any, ...]]]
"""Rows to insert, by table."""


class PutAside(NamedTuple):
    """A version that is no part of its report, because the report would hold more than a report can, or because it is
    about another patient.

    Attributes:
        key: of the version.
        reason: a key of `varde.messages.reasons()`.
        number: how many there would be; 0 where nothing is counted.
    """

    key: str
    reason: str
    number: int


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one statement. Each kind has its own, which says how its parts become rows.

    Attributes:
        pseudonym: of the number of the person it is about; None without number.
        who: how it describes that person, for linking; no part of what it means for the tables of its kind. None when
            nobody can be told by it, and where nobody is linked.
        notifiable, negative: what a laboratory answer says about itself.
        unmapped, confirmed: expressions that no map knows, as in `Noted`.
        periods: the months whose columns change with it.
        status: of the answer with all that was added to it; empty: as the version says.
        put_aside: additions that are no part of it.
        digest: keyed hash of everything it means: replays compare by that.
    """

    pseudonym: bytes | None = None
    who: Who | None = None
    sex: str = ""
    municipality: str = ""
    notifiable: str = ""
    negative: bool = False
    unmapped: tuple[Expression, ...] = ()
    confirmed: tuple[Expression, ...] = ()
    periods: tuple[str, ...] = ()
    status: str = ""
    put_aside: tuple[PutAside, ...] = ()
    digest: bytes = b""

    def parts(self) -> tuple[Any, ...]:
        """Everything the kind adds, for the digest."""
        return ()

    def write(self, report: int, into: Tables) -> None:
        """Append the rows of the kind's own tables, with the ids they get in this report."""


class RowProjection(Projection, frozen=True, kw_only=True):
    """A kind that is one row of one table.

    Attributes:
        table: its name.
        row: its columns after the id, which is the report's, in the order of the table's model.
    """

    table: str
    row: tuple[Any, ...]

    def parts(self) -> tuple[Any, ...]:
        """The row."""
        return self.row

    def write(self, report: int, into: Tables) -> None:
        """The row with its id."""
        into[self.table].append((report, *self.row))


def sign(projection: Projection, statement: Statement, context: Context) -> Projection:
    """The projection with the digest over all of it."""
    content: tuple[Any, ...] = (
        statement.kind,
        projection.pseudonym,
        projection.sex,
        projection.municipality,
        projection.parts(),
        projection.unmapped,
        statement.status,
        projection.notifiable,
        projection.negative,
        statement.service_type == "C",
    )
    if projection.confirmed:
        content = (*content, projection.confirmed)
    return msgspec.structs.replace(projection, digest=context.fingerprint(_encode(content)))


def withdrawn(statement: Statement, context: Context) -> Projection:
    """What is left of a statement whose newest version cancels it: that it was there."""
    return sign(Projection(), statement, context)


def about(
    patient: Patient, context: Context, generated: datetime, died: date | None = None
) -> dict[str, Any]:
    """The fields of a projection that say who it is about.

    Args:
        generated: when it was stated.
        died: a day of death that the statement says elsewhere than of the patient.
    """
    identifier = patient.identifier
    return {
        "who": describe(patient, generated, died) if context.knowledge is not None else None,
        "pseudonym": context.pseudonym(identifier.kind, identifier.issuer, identifier.value)
        if identifier
        else None,
        "sex": patient.sex,
        "municipality": patient.municipality if len(patient.municipality) == 4 else "",
    }


def age_on(patient: Patient, day: date) -> int | None:
    """Whole years at `day`; None when unknown or impossible."""
    born = patient.birth_date
    if born is None:
        return patient.age
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return age if 0 <= age <= 130 else None


def month_of(day: date) -> str:
    """The month a day stands in: "2026-01"."""
    return day.isoformat()[:7]


def map_code(
    kind: str, alternatives: tuple[Code, ...], context: Context, noted: Noted
) -> str | None:
    """Concept of the first alternative that maps. When none does, it is noted, and the concept is what a
    person confirmed for it; None without."""
    if not alternatives:
        return None
    concept = context.codes.find(
        kind, [(code.system, code.code, code.text) for code in alternatives]
    )
    if concept is None and kind == "organism":
        concept = organism_proved_by(code.text for code in alternatives)
    if concept is None:
        first = alternatives[0]
        expression = (
            kind,
            store.fit(first.system, 80),
            store.fit(mask_digits(first.code, 11), 120),
            store.fit(mask_digits(first.text), 200),
        )
        concept = context.codes.confirmed(*expression)
        (noted.unmapped if concept is None else noted.confirmed).append(expression)
    return concept


def said(code: Code | None, length: int = 60) -> str:
    """A coded value of a closed list as a column keeps it: the code, else the words."""
    if code is None:
        return ""
    text = code.code or code.text
    if len(text) < _SHORT and "\0" not in text:
        return text
    return store.fit(mask_digits(text), length)


_SHORT = 6
"""Of fewer signs than this nothing is masked, and nothing is cut: most codes."""


def place_of(code: Code | None, length: int = 80) -> str:
    """An institution as a column keeps it: its number, else the words. The numbers of places (organisation
    number, RESH, HER) have at most nine digits; a person's has eleven, and is masked."""
    return store.fit(mask_digits(code.code or code.text, 10), length) if code else ""
