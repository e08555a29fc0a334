"""What goes out: disclosure control, charts as SVG, files, reports as documents. Disclosure control is the only door.

In: counted tables (isolates tested, and of them S, I and R; cases, doses, operations) and the words to show them with.
Out: disclosed rows, in which what must not be known is not there; SVG; CSV and Parquet bytes. Documents have a door of
their own, `documents`: it loads Typst. A report of `varde.prescribing.reports` is made of what was disclosed already.
"""

from __future__ import annotations

from varde.publishing.case_tables import CaseTables
from varde.publishing.charts import (
    NARROW,
    WIDE,
    Words,
    draw_resistance,
    draw_trend,
    sort_rows,
    status_words,
)
from varde.publishing.count_charts import Bar, BarWords, draw_counts, draw_groups, write_figure
from varde.publishing.counts import (
    HIDDEN,
    Figure,
    Measures,
    Row,
    as_share,
    conceal,
    disclose_counts,
    disclose_parts,
    disclose_resistance,
)
from varde.publishing.disclosure import (
    Disclosed,
    Rules,
    cover,
    disclose,
    disclose_count,
    rules,
)
from varde.publishing.exports import write_csv, write_parquet
from varde.publishing.group_charts import draw_choice, draw_dots
from varde.publishing.maps import MapWords, Spot, draw_map
from varde.publishing.numbers import write_count, write_decimal, write_interval, write_percent
from varde.publishing.related import Relation, at_most, equal
from varde.publishing.report_charts import draw_comparison
from varde.publishing.resistance_tables import ResistanceTables, split_period
from varde.publishing.tables import write_rows_csv, write_rows_parquet
from varde.publishing.time_charts import (
    Column,
    ColumnWords,
    Share,
    Span,
    SpanWords,
    draw_columns,
    draw_shares,
    draw_spans,
    write_days,
)
from varde.publishing.trend_charts import draw_quarters

__all__ = [
    "HIDDEN",
    "NARROW",
    "WIDE",
    "Bar",
    "BarWords",
    "CaseTables",
    "Column",
    "ColumnWords",
    "Disclosed",
    "Figure",
    "MapWords",
    "Measures",
    "Relation",
    "ResistanceTables",
    "Row",
    "Rules",
    "Share",
    "Span",
    "SpanWords",
    "Spot",
    "Words",
    "as_share",
    "at_most",
    "conceal",
    "cover",
    "disclose",
    "disclose_count",
    "disclose_counts",
    "disclose_parts",
    "disclose_resistance",
    "draw_choice",
    "draw_columns",
    "draw_comparison",
    "draw_counts",
    "draw_dots",
    "draw_groups",
    "draw_map",
    "draw_quarters",
    "draw_resistance",
    "draw_shares",
    "draw_spans",
    "draw_trend",
    "equal",
    "rules",
    "sort_rows",
    "split_period",
    "status_words",
    "write_count",
    "write_csv",
    "write_days",
    "write_decimal",
    "write_figure",
    "write_interval",
    "write_parquet",
    "write_percent",
    "write_rows_csv",
    "write_rows_parquet",
]
