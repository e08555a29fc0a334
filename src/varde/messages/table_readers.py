"""Who reads the rows of which table: one entry for each file in ``tables/data/``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from varde.messages.records import Statement
from varde.messages.surveys.prevalence import TREATMENTS, WARDS, read_treatment, read_ward
from varde.messages.surveys.surgery import SURGERY, read_surgery
from varde.messages.tables.reading import ReadRow
from varde.messages.vaccinations.reading import VACCINATIONS, read_vaccination_row

READERS: Mapping[str, ReadRow[Statement]] = MappingProxyType(
    {
        WARDS: read_ward,
        TREATMENTS: read_treatment,
        SURGERY: read_surgery,
        VACCINATIONS: read_vaccination_row,
    }
)
"""`Table.key` → what turns a row into what it states."""
