"""An invented guideline for the pages' tests: small, and with every shape that a page must show.

Nothing in it is to be used on anybody. Codes are the guideline's or invented ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from varde.guidelines.files import publish

TYPES = {
    "retningslinje": ("retningslinjer", "0016"),
    "kapittel": ("kapitler", "0041"),
    "anbefaling": ("anbefalinger", "0003"),
    "kontraindikasjon": ("kontraindikasjoner", "0091"),
    "pico": ("picoer", "0092"),
    "referanse": ("referanser", "0093"),
}
OWNER = "Oppdiktet demonstrasjonsinnhold"
PCV = ("1001", "Fenoksymetylpenicillin")
DOXY = ("1002", "Doksysyklin")
AMOX = ("1003", "Amoksicillin")
NITRO = ("1004", "Nitrofurantoin")
METRO = ("1005", "Metronidazol")
PREGNANT = ("77386006", "Gravid")
ALLERGY = ("2001", "Penicillin straksreaksjon")
KIDNEY = ("2002", "Nedsatt nyrefunksjon")


def id_of(info_type: str, slug: str) -> str:
    """The id that an object of this slug has."""
    folder, number = TYPES[info_type]
    return f"0099-{number}-{uuid5(NAMESPACE_URL, f'https://varde.example/{folder}/{slug}')}"


def write_guideline(folder: Path) -> Path:
    """Write all of it into an empty folder of content, and publish it."""
    _put(
        folder, "retningslinje", "antibiotika", "2021-11-16", tittel="Antibiotika i allmennpraksis"
    )
    for slug, title in (
        ("luftveier", "Nedre luftveier"),
        ("urinveier", "Urinveier"),
        ("hud", "Hud og bløtdeler"),
    ):
        parents = {"retningslinje": ["antibiotika"]}
        _put(folder, "kapittel", slug, "2021-11-16", parents=parents, tittel=title)
    _write_contraindications(folder)
    _write_pneumonia(folder)
    _write_others(folder)
    publish(folder)
    return folder


def _write_contraindications(folder: Path) -> None:
    for slug, condition, drugs, text in (
        (
            "gravid-doksysyklin",
            PREGNANT,
            [DOXY],
            "<p>Skal ikke brukes etter uke 15 i svangerskapet.</p>",
        ),
        (
            "straksreaksjon-penicillin",
            ALLERGY,
            [PCV, AMOX],
            "<p>Gi ikke penicillin. Velg et alternativ fra en annen gruppe.</p>",
        ),
        (
            "nyre-penicillin",
            KIDNEY,
            [PCV, AMOX, NITRO],
            "<p>Vurder lavere dose ved svært nedsatt nyrefunksjon.</p>",
        ),
    ):
        data = {
            "tilstand": {"koder": [_kode(condition)]},
            "virkestoff": {"koder": [_kode(drug) for drug in drugs]},
        }
        title = f"{condition[1]} og {', '.join(drug[1].lower() for drug in drugs)}"
        _put(folder, "kontraindikasjon", slug, "2021-11-16", tittel=title, tekst=text, data=data)


def _write_pneumonia(folder: Path) -> None:
    older = {"tekst": "<p>Gi fenoksymetylpenicillin i sju døgn.</p>", "days": "7"}
    newer = {"tekst": "<p>Gi fenoksymetylpenicillin i fem døgn.</p>", "days": "5"}
    for first_day, said in (("2022-09-07", older), ("2024-06-27", newer)):
        days = said["days"]
        adults = _regimen([_dose(PCV, "1000", "4", days)], gjelderFor={"vektKg": {"fra": "40"}})
        children = _regimen(
            [_dose(PCV, {"lav": "10", "hoy": "20"}, "4", days, unit="mg/kg", most="650")],
            gjelderFor={"vektKg": {"fra": "5", "til": "40"}},
        )
        allergic = _regimen(
            [
                _dose(
                    DOXY,
                    "100",
                    "1",
                    days,
                    load=("200", "1"),
                    text="<p>Tas med rikelig drikke.</p>",
                )
            ],
            title="Ved penicillinallergi",
            gjelderFor={
                "alderAar": {"fra": "8"},
                "tilstander": [_kode(ALLERGY)],
                "ikkeTilstander": [_kode(PREGNANT)],
            },
        )
        oral = _regimen([_dose(AMOX, "500", "3", "3")])
        treatment = {
            "overskrift": "Antibiotikabehandling",
            "behandling": {
                "tekst": said["tekst"],
                "data": {
                    "varighetBehandlingAntallDogn": days,
                    "standardbehandlingsregimer": [adults, children],
                    "alternativebehandlingsregimer": [allergic],
                    "overgangtiloralbehandlingsregimer": [oral],
                },
            },
        }
        _put(
            folder,
            "anbefaling",
            "pneumoni",
            first_day,
            parents={"kapittel": ["luftveier"]},
            sources=[
                {
                    "kilde": "Nasjonal retningslinje, pneumoni",
                    "dato": first_day,
                    "gjelder": "behandling",
                    "sikkerhet": "kilde",
                },
                {"kilde": "Egen slutning", "gjelder": "koder", "sikkerhet": "slutning"},
            ],
            tittel="Pneumoni",
            intro="<p>Nedsatt allmenntilstand, feber og hoste.</p>",
            koder={"ICD-10": ["J18"], "ICPC-2": ["R81"]},
            sistFagligOppdatert=f"{first_day}T00:00",
            data={
                "styrke": "sterk",
                "praktisk": "<ul><li>Ny vurdering etter tre døgn.</li></ul>",
                "rasjonale": "<p>Pneumokokker er vanligste årsak.</p>",
                "nokkelInfo": {"fordelerogulemper": "<p>Kortere kur gir mindre resistens.</p>"},
                "behandlinger": [
                    {
                        "overskrift": "Vurder alvorlighet",
                        "behandling": {"tekst": "<p>Bruk CRB-65 og klinisk skjønn.</p>"},
                    },
                    treatment,
                ],
                "varde": {"sokeord": ["lungebetennelse"]},
            },
        )
    _put(
        folder,
        "pico",
        "pneumoni-varighet",
        "2024-06-27",
        parents={"anbefaling": ["pneumoni"]},
        tittel="Fem eller sju døgn",
        data={
            "populasjon": "Voksne med pneumoni",
            "intervensjon": "Fem døgn",
            "sammenligning": "Sju døgn",
            "utfall": ["Klinisk helbredelse", "Tilbakefall"],
        },
    )
    _put(
        folder,
        "referanse",
        "pneumoni-kilde",
        "2024-06-27",
        parents={"anbefaling": ["pneumoni"]},
        tittel="Oppdiktet referanse om varighet",
        url="https://varde.example/referanse",
    )


def _write_others(folder: Path) -> None:
    plain = {"behandling": {"tekst": "<p>Antibiotika hjelper ikke.</p>"}, "overskrift": "Se an"}
    _put(
        folder,
        "anbefaling",
        "akutt-bronkitt",
        "2021-11-16",
        parents={"kapittel": ["luftveier"]},
        tittel="Akutt bronkitt",
        koder={"ICPC-2": ["R78"]},
        data={"styrke": "svak", "behandlinger": [plain]},
    )
    women = {
        "kjonn": "kvinne",
        "alderAar": {"fra": "15", "til": "66"},
        "ikkeTilstander": [_kode(PREGNANT)],
    }
    _put(
        folder,
        "anbefaling",
        "cystitt",
        "2022-09-07",
        parents={"kapittel": ["urinveier"]},
        tittel="Cystitt",
        koder={"ICPC-2": ["U71"]},
        # Not safe to show as it stands: a page must not.
        intro='<p onclick="steal()">Hyppig vannlating.</p><script>steal()</script>',
        data={
            "behandlinger": [
                _treatment([_regimen([_dose(NITRO, "50", "3", "3")], gjelderFor=women)], "3")
            ]
        },
    )
    _put(
        folder,
        "anbefaling",
        "bittsar",
        "2027-01-01",
        parents={"kapittel": ["hud"]},
        tittel="Bittsår",
        koder={"ICPC-2": ["S13"]},
        data={
            "behandlinger": [
                _treatment(
                    [_regimen([_dose(PCV, "1000", "4", "7"), _dose(METRO, "400", "3", "7")])], "7"
                )
            ]
        },
    )


def _put(
    folder: Path,
    info_type: str,
    slug: str,
    first_day: str,
    *,
    parents: Mapping[str, list[str]] | None = None,
    sources: list[dict[str, str]] | None = None,
    **content: Any,
) -> None:
    links = [
        {"rel": "forelder", "type": kind, "href": f"/innhold/{id_of(kind, name)}"}
        for kind, names in (parents or {}).items()
        for name in names
    ]
    innhold = {
        "id": id_of(info_type, slug),
        "eier": [OWNER],
        "status": "Gjeldende",
        "tekniskeData": {"infoType": info_type},
        **content,
    }
    if links:
        innhold["links"] = links
    version: dict[str, Any] = {"gyldigFra": first_day, "innhold": innhold}
    if sources:
        version["kilder"] = sources
    file = folder / TYPES[info_type][0] / slug / f"{first_day}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(version, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _treatment(regimens: list[Any], days: str) -> dict[str, Any]:
    return {
        "behandling": {
            "data": {
                "varighetBehandlingAntallDogn": days,
                "standardbehandlingsregimer": regimens,
            }
        }
    }


def _regimen(
    doses: list[Any], title: str = "", gjelderFor: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    regimen: dict[str, Any] = {"doseringregimer": doses}
    if title:
        regimen["overskrift"] = title
    if gjelderFor:
        regimen["varde"] = {"gjelderFor": gjelderFor}
    return regimen


def _dose(
    drug: tuple[str, str],
    dose: str | dict[str, str],
    times: str,
    days: str,
    *,
    unit: str = "mg",
    most: str = "",
    load: tuple[str, str] | None = None,
    text: str = "",
) -> dict[str, Any]:
    dosing: dict[str, Any] = {"dose": dose, "styrkeEnhetDosering": _kode(("3001", unit))}
    data: dict[str, Any] = {
        "legemiddeldoseringsregime": {"koder": [_kode(drug)]},
        "administrasjonsvei": {"koder": [_kode(("26643006", "peroralt"))]},
        "dosering": dosing,
        "frekvensdoseringsregimePerDogn": times,
        "varighetDoseringsregimeAntallDogn": days,
        "varde": {"virkestoff": {"koder": [_kode(drug)]}},
    }
    if load:
        dosing["eventuellLadningsdose"] = load[0]
        dosing["styrkeEnhetEventuellLadningsdose"] = _kode(("3001", unit))
        data["frekvensEventuellladningsdosePerDogn"] = load[1]
    if most:
        data["varde"]["maksEnkeltdose"] = most
    return {"data": data, **({"tekst": text} if text else {})}


def _kode(concept: tuple[str, str]) -> dict[str, str]:
    return {"system": "http://snomed.info/sct", "code": concept[0], "display": concept[1]}
