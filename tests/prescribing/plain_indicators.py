"""Indicators counted row by row in plain Python, straight from the definition: the reference for the compiler."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from prescribing.plain_guideline import length, milligrams, say
from varde.codes import antibiotics, daily_dose, municipalities, successor
from varde.guidelines import Library
from varde.prescribing.indicators import Definition, Part, Period, Where

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
BANDS = [(0, 9), (10, 19), (20, 39), (40, 59), (60, 79), (80, 120)]
DAYS = {
    "dispensings": "dispensed_on",
    "consultations": "held_on",
    "shifts": "began_on",
    "sales": "month",
    "bed-days": "month",
    "administrations": "given_on",
}
REGISTERED = ("sales", "bed-days", "administrations")
OF_PRESCRIBERS = ("dispensings", "consultations", "shifts", "list-populations")
PERSONAL = ("dispensings", "consultations", "list-populations", "administrations")


class Spoiled(Exception):
    """Nobody can say what a row comes to."""


class Plain:
    """The plain engine over some tables."""

    def __init__(self, tables: Tables, library: Library) -> None:
        self.tables = tables
        self.library = library
        self.months: set[tuple[int, int]] = set()

    def compute(
        self,
        indicators: Sequence[Definition],
        by: str,
        periods: Sequence[Period],
        strata: bool = False,
        role: str | None = None,
        delivered: Mapping[str, Set[date]] | None = None,
    ) -> dict[tuple[Any, ...], tuple[Decimal, Decimal, int]]:
        """Numerator, denominator, and how many months they are of."""
        found: dict[tuple[Any, ...], tuple[Decimal, Decimal, int]] = {}
        for indicator in indicators:
            parts = (indicator.numerator, indicator.denominator)
            broken = strata and all(part.table in PERSONAL for part in parts)
            at_post = "shifts" in [part.table for part in parts]
            for period in periods:
                months = [
                    month
                    for month in period.months
                    if all(
                        month.since in some
                        for key, some in (delivered or {}).items()
                        if key in indicator.tables
                    )
                ]
                self.months = {(month.since.year, month.since.month) for month in months}
                if indicator.kind == "density" and indicator.denominator.counts == "bed-days":
                    found |= self.homes(indicator, by, period, role)
                    continue
                (top, spoiled), (bottom, more) = (
                    self.count(
                        part, indicator.ddd_version, by, period, broken, role, at_post=at_post
                    )
                    for part in parts
                )
                for (unit, *stratum), amount in bottom.items():
                    if unit in spoiled | more or not months:
                        continue
                    key = (indicator.id, unit, period, *stratum)
                    above = top.get((unit, *stratum), Decimal(0))
                    found[key] = (above, amount, len(months))
        return found

    def homes(
        self, indicator: Definition, by: str, period: Period, role: str | None
    ) -> dict[tuple[Any, ...], tuple[Decimal, Decimal, int]]:
        """The sum of those months in which each home, as it was then, has something to divide by."""
        sums: dict[str, list[tuple[date, Decimal, Decimal]]] = defaultdict(list)
        for month in period.months:
            (top, spoiled), (bottom, more) = (
                self.count(part, indicator.ddd_version, "home", month, False, role)
                for part in (indicator.numerator, indicator.denominator)
            )
            for (home, *stratum), amount in bottom.items():
                if by == "country":
                    unit: str | None = "country"
                else:
                    resolved, known = self.became(home, period.until)
                    unit = resolved if by == "institution" else self.place_of(by, known, period)
                if home in spoiled | more or not unit:
                    continue
                mine = top.get((home, *stratum), Decimal(0)) if amount > 0 else Decimal(0)
                sums[unit].append((month.since, mine, amount))
        return {
            (indicator.id, unit, period, "", ""): (
                sum((above for _, above, _ in some), Decimal(0)),
                sum((below for *_, below in some), Decimal(0)),
                len({month for month, _, below in some if below > 0}),
            )
            for unit, some in sums.items()
        }

    def place_of(self, by: str, known: Row | None, period: Period) -> str | None:
        return known and self.place(by, known, period.until)

    def count(
        self,
        part: Part,
        version: int | None,
        by: str,
        period: Period,
        broken: bool,
        role: str | None,
        as_of: date | None = None,
        at_post: bool = False,
    ) -> tuple[dict[tuple[str, str, str], Decimal], set[str]]:
        sums: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
        once: set[Any] = set()
        spoiled: set[str] = set()
        for row, days in self.courses(part, by, period, role):
            unit = self.unit(part.table, row, by, as_of or period.until, role, at_post)
            if unit is None:
                continue
            try:
                if not self.counts(part, row, period.until):
                    continue
                stratum = self.stratum(part.table, row) if broken else ("", "")
                amount = self.amount(part, row, days, period, version)
            except Spoiled:
                spoiled.add(unit)
                continue
            if part.counts == "patients":
                key = (unit, stratum, row["patient"])
            elif part.counts == "contacts":
                key = (unit, stratum, contact(part.table, row))
            else:
                key = None
            if key is not None and key in once:
                continue
            once.add(key)
            sums[unit, *stratum] += amount
        return {key: rounded(value) for key, value in sums.items()}, spoiled

    def courses(
        self, part: Part, by: str, period: Period, role: str | None
    ) -> Iterator[tuple[Row, int]]:
        """The rows; of those of one course one, with the doses of all."""
        if not (part.where.course and part.where.course.sums):
            yield from self.rows(part.table, period)
            return
        groups: dict[Any, list[Row]] = defaultdict(list)
        year = timedelta(366)
        for row in self.tables[part.table]:
            is_near = period.since - year <= row["dispensed_on"] <= period.until + year
            if is_near and self.holds(part.table, part.where, row, period.until):
                groups[contact(part.table, row), row["atc"]].append(row)
        for found in groups.values():
            first = min(found, key=lambda row: (row["dispensed_on"], row["dispensing_id"]))
            day = first["dispensed_on"]
            if period.since <= day <= period.until and (day.year, day.month) in self.months:
                amounts = [milligrams(row) for row in found]
                whole = None if None in amounts else sum(amounts)  # type: ignore[arg-type]
                yield {**first, "mg": whole}, 0

    def rows(self, table: str, period: Period) -> Iterator[tuple[Row, int]]:
        for row in self.tables[table]:
            if table == "list-populations":
                begins, ends = max(row["since"], period.since), min(row["until"], period.until)
                if begins <= ends:
                    yield row, (ends - begins).days + 1
                continue
            if table == "treatments":
                wards = [w for w in self.tables["wards"] if w["ward_id"] == row["ward_id"]]
                if not wards:
                    continue
                row = {**row, **wards[0]}
            day = row["surveyed"] if table in ("wards", "treatments") else row[DAYS[table]]
            if table in DAYS and (day.year, day.month) not in self.months:
                continue
            if period.since <= day <= period.until:
                yield row, 0

    def amount(
        self, part: Part, row: Row, days: int, period: Period, version: int | None
    ) -> Fraction:
        match part.counts:
            case "rows" | "patients" | "contacts":
                return Fraction(1)
            case "ddd":
                if row["ddd"] is None:
                    raise Spoiled
                return Fraction(row["ddd"]) * self.factor(row, version)
            case "hours":
                return Fraction(row["hours"])
            case "bed-days":
                return Fraction(row["bed_days"])
            case "residents":
                return Fraction(row["present"])
            case "on-antibiotics":
                return Fraction(row["on_antibiotics"])
            case "persons":
                length_ = (period.until - period.since).days + 1
                return Fraction(row["persons"] * days, length_)
            case other:
                raise AssertionError(other)

    def factor(self, row: Row, version: int | None) -> Fraction:
        if row["ddd_version"] is None or version is None:
            return Fraction(1)
        route = row.get("route", "O")
        old = daily_dose(row["atc"], route, date(row["ddd_version"], 1, 1))
        new = daily_dose(row["atc"], route, date(version, 1, 1))
        if not old or not new or old.unit != new.unit:
            return Fraction(1)
        return Fraction(old.value) / Fraction(new.value)

    def stratum(self, table: str, row: Row) -> tuple[str, str]:
        low = row["age_low"] if table == "list-populations" else row["age"]
        high = row["age_high"] if table == "list-populations" else row["age"]
        for begin, end in BANDS:
            open_ = high is None and end == 120
            if low is not None and begin <= low and (open_ or (high is not None and high <= end)):
                return (f"{begin}+" if end == 120 else f"{begin}-{end}"), row["sex"] or ""
        if table == "list-populations":
            raise Spoiled
        return "", row["sex"] or ""

    def counts(self, part: Part, row: Row, day: date) -> bool:
        where, other = part.where, part.contact
        if not self.holds(part.table, where, row, day):
            return False
        if other is None:
            diagnoses = ((row.get("reimbursement_system"), row.get("reimbursement_code")),)
            return self.advised(where, row, diagnoses if diagnoses[0][1] else ())
        for candidate in self.tables[other.table]:
            if contact(other.table, candidate) != contact(part.table, row):
                continue
            if not self.holds(other.table, other.where, candidate, day):
                continue
            said = (candidate.get("diagnoses") or "").split()
            if self.advised(where, row, tuple(("ICPC-2", code) for code in said)):
                return True
        return False

    def advised(self, where: Where, row: Row, diagnoses: tuple[tuple[str, str], ...]) -> bool:
        if not where.concordance and not where.course:
            return True
        day = row["prescribed_on"] or row["dispensed_on"]
        choice, limits = say(self.library, day, diagnoses, row["age"], row["sex"], row["atc"])
        if where.concordance and choice not in where.concordance.chosen:
            return False
        if where.course:
            slack = where.course.slack_days
            said = length(limits, row["mg"] if "mg" in row else milligrams(row), slack)
            return said in where.course.chosen
        return True

    def holds(self, table: str, where: Where, row: Row, day: date) -> bool:
        atc = row.get("atc")
        if table == "treatments":
            known = antibiotics().get(row["antibiotic"] or "")
            atc = known.atc if known else None
        if where.atc and not any((atc or "").startswith(one) for one in where.atc):
            return False
        if where.atc_not and (not atc or any(atc.startswith(one) for one in where.atc_not)):
            return False
        if where.reimbursement_icpc or where.reimbursement_icd:
            code = row["reimbursement_code"] or ""
            if row["reimbursement_system"] == "ICPC-2":
                if not icpc(code, where.reimbursement_icpc):
                    return False
            elif row["reimbursement_system"] == "ICD-10":
                plain = code.replace(".", "")
                if not any(plain.startswith(c.replace(".", "")) for c in where.reimbursement_icd):
                    return False
            else:
                return False
        if where.diagnoses and not any(
            icpc(code, where.diagnoses) for code in (row["diagnoses"] or "").split()
        ):
            return False
        if where.billing:
            codes = where.billing
            if where.billing_out_of_hours and row["setting"] == "out-of-hours":
                codes = where.billing_out_of_hours
            if not set(codes) & set((row["billing"] or "").split()):
                return False
        if where.institution_kinds and table in REGISTERED:
            row = {**row, "institution_kind": self.kind(row["institution"], row[DAYS[table]])}
        if where.delivered and not self.delivered(row["institution"], row["month"]):
            return False
        if where.sex and row["sex"] != where.sex:
            return False
        if where.ages and not self.in_ages(table, where.ages, row):
            return False
        if where.setting and self.role(table, row, day) != where.setting:
            return False
        if where.wait_and_see:
            told = {True: "yes", False: "no", None: ""}[row["wait_and_see"]]
            if told not in where.wait_and_see:
                return False
        for column, wanted in (
            ("part", where.part),
            ("stay", where.stay),
            ("route", where.route),
            ("institution_kind", where.institution_kinds),
            ("classification", where.classifications),
        ):
            if wanted and row[column] not in wanted:
                return False
        if where.answered and row["on_antibiotics"] is None:
            return False
        return not where.told or self.told(row)

    def kind(self, number: str, day: date) -> str | None:
        known = [
            row
            for row in self.tables["institutions"]
            if row["institution"] == number and row["since"] <= day
        ]
        return max(known, key=lambda row: row["since"])["kind"] if known else None

    def delivered(self, number: str, month: date) -> bool:
        return any(
            row["institution"] == number
            and (row["given_on"].year, row["given_on"].month) == (month.year, month.month)
            for row in self.tables["administrations"]
        )

    def told(self, row: Row) -> bool:
        same = [
            ward
            for ward in self.tables["wards"]
            if (ward["institution"] or "", ward["surveyed"])
            == (row["institution"] or "", row["surveyed"])
        ]
        answers = [w["on_antibiotics"] for w in same if w["on_antibiotics"] is not None]
        ids = {ward["ward_id"] for ward in same}
        given = any(each["ward_id"] in ids for each in self.tables["treatments"])
        return bool(answers) and (sum(answers) == 0 or given)

    def in_ages(self, table: str, ages: tuple[str, ...], row: Row) -> bool:
        bands = []
        for text in ages:
            low, _, high = text.replace("+", "-999").partition("-")
            bands.append((int(low), int(high)))
        if table != "list-populations":
            return row["age"] is not None and any(a <= row["age"] <= b for a, b in bands)
        low = row["age_low"]
        high = 999 if row["age_high"] is None else row["age_high"]
        if any(a <= low and high <= b for a, b in bands):
            return True
        if any(low <= b and a <= high for a, b in bands):
            raise Spoiled
        return False

    # Who is what

    def became(self, number: str, day: date) -> tuple[str, Row | None]:
        last = None
        while True:
            rows = [
                row
                for row in self.tables["institutions"]
                if row["institution"] == number and row["since"] <= day
            ]
            if not rows:
                return number, last
            last = max(rows, key=lambda row: row["since"])
            if last["until"] is None or last["until"] >= day or not last["successor"]:
                return number, last
            number = last["successor"]

    def membership(self, prescriber: str, role: str, day: date) -> Row | None:
        rows = [
            row
            for row in self.tables["prescribers"]
            if row["prescriber"] == prescriber
            and row["role"] == role
            and row["since"] <= day
            and (row["until"] is None or day <= row["until"])
        ]
        if not rows:
            return None
        newest = max(row["since"] for row in rows)
        return min((row for row in rows if row["since"] == newest), key=lambda row: row["unit"])

    def out_of_hours_unit(self, unit: str | None, day: date) -> str | None:
        if unit is None:
            return None
        resolved, row = self.became(unit, day)
        if row and row["kind"] == "out-of-hours":
            return resolved
        for prescriber in {row["prescriber"] for row in self.tables["prescribers"]}:
            held = self.membership(prescriber, "out-of-hours", day)
            if held and held["unit"] == unit:
                return resolved
        return None

    def role(self, table: str, row: Row, day: date) -> str:
        if table == "consultations":
            return row["setting"]
        if table == "shifts":
            return "out-of-hours"
        if table == "list-populations":
            return "gp"
        if row["unit"] is None:
            return self.origin(row)[0]
        if self.out_of_hours_unit(row["unit"], day):
            return "out-of-hours"
        posts = {post["role"] for post in self.posts(row)}
        return "out-of-hours" if posts == {"out-of-hours"} else "gp"

    def posts(self, row: Row) -> list[Row]:
        written = row["prescribed_on"] or row["dispensed_on"]
        return [
            post
            for post in self.tables["prescribers"]
            if post["prescriber"] == row["prescriber"]
            and post["since"] <= written
            and (post["until"] is None or written <= post["until"])
        ]

    def origin(self, row: Row) -> tuple[str, str | None]:
        """Role and unit of a dispensing that does not say its unit; blank and None where nobody can say."""
        posts = self.posts(row)
        same = [
            one
            for one in self.tables["consultations"]
            if contact("consultations", one) == contact("dispensings", row)
        ]
        roles = {one["setting"] for one in same} or {post["role"] for post in posts}
        role = next(iter(roles)) if len(roles) == 1 else ""
        units = {one["unit"] for one in same} - {None}
        if not units:
            units = {post["unit"] for post in posts if role in ("", post["role"]) or not same}
        return role, next(iter(units)) if len(units) == 1 else None

    def unit(
        self, table: str, row: Row, by: str, day: date, role: str | None, at_post: bool = False
    ) -> str | None:
        if table in OF_PRESCRIBERS:
            if role and self.role(table, row, day) != role:
                return None
            if by == "prescriber":
                return row["prescriber"]
            if by == "country":
                return "country"
            if by == "out-of-hours-unit":
                return self.out_of_hours_unit(self.unit_of_row(table, row), day)
            mine = self.role(table, row, day)
            if at_post and mine == "out-of-hours" and by != "peer-group":
                place = self.place_of_duty(by, self.unit_of_row(table, row), day)
                if place:
                    return place
            if mine == "":
                return self.only_place(by, row["prescriber"], day)
            held = self.membership(row["prescriber"], mine, day)
            if held is None and by in ("municipality", "county"):
                other = "gp" if mine == "out-of-hours" else "out-of-hours"
                held = self.membership(row["prescriber"], other, day)
            return held and self.place(by, held, day)
        if by == "country":
            return "country"
        if by == "home":
            return row["institution"] and self.became(row["institution"], day)[0]
        if not row["institution"]:
            return None
        resolved, known = self.became(row["institution"], day)
        return resolved if by == "institution" else known and self.place(by, known, day)

    def unit_of_row(self, table: str, row: Row) -> str | None:
        if row["unit"] is not None or table == "shifts":
            return row["unit"]
        if table == "dispensings":
            return self.origin(row)[1]
        posts = self.posts({"prescriber": row["prescriber"], "prescribed_on": row["held_on"]})
        units = {post["unit"] for post in posts if post["role"] == row["setting"]}
        return units.pop() if len(units) == 1 else None

    def place_of_duty(self, by: str, unit: str | None, day: date) -> str | None:
        """Where an out-of-hours unit is; None where it is none, or nobody knows."""
        if unit is None or self.out_of_hours_unit(unit, day) is None:
            return None
        _, known = self.became(unit, day)
        if known:
            return self.place(by, known, day)
        numbers = {row["prescriber"] for row in self.tables["prescribers"]}
        held = [self.membership(number, "out-of-hours", day) for number in numbers]
        places = {self.place(by, row, day) for row in held if row and row["unit"] == unit}
        return places.pop() if len(places) == 1 else None

    def only_place(self, by: str, prescriber: str, day: date) -> str | None:
        """Where a prescriber is in every role."""
        if by == "peer-group":
            return None
        held = [self.membership(prescriber, role, day) for role in ("gp", "out-of-hours")]
        places = {self.place(by, row, day) for row in held if row}
        return places.pop() if len(places) == 1 else None

    def place(self, by: str, row: Row, day: date) -> str | None:
        if by == "peer-group":
            return row["peer_group"] or None
        number = successor(row["municipality"], day)
        if number is None or by == "municipality":
            return number
        return municipalities(day)[number].county


def contact(table: str, row: Row) -> tuple[Any, ...]:
    day = (
        row["held_on"] if table == "consultations" else row["prescribed_on"] or row["dispensed_on"]
    )
    return (row["prescriber"], row["patient"], day)


def icpc(code: str, wanted: Sequence[str]) -> bool:
    for one in wanted:
        first, _, last = one.partition("-")
        last = last or first
        number = int(code[1:]) if code[1:].isdigit() else -1
        if code[:1] == first[0] and int(first[1:]) <= number <= int(last[1:]):
            return True
    return False


def rounded(value: Fraction) -> Decimal:
    thousandths = round(value * 1000)  # halves to the even one
    return (Decimal(thousandths) / 1000).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
