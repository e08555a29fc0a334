"""Small invented tables of prescribing, with everything in them that is hard to count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import ibis
import pyarrow as pa

from varde.prescribing import layouts
from varde.prescribing.indicators import Period
from varde.warehouse import TREATMENTS, WARDS

Row = dict[str, Any]
PERIODS = [
    Period(date(2024, 1, 1), date(2024, 12, 31)),
    Period(date(2024, 12, 1), date(2024, 12, 31)),
    Period(date(2025, 1, 1), date(2025, 6, 30)),
    Period(date(2025, 8, 1), date(2025, 8, 31)),
]
DAYS = [
    *(date(2023, 12, 31), date(2024, 1, 1), date(2024, 6, 26), date(2024, 6, 27)),
    *(date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 1)),
    *(date(2025, 8, 31), date(2024, 3, 9)),
]
PRESCRIBERS = ["101", "102", "103", "104"]
PRACTICE, NIGHT, OLD_NIGHT, UNKNOWN = "974760673", "974760711", "974760754", "999999999"
HOMES = ["985626154", "985626155", "985626156", "985626157"]
ATCS = [
    *("J01CE02", "J01CA04", "J01AA02", "J01FA01", "J01FA09", "J01CA08", "J01EA01", "J01EE01"),
    *("J01XE01", "J01MA02", "J01XX05", "J01CR02", "J01DB01", "J01CF01", "N02BE01", "P01AB01"),
]
ICPC = ["R74", "R81", "R75", "R76", "R78", "H71", "U71", "U70", "R06", "R95", "A01", "S84"]
ICD = ["J18.9", "J189", "J01", "N30.0", "Z00.0"]
MUNICIPALITIES = ["4601", "0301", "1507", "5001", "0101", "9999"]
AGES = [0, 1, 9, 10, 11, 12, 15, 40, 65, 66, 67, 79, 80, 90]


def invent(dice: Random, most: int = 14) -> dict[str, list[Row]]:
    """Tables as rows."""

    def some(largest: int) -> range:
        return range(dice.randint(0, largest))

    def person() -> Row:
        return {
            "patient": dice.choice(["p1", "p2", "p3"]),
            "age": dice.choice(AGES),
            "sex": dice.choice("FM"),
        }

    days = dice.sample(DAYS, 4)
    contacts = [
        {"prescriber": dice.choice(PRESCRIBERS), "day": dice.choice(days), **person()}
        for _ in range(max(1, most // 2))
    ]
    consultations = []
    for number in some(most):
        at = dice.choice(contacts)
        codes = dice.sample(ICPC, dice.choice([0, 1, 1, 1, 2]))
        consultations.append(
            {
                "consultation_id": f"c{number:03}",
                "held_on": at["day"],
                "prescriber": at["prescriber"],
                "unit": dice.choice([None, PRACTICE, NIGHT, OLD_NIGHT, UNKNOWN]),
                "setting": dice.choice(["gp", "out-of-hours"]),
                "patient": at["patient"],
                "age": at["age"],
                "sex": at["sex"],
                "billing": dice.choice(
                    [None, "2ad", "11ad 2ae", "1be", "2cd 11ak", "2ak 2ck", "2aek"]
                ),
                "diagnoses": " ".join(codes) or None,
            }
        )
    dispensings = []
    for number in some(most):
        at = dice.choice(contacts)
        system = dice.choice([None, "ICPC-2", "ICPC-2", "ICD-10"])
        later = dice.choice([0, 0, 1, 40])
        dispensings.append(
            {
                "dispensing_id": f"d{number:03}",
                "dispensed_on": at["day"] + timedelta(later),
                "prescribed_on": at["day"] if later else dice.choice([None, at["day"]]),
                "prescriber": at["prescriber"],
                "unit": dice.choice([None, PRACTICE, NIGHT, OLD_NIGHT, UNKNOWN]),
                "patient": at["patient"],
                "age": at["age"],
                "sex": at["sex"],
                "atc": dice.choice(ATCS[:11] if dice.random() < 0.7 else ATCS),
                "product": None,
                "ddd": Decimal(dice.choice(["3", "3.333", "5", "10", "0", "7.5", "20", "6.667"])),
                "ddd_version": dice.choice([2018, 2019, 2025]),
                "reimbursement_system": system,
                "reimbursement_code": system and dice.choice(ICD if system == "ICD-10" else ICPC),
                "wait_and_see": dice.choice([None, False, True]),
            }
        )
    return {
        "dispensings": dispensings,
        "consultations": consultations,
        "shifts": _unlike(
            [
                {
                    "prescriber": dice.choice(PRESCRIBERS),
                    "unit": dice.choice([NIGHT, OLD_NIGHT, UNKNOWN]),
                    "began_on": dice.choice(DAYS),
                    "part": dice.choice(["day", "evening", "night"]),
                    "hours": Decimal(dice.choice(["8", "7.25", "0"])),
                }
                for _ in some(8)
            ],
            ("prescriber", "unit", "began_on", "part"),
        ),
        "list-populations": _lists(dice, some(10)),
        "prescribers": _prescribers(dice),
        "institutions": _institutions(dice),
        **_homes(dice, some),
    }


def _unlike(rows: list[Row], keys: Sequence[str]) -> list[Row]:
    return list({tuple(row[key] for key in keys): row for row in rows}.values())


def _lists(dice: Random, numbers: range) -> list[Row]:
    rows = []
    for _ in numbers:
        low, high = dice.choice(
            [(0, 9), (10, 19), (0, 4), (5, 14), (20, 79), (80, None), (0, None)]
        )
        since, until = dice.choice(
            [
                (date(2024, 1, 1), date(2024, 12, 31)),
                (date(2024, 10, 1), date(2025, 3, 17)),
                (date(2025, 1, 1), date(2025, 12, 31)),
            ]
        )
        rows.append(
            {
                "prescriber": dice.choice(PRESCRIBERS),
                "since": since,
                "until": until,
                "age_low": low,
                "age_high": high,
                "sex": dice.choice("FM"),
                "persons": dice.choice([0, 1, 100, 333]),
            }
        )
    return _unlike(rows, ("prescriber", "since", "age_low", "sex"))


def _prescribers(dice: Random) -> list[Row]:
    rows = []
    for number in PRESCRIBERS[:3]:
        for role in dice.choice([["gp"], ["out-of-hours"], ["gp", "out-of-hours"], ["gp", "gp"]]):
            since = dice.choice([date(2020, 1, 1), date(2024, 12, 31), date(2025, 2, 1)])
            rows.append(
                {
                    "prescriber": number,
                    "since": since,
                    "until": dice.choice([None, None, date(2024, 12, 31), date(2025, 6, 29)]),
                    "role": role,
                    "unit": dice.choice(
                        [NIGHT, OLD_NIGHT] if role != "gp" else [PRACTICE, UNKNOWN]
                    ),
                    "municipality": dice.choice(MUNICIPALITIES),
                    "peer_group": dice.choice([None, "A", "B"]),
                }
            )
    return _unlike(rows, ("prescriber", "since", "role", "unit"))


def _institutions(dice: Random) -> list[Row]:
    def row(number: str, kind: str, since: date = date(2020, 1, 1), **more: Any) -> Row:
        return {
            "institution": number,
            "since": since,
            "until": None,
            "name": "x",
            "kind": kind,
            "part_of": None,
            "municipality": dice.choice(MUNICIPALITIES),
            "successor": None,
        } | more

    ended = dice.choice([date(2024, 6, 30), date(2024, 12, 31), date(2025, 1, 31)])
    rows = [
        row(PRACTICE, "practice"),
        row(NIGHT, "out-of-hours"),
        row(OLD_NIGHT, dice.choice(["out-of-hours", "other"]), until=ended, successor=NIGHT),
        row(HOMES[0], "nursing-home"),
        row(HOMES[1], "nursing-home", until=ended, successor=HOMES[0]),
        # One that was merged into one that was merged; or into one nobody knows. Circles are refused.
        row(
            HOMES[2],
            "nursing-home",
            until=ended,
            successor=dice.choice([HOMES[1], HOMES[0], UNKNOWN, None]),
        ),
    ]
    if dice.random() < 0.5:
        kind = dice.choice(["nursing-home", "home-care", "hospital"])
        rows.append(row(HOMES[0], kind, since=dice.choice([date(2025, 1, 1), date(2024, 6, 1)])))
    if dice.random() < 0.7:
        rows.append(row(HOMES[3], dice.choice(["home-care", "hospital", "other"])))
    return rows


def _homes(dice: Random, some: Any) -> dict[str, list[Row]]:
    def home() -> str:
        return dice.choice(HOMES)

    months = [date(2023, 12, 1), date(2024, 1, 1), date(2024, 12, 1), date(2025, 6, 1)]
    sales = [
        {
            "institution": home(),
            "month": dice.choice(months),
            "atc": dice.choice(["J01CA04", "J01CR02", "J01XX05", "J01CA08", "J01DD01", "J01CA01"]),
            "product": dice.choice(["1", "2"]),
            "route": dice.choice("OPO"),
            "packages": Decimal("1"),
            "ddd": Decimal(dice.choice(["0.001", "10", "-3.5", "7.333", "0.5"])),
            "ddd_version": dice.choice([2018, 2019, 2025]),
        }
        for _ in some(10)
    ]
    bed_days = [
        {
            "institution": home(),
            "month": dice.choice(months),
            "stay": dice.choice(["short", "long"]),
            "bed_days": Decimal(dice.choice(["0", "31.5", "400"])),
        }
        for _ in some(8)
    ]
    given = [
        {
            "administration_id": f"a{number}",
            "institution": home(),
            "given_on": dice.choice(DAYS),
            "patient": dice.choice(["p1", "p2"]),
            "age": dice.choice([None, *AGES]),
            "sex": dice.choice([None, "F", "M"]),
            "atc": dice.choice(ATCS),
            "route": dice.choice("OPU"),
            "ddd": dice.choice([None, Decimal("0.5"), Decimal(1), Decimal(1)]),
            "ddd_version": dice.choice([None, 2018, 2025]),
            "reason_system": None,
            "reason_code": None,
        }
        for number in some(8)
    ]
    wards = [
        {
            "ward_id": number,
            "institution": dice.choice([None, *HOMES]),
            "institution_kind": dice.choice(["nursing-home", "nursing-home", "hospital"]),
            "surveyed": dice.choice(DAYS[:4]),
            "present": dice.choice([0, 10, 24]),
            "on_antibiotics": dice.choice([None, 0, 0, 3]),
        }
        for number in some(8)
    ]
    treatments = [
        {
            "ward_id": dice.choice([0, 1, 2, 3, 99]),
            "antibiotic": dice.choice([None, "MTH", "PNV", "AMX"]),
            "classification": None,
        }
        for _ in some(6)
    ]
    return {
        "sales": _unlike(sales, ("institution", "month", "product", "atc", "route")),
        "bed-days": _unlike(bed_days, ("institution", "month", "stay")),
        "administrations": given,
        "wards": wards,
        "treatments": treatments,
    }


def schema_of(key: str) -> pa.Schema:
    whole = {"wards": WARDS, "treatments": TREATMENTS}
    return whole[key] if key in whole else layouts()[key].schema


def as_arrow(rows: Mapping[str, list[Row]]) -> dict[str, pa.Table]:
    found = {}
    for key, each in rows.items():
        fields = [field.with_nullable(True) for field in schema_of(key)]
        columns = [pa.array([row.get(field.name) for row in each], field.type) for field in fields]
        found[key] = pa.table(columns, pa.schema(fields))
    return found


def on_duckdb(connection: Any, rows: Mapping[str, list[Row]]) -> dict[str, ibis.Table]:
    return {
        key: connection.create_table(f"t_{key}", table, overwrite=True)
        for key, table in as_arrow(rows).items()
    }
