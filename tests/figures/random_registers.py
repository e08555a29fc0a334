"""Small random registers, for Hypothesis."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from figures.register_rows import row

VACCINES = ("J07BD52", "J07BB02", "J07AJ52", "J07CA09", None)
DISEASES = ("measles", "pertussis", "hiv", "campylobacteriosis", "influenza")
GIVEN = tuple(
    date.fromisoformat(day) for day in ("2020-01-20", "2025-07-01", "2025-12-20", "2026-01-05")
)
COUNTIES = (("03", "0301"), ("46", "4601"), ("", ""))


def invent(seed: int, size: int) -> dict[str, list[dict[str, Any]]]:
    """Rows of every table, `size` of each, as a seed has it."""
    draw = random.Random(seed)

    def day() -> date:
        return date(2025, 12, 15) + timedelta(days=draw.randrange(40))  # each month is a file

    def who() -> dict[str, Any]:
        county, municipality = draw.choice(COUNTIES)
        return {
            "person_id": draw.choice((None, *range(1, 8))),
            "county": county,
            "municipality": municipality,
            "age": draw.choice((None, 0, 4, 5, 14, 15, 19, 20, 39, 64, 79, 80, 101)),
            "sex": draw.choice(("F", "M", "")),
        }

    def place() -> dict[str, Any]:
        return {name: value for name, value in who().items() if name in ("county", "municipality")}

    numbers = range(1, size + 1)
    made: dict[str, list[dict[str, Any]]] = {
        "findings": [
            row(
                "findings",
                finding_id=number,
                **who(),
                collected=day(),
                counted=draw.random() < 0.9,
                meets=draw.choice(("", "measles", "hiv measles")),
                method=draw.choice(("", "culture")),
                material=draw.choice((None, "urine")),
                organism=draw.choice((None, "escherichia-coli")),
                laboratory=draw.choice(("HER:1", "HER:2")),
                results=3,
                unknown_antibiotics=draw.randrange(2),
                without_mic=draw.randrange(4),
            )
            for number in numbers
        ],
        "cases": [
            row(
                "cases",
                case_id=number,
                **who(),
                first_day=day(),
                disease=draw.choice(DISEASES),
                classification=draw.choice(("confirmed", "probable", "suspected")),
                imported=draw.choice(("yes", "no", "unknown")),
                form_missing=draw.random() < 0.3,
            )
            for number in numbers
        ],
        "notifications": [
            row(
                "notifications",
                notification_id=number,
                **who(),
                day=day(),
                disease=draw.choice((*DISEASES, None)),
            )
            for number in numbers
        ],
        "vaccinations": [
            row(
                "vaccinations",
                vaccination_id=number,
                **who(),
                given=draw.choice(GIVEN),
                vaccine=draw.choice(VACCINES),
            )
            for number in numbers
        ],
        "wards": [
            row(
                "wards",
                ward_id=number,
                **place(),
                surveyed=draw.choice((date(2025, 12, 16), date(2026, 1, 4))),
                institution_kind=draw.choice(("hospital", "nursing-home")),
                ward_type=draw.choice(("", "kort")),
                present=draw.choice((0, 10, 30)),
                with_infection=draw.choice((None, 0, 3)),
                on_antibiotics=draw.choice((None, 0, 5)),
            )
            for number in numbers
        ],
        "operations": [
            row(
                "operations",
                operation_id=number,
                **who(),
                operated=day(),
                procedure_group=draw.choice(("hip-total", "caesarean", "colon", "")),
                asa=draw.choice((None, 1, 2, 3, 5)),
                wound_class=draw.choice((None, 1, 2, 3, 4)),
                minutes=draw.choice((None, 30, 60, 61, 120, 121, 300)),
                at_discharge=draw.choice(("none", "superficial", "deep", "organ", "")),
                at_follow_up=draw.choice(("none", "none", "superficial", "deep", "organ", "")),
                urgent=draw.choice((None, True, False)),
            )
            for number in numbers
        ],
    }
    made["evidence"] = [
        {"case_id": draw.choice(numbers), "kind": kind, "evidence_id": draw.choice(numbers)}
        for kind in ("finding", "form", "dose")
        for _ in numbers
    ]
    made["evidence"] = [
        dict(pairs) for pairs in sorted({tuple(one.items()) for one in made["evidence"]})
    ]
    made["infections"] = [
        {
            "ward_id": draw.choice(numbers),
            "infection": draw.choice(("uti", "skin")),
            "origin": draw.choice(("own", "other-hospital")),
            "count": draw.randrange(3),
        }
        for _ in numbers
    ]
    return made
