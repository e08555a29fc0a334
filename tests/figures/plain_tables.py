"""The same tables in plain Python, row by row: slow, and obvious."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from varde.cases import catalogue
from varde.codes import municipalities, population, vaccines

Rows = Sequence[dict[str, Any]]
Counts = dict[tuple[Any, ...], dict[str, Any]]
GROUPS = [(0, 4), (5, 14), (15, 19), (20, 29), (30, 39), (40, 49), (50, 59), (60, 69), (70, 79)]
WAITS = [(28, "0-27"), (56, "28-55"), (180, "56-179"), (365, "180-364"), (1825, "365-1824")]
WHERE = {"yes": "abroad", "no": "norway", "unknown": None}
HOURS = {"cabg": 5, "caesarean": 1, "hip-hemi": 2, "hip-total": 2, "colon": 3, "cholecystectomy": 2}


def group_of(age: int | None) -> str | None:
    if age is None:
        return None
    for low, high in GROUPS:
        if low <= age <= high:
            return f"{low}-{high}"
    return "80+"


def value(row: dict[str, Any], column: str, day: str) -> Any:
    if column == "age_group":
        return group_of(row["age"])
    if column == "infected":
        return WHERE[row["imported"]]
    if column == "month":
        return f"{row[day]:%Y-%m}"
    found = row[column]
    return None if found == "" else found


def key_of(row: dict[str, Any], by: Iterable[str], day: str) -> tuple[Any, ...]:
    return tuple(value(row, column, day) for column in by)


def inhabitants(year: int, county: str | None, age: str | None, sex: str | None) -> int:
    total = 0
    for one in population():
        lives = municipalities(date(year, 1, 1))[one.municipality].county
        if (
            one.year == year
            and county in (None, lives)
            and sex in (None, one.sex)
            and age in (None, group_of(one.age_low))
        ):
            total += one.count
    return total


def cases(rows: Rows, by: Sequence[str]) -> Counts:
    found: Counts = {}
    for row in rows:
        one = found.setdefault(
            key_of(row, by, "first_day"), {"n": 0, "suspected": 0, "imported": 0, "form_missing": 0}
        )
        if row["classification"] == "suspected":
            one["suspected"] += 1
            continue
        one["n"] += 1
        one["imported"] += row["imported"] == "yes"
        one["form_missing"] += row["form_missing"]
    return found


def by_disease(doses: Rows) -> list[dict[str, Any]]:
    known = vaccines()
    return [
        {**row, "disease": disease}
        for row in doses
        if row["vaccine"] in known
        for disease in known[row["vaccine"]].diseases
    ]


def doses(rows: Rows, by: Sequence[str]) -> Counts:
    what = "disease" if "disease" in by else "vaccine"
    told = set()
    chosen = []
    for row in sorted(
        by_disease(rows) if what == "disease" else rows, key=lambda row: row["vaccination_id"]
    ):
        dose = (row["person_id"], row[what], row["given"])
        if None in dose or dose not in told:
            chosen.append(row)
        told.add(dose)
    counted = Counter(key_of(row, by, "given") for row in chosen)
    return {key: {"n": n} for key, n in counted.items()}


def numbered(rows: Rows, by: Sequence[str]) -> Counts:
    series: dict[tuple[Any, str], dict[date, dict[str, Any]]] = defaultdict(dict)
    made: list[dict[str, Any]] = []
    for row in sorted(by_disease(rows), key=lambda row: row["vaccination_id"]):
        if row["person_id"] is None:
            made.append({**row, "dose_number": None, "interval": None})
        else:
            series[row["person_id"], row["disease"]].setdefault(row["given"], row)
    for days in series.values():
        before = None
        for number, day in enumerate(sorted(days), 1):
            wait = None
            if before is not None:
                past = (day - before).days
                wait = next((name for end, name in WAITS if past < end), "1825+")
            made.append({**days[day], "dose_number": number, "interval": wait})
            before = day
    counted = Counter(key_of(row, by, "given") for row in made)
    return {key: {"n": n} for key, n in counted.items()}


def vaccinated(rows: Rows, by: Sequence[str]) -> Counts:
    persons: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    unknown: Counter[tuple[Any, ...]] = Counter()
    for row in by_disease(rows):
        key = key_of(row, by, "given")
        unknown[key] += row["person_id"] is None
        persons[key] |= {row["person_id"]} - {None}
    return {key: {"n": len(ones), "unknown": unknown[key]} for key, ones in persons.items()}


def prevalence(wards: Rows, by: Sequence[str], column: str) -> Counts:
    found: Counts = {}
    for ward in wards:
        if (
            not ward["present"]
            and ward["with_infection"] is None
            and ward["on_antibiotics"] is None
        ):
            continue
        one = found.setdefault(key_of(ward, by, "surveyed"), {"wards": 0, "n": 0, "count": 0})
        if ward[column] is not None:
            one["wards"] += 1
            one["n"] += ward["present"]
            one["count"] += ward[column]
    return found


def infections(wards: Rows, counts: Rows, by: Sequence[str]) -> Counts:
    found: Counts = {}
    for ward in wards:
        kinds: Counter[str] = Counter()
        for one in counts:
            if one["ward_id"] == ward["ward_id"]:
                kinds[one["infection"]] += one["count"]
        for kind, count in kinds.items():
            key = key_of({**ward, "infection": kind}, by, "surveyed")
            cell = found.setdefault(key, {"n": 0, "count": 0})
            cell["n"] += ward["present"]
            cell["count"] += count
    return found


def operations(rows: Rows, by: Sequence[str], depth: str) -> Counts:
    found: Counts = {}
    for row in rows:
        risk = None
        hours = HOURS.get(row["procedure_group"])
        if None not in (row["asa"], row["wound_class"], row["minutes"], hours):
            risk = (row["asa"] > 2) + (row["wound_class"] > 2) + (row["minutes"] > 60 * hours)
        one = found.setdefault(
            key_of({**row, "risk": risk}, by, "operated"), {"operations": 0, "n": 0, "count": 0}
        )
        one["operations"] += 1
        if row["at_follow_up"]:
            worst = max(
                ("none", "superficial", "deep", "organ").index(row[look] or "none")
                for look in ("at_discharge", "at_follow_up")
            )
            name = ("none", "superficial", "deep", "organ")[worst]
            one["n"] += 1
            one["count"] += name == depth or (depth == "any" and name != "none")
    return found


def overview(tables: dict[str, Rows]) -> dict[str, dict[str, int]]:
    """The counts of each disease; without isolates."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[int, set[str]] = defaultdict(set)
    within = set()
    disease_of = {case["case_id"]: case["disease"] for case in tables["cases"]}
    finding_of_form = set()
    for piece in tables["evidence"]:
        kinds[piece["case_id"]].add(piece["kind"])
        if piece["kind"] == "finding":
            within.add((piece["evidence_id"], disease_of[piece["case_id"]]))
    for piece in tables["evidence"]:
        if piece["kind"] == "form" and "finding" in kinds[piece["case_id"]]:
            finding_of_form.add(piece["evidence_id"])
    for case in tables["cases"]:
        one = found[case["disease"]]
        if case["classification"] == "suspected":
            one["suspected"] += 1
            continue
        one["cases"] += 1
        one["confirmed"] += case["classification"] == "confirmed"
        one["imported"] += case["imported"] == "yes"
        one["cases_without_finding"] += "finding" not in kinds[case["case_id"]]
        one["forms_missing"] += case["form_missing"]
        against = catalogue().diseases[case["disease"]].vaccine
        if against and case["person_id"] is not None:
            one["of_known"] += 1
            one["vaccinated"] += any(
                dose["person_id"] == case["person_id"]
                and dose["vaccine"] in vaccines()
                and not against.isdisjoint(vaccines()[dose["vaccine"]].diseases)
                and dose["given"] < case["first_day"]
                for dose in tables["vaccinations"]
            )
    for finding in tables["findings"]:
        for disease in finding["meets"].split() if finding["counted"] else ():
            found[disease]["findings"] += 1
            found[disease]["findings_without_case"] += (
                finding["finding_id"],
                disease,
            ) not in within
    for form in tables["notifications"]:
        if form["disease"] is not None:
            found[form["disease"]]["forms"] += 1
            found[form["disease"]]["forms_without_finding"] += (
                form["notification_id"] not in finding_of_form
            )
    return {key: dict(one) for key, one in found.items()}


def missing(rows: Rows, by: Sequence[str]) -> Counts:
    found: Counts = {}
    absent = {
        "municipality": "",
        "age": None,
        "sex": "",
        "material": None,
        "method": "",
        "organism": None,
    }
    for row in rows:
        names = ("n", *absent, "results", "antibiotic", "mic")
        one = found.setdefault(key_of(row, by, "collected"), dict.fromkeys(names, 0))
        one["n"] += 1
        for name, none in absent.items():
            one[name] += row[name] == none
        one["results"] += row["results"]
        one["antibiotic"] += row["unknown_antibiotics"]
        one["mic"] += row["without_mic"]
    return found
