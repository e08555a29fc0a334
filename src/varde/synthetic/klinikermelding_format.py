"""Invented notifications as JSON, in the ways that clinicians' systems send them.

One sends a file for each notification, one an array of a month's, one an object on each line, and one the
bare form of the published client, without Varde's envelope. Every code has its words and the number of
its list beside it, as that client writes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from varde.codes import municipalities
from varde.messages import list_notification_choices

from .callings import call_as_sent
from .kith import wrong_digit

Layout = Literal["file", "array", "lines", "bare"]
Json = dict[str, Any]

STRUCTURE = date(2026, 1, 1)
"""The municipalities of this day are written."""


@dataclass(frozen=True, slots=True)
class Office:
    """An invented place where doctors notify.

    Attributes:
        her: its HER-id.
        layout: how its system sends.
    """

    code: str
    name: str
    her: int
    layout: Layout


@dataclass(frozen=True, slots=True)
class SentNotification:
    """One version of one notification, as it is sent.

    Attributes:
        office: who sends it.
        report_id: the office's number, the same for all versions.
        fault: reason for which it must be refused; empty when there is none.
        diagnosis, agent: code and words; a code may be unknown, the agent too.
        codes: path of a field → its code, or its list, a colon and the code.
        underlying: codes of what the patient had before.
        days: path of a field → day.
        hospital: where the patient lies; empty when not in hospital.
    """

    office: Office
    report_id: str
    version: int
    service_type: Literal["N", "M", "C"]
    status: Literal["P", "F"]
    generated: datetime
    person: int
    number: str
    sex: str
    born: date
    municipality: str
    diagnosis: tuple[str, str]
    agent: tuple[str, str]
    codes: Mapping[str, str]
    underlying: Sequence[str]
    days: Mapping[str, date]
    hospital: str
    fault: str = ""


def write_form(sent: SentNotification) -> bytes:
    """One notification as a JSON object on one line."""
    form = _form(sent)
    spoil = SPOILERS.get(sent.fault)
    if spoil is not None:
        spoil(form)
    data = json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()
    if sent.fault == "truncated":
        return data[: len(data) * 3 // 5]
    if sent.fault == "duplicate-key":
        return data.replace(b'"provedato":', b'"provedato":"2020-01-01","provedato":', 1)
    return data


def write_file(sent: Sequence[SentNotification], layout: Layout) -> bytes:
    """Several notifications in one file."""
    forms = [write_form(each) for each in sent]
    return b"[" + b",\n".join(forms) + b"]" if layout == "array" else b"\n".join(forms) + b"\n"


def _form(sent: SentNotification) -> Json:
    form: Json = {}
    if sent.office.layout != "bare":
        form["melding"] = {
            "id": f"{sent.report_id}-{sent.version}",
            "nummer": sent.report_id,
            "tidspunkt": sent.generated.isoformat(),
            "type": sent.service_type,
            "status": sent.status,
            "avsender": {"herId": str(sent.office.her), "navn": sent.office.name},
        }
    calling = call_as_sent(
        sent.office.code, sent.person, sent.sex, sent.born, sent.municipality, bool(sent.number)
    )
    patient: Json = {
        "fodselsdato": sent.born.isoformat(),
        "fornavn": calling.given,
        "etternavn": calling.family,
    }
    if sent.number:
        patient = {"fodselsnummer": sent.number, **patient}
    patient["bosted"] = _municipality(sent.municipality)
    patient["kjonn"] = _coded("pasient.kjonn", "2" if sent.sex == "F" else "1")
    form["pasient"] = patient
    form["diagnoseforhold"] = told = {"diagnose": _named(*sent.diagnosis, 80012)}
    if any(sent.agent):
        told["smittestoff"] = _named(*sent.agent, 80000)
    for path, code in sent.codes.items():
        _place(form, path, _coded(path, code))
    for path, day in sent.days.items():
        _place(form, path, day.isoformat())
    if sent.underlying:
        path = "diagnoseforhold.underliggendeSykdom"
        _place(form, path, [_coded(path, code) for code in sent.underlying])
    if sent.hospital:
        told["sykehus"] = {"navn": sent.hospital}
    # No number of health personnel is invented: each one that could be may belong to somebody.
    form["rekvirent"] = {"herId": str(sent.office.her), "virksomhet": sent.office.name}
    return form


def _place(form: Json, path: str, value: Any) -> None:
    section, _, key = path.partition(".")
    form.setdefault(section, {})[key] = value


def _named(code: str, words: str, oid: int) -> Json:
    coded = {"verdi": code} if code else {}
    return {**coded, "beskrivelse": words, "oid": oid}


def _coded(path: str, said: str) -> Json:
    """A code with the words of its list; a municipality's with its name."""
    number, _, code = said.rpartition(":")
    if number == "80006":
        return _municipality(code)
    oid, words = _choices(path)[said]
    return _named(code, words, oid)


@cache
def _choices(path: str) -> Mapping[str, tuple[int, str]]:
    """What may be said in a field → the number of its list, and words."""
    lists = {
        "pasient.kjonn": 3101,
        "pasient.yrkesgruppe": 80010,
        "diagnoseforhold.indikasjon": 80014,
        "diagnoseforhold.sykdomsbilde": 80015,
        "diagnoseforhold.erInnlagtPaaSykehus": 80017,
        "diagnoseforhold.underliggendeSykdom": 80099,
        "antattSmittemate.smittemate": 80018,
        "smitteforhold.arsakTilUtenlandsopphold": 80019,
        "smitteforhold.harBekreftetNarkontakt": 80017,
        "smitteforhold.eksponeringssted": 80100,
    }
    found = {}
    for said, words in list_notification_choices(path):
        number = said.rpartition(":")[0]
        found[said] = (int(number) if number else lists.get(path, 80006), words)
    return found


@cache
def _municipality(number: str) -> Json:
    return _named(number, municipalities(STRUCTURE)[number].name, 80006)


def _other_sex(form: Json) -> None:
    code = form["pasient"]["kjonn"]["verdi"]
    form["pasient"]["kjonn"] = _coded("pasient.kjonn", "1" if code == "2" else "2")


def _spoil_number(form: Json) -> None:
    form["pasient"]["fodselsnummer"] = wrong_digit(form["pasient"]["fodselsnummer"])


def _spoil_code(form: Json) -> None:
    form["diagnoseforhold"]["indikasjon"] = _named("77", "Ukjent indikasjon", 80014)


def _spoil_words(form: Json) -> None:
    """Words of another code than the one they stand beside: two fields filled from one source."""
    form["diagnoseforhold"]["underliggendeSykdom"] = [_named("01", "Nyresykdom", 80099)]


def _die_too_early(form: Json) -> None:
    told = form["diagnoseforhold"]
    onset = date.fromisoformat(told["innsykningsdato"])
    told["dodsdato"] = onset.replace(year=onset.year - 1, day=1).isoformat()


def _take_away_diagnosis(form: Json) -> None:
    del form["diagnoseforhold"]["diagnose"]


SPOILERS: dict[str, Callable[[Json], None]] = {
    "contradictory-sex": _other_sex,
    "invalid-identity-number": _spoil_number,
    "unknown-code": _spoil_code,
    "contradictory-code": _spoil_words,
    "contradictory-values": _die_too_early,
    "missing-diagnosis": _take_away_diagnosis,
}
"""What is wrong with a notification that must be refused, by the reason that says so."""
