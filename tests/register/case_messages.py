"""Messages of the kinds that say something about cases, small and in the shortest words."""

from __future__ import annotations

from typing import Any

from messages import klinikermelding_builder as form
from register.answers import PERSONS

ADA, BO, CLEO = PERSONS
SALMONELLA = "Salmonella Typhimurium"
MEASLES = "P-Meslingvirus IgM"
STOOL = {"free": "Feces", "coded_as": None}
BLOOD = {"free": "Blodkultur", "coded_as": None}
OFFICE = "9900501"


def notified(
    disease: str = "Salmonellose",
    number: str = "N1",
    *,
    person: str | None = ADA,
    onset: str | None = None,
    sampled: str | None = None,
    picture: str = "",
    contact: str = "",
    place: tuple[str, str, int] | None = None,
    home: str | None = None,
    returned: str | None = None,
    made: int = 7,
    type: str = "N",
    code: str = "",
    her: str = OFFICE,
    message: str = "",
) -> bytes:
    """One clinician's notification; `made` is the day of January 2026 on which this version was made.

    Args:
        disease: its name; with `code`, the words beside it.
        place: where infected, as code, words and number of the list.
    """
    patient: dict[str, Any] = {"fodselsnummer": person, "kjonn": None}
    if person is None:
        patient |= {"fodselsdato": "1980-01-01", "fornavn": "SYNTETISK", "etternavn": number}
    if home:
        patient["bosted"] = form.coded(home, "", 80006)
    diagnosis = form.coded(code, disease, 80012) if code else {"beskrivelse": disease}
    return form.write(
        form.form(
            melding=form.envelope(
                id=message or f"{number}-{made}-{type}",
                nummer=number,
                tidspunkt=f"2026-01-{made:02d}T10:00:00+01:00",
                type=type,
                avsender={"herId": her, "navn": "Fjordby legekontor"},
            ),
            pasient=patient,
            diagnoseforhold={
                "diagnose": diagnosis,
                "provedato": sampled,
                "innsykningsdato": onset,
                "sykdomsbilde": form.coded(picture, "", 80015) if picture else None,
            },
            smitteforhold={
                "smittested": form.coded(place[0], place[1], place[2]) if place else None,
                "datoForHjemkomst": returned,
                "harBekreftetNarkontakt": form.coded(contact, "", 80017) if contact else None,
            },
            rekvirent={"hprNummer": "9999999", "herId": her},
        )
    )


def dose(
    atc: str = "J07BD52", number: str = "V1", *, person: str = ADA, given: str, type: str = "N"
) -> bytes:
    """One vaccination, as a table of one row."""
    row = {
        "Avsender": "HER:9900502",
        "Avsendernavn": "Syntetisk helsestasjon",
        "Nummer": number,
        "Melding_id": f"{number}-{type}",
        "Tidspunkt": "2026-01-20T10:00" if type == "C" else "2026-01-19T10:00",
        "Type": type,
        "Fødselsnummer": person,
        "Vaksinekode": "",
        "ATC": atc,
        "Vaksinasjonsdato": given,
    }
    return (";".join(row) + "\n" + ";".join(row.values()) + "\n").encode()
