"""A small invented guideline for the API's tests; nothing in it is to be used on anybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from varde.guidelines import publish

SNOMED = "http://snomed.info/sct"
TYPES = {
    "retningslinje": ("retningslinjer", "0016"),
    "kapittel": ("kapitler", "0041"),
    "anbefaling": ("anbefalinger", "0003"),
    "kontraindikasjon": ("kontraindikasjoner", "0091"),
    "pico": ("picoer", "0092"),
    "referanse": ("referanser", "0093"),
}
HOSTILE = '<p onclick="steal()" style="color:red">Trygt</p><script>steal()</script><img src=x onerror=steal()>'


def id_of(info_type: str, slug: str) -> str:
    """The id of an object of the invented guideline."""
    folder, number = TYPES[info_type]
    return f"0099-{number}-{uuid5(NAMESPACE_URL, f'https://varde.example/{folder}/{slug}')}"


GUIDELINE = id_of("retningslinje", "antibiotika")
CHAPTER = id_of("kapittel", "luftveier")
PNEUMONIA = id_of("anbefaling", "pneumoni")
FUTURE = id_of("anbefaling", "bittsar")
WITHDRAWN = id_of("anbefaling", "forkjolelse")
PREGNANT = id_of("kontraindikasjon", "gravid-doksysyklin")
PICO = id_of("pico", "varighet")
REFERENCE = id_of("referanse", "kilde")
NOBODY = id_of("anbefaling", "finnes-ikke")


def write_content(folder: Path) -> Path:
    """Write and publish all of it in an empty folder of content."""
    _put(folder, "retningslinje", "antibiotika", "2021-11-16", tittel="Antibiotika utenfor sykehus")
    for slug, title in (("luftveier", "Luftveier & lunger"), ("hud", "Hud")):
        above = [("retningslinje", "antibiotika")]
        _put(folder, "kapittel", slug, "2021-11-16", above, tittel=title, tekst=HOSTILE)
    _put(
        folder,
        "kontraindikasjon",
        "gravid-doksysyklin",
        "2021-11-16",
        tittel="Gravid og doksysyklin",
        tekst="<p>Ikke etter uke 15.</p>",
        data={
            "tilstand": _koder("77386006", "Gravid"),
            "virkestoff": _koder("1002", "Doksysyklin"),
        },
    )
    for first_day, days in (("2022-09-07", "7"), ("2024-06-27", "5")):
        _put_pneumonia(folder, first_day, days)
    chapter = [("kapittel", "hud")]
    simple = {"behandlinger": [{"behandling": {"tekst": "<p>Se an.</p>"}}]}
    _put(folder, "anbefaling", "bittsar", "2090-01-01", chapter, tittel="Bittsår", data=simple)
    _put(
        folder,
        "anbefaling",
        "forkjolelse",
        "2021-11-16",
        chapter,
        tittel="Forkjølelse",
        data=simple,
    )
    _put(
        folder,
        "anbefaling",
        "forkjolelse",
        "2023-01-01",
        chapter,
        tittel="Forkjølelse",
        status="Utgått",
        data=simple,
    )
    above = [("anbefaling", "pneumoni")]
    data = {"populasjon": "Voksne", "intervensjon": "Fem døgn", "utfall": ["Frisk", "Tilbakefall"]}
    _put(folder, "pico", "varighet", "2024-06-27", above, tittel="Fem eller sju døgn", data=data)
    _put(folder, "referanse", "kilde", "2024-06-27", above, tittel="Oppdiktet kilde")
    for number in range(60):
        title = f"Oppdiktet tilstand {number:02}"
        codes = {"ICPC-2": ["A99"]}
        _put(
            folder,
            "anbefaling",
            f"oppdiktet-{number}",
            "2021-11-16",
            chapter,
            tittel=title,
            koder=codes,
            data=simple,
        )
    publish(folder)
    return folder


def _put_pneumonia(folder: Path, first_day: str, days: str) -> None:
    adults = {
        "overskrift": "Voksne",
        "doseringregimer": [_dose("1001", "Fenoksymetylpenicillin", "1000", "mg", "4", days)],
        "varde": {"gjelderFor": {"vektKg": {"fra": "40"}, "kjonn": "kvinne"}},
    }
    children = {
        "overskrift": "Barn",
        "doseringregimer": [
            _dose("1001", "Fenoksymetylpenicillin", {"lav": "10", "hoy": "20"}, "mg/kg", "4", days)
        ],
        "varde": {"gjelderFor": {"alderAar": {"til": "12"}}},
    }
    allergic = {
        "doseringregimer": [_dose("1002", "Doksysyklin", "100", "mg", "1", days)],
        "varde": {"gjelderFor": {"tilstander": [_kode("2001", "Penicillinallergi")]}},
    }
    _put(
        folder,
        "anbefaling",
        "pneumoni",
        first_day,
        [("kapittel", "luftveier")],
        tittel="Pneumoni <alvorlig>",
        intro="Feber & hoste.",
        koder={"ICPC-2": ["R81"], "ICD-10": ["J18"]},
        sistOppdatert="27/06/2024 10:53:46",
        sistFagligOppdatert=f"{first_day}T00:00",
        data={
            "styrke": "sterk",
            "praktisk": HOSTILE,
            "rasjonale": "<p>Pneumokokker.</p>",
            "nokkelInfo": {"ressurshensyn": "<p>Rimelig.</p>"},
            "behandlinger": [
                {
                    "overskrift": "Antibiotika",
                    "behandling": {
                        "data": {
                            "varighetBehandlingAntallDogn": days,
                            "standardbehandlingsregimer": [adults, children],
                            "alternativebehandlingsregimer": [allergic],
                        }
                    },
                }
            ],
        },
    )


def _kode(code: str, display: str) -> dict[str, str]:
    return {"system": SNOMED, "code": code, "display": display}


def _koder(code: str, display: str) -> dict[str, Any]:
    return {"koder": [_kode(code, display)]}


def _dose(code: str, drug: str, dose: Any, unit: str, times: str, days: str) -> dict[str, Any]:
    data = {
        "legemiddeldoseringsregime": _koder(code, drug),
        "administrasjonsvei": _koder("26643006", "peroralt"),
        "dosering": {"dose": dose, "styrkeEnhetDosering": _kode("258684004", unit)},
        "frekvensdoseringsregimePerDogn": times,
        "varighetDoseringsregimeAntallDogn": days,
        "varde": {"virkestoff": _koder(code, drug), "maksEnkeltdose": "1300"},
    }
    return {"data": data, "tekst": "<p>Tas med vann.</p>"}


def _put(
    folder: Path,
    info_type: str,
    slug: str,
    first_day: str,
    above: list[tuple[str, str]] | None = None,
    **content: Any,
) -> None:
    links = [{"rel": "forelder", "href": f"/innhold/{id_of(*parent)}"} for parent in above or ()]
    innhold = {
        "id": id_of(info_type, slug),
        "status": "Gjeldende",
        "tekniskeData": {"infoType": info_type},
        **content,
        **({"links": links} if links else {}),
    }
    sources = [
        {"kilde": "Oppdiktet bok", "dato": first_day, "gjelder": "alt", "sikkerhet": "kilde"},
        {"kilde": "Ingen", "sikkerhet": "allmennkunnskap"},
    ]
    path = folder / TYPES[info_type][0] / slug / f"{first_day}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    version = {"gyldigFra": first_day, "kilder": sources, "innhold": innhold}
    path.write_text(json.dumps(version, ensure_ascii=False, indent=2), encoding="utf-8")
