"""The evidence of some persons, read in a few statements whatever their number.

Evidence is what counts now: current versions, none withdrawn. What is one of several laboratories' findings is said in
`findings`. What was looked for and not found is read only of those who may have a case that it can discard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from varde.cases import (
    Catalogue,
    Evidence,
    Known,
    Named,
    NotFound,
    Notified,
    Undecided,
    Vaccinated,
    clinical_state,
    day_of_form,
    infected_in,
    is_live,
)
from varde.codes import find_hospital, vaccines
from varde.messages.times import norwegian_day
from varde.register import ids, store
from varde.register.casework.beginning import KINDS, method_of
from varde.register.casework.findings import findings_in
from varde.register.casework.pieces import REPORT, Dossier, Piece, Report, Whose, key_of
from varde.register.joining_rules import joining_rules
from varde.register.searches import UNKNOWN, read_column
from varde.register.versions import differ, made_in, written_in

_LINKED: Mapping[str, Known] = {"yes": "met", "no": "unmet"}


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
        *findings_in(found, of_kind["laboratory"], persons, definitions),
        *_notifications(found, of_kind["notification"], definitions),
        *_doses(found, of_kind["vaccination"], definitions),
    ):
        dossiers[whose].add(evidence, piece)
    most = joining_rules().most_findings
    kept = {whose: one for whose, one in dossiers.items() if len(one.evidence) <= most}
    for whose, absent, piece in _not_found(found, of_kind["laboratory"], kept, definitions):
        kept[whose].add(absent, piece)
    return kept


def _reports(persons: Collection[int], reports: Collection[int]) -> dict[int, Report]:
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    where = f"AND NOT cancelled AND kind IN ({kinds})"
    rows = [*store.select_in("report", REPORT, "person", persons, where)]
    rows += store.select_in("report", REPORT, "id", reports, f"AND person IS NULL {where}")
    return {row[0]: Report._make(row) for row in rows}


# --- forms and doses ------------------------------------------------------------------------------


def diagnosed(definitions: Catalogue, code: str, words: str, disease: str) -> Named | None:
    """The disease that a form is of, by its code and words, or else what a person has confirmed that they mean."""
    named = definitions.diagnosed(code, words)
    if named is None and disease in definitions.diseases:
        return Named(disease, "unknown")
    return named


def _notifications(
    reports: Mapping[int, Report], forms: Collection[int], definitions: Catalogue
) -> Iterator[tuple[Whose, Evidence, Piece]]:
    columns = (
        "id, diagnosis, diagnosis_name, CAST(onset AS TEXT), CAST(sampled AS TEXT), age, indication, "
        "clinical_picture, infected_in, infected_in_name, CAST(returned AS TEXT), close_contact, disease, "
        "stay, CASE WHEN in_hospital = 'yes' THEN hospital ELSE '' END"
    )
    first_made: dict[int, date] | None = None
    for row in store.select_in("notification", columns, "id", forms):
        number, code, words, onset, sampled, age, indication, picture, *rest = row
        place, place_name, returned, contact, disease, stay, hospital = rest
        named = diagnosed(definitions, code, words, disease)
        if named is None:
            continue
        report = reports[number]
        ill = _day(onset)
        made = norwegian_day(store.moment(report.generated_at))
        if not sampled and first_made is None:
            first_made = _first_made(forms)
        first = (first_made or {}).get(number)
        day = day_of_form(definitions.diseases[named.disease], _day(sampled), ill, made, first)
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


def _first_made(forms: Collection[int]) -> dict[int, date]:
    """When the first version of each form was made that is about the same patient as the one that stands, as far as that
    can be compared: of all versions there are, so that the order in which they came is of no importance."""
    found: dict[int, tuple[str, int]] = {}
    others: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for report, key, patient, standing in store.select_in(
        "item i JOIN register_report r ON r.id = i.report",
        "i.report, i.version_key, i.patient, r.version_key",
        "i.report",
        forms,
        "AND i.state = 'A' AND i.service_type <> 'C'",
    ):
        others[report].append((key, patient))
        if key == standing:
            found[report] = (key, patient)
    return {
        report: made_in(
            min((key for key, mark in others[report] if not differ(mark, whose)), key=written_in)
        )
        for report, (_, whose) in found.items()
    }


def _doses(
    reports: Mapping[int, Report], vaccinations: Collection[int], definitions: Catalogue
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
        evidence = Vaccinated(
            key=key_of(number),
            day=date.fromisoformat(given),
            diseases=diseases,
            live=is_live(vaccine),
        )
        member = (report.member(),)
        yield (
            report.whose,
            evidence,
            Piece("vaccinated", evidence.day, member, report.sex, age, report.municipality),
        )


# --- what was not found ---------------------------------------------------------------------------

_ABSENT: Mapping[str, type[NotFound | Undecided]] = {
    "not-found": NotFound,
    "found": Undecided,
    "inconclusive": Undecided,
    "pending": Undecided,
}


def _not_found(
    reports: Mapping[int, Report],
    answers: Collection[int],
    dossiers: Mapping[Whose, Dossier],
    definitions: Catalogue,
) -> Iterator[tuple[Whose, Evidence, Piece]]:
    """What was looked for and not found, or is not decided, of those who may have a case of a disease that it may speak
    against, or for."""
    if not answers:
        return
    asked: dict[Whose, frozenset[str]] = {}
    markers_asked: dict[Whose, frozenset[str]] = {}
    for whose, dossier in dossiers.items():
        begun = definitions.begun_by(dossier.evidence) & definitions.denied_by.keys()
        if begun:
            asked[whose] = frozenset().union(
                *(definitions.denied_by[key] | definitions.diseases[key].organisms for key in begun)
            )
            markers_asked[whose] = frozenset().union(
                *(definitions.markers_denied.get(key, frozenset()) for key in begun)
            )
    theirs = [report for report in answers if reports[report].whose in asked] if asked else []
    # Specimens are found by their ids, which are their reports'; SQLite follows the order of a CROSS JOIN.
    for report, specimen, material, day, looked_for in store.select_in(
        "report r CROSS JOIN register_specimen s",
        "r.id, s.id, s.material, CAST(s.collected_on AS TEXT), s.looked_for",
        "r.id",
        theirs,
        f"AND s.id >= r.id * {ids.PARTS} AND s.id < (r.id + 1) * {ids.PARTS} AND NOT (s.looked_for = '')",
    ):
        said = reports[report]
        part = -(specimen % ids.PARTS)
        taken = date.fromisoformat(day)
        piece = Piece("not-found", taken, (said.member(part),), said.sex, None, said.municipality)
        for sought in read_column(looked_for):
            kind = _ABSENT[sought.answer]
            # "Not found so far" of a preliminary answer says nothing yet.
            if kind is NotFound and said.status == "P":
                continue
            markers = frozenset(filter(None, sought.markers.split(",")))
            organism = sought.organism
            if organism == UNKNOWN:
                if markers.isdisjoint(markers_asked[said.whose]):
                    continue
                organism = ""
            elif organism not in asked[said.whose]:
                continue
            # What was found is a finding, but for a resistance that nobody can say the bearer of.
            if sought.answer == "found" and organism:
                continue
            yield (
                said.whose,
                kind(
                    key=key_of(report, part),
                    day=taken,
                    organism=organism,
                    method=method_of(sought.method),
                    material=material or "",
                    markers=markers,
                ),
                piece,
            )


def _municipality_of(hospital: str, day: date) -> str:
    """Where a hospital lies, by the number of that time; empty where the tables do not know it."""
    named = find_hospital(hospital, day) if hospital else None
    return named.municipality if named else ""


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
