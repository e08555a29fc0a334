"""What is prescribed: tables of dispensings and contacts, indicators as data, comparison with peers, reports.

Input: files whose columns Varde publishes (`layouts`), tables on DuckDB or Spark, definitions of indicators, a period.
Output: typed columns and rejected rows with reasons; numerators and denominators for each prescriber or institution;
comparisons; one report object that a document and a page are made of.
No database, no web, no clock.
"""

from __future__ import annotations

from varde.prescribing.layout import Column, Layout, layouts

__all__ = [
    "Column",
    "Layout",
    "layouts",
]
