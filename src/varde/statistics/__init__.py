"""The five registers as views, the overview of all of them, and how good what comes in is.

In: the warehouse's tables (`varde.warehouse.open_tables`) and what is asked: columns to break down by, values to choose.
Out: Arrow tables of counts, shares with intervals, and rates where inhabitants are known; the same on every engine.
What is unknown is null among the columns that are broken down by; what cannot be computed is null among the numbers.
No database, no web, no clock.
"""

from __future__ import annotations

from varde.statistics import apart, msis, nois, quality, sysvak
from varde.statistics.apart import resistance, resistance_by_class
from varde.statistics.chosen import check_chosen
from varde.statistics.dimensions import AGE_GROUPS
from varde.statistics.errors import InvalidQuestion, StatisticsError, UnknownValue
from varde.statistics.msis import count_by_municipality, count_cases, definitions_used
from varde.statistics.nois import (
    DEPTHS,
    count_infections,
    operation_times,
    prevalence,
    surgical_site_infections,
)
from varde.statistics.overview import markers, overview, with_overview_shares, years_of
from varde.statistics.population import with_rates
from varde.statistics.population import years as population_years
from varde.statistics.quality import (
    MISSING,
    RESULT_MISSING,
    count_missing,
    follow_missing,
)
from varde.statistics.shares import Change, change, pick
from varde.statistics.sysvak import INTERVALS, count_doses, count_vaccinated, number_doses

__all__ = [
    "AGE_GROUPS",
    "DEPTHS",
    "INTERVALS",
    "MISSING",
    "RESULT_MISSING",
    "Change",
    "InvalidQuestion",
    "StatisticsError",
    "UnknownValue",
    "apart",
    "change",
    "check_chosen",
    "count_by_municipality",
    "count_cases",
    "count_doses",
    "count_infections",
    "count_missing",
    "count_vaccinated",
    "definitions_used",
    "follow_missing",
    "markers",
    "msis",
    "nois",
    "number_doses",
    "operation_times",
    "overview",
    "pick",
    "population_years",
    "prevalence",
    "quality",
    "resistance",
    "resistance_by_class",
    "surgical_site_infections",
    "sysvak",
    "with_overview_shares",
    "with_rates",
    "years_of",
]
