"""Which cases there are, as one would say it: over all messages at once, by the classifier's plain reference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from cases.reference import reference
from register.plain_joining import expected_joined
from register.plain_rule import _others as of_others
from register.plain_rule import all_versions, standing_statements
from varde.cases import (
    Disease,
    Evidence,
    LaboratoryFinding,
    NotFound,
    Notified,
    Undecided,
    Vaccinated,
    clinical_state,
    disease_named,
    infected_in,
    is_live,
)
from varde.codes import vaccines
from varde.messages import LabReport
from varde.messages.records import Code, Notification, Vaccination
from varde.messages.times import norwegian_day
from varde.register import read_trail
from varde.register.kinds import laboratory
from varde.register.projection import Context

Said = tuple[Any, ...]


def expected_cases(files: Iterable[bytes], context: Context) -> set[Said]:
    """Each case that the messages give; evidence by kind, sender, number of the report, and place in it."""
    everybody, homes = all_evidence(files, context)
    expected = set()
    for whose, known in everybody.items():
        for disease in _diseases(context):
            for case in reference(disease, known, date.max):
                expected.add(_said(whose, case, known, homes))
    return expected


def all_evidence(
    files: Iterable[bytes], context: Context
) -> tuple[dict[object, list[Evidence]], dict[str, str]]:
    """Everybody's evidence by whose it is, and the municipality that each piece says, by its key."""
    files = list(files)
    everybody: dict[object, list[Evidence]] = defaultdict(list)
    homes: dict[str, str] = {}
    for whose, evidence, home in (*_findings(files, context), *_others(files, context)):
        everybody[whose].append(evidence)
        homes[evidence.key] = home
    for whose, absent in _absent(files, context):
        everybody[whose].append(absent)
    return everybody, homes


def _absent(files: list[bytes], context: Context) -> Iterable[tuple[object, Evidence]]:
    """What was looked for and not found, or is undecided, of all diseases."""
    for (kind, sender, ref), (_, record) in standing_statements(files, context).items():
        if kind != "laboratory" or record.service_type == "C":
            continue
        assert isinstance(record, LabReport)
        projection = laboratory.project(record, context)
        for number, _, material, day, *_, looked_for in projection.specimens:
            for word in looked_for.split():
                organism, method, sign = word.split("/")
                organism, _, markers = organism.partition(":")
                made_of = {"-": NotFound, "?": Undecided, "~": Undecided}.get(sign)
                if made_of is NotFound and record.status == "P":
                    continue
                alone = {"markers": frozenset(markers.split("+"))} if markers else {}
                if made_of is NotFound or (made_of and not markers):
                    yield (
                        projection.pseudonym or (kind, sender, ref),
                        made_of(
                            **alone,
                            key=f"laboratory|{sender}|{ref}|-{number}",
                            day=day,
                            organism=organism,
                            method=method or "unknown",  # type: ignore[arg-type]
                            material=material or "",
                        ),
                    )


def _diseases(context: Context) -> Iterable[Disease]:
    return context.definitions().diseases.values()


def _said(
    whose: object, case: dict[str, Any], known: list[Evidence], homes: dict[str, str]
) -> Said:
    own = [one for one in known if one.key in case["evidence"]]
    forms = sorted((one for one in own if isinstance(one, Notified)), key=lambda n: (n.day, n.key))
    found = sorted(
        (one for one in own if isinstance(one, LaboratoryFinding)), key=lambda f: (f.day, f.key)
    )
    places = [form.infected_in for form in forms if form.infected_in]
    homes_said = [homes[one.key] for one in (*forms, *found) if homes[one.key]]
    return (
        whose,
        case["disease"],
        case["number"],
        case["classification"],
        case["presentation"],
        case["first_day"],
        case["onset"],
        case["imported"],
        case["definition"],
        tuple(case["rule"]),
        case["form_missing"],
        frozenset(case["evidence"]),
        frozenset(case["set_aside"]),
        frozenset((n, state, frozenset(on)) for n, (state, on) in case["states"].items()),
        homes_said[0] if homes_said else "",
        places[0] if places and case["imported"] != "unknown" else "",
    )


