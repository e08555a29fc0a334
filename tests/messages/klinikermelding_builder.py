"""Notifications as JSON for tests, from plain values."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from messages.numbers import some_number

Json = dict[str, Any]
RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)
"""When everything here arrived."""

TREE = "2.16.578.1.12.4.1.1."


def coded(verdi: object, beskrivelse: str = "", oid: object = None, id: int = 4711) -> Json:
    """A coded value as the published client writes it."""
    made: Json = {"id": id, "verdi": verdi}
    if beskrivelse:
        made["beskrivelse"] = beskrivelse
    return made if oid is None else {**made, "oid": oid}


def envelope(**more: object) -> Json:
    """Varde's envelope; None takes a field away."""
    made: Json = {
        "id": "M1",
        "nummer": "R1",
        "tidspunkt": "2026-01-07T10:00:00+01:00",
        "type": "N",
        "status": "F",
        "avsender": {"herId": "91843", "navn": "Fjordby legekontor"},
    }
    return {key: value for key, value in {**made, **more}.items() if value is not None}


def form(*, melding: Json | None = None, **sections: Json) -> Json:
    """A small notification; a section's fields are added to it, and None takes one away."""
    made: Json = {
        "melding": envelope() if melding is None else melding,
        "pasient": {"fodselsnummer": some_number(), "kjonn": coded("2", "Kvinne", 3101)},
        "diagnoseforhold": {
            "diagnose": coded("713", "Koronavirus med utbruddspotensial", 80012),
            "provedato": "2026-01-05",
        },
        "rekvirent": {"hprNummer": "9999999", "herId": 91843},
    }
    for name, fields in sections.items():
        section = {**made.get(name, {}), **fields}
        made[name] = {key: value for key, value in section.items() if value is not None}
    return made


def bare(**sections: Json) -> Json:
    """The same without envelope, as the published client sends it."""
    made = form(**sections)
    del made["melding"]
    return made


def told(**fields: object) -> Json:
    """A notification with these fields of `diagnoseforhold`."""
    return form(diagnoseforhold=fields)


def whose(**fields: object) -> Json:
    """A notification with these fields of `pasient`."""
    return form(pasient=fields)


def without(whole: Json, section: str) -> Json:
    """The form without one of its sections."""
    return {key: deepcopy(value) for key, value in whole.items() if key != section}


def write(*forms: object, layout: str = "one") -> bytes:
    """The bytes: one form, an array, or an object on each line."""
    texts = [json.dumps(each, ensure_ascii=False) for each in forms]
    if layout == "array":
        return f"[{', '.join(texts)}]".encode()
    return "\n".join(texts).encode()


FULL = form(
    pasient={
        "fodselsdato": "1984-03-17",
        "fornavn": "SYNTETISK",
        "etternavn": "Person",
        "bosted": coded("4601", "BERGEN", 80006),
        "oppholdskommune": coded("1103", "STAVANGER", 80006),
        "fodeland": coded("131", "Polen", 80007),
        "yrkesgruppe": coded("1", "Helsepersonell", 80010),
        "arbeidsplass": "Syntetisk sykehjem",
        "arbeidsplasskategori": coded("20", "Sykehjem", 80025),
    },
    diagnoseforhold={
        "smittestoff": coded("713000", "SARS-COV-2", 80000),
        "indikasjon": coded("10", "Symptomer eller tegn", 80014),
        "annenIndikasjon": "Ønsket av pasienten også",
        "sykdomsbilde": coded("21", "Øvre LVI", 80015),
        "annenKlinikk": "Hoste i tre uker",
        "underliggendeSykdom": [coded("04", "Diabetes", 80099), coded("15", "Hypertensjon", 80099)],
        "innsykningsdato": "2026-01-03",
        "erInnlagtPaaSykehus": coded("1", "Ja", 80017),
        "sykehus": {"id": 36, "navn": "Haukeland universitetssykehus"},
        "erInnlagtPaaSykehjem": coded("2", "Nei", 80017),
        "sykehjemNavn": "Solgløtt",
        "utfallAvSykdommen": coded("5", "Død"),
        "dodsdato": "2026-01-06",
        "folgetilstander": "Nedsatt lungefunksjon",
    },
    antattSmittemate={
        "smittemate": coded("70", "Luft/Dråpesmitte", 80018),
        "smittesituasjon": "På buss",
    },
    smitteforhold={
        "smittested": coded("137", "Spania", 80007),
        "annetSmittested": "Torremolinos",
        "arsakTilUtenlandsopphold": coded("2", "Turisme", 80019),
        "datoForHjemkomst": "2026-01-02",
        "harBekreftetNarkontakt": coded("3", "Ukjent", 80017),
        "eksponeringssted": coded("16", "Reise", 80100),
    },
)
"""A notification that answers every question."""
