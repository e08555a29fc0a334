"""The evidence of some persons, read in a few statements whatever their number.

Evidence is what counts now: current versions, none withdrawn. Findings that are one (`varde.register.joining`) are one
piece for each way in which they were found, because a criterion asks for the way: what grew at one laboratory and was
found by its genome at another is two pieces, as it is when one laboratory did both. A piece is of the organism and
results of the one that ranks first; what it does not say (place of the specimen, how it was found, further results) is
taken from the others, in their order. It was taken on the earliest of their days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from varde.cases import (
    Catalogue,
    Evidence,
    Known,
    LaboratoryFinding,
    Named,
    Notified,
    Vaccinated,
    clinical_state,
    infected_in,
)
from varde.cases.evidence import Notifiable
from varde.codes import find_hospital, vaccines
from varde.messages.times import norwegian_day
from varde.register import ids, store
from varde.register.casework.beginning import KINDS, mark_of, method_of, resistant_to
from varde.register.joining_rules import joining_rules, way_of

_LINKED: Mapping[str, Known] = {"yes": "met", "no": "unmet"}
_REPORT = (
    "id, kind, sender, report_ref, person, notifiable, sex, municipality, "
    "CAST(generated_at AS TEXT)"
)


class Whose(NamedTuple):
    """Of whom evidence is: a person, or else the patient of one report, whom nobody knows."""

    person: int | None
    report: int | None


class Member(NamedTuple):
    """One report that states a piece of evidence.

    Attributes:
        part: number of the finding in it; 0 for other kinds.
        reference: the report by kind, sender and the sender's number.
    """

    report: int
    part: int
    reference: str


class Piece(NamedTuple):
    """Where a piece of evidence is from.

    Attributes:
        members: the counted one first.
        residence, infected_in: empty when it does not say.
        stay: municipality where the person stays, as it says itself.
        lies_in: municipality of the hospital where it says that the person lies. The ward of a laboratory's answer
            says no such thing: it may be whoever asked for the test.
    """

    kind: Literal["finding", "notified", "vaccinated"]
    day: date
    members: tuple[Member, ...]
    sex: str
    age: int | None
    residence: str
    infected_in: str = ""
    stay: str = ""
    lies_in: str = ""

    @property
    def reference(self) -> str:
        """What it is, without numbers of rows."""
        return "+".join(f"{member.reference}|{member.part}" for member in self.members)


@dataclass
class Dossier:
    """All evidence of one person, and by its keys where each piece is from, and what it is without numbers of rows."""

    evidence: list[Evidence] = field(default_factory=list)
    pieces: dict[str, Piece] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)

    def add(self, evidence: Evidence, piece: Piece) -> None:
        """Put in one piece."""
        self.evidence.append(evidence)
        self.pieces[evidence.key] = piece
        self.references[evidence.key] = piece.reference


class _Report(NamedTuple):
    id: int
    kind: str
    sender: str
    report_ref: str
    person: int | None
    notifiable: str
    sex: str
    municipality: str
    generated_at: str

    @property
    def whose(self) -> Whose:
        return Whose(None, self.id) if self.person is None else Whose(self.person, None)

    def member(self, part: int = 0) -> Member:
        return Member(self.id, part, f"{self.kind}|{self.sender}|{self.report_ref}")


class Found(NamedTuple):
    """A finding as the register has it."""

    id: int
    organism: str
    method: str
    day: date
    material: str
    age: int | None
    markers: str = ""


Categories = Mapping[int, Mapping[str, str]]
"""Finding → antibiotic → S, I or R."""


def key_of(report: int, part: int = 0) -> str:
    """The key of a piece of evidence: its report and, of a finding, its number there."""
    return f"{report}.{part}"


def gather(
    persons: Collection[int], reports: Collection[int], definitions: Catalogue
) -> dict[Whose, Dossier]:
    """The evidence of some persons.

    Args:
        persons: their ids.
        reports: ids of reports about nobody known, of whom each is all the evidence.

    Returns:
        Of those who have any. One with more evidence than a person can have has none: it is what systems are
        tested with.
    """
    found = _reports(persons, reports)
    dossiers: dict[Whose, Dossier] = defaultdict(Dossier)
    of_kind: dict[str, list[int]] = defaultdict(list)
    for report in found.values():
        of_kind[report.kind].append(report.id)
    for whose, evidence, piece in (
        *_findings(found, of_kind["laboratory"], persons, definitions),
        *_notifications(found, of_kind["notification"], definitions),
        *_doses(found, of_kind["vaccination"], definitions),
    ):
        dossiers[whose].add(evidence, piece)
    most = joining_rules().most_findings
    return {whose: one for whose, one in dossiers.items() if len(one.evidence) <= most}


def _reports(persons: Collection[int], reports: Collection[int]) -> dict[int, _Report]:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    where = f"AND NOT cancelled AND kind IN ({kinds})"
    rows = [*store.select_in("report", _REPORT, "person", persons, where)]
    rows += store.select_in("report", _REPORT, "id", reports, f"AND person IS NULL {where}")
    return {row[0]: _Report._make(row) for row in rows}


# --- findings -------------------------------------------------------------------------------------


def _findings(
    reports: Mapping[int, _Report],
    answers: Collection[int],
    persons: Collection[int],
    definitions: Catalogue,
) -> Iterator[tuple[Whose, Evidence, Piece]]:
    found = {one.id: one for one in read_findings(answers)}
    sets = _one_each(found, persons)
    wanted = [
        each
        for each in sets
        if any(found[finding].organism in definitions.agents for finding in each)
    ]
    categories = read_categories([f for each in wanted for f in each], definitions)
    for each in wanted:
        ones = [found[finding] for finding in each]
        first = reports[ones[0].id // ids.PARTS]
        evidence = _put_together(ones, reports, categories, definitions)
        members = tuple(reports[one.id // ids.PARTS].member(one.id % ids.PARTS) for one in ones)
        said = [reports[member.report] for member in members]
        yield (
            first.whose,
            evidence,
            Piece(
                "finding",
                evidence.day,
                members,
                _first(one.sex for one in said),
                next((one.age for one in ones if one.age is not None), None),
                _first(one.municipality for one in said),
            ),
        )


def read_findings(answers: Collection[int]) -> Iterator[Found]:
    """The findings of some answers that a code map knows, by the ids of their reports."""
    # SQLite follows the order of a CROSS JOIN, and would otherwise look at all findings there are.
    tables = "report r CROSS JOIN register_specimen s CROSS JOIN register_finding f"
    columns = (
        "f.id, f.organism, f.method, CAST(s.collected_on AS TEXT), s.material, s.age, f.markers"
    )
    where = (
        f"AND s.id >= r.id * {ids.PARTS} AND s.id < (r.id + 1) * {ids.PARTS} "
        f"AND f.id >= r.id * {ids.PARTS} AND f.id < (r.id + 1) * {ids.PARTS} "
        "AND +f.specimen = s.id AND f.organism IS NOT NULL"
    )
    for finding, organism, method, day, material, age, markers in store.select_in(
        tables, columns, "r.id", answers, where
    ):
        yield Found(
            finding, organism, method, date.fromisoformat(day), material or "", age, markers
        )


def _one_each(found: Mapping[int, Found], persons: Collection[int]) -> list[list[int]]:
    """The findings, those that are one and were found in one way together; the first by rank first."""
    joined: dict[int, list[int]] = defaultdict(list)
    for finding, counted in store.select_in(
        "joined", "id, counted", "person", persons, "ORDER BY counted, place"
    ):
        joined[counted].append(finding)
    others = {finding for ones in joined.values() for finding in ones}
    pieces: list[list[int]] = []
    for one in sorted(found):
        if one in others:
            continue
        by_way: dict[str, list[int]] = defaultdict(list)
        for finding in (one, *joined.get(one, ())):
            by_way[way_of(found[finding].method)].append(finding)
        pieces += by_way.values()
    return pieces


def read_categories(findings: Sequence[int], definitions: Catalogue) -> Categories:
    """The categories of findings, of the antibiotics that some criterion asks about."""
    asked = sorted(definitions.resistances)
    if not asked:
        return {}
    where = (
        f"AND u.id >= f.id * {ids.RESULTS} AND u.id < (f.id + 1) * {ids.RESULTS} "
        f"AND u.antibiotic IN ({', '.join(['%s'] * len(asked))}) AND u.sir <> ''"
    )
    categories: dict[int, dict[str, str]] = defaultdict(dict)
    for finding, antibiotic, sir in store.select_in(
        "finding f CROSS JOIN register_susceptibility u",
        "f.id, u.antibiotic, u.sir",
        "f.id",
        findings,
        where,
        asked,
    ):
        categories[finding][antibiotic] = sir
    return categories


def _put_together(
    ones: Sequence[Found],
    reports: Mapping[int, _Report],
    categories: Categories,
    definitions: Catalogue,
) -> LaboratoryFinding:
    """One finding of all that laboratories say of it."""
    counted = ones[0]
    if len(ones) == 1:
        return LaboratoryFinding(
            key=key_of(*divmod(counted.id, ids.PARTS)),
            day=counted.day,
            organism=counted.organism,
            method=method_of(counted.method),
            material=counted.material,
            resistant=resistant_to(
                categories.get(counted.id, {}).items(), definitions, counted.markers
            ),
            notifiable=mark_of(reports[counted.id // ids.PARTS].notifiable),
        )
    rules = joining_rules()
    said: dict[str, str] = {}
    for one in ones:
        for antibiotic, sir in categories.get(one.id, {}).items():
            said.setdefault(antibiotic, sir)
    unsaid = {"", "other", *rules.any_specimen}
    return LaboratoryFinding(
        key=key_of(*divmod(counted.id, ids.PARTS)),
        day=min(one.day for one in ones),
        organism=next(
            (one.organism for one in ones if one.organism in definitions.agents), counted.organism
        ),
        method=method_of(_first(one.method for one in ones)),
        material=_first(one.material for one in ones if one.material not in unsaid)
        or counted.material,
        resistant=resistant_to(
            said.items(), definitions, ",".join(one.markers for one in ones if one.markers)
        ),
        notifiable=_mark({reports[one.id // ids.PARTS].notifiable for one in ones}),
    )


def _mark(marks: set[str]) -> Notifiable:
    """What several laboratories say of the duty: it is notifiable when one says so, and is not only when all
    take it back."""
    for mark in ("MSIS-M", "MSIS-UM", ""):
        if mark in marks:
            return mark_of(mark)
    return mark_of(next(iter(marks)))


def _first(said: Iterable[str]) -> str:
    """The first that says something."""
    return next((one for one in said if one), "")


# --- forms and doses ------------------------------------------------------------------------------


def diagnosed(definitions: Catalogue, code: str, words: str, disease: str) -> Named | None:
    """The disease that a form is of, by its code and words, or else what a person has confirmed that they mean."""
    named = definitions.diagnosed(code, words)
    if named is None and disease in definitions.diseases:
        return Named(disease, "unknown")
    return named


def _notifications(
    reports: Mapping[int, _Report], forms: Collection[int], definitions: Catalogue
) -> Iterator[tuple[Whose, Evidence, Piece]]:
    columns = (
        "id, diagnosis, diagnosis_name, CAST(onset AS TEXT), CAST(sampled AS TEXT), age, indication, "
        "clinical_picture, infected_in, infected_in_name, CAST(returned AS TEXT), close_contact, disease, "
        "stay, CASE WHEN in_hospital = 'yes' THEN hospital ELSE '' END"
    )
    for row in store.select_in("notification", columns, "id", forms):
        number, code, words, onset, sampled, age, indication, picture, *rest = row
        place, place_name, returned, contact, disease, stay, hospital = rest
        named = diagnosed(definitions, code, words, disease)
        if named is None:
            continue
        report = reports[number]
        ill = _day(onset)
        day = _day(sampled) or ill or norwegian_day(store.moment(report.generated_at))
        where = infected_in(place, place_name, day)
        evidence = Notified(
            key=key_of(number),
            day=day,
            disease=named.disease,
            onset=ill,
            clinical=clinical_state(
                definitions.diseases[named.disease],
                day,
                named=named.clinical,
                picture=picture,
                indication=indication,
                onset=ill,
            ),
            linked=_LINKED.get(contact, "unknown"),
            infected_in=where,
            home_coming=_day(returned),
        )
        member = (report.member(),)
        yield (
            report.whose,
            evidence,
            Piece(
                "notified",
                day,
                member,
                report.sex,
                age,
                report.municipality,
                where,
                stay,
                _municipality_of(hospital, day),
            ),
        )


def _doses(
    reports: Mapping[int, _Report], vaccinations: Collection[int], definitions: Catalogue
) -> Iterator[tuple[Whose, Evidence, Piece]]:
    columns = "id, vaccine, CAST(given AS TEXT), age"
    for number, vaccine, given, age in store.select_in(
        "vaccination", columns, "id", vaccinations, "AND vaccine IS NOT NULL"
    ):
        known = vaccines().get(vaccine)
        if known is None or definitions.doses.isdisjoint(known.diseases):
            continue
        diseases = frozenset(known.diseases)
        report = reports[number]
        evidence = Vaccinated(key=key_of(number), day=date.fromisoformat(given), diseases=diseases)
        member = (report.member(),)
        yield (
            report.whose,
            evidence,
            Piece("vaccinated", evidence.day, member, report.sex, age, report.municipality),
        )


def _municipality_of(hospital: str, day: date) -> str:
    """Where a hospital lies, by the number of that time; empty where the tables do not know it."""
    named = find_hospital(hospital, day) if hospital else None
    return named.municipality if named else ""


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
