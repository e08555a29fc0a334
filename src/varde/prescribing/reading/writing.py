"""The template of a table: its headings alone."""

from __future__ import annotations

import codecs

from varde.prescribing.layout import Layout


def write_template(layout: Layout) -> bytes:
    """The heading row, as spreadsheets in Norway open it: semicolons, UTF-8 with its mark."""
    heading = ";".join(column.name for column in layout.columns)
    return codecs.BOM_UTF8 + f"{heading}\r\n".encode()
