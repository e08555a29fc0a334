"""Indicators as data: what is counted, for whom, since when, and where that is from.

Input: definitions (a file each, dated and sourced), tables of prescribing on DuckDB or Spark, a kind of unit, periods.
Output: exact numerators and denominators for every unit, and the rows that one of them counts. Nothing is divided here.

The way through the modules: `definition` and `catalogue` (what there is; `checking`: what is wrong with a file) → `shapes` (what a table can be asked) →
`rows` (a row's period, unit, role, stratum; `units`: who is what) → `matching` and `guideline_tables` (what codes mean,
what the guideline says) → `delivery` and `months` (which months count) → `counting` (the passes) → `computing` (the answer) and `explaining` (its rows).
"""

from __future__ import annotations

from varde.prescribing.indicators.catalogue import (
    Catalogue,
    Checked,
    catalogue,
    check_files,
    read_catalogue,
    read_definition,
)
from varde.prescribing.indicators.checking import Problem
from varde.prescribing.indicators.computing import SCHEMA, check_units, compute
from varde.prescribing.indicators.definition import (
    Concordance,
    Contact,
    Course,
    Definition,
    Part,
    Where,
)
from varde.prescribing.indicators.delivery import Delivered, find_delivered, find_missing
from varde.prescribing.indicators.errors import (
    IndicatorError,
    InvalidPeriod,
    InvalidQuestion,
    UnknownIndicator,
)
from varde.prescribing.indicators.explaining import Explanation, explain
from varde.prescribing.indicators.months import is_by_month
from varde.prescribing.indicators.origins import (
    UNPLACED,
    count_contacts_by_unit,
    count_left_out,
    count_unplaced,
)
from varde.prescribing.indicators.outside import Outside, count_outside
from varde.prescribing.indicators.periods import Period, read_period
from varde.prescribing.indicators.shapes import BANDS, COUNTRY, UNIT_KINDS, Role, UnitKind
from varde.prescribing.indicators.units import Who
from varde.prescribing.indicators.without_days import WithoutDays, find_without_days

__all__ = [
    "BANDS",
    "COUNTRY",
    "SCHEMA",
    "UNIT_KINDS",
    "UNPLACED",
    "Catalogue",
    "Checked",
    "Concordance",
    "Contact",
    "Course",
    "Definition",
    "Delivered",
    "Explanation",
    "IndicatorError",
    "InvalidPeriod",
    "InvalidQuestion",
    "Outside",
    "Part",
    "Period",
    "Problem",
    "Role",
    "UnitKind",
    "UnknownIndicator",
    "Where",
    "Who",
    "WithoutDays",
    "catalogue",
    "check_files",
    "check_units",
    "compute",
    "count_contacts_by_unit",
    "count_left_out",
    "count_outside",
    "count_unplaced",
    "explain",
    "find_delivered",
    "find_missing",
    "find_without_days",
    "is_by_month",
    "read_catalogue",
    "read_definition",
    "read_period",
]
