"""Files of prescribing as sources write them, right and wrong, for Hypothesis."""

from __future__ import annotations

import codecs

from hypothesis import strategies as st

from varde.prescribing import Column, layouts

ORGANISATIONS = ("974760673", "889640782", "983 971 636")
RIGHT: dict[str, tuple[str, ...]] = {
    "date": ("2026-01-05", "05.01.2026", "5.1.2026", "2025-12-31", "1990-07-01"),
    "month": ("2026-01", "01.2026", "2026-01-01", "2025-11"),
    "integer": ("0", "7", "42", "2026", "2019"),
    "decimal": ("0", "1,5", "1.5", "12", "7,25", "3.10", "0,0"),
    "yes-no": ("ja", "NEI", "1", "false"),
    "codes": ("R74", "r74 u71", "R74, R74", "2ad 11AD"),
    "atc": ("J01CE02", "j01aa02", "J01XX05", "N02BE01", "J01ZZ99"),
    "hpr": ("1234567", "00123", "9"),
    "organisation": ORGANISATIONS,
    "municipality": ("0301", "301", "4601", "1106"),
    "pseudonym": ("p-1", "p-2", "æøå", "123"),
    "text": ("a", "b", "Fjordby sykehjem", 'Vest "øst"', "100200", "R74", "x;y", "a,b"),
}
WRONG = (
    *("", " ", "x", "-", "-1", "1e3", "1 000", "1.234,5", "0,00001", "99999999999", "2026-02-30"),
    *(
        "31.02.2026",
        "2026-13",
        "01/02/2026",
        "1850-01-01",
        "2027-01-01",
        "974760674",
        "J01",
        "kanskje",
    ),
    *(
        "\x00",
        "a\tb",
        "æ" * 130,
        "\u00a0",
        "-0",
        "1,",
        "١٢",
        "K",
        "12345678901",
        "2026-01-02",
        "''",
    ),
)
IDENTITY = "01010750160"
"""A number of the tax administration's form whose control digits are right."""


def cells_of(column: Column) -> st.SearchStrategy[str]:
    right = RIGHT.get(column.holds, column.codes) or ("a",)
    if column.holds == "code":
        right = (*column.codes, *(code.lower() for code in column.codes))
    good = st.sampled_from(right)
    blank = st.just("") if not column.required else good
    return st.one_of(good, good, good, good, good, good, blank, st.sampled_from(WRONG))


def write_cell(cell: str, delimiter: str, quoted: bool) -> str:
    cell = cell.replace("\r", "").replace("\n", "")
    if quoted or delimiter in cell or cell.startswith('"'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@st.composite
def files(draw: st.DrawFn, key: str) -> bytes:
    """A file of one table: mostly right cells, then perhaps some signs put in or taken out anywhere."""
    columns = list(layouts()[key].columns)
    left_out = draw(st.sets(st.sampled_from([c.name for c in columns if not c.required] or ["-"])))
    columns = [column for column in columns if column.name not in left_out]
    columns = draw(st.permutations(columns))
    delimiter = draw(st.sampled_from(";,\t"))
    heading = draw(
        st.sampled_from(
            (str, str.upper, lambda n: n.replace("_", "-"), lambda n: n.title().replace("_", " "))
        )
    )
    end = draw(st.sampled_from(("\n", "\r\n", "\r")))
    rows = draw(st.lists(st.tuples(*map(cells_of, columns)), max_size=6))
    lines = [delimiter.join(heading(column.name) for column in columns)]
    for row in rows:
        quoted = draw(st.booleans())
        lines.append(delimiter.join(write_cell(cell, delimiter, quoted) for cell in row))
        if draw(st.integers(0, 5)) == 0:
            lines.append(draw(st.sampled_from(("", " ", delimiter * (len(columns) - 1)))))
    lead = draw(st.sampled_from(("", "", end)))
    text = lead + end.join(lines) + draw(st.sampled_from(("", end)))
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 3)))):
        at = draw(st.integers(0, len(text)))
        put = draw(st.sampled_from(('"', delimiter, end, "x", '""', "")))
        text = text[:at] + put + text[at + draw(st.integers(0, 2)) :]
    data = text.encode()
    if draw(st.integers(0, 9)) == 0:
        data += b"\xe6"
    return draw(st.sampled_from((b"", codecs.BOM_UTF8))) + data