def _findings(files: list[bytes], context: Context) -> Iterable[tuple[object, Evidence, str]]:
    rows: dict[tuple[str, str, int], dict[str, Any]] = {}
    for (kind, sender, ref), (_, record) in standing_statements(files, context).items():
        if kind != "laboratory" or record.service_type == "C":
            continue
        assert isinstance(record, LabReport)
        projection = laboratory.project(record, context)
        taken = {row[0]: row for row in projection.specimens}
        for number, specimen, organism, _, method, markers, results in projection.findings:
            if organism is None:
                continue
            _, _, material, day, *_ = taken[specimen]
            rows[sender, ref, number] = {
                "whose": projection.pseudonym or (kind, sender, ref),
                "organism": organism,
                "day": day,
                "material": material or "",
                "method": method,
                "markers": {*markers.split(",")} - {""},
                "results": {a: sir for a, sir, _ in results if a and sir},
                "mark": projection.notifiable,
                "home": projection.municipality,
            }
    together: dict[tuple[str, str, int], list[tuple[int, tuple[str, str, int]]]] = {
        key: [(0, key)] for key in rows
    }
    for sender, ref, number, counted, counted_ref, counted_number, place, *_ in expected_joined(
        files, context
    ):
        other = (sender, ref, int(number))
        together[counted, counted_ref, int(counted_number)].append((int(place), other))
        del together[other]
    agents = context.definitions().agents
    # How it was found matters to the criteria: of what is one, each way is a piece of evidence.
    pieces: dict[tuple[Any, str], list[tuple[str, str, int]]] = defaultdict(list)
    for counted_one, members in together.items():
        for _, key in sorted(members):
            way = rows[key]["method"]
            pieces[counted_one, "" if way == "culture" else way].append(key)
    for keys in pieces.values():
        ones = [rows[key] for key in keys]
        results: dict[str, str] = {}
        for one in reversed(ones):
            results |= one["results"]
        somewhere = [o["material"] for o in ones if o["material"] not in ("", "other", "isolate")]
        marks = {one["mark"] for one in ones}
        order = [mark for mark in ("MSIS-M", "MSIS-UM", "", "MSIS-AV") if mark in marks]
        yield (
            ones[0]["whose"],
            LaboratoryFinding(
                key="+".join(f"laboratory|{s}|{r}|{n}" for s, r, n in keys),
                day=min(one["day"] for one in ones),
                organism=[*(o["organism"] for o in ones if o["organism"] in agents), ones[0]["organism"]][0],
                method=[*(o["method"] for o in ones if o["method"]), "unknown"][0],
                material=[*somewhere, ones[0]["material"]][0],
                resistant=frozenset(
                    {a for a, sir in results.items() if sir == "R"}.union(*(o["markers"] for o in ones))
                ),
                susceptible=frozenset({a for a, sir in results.items() if sir == "S"}),
                notifiable=order[0],
            ),
            [*(one["home"] for one in ones if one["home"]), ""][0],
        )  # fmt: skip


def _others(files: list[bytes], context: Context) -> Iterable[tuple[object, Evidence, str]]:
    versions: Any = all_versions(files, context)
    for (kind, sender, ref), (_, record) in standing_statements(files, context).items():
        if record.service_type == "C" or kind not in ("notification", "vaccination"):
            continue
        assert isinstance(record, Notification | Vaccination)
        person = record.patient.identifier
        whose = (
            context.pseudonym(person.kind, person.issuer, person.value)
            if person
            else (kind, sender, ref)
        )
        key = f"{kind}|{sender}|{ref}|0"
        home = record.patient.municipality
        if isinstance(record, Vaccination):
            code = context.codes.find(
                "vaccine", [(c.system, c.code, c.text) for c in record.vaccines]
            )
            if code:
                diseases = frozenset(vaccines()[code].diseases)
                dose = Vaccinated(key=key, day=record.given, diseases=diseases, live=is_live(code))
                yield whose, dose, home
            continue
        said = record.diagnosis
        named = disease_named(said.code) or disease_named(said.text)
        if named is None:
            continue
        made = norwegian_day(record.generated)
        first = min(
            one.generated
            for one in versions[kind, sender, ref].values()
            if one.service_type != "C" and not of_others(one.patient, record.patient)
        )
        newest, made = made, norwegian_day(first)
        row = context.definitions().diseases[named.disease].definition_on(made)
        onset = None if row is not None and row.long_ill else record.onset
        day = record.sampled or (onset if onset and onset <= newest else made)
        place = record.infected_in or Code()
        evidence = Notified(
            key=key,
            day=day,
            disease=named.disease,
            onset=record.onset,
            clinical=clinical_state(
                context.definitions().diseases[named.disease],
                day,
                named=named.clinical,
                picture=record.clinical_picture.code if record.clinical_picture else "",
                indication=record.indication.code if record.indication else "",
                onset=record.onset,
            ),
            linked={"yes": "met", "no": "unmet"}.get(record.close_contact, "unknown"),  # type: ignore[arg-type]
            infected_in=infected_in(place.code, place.text, day),
            home_coming=record.returned,
        )
        yield whose, evidence, home


def found_cases() -> set[Said]:
    """The same of the register's tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, kind, sender, report_ref FROM register_report")
        reports = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute("SELECT id, pseudonym FROM register_person")
        persons = {row[0]: bytes(row[1]) for row in cursor.fetchall()}
        cursor.execute(
            "SELECT person, report, trail, residence, infected_in, classification, episode, "
            "CAST(first_day AS TEXT), CAST(onset AS TEXT), imported, form_missing, disease, "
            "presentation, CAST(definition AS TEXT), period FROM register_case"
        )
        rows = cursor.fetchall()
    found = set()
    for person, report, text, residence, place, *columns in rows:
        trail = read_trail(text)
        case = trail.case

        def name(key: str, joined: dict[str, tuple[str, ...]] = trail.joined) -> str:
            ones = [one.split(".") for one in (key, *joined.get(key, ()))]
            return "+".join("|".join((*reports[int(r)], part)) for r, part in ones)

        assert columns == [
            case.classification, case.number, str(case.first_day),
            str(case.onset) if case.onset else None, case.imported, case.form_missing, case.disease,
            case.presentation, str(case.definition), str(case.first_day)[:7],
        ]  # fmt: skip
        found.add(
            (
                reports[report] if person is None else persons[person],
                case.disease,
                case.number,
                case.classification,
                case.presentation,
                case.first_day,
                case.onset,
                case.imported,
                case.definition,
                case.rule,
                case.form_missing,
                frozenset(map(name, case.evidence)),
                frozenset(
                    (name(one.evidence), one.why, tuple(sorted(map(name, one.because))))
                    for one in case.set_aside
                ),
                frozenset(
                    (one.criterion, one.state, frozenset(map(name, one.evidence)))
                    for one in case.reasons
                ),
                residence,
                place,
            )
        )
    return found
