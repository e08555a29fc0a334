"""What the guideline says, as small tables that are joined to prescriptions by numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from varde.guidelines.advice import ingredients_by_atc
from varde.prescribing.indicators.definition import Concordance, Course, Part, Where
from varde.prescribing.indicators.engine import lend
from varde.prescribing.indicators.guideline import (
    CHOICES,
    Diagnosis,
    Guideline,
    Named,
    course_limits,
    daily_milligrams,
    dose_versions,
    measure_of,
)
from varde.prescribing.indicators.matching import (
    COLUMNS,
    DIAGNOSES,
    DRUG,
    REIMBURSEMENT,
    Meaning,
    Seen,
    Value,
)
from varde.prescribing.indicators.rows import contact_day

if TYPE_CHECKING:
    import ibis

SEXES: Final = ("F", "M")
NOT_COMPUTABLE: Final = -1


class Advised:
    """Everything that the guideline can say of the tables' prescriptions, by number.

    A prescription has a number for its drug, its diagnoses and its person (edition of the day, band of ages, sex).
    """

    def __init__(self, guideline: Guideline, seen: Seen) -> None:
        self._guideline = guideline
        self._seen = seen
        self._drugs = {atc: number for number, atc in enumerate(ingredients_by_atc(), start=1)}
        self._versions = (0, *dose_versions())
        self._diagnoses: dict[frozenset[Diagnosis], int] = {frozenset(): 0}
        self._covered: dict[Diagnosis, bool] = {}

    def meanings(
        self, sort: str, table: str, wheres: Sequence[Where]
    ) -> tuple[dict[str, Meaning], bool]:
        """The columns to join for a sort of codes, and whether rows that mean nothing by them can be left out."""
        if sort == DRUG and table == "dispensings":
            return {"_drug": lambda value: self._drugs.get(value[0], 0)}, False
        wanted = [one for where in wheres for one in (where.concordance, where.course) if one]
        by_contact = any(one.diagnosis == "contact" for one in wanted)
        if sort == REIMBURSEMENT and not by_contact and table == "dispensings":
            self._learn(table, COLUMNS[sort], sort)
            must = all(needs_recommendation(where) for where in wheres)
            return {"_dx": lambda value: self._number(sort, value)}, must
        if sort == DIAGNOSES and table == "consultations":
            self._learn(table, COLUMNS[sort], sort)
            return {"_dx": lambda value: self._number(sort, value)}, False
        return {}, False

    def _learn(self, table: str, columns: tuple[str, ...], sort: str) -> None:
        for value in self._seen.values(table, columns):
            self._number(sort, value)

    def _number(self, sort: str, value: Value) -> int:
        diagnoses = (
            [(value[0], value[1])]
            if sort == REIMBURSEMENT
            else [("ICPC-2", code) for code in value[0].split()]
        )
        for one in diagnoses:
            if one not in self._covered:
                self._covered[one] = self._guideline.is_covered(one)
        covered = frozenset(one for one in diagnoses if self._covered[one])
        return self._diagnoses.setdefault(covered, len(self._diagnoses))

    def person(self, rows: ibis.Table) -> ibis.Table:
        """Dispensings with the number of their person (``_person``; negative before there was any guideline, and
        where age or sex is not known), and of the version of their daily doses (``_version``)."""
        import ibis

        day = contact_day(rows, "dispensings")
        editions = [
            (day >= ibis.date(begins.isoformat()), number)
            for number, begins in reversed(list(enumerate(self._guideline.editions)))
        ]
        edition = ibis.cases(*editions, else_=-1_000_000) if editions else ibis.literal(-1_000_000)
        bands = [
            (rows.age >= low, number)
            for number, low in reversed(list(enumerate(self._guideline.age_bands)))
        ]
        band = ibis.cases(*bands, else_=-1_000_000)
        sex = ibis.cases(
            *((rows.sex == name, at) for at, name in enumerate(SEXES)), else_=-1_000_000
        )
        versions = [
            (rows.ddd_version >= year, number)
            for number, year in reversed(list(enumerate(self._versions)))
        ]
        width = len(self._guideline.age_bands)
        return rows.mutate(
            _person=(edition.cast("int64") * width + band) * len(SEXES) + sex,
            _version=ibis.cases(*versions, else_=0).cast("int64"),
        )

    def join(self, rows: ibis.Table, parts: Sequence[Part]) -> ibis.Table:
        """Rows with ``_choice`` (a number in `CHOICES`) and, for each slack that courses are asked with, the limits
        ``_least_<days>`` and ``_most_<days>`` in thousandths of the drug's measure, of which ``_size`` are a daily dose
        of the version that the row is counted in."""
        slacks = sorted({part.where.course.slack_days for part in parts if part.where.course})
        recommended, named = self._tables(rows, slacks)
        rows = rows.mutate(_key=rows._person * len(self._diagnoses) + rows._dx)
        width = (len(self._drugs) + 1) * len(self._versions)
        rows = rows.mutate(
            _drug_key=rows._key * width + rows._drug * len(self._versions) + rows._version
        )
        rows = rows.left_join(recommended, rows._key == recommended.r_key)
        rows = rows.left_join(named, rows._drug_key == named.d_key)
        has_none, is_unnamed = CHOICES.index("none"), CHOICES.index("unnamed")
        unnamed = rows.r_key.notnull().ifelse(is_unnamed, has_none)
        return rows.mutate(_choice=rows.d_choice.fill_null(unnamed)).drop("r_key", "d_key")

    def _tables(self, rows: ibis.Table, slacks: Sequence[int]) -> tuple[ibis.Table, ibis.Table]:
        recommended: list[int] = []
        named: list[tuple[int, ...]] = []
        guideline = self._guideline
        width = (len(self._drugs) + 1) * len(self._versions)
        for at, edition in enumerate(guideline.editions):
            for band, age in enumerate(guideline.age_bands):
                for side, sex in enumerate(SEXES):
                    person = (at * len(guideline.age_bands) + band) * len(SEXES) + side
                    for diagnoses, number in self._diagnoses.items():
                        found = guideline.advise(edition, diagnoses, age, sex)  # type: ignore[arg-type]
                        if found is None:
                            continue
                        key = person * len(self._diagnoses) + number
                        recommended.append(key)
                        for atc, one in found.items():
                            named += self._rows(key * width, atc, one, slacks)
        columns = [
            "d_key",
            "d_choice",
            "_size",
            *(f"_{end}_{days}" for days in slacks for end in ENDS),
        ]
        types = [pa.int64(), pa.int32(), pa.int64(), *[pa.int64()] * (2 * len(slacks))]
        keys = pa.table({"r_key": pa.array(recommended, pa.int64())})
        drugs = pa.table(
            {
                name: pa.array([row[place] for row in named], type_)
                for place, (name, type_) in enumerate(zip(columns, types, strict=True))
            }
        )
        return lend(rows, keys), lend(rows, drugs)

    def _rows(
        self, key: int, atc: str, named: Named, slacks: Sequence[int]
    ) -> list[tuple[int, ...]]:
        """A row for each version of daily doses that the prescription may be counted in."""
        choice = CHOICES.index(named.choice)
        found = []
        # The first number is of the years before any change that the house knows.
        years = tuple(year or self._versions[1] - 1 for year in self._versions)
        measure = measure_of(atc, years)
        limits: list[int] = []
        for days in slacks:
            if named.course is None:
                limits += [NOT_COMPUTABLE, NOT_COMPUTABLE]
            else:
                limits += course_limits(named.course, measure, days)
        for number, year in enumerate(years):
            milligrams = daily_milligrams(atc, "O", year)
            size = NOT_COMPUTABLE if milligrams is None else int(Fraction(milligrams) / measure)
            drug = self._drugs[atc] * len(self._versions) + number
            found.append((key + drug, choice, size, *limits))
        return found

    @staticmethod
    def amount(rows: ibis.Table) -> ibis.Value:
        """What each row comes to, in thousandths of its drug's measure; null where nobody can say."""
        import ibis

        return (rows._size > 0).ifelse(thousandths(rows.ddd) * rows._size, ibis.null("int64"))

    @staticmethod
    def chosen(rows: ibis.Table, wanted: Concordance) -> ibis.Value:
        """Whether the drug is one of the choices."""
        return rows._choice.isin([CHOICES.index(name) for name in wanted.chosen])

    @staticmethod
    def length(rows: ibis.Table, wanted: Course, amount: ibis.Value) -> ibis.Value:
        """Whether the course of so much (`amount`) has one of the lengths."""
        import ibis

        least = rows[f"_least_{wanted.slack_days}"]
        most = rows[f"_most_{wanted.slack_days}"]
        lengths = {
            "shorter": amount < least,
            "within": (amount >= least) & (amount <= most),
            "longer": amount > most,
        }
        found = ibis.or_(*(lengths[name] for name in wanted.chosen))
        return ((least >= 0) & found).fill_null(False)


def thousandths(amount: ibis.Value) -> ibis.Value:
    """A decimal of at most twelve digits, three of them after the point, as a whole number of thousandths.

    By binary fractions, which have room for fifteen digits: rounding makes it exact, and is many times faster than an
    engine's arithmetic of wide decimals.
    """
    return (amount.cast("float64") * 1000).round().cast("int64")


ENDS: Final = ("least", "most")


def needs_recommendation(where: Where) -> bool:
    """Whether what has no recommendation at all never counts."""
    if where.course:
        return True
    return where.concordance is not None and "none" not in where.concordance.chosen
