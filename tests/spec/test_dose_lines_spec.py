"""Dose lines, as tables to read: what the content says, and what stands on the page.

The rules are those of the antibiotic model (Helsedirektoratet, 05.11.2021): 1000 mg and more is shown as
gram with a decimal comma, mg/kg is never converted, intervals stay intervals.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from guidelines.invented_documents import code
from varde.guidelines import read_amount, write_dose, write_line
from varde.guidelines.files import decode_object
from varde.guidelines.rendering import NO_BREAK, write_plain

DOSES = """
    dose        | unit     | shown
    150         | mg       | 150 mg
    999         | mg       | 999 mg
    1000        | mg       | 1 g
    1200        | mg       | 1,2 g
    1250        | mg       | 1,25 g
    1000.5      | mg       | 1,0005 g
    999.5       | mg       | 999,5 mg
    0.50        | mg       | 0,5 mg
    100-200     | mg       | 100–200 mg
    1000-2000   | mg       | 1–2 g
    660-1300    | mg       | 660 mg–1,3 g
    999-1000    | mg       | 999 mg–1 g
    10-20       | mg/kg    | 10–20 mg/kg
    7.5         | mg/kg    | 7,5 mg/kg
    1200        | mg/kg    | 1200 mg/kg
    1000-2000   | mg/kg    | 1000–2000 mg/kg
    1           | g        | 1 g
    1000        | g        | 1000 g
    1           | tablett  | 1 tablett
    2           | tablett  | 2 tabletter
    1-2         | tablett  | 1–2 tabletter
    0.5         | tablett  | 0,5 tabletter
    1           | dråpe    | 1 dråpe
    12500       | E        | 12 500 E
    1500        | ukjent enhet | 1500 ukjent enhet
    1200        | milligram | 1,2 g
    1200        | Mg       | 1,2 g
"""

LINES = """
    drug           | route      | dose    | unit  | times | days | load | x | i | shown
    Fenoksymetylpenicillin | peroralt | 1000 | mg | 4    | 5    | -    | - | - | Fenoksymetylpenicillin peroralt 1 g x 4 i 5 døgn
    Pivmecillinam  | peroralt   | 7.5     | mg/kg | 3     | 3    | -    | - | - | Pivmecillinam peroralt 7,5 mg/kg x 3 i 3 døgn
    Amoksicillin oral | peroralt | 500      | mg    | 3     | 5    | -    | - | - | Amoksicillin peroralt 500 mg x 3 i 5 døgn
    Benzylpenicillin parenteral | intravenøst | 1200 | mg | 4 | 7  | -    | - | - | Benzylpenicillin intravenøst 1,2 g x 4 i 7 døgn
    Amoksicillin oral | -        | 500      | mg    | 3     | -    | -    | - | - | Amoksicillin oral 500 mg x 3
    oral           | peroralt   | 500     | mg    | 3     | -    | -    | - | - | oral peroralt 500 mg x 3
    Benzylpenicillin | intravenøst | 1200  | mg    | 4     | -    | -    | - | - | Benzylpenicillin intravenøst 1,2 g x 4
    Klaritromycin  | peroralt   | 500     | mg    | 2     | 7-10 | -    | - | - | Klaritromycin peroralt 500 mg x 2 i 7–10 døgn
    Doksysyklin    | peroralt   | 100     | mg    | 1     | 6    | 200  | 1 | 1 | Doksysyklin peroralt 200 mg x 1 i 1 døgn ladningsdose etterfulgt av 100 mg x 1 i 6 døgn
    Metronidazol   | intravenøst | 1000   | mg    | 1     | -    | 1500 | - | - | Metronidazol intravenøst 1,5 g ladningsdose etterfulgt av 1 g x 1
    Metronidazol   | intravenøst | -      | mg    | -     | -    | 1500 | - | - | Metronidazol intravenøst 1,5 g ladningsdose
    Ceftriakson    | intramuskulært | 1000 | mg   | -     | -    | -    | - | - | Ceftriakson intramuskulært 1 g
    Kloramfenikol  | -          | -       | mg    | 3-4   | 5    | -    | - | - | Kloramfenikol 3–4 ganger daglig i 5 døgn
    Kloramfenikol  | -          | -       | mg    | -     | -    | -    | - | - | Kloramfenikol
"""


def rows(table: str) -> list[list[str]]:
    lines = [line for line in table.splitlines() if line.strip()][1:]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def number(cell: str) -> Any:
    low, dash, high = cell.partition("-")
    return {"lav": low, "hoy": high} if dash else low


@pytest.mark.parametrize(("dose", "unit", "shown"), rows(DOSES))
def test_a_dose_with_its_unit(dose: str, unit: str, shown: str) -> None:
    assert write_dose(read_amount(number(dose)), unit).replace(NO_BREAK, " ") == shown


@pytest.mark.parametrize("row", rows(LINES), ids=lambda row: row[-1])
def test_the_whole_line(row: list[str]) -> None:
    drug, route, amount, unit, times, days, load, load_times, load_days, shown = row
    dosering: dict[str, Any] = {}
    if amount != "-":
        dosering |= {"dose": number(amount), "styrkeEnhetDosering": code("1", unit)}
    if load != "-":
        dosering |= {
            "eventuellLadningsdose": load,
            "styrkeEnhetEventuellLadningsdose": code("1", unit),
        }
    given = {
        "frekvensdoseringsregimePerDogn": times,
        "varighetDoseringsregimeAntallDogn": days,
        "frekvensEventuellladningsdosePerDogn": load_times,
        "varighetEventuellLadningsdoseAntallDogn": load_days,
    }
    data: dict[str, Any] = {
        "legemiddeldoseringsregime": {"koder": [code("1", drug)]},
        "dosering": dosering,
        **{key: number(cell) for key, cell in given.items() if cell != "-"},
    }
    if route != "-":
        data["administrasjonsvei"] = {"koder": [code("2", route)]}
    assert write_line(regimen(data)).replace(NO_BREAK, " ") == shown


def regimen(data: dict[str, Any]) -> Any:
    document = {
        "id": "0099-0003-1",
        "tittel": "x",
        "status": "Gjeldende",
        "tekniskeData": {"infoType": "anbefaling"},
        "data": {
            "behandlinger": [
                {
                    "behandling": {
                        "data": {
                            "standardbehandlingsregimer": [{"doseringregimer": [{"data": data}]}]
                        }
                    }
                }
            ]
        },
    }
    found = decode_object(json.dumps(document).encode(), "f")
    return (
        found.data.behandlinger[0].behandling.data.standardbehandlingsregimer[0].doseringregimer[0]
    )


def test_two_drugs_in_one_regimen_are_both_named() -> None:
    data = {
        "legemiddeldoseringsregime": {"koder": [code("1", "A"), code("2", "B"), code("3", "C")]}
    }
    assert write_line(regimen(data)) == "A, B og C"


def test_intervals_without_unit() -> None:
    assert write_plain(read_amount({"lav": "7", "hoy": "10"})) == "7–10"
    assert write_plain(read_amount("2.50")) == "2,5"
