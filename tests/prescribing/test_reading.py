"""Files are read by columns as a plain reader reads them line by line, and refused with reasons."""

from __future__ import annotations

import io
import math
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prescribing.plain_reader import (
    PlainResult,
    Refused,
    find_plain_duplicates,
    read_plainly,
    split,
    split_lines,
)
from prescribing.written_files import IDENTITY, files
from varde.messages.parquet import read_cells
from varde.prescribing import Layout, layouts
from varde.prescribing.reading import (
    FileRefused,
    accepted_schema,
    find_duplicates,
    find_table,
    open_file,
    reasons,
)
from varde.prescribing.reading.lines import Heading, read_lines

LATEST = date(2026, 6, 1)
KEYS = sorted(layouts())
DATABASE = duckdb.connect()
BED_DAYS = "institution;month;stay;bed_days\n"


def read(data: bytes, key: str = "", **said: Any) -> PlainResult:
    """What the fast reader makes of a file, as the plain one gives it."""
    accepted: dict[int, dict[str, Any]] = {}
    rejected: dict[int, list[tuple[str, str]]] = {}
    for batch in open_file(io.BytesIO(data), table=key, **said).batches():
        for row in batch.accepted.to_pylist():
            accepted[row.pop("row")] = row
        for row in batch.rejected.to_pylist():
            rejected[row["row"]] = [(e["column"], e["reason"]) for e in row["errors"]]
    return PlainResult(accepted, rejected)


def refusal(data: bytes, key: str = "", **said: Any) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read(data, key, **said)
    return caught.value


@given(data=st.data())
@settings(max_examples=150)
def test_the_columns_say_what_a_plain_reader_reads(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(KEYS))
    content = data.draw(files(key))
    try:
        expected: PlainResult | str = read_plainly(content, key, LATEST)
    except Refused as error:
        expected = str(error)
    try:
        found: PlainResult | str = read(content, key, latest=LATEST)
    except FileRefused as error:
        found = error.reason
    if isinstance(expected, PlainResult) and isinstance(found, PlainResult):
        assert found.rejected == expected.rejected
    assert found == expected


@given(
    lines=st.lists(st.text('ab;"\x00æ', max_size=8), min_size=1, max_size=30),
    end=st.sampled_from(("\n", "\r\n", "\r")),
    block=st.integers(64, 128),
)
@settings(max_examples=80)
def test_lines_keep_their_numbers_whatever_stands_in_them(
    lines: list[str], end: str, block: int
) -> None:
    text = end.join(lines)
    found: dict[int, list[str] | str] = {}
    heading = Heading(("a", "b"), ";", 3, 0)
    for each in read_lines(io.BytesIO(text.encode()), heading, block):
        cells = [column.to_pylist() for column in each.columns]
        found.update(zip(each.numbers.tolist(), map(list, zip(*cells, strict=True)), strict=True))
        found.update((damaged.row, damaged.reason) for damaged in each.damaged)
    expected: dict[int, list[str] | str] = {}
    for number, line in enumerate(split_lines(text), start=4):
        row = split(line, ";")
        if row is None:
            expected[number] = "open-quotation"
        elif any(cell.strip() for cell in row):
            expected[number] = row if len(row) == 2 else "wrong-cell-count"
    assert found == expected


@given(data=st.data())
@settings(max_examples=40)
def test_duplicates_are_what_a_plain_look_finds(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    layout = layouts()["bed-days"]
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "institution": st.sampled_from(("1", "2")),
                    "month": st.just(date(2026, 1, 1)),
                    "stay": st.sampled_from(("short", "long")),
                    "bed_days": st.sampled_from((Decimal("1.0"), Decimal("2.0"))),
                }
            ),
            max_size=8,
        )
    )
    path = tmp_path_factory.mktemp("duplicates") / "rows.parquet"
    numbered = [{**row, "row": number} for number, row in enumerate(rows)]
    pq.write_table(pa.Table.from_pylist(numbered, accepted_schema(layout)), path)
    found = find_duplicates(DATABASE, layout, [path])
    wrong, repeated = find_plain_duplicates(layout, dict(enumerate(rows)))
    assert found.contradictory.tolist() == sorted(wrong)
    assert found.repeated.tolist() == sorted(repeated)


def test_every_reason_can_happen_and_has_words() -> None:
    source = Path(__file__).parents[2] / "src/varde/prescribing/reading"
    code = "".join(path.read_text("utf-8") for path in source.glob("*.py"))
    code += (source.parents[1] / "deliveries" / "taking.py").read_text("utf-8")
    for key, reason in reasons().items():
        made = key in ("until-before-start", "age-high-before-start")
        assert made or f'"{key}"' in code, key
        for text in (reason.nb, reason.en):
            assert text.title and text.explanation.endswith(".") and text.action.endswith(".")
    used = re.findall(r'(?:FileRefused|CellFault)\(\s*"([a-z-]+)"', code)
    assert used and set(used) <= set(reasons())


# --- what a file as a whole is refused for --------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (b"", "empty", ""),
        (b"\xef\xbb\xbf\r\n \n", "empty", ""),
        (BED_DAYS.encode(), "no-rows", ""),
        (BED_DAYS.encode() + b"\n;;;\n", "no-rows", ""),
        (b"institution;month;stay\n", "missing-column", "bed_days"),
        (b"institution;month;stay;bed_days;navn\n", "unknown-column", ""),
        (b"institution;month;stay;bed_days;BED-DAYS\n", "repeated-column", ""),
        (b"a;b;c\n1;2;3\n", "unknown-table", ""),
        (BED_DAYS.encode("utf-16"), "wrong-encoding", ""),
        (
            BED_DAYS.encode() + b"974760673;2026-01;short;1\n" * 9000 + b"\xe6;\n",
            "wrong-encoding",
            "",
        ),
        (b"PAR1 and then nothing of the kind", "unreadable", ""),
    ],
)
def test_a_file_is_refused_as_a_whole(data: bytes, reason: str, place: str) -> None:
    error = refusal(data)
    assert (error.reason, error.place) == (reason, place)


def test_a_line_that_never_ends_is_refused() -> None:
    assert refusal(BED_DAYS.encode() + b"x" * (33 << 20)).reason == "too-large"


@pytest.mark.parametrize("written", [IDENTITY, f"{IDENTITY[:6]} {IDENTITY[6:]}", f" {IDENTITY} "])
def test_a_national_number_as_pseudonym_refuses_the_file_and_is_not_shown(written: str) -> None:
    data = dispensings(patient="p-1") + dispensings(patient=written).partition(b"\n")[2]
    error = refusal(data)
    assert (error.reason, error.place) == ("identity-numbers", "patient")
    assert IDENTITY not in f"{error!r}{error}{vars(error)}"


def test_running_numbers_that_are_national_numbers_refuse_the_file() -> None:
    numbers = [number for number in valid_numbers() if number != IDENTITY][:3]
    rows = [dispensings(dispensing_id=number).partition(b"\n")[2] for number in numbers]
    heading = dispensings().partition(b"\n")[0] + b"\n"
    assert refusal(heading + b"".join(rows)).place == "dispensing_id"
    # One of very many is chance: an own number of eleven digits may look like any.
    others = [
        dispensings(dispensing_id=f"{number:011d}").partition(b"\n")[2]
        for number in range(9900, 9990)
    ]
    assert len(read(heading + rows[0] + b"".join(others)).accepted) == 91


def valid_numbers() -> list[str]:
    from varde.messages import identify

    found = []
    for serial in range(100, 999):
        for control in range(100):
            number = f"010107{serial:03d}{control:02d}"
            if identify("FNR", number).valid:
                found.append(number)
                break
        if len(found) == 4:
            return found
    raise AssertionError


def dispensings(**cells: str) -> bytes:
    row = {
        "dispensing_id": "D1",
        "dispensed_on": "2026-01-05",
        "prescriber": "1234567",
        "patient": "p-1",
        "age": "42",
        "sex": "F",
        "atc": "J01CE02",
        "ddd": "2,5",
        "ddd_version": "2026",
    } | cells
    return (";".join(row) + "\n" + ";".join(row.values()) + "\n").encode()


# --- what is shown of what is wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ({"patient": "p" * 70}, "•" * 6),
        ({"ddd": "2,5555"}, "2,5555"),
        ({"ddd": "1" * 13}, "•" * 6),
        ({"dispensing_id": "x 1234567 " + "y" * 60}, "x ••••••"),
        ({"prescriber": "12345x"}, "12345x"),
        ({"age": "130"}, "130 > 120"),
        ({"unit": "974760674"}, "974760674"),
        ({"reimbursement_code": IDENTITY}, "•" * 6),
    ],
)
def test_what_is_shown_of_an_offending_value_names_nobody(
    cells: dict[str, str], shown: str
) -> None:
    [batch] = open_file(io.BytesIO(dispensings(**cells))).batches()
    [row] = batch.rejected.to_pylist()
    [error] = row["errors"]
    assert error["shown"].startswith(shown) and error["column"] == next(iter(cells))
    assert IDENTITY not in error["shown"] and "1234567" not in error["shown"]


def test_a_rejected_row_keeps_its_cells_and_says_all_that_is_wrong_and_its_key() -> None:
    data = dispensings(age="x", sex="q", ddd='"1;5"')
    [batch] = open_file(io.BytesIO(data)).batches()
    [row] = batch.rejected.to_pylist()
    assert row["row"] == 2 and row["key"] == ["D1"]
    assert row["cells"] == [
        "D1",
        "2026-01-05",
        "1234567",
        "p-1",
        "x",
        "q",
        "J01CE02",
        "1;5",
        "2026",
    ]
    assert [(e["column"], e["reason"]) for e in row["errors"]] == [
        ("age", "no-integer"),
        ("sex", "not-in-list"),
        ("ddd", "no-number"),
    ]


def test_codes_that_nobody_knows_are_kept_and_told() -> None:
    heading, _, row = dispensings(atc="J01ZZ99").partition(b"\n")
    [batch] = open_file(io.BytesIO(heading + b"\n" + row * 3)).batches()
    assert batch.accepted.num_rows == 3
    assert batch.told == {("unknown-atc", "J01ZZ99"): 3}
    [other] = open_file(io.BytesIO(dispensings(atc="N02BE01"))).batches()
    assert not other.told


# --- which table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_a_table_is_known_by_its_headings_in_both_formats(key: str, tmp_path: Path) -> None:
    layout = layouts()[key]
    names = [column.name for column in layout.columns]
    assert find_table(io.BytesIO(";".join(names).encode())) is layout
    assert find_table(io.BytesIO("\t".join(names).upper().encode())) is layout
    table = pa.table({name: pa.array([], pa.string()) for name in names})
    pq.write_table(table, tmp_path / "x.parquet")
    with (tmp_path / "x.parquet").open("rb") as file:
        assert find_table(file) is layout


def test_a_name_or_a_word_decides_what_headings_do_not() -> None:
    assert refusal(b"a;b\n1;2\n", name="dispensings-2026.csv").reason == "unknown-column"
    assert refusal(b"a;b\n1;2\n", "sales").reason == "unknown-column"
    assert refusal(dispensings(), "nothing").reason == "unknown-table"
    for content in (b"Avsender;Isolatnummer;Mikrobe\n", b"<xml/>", b""):
        assert find_table(io.BytesIO(content)) is None
        assert find_table(io.BytesIO(content), "shifts 2026.csv") is layouts()["shifts"]


def headings(key: str, *more: str, without: int = 0) -> list[str]:
    """Those that must be there and some others, without the first few."""
    return [c.name for c in layouts()[key].columns if c.required][without:] + list(more)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_is_like_a_table_is_told_as_that(key: str, encoding: str) -> None:
    """One heading too many, one missing, another character set; without that, only what fits is of the table."""
    must = headings(key)
    for names, reason, place, shown in (
        ([*must, "Sted"], "unknown-column", "", "Sted"),
        (must[1:], "missing-column", must[0], ""),
        ([*must[1:], "Sted", "By"], "unknown-column", "", f"Sted, By − {must[0]}"),
        (must, "", "", ""),
    ):
        if len(set(must) & set(names)) < 3:
            continue
        content = f"{';'.join(names)}\r\n{';'.join(['æ'] * len(names))}\r\n".encode(encoding)
        found = find_table(io.BytesIO(content), "list.csv", like=True)
        assert found is layouts()[key], names
        if encoding != "utf-8":
            error = refusal(content, name="list.csv")
            assert (error.reason, error.table) == ("wrong-encoding", key)
        elif reason:
            error = refusal(content, name="list.csv")
            assert (error.reason, error.place, error.shown) == (reason, place, shown)
            assert error.table == key
        if encoding != "utf-8" or reason:
            assert find_table(io.BytesIO(content), "list.csv") is None


def test_what_is_like_no_table_is_none() -> None:
    lists = ("Avsender;Isolatnummer;Mikrobe;age;sex;patient;", "age;sex", "a;b;c", "\0\0\0", "<x>æ")
    for text in lists:
        for encoding in ("utf-8", "cp1252", "utf-16"):
            content = f"{text}\n1;2;æ\n".encode(encoding)
            assert find_table(io.BytesIO(content), "list.csv", like=True) is None, text
    # As much of one as of the other, and as much missing.
    both = ";".join(set(headings("dispensings")) & set(headings("consultations")))
    assert find_table(io.BytesIO(both.encode()), like=True) in (None, layouts()["consultations"])


# --- Parquet --------------------------------------------------------------------------------------


def typed(layout: Layout) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"institution": "974760673", "month": date(2026, 1, 1), "stay": "short", "bed_days": Decimal("1.5")},
            {"institution": "974760673", "month": date(2026, 2, 1), "stay": "long", "bed_days": Decimal("0.0")},
        ],
        layout.schema,
    )  # fmt: skip


def test_parquet_says_the_same_however_it_is_typed(tmp_path: Path) -> None:
    layout = layouts()["bed-days"]
    table = typed(layout)
    ways = {
        "typed": table,
        "text": table.cast(pa.schema([(name, pa.string()) for name in table.column_names])),
        "frame": pa.table(
            {
                "institution": pa.array(["974760673"] * 2).dictionary_encode(),
                "month": pa.array([datetime(2026, 1, 1), datetime(2026, 2, 1)], pa.timestamp("ns")),  # noqa: DTZ001
                "stay": pa.array(["short", "long"], pa.large_string()),
                "bed_days": pa.array([1.5, 0.0], pa.float64()),
            }
        ),
        "numbers": pa.table(
            {
                "institution": pa.array([974760673, None], pa.float64()).fill_null(974760673),
                "month": table["month"],
                "stay": table["stay"],
                "bed_days": pa.array([1.5, 0], pa.float32()),
            }
        ),
    }
    expected = dict(enumerate(table.to_pylist(), start=1))
    for name, each in ways.items():
        pq.write_table(each, tmp_path / name)
        assert read((tmp_path / name).read_bytes()) == PlainResult(expected, {}), name


def test_parquet_values_that_cannot_be_are_refused(tmp_path: Path) -> None:
    table = typed(layouts()["bed-days"])
    nested = table.set_column(3, "bed_days", pa.array([[1], [2]]))
    pq.write_table(nested, tmp_path / "nested")
    error = refusal((tmp_path / "nested").read_bytes())
    assert (error.reason, error.place) == ("wrong-type", "bed_days")
    late = pa.array([datetime(2026, 1, 1, 12)] * 2, pa.timestamp("us"))  # noqa: DTZ001
    pq.write_table(table.set_column(1, "month", late), tmp_path / "late")
    assert refusal((tmp_path / "late").read_bytes()).place == "month"
    none = table.set_column(3, "bed_days", pa.array([None, 0.25], pa.float64()))
    pq.write_table(none, tmp_path / "none")
    assert read((tmp_path / "none").read_bytes()).rejected == {
        1: [("bed_days", "missing-value")],
        2: [("bed_days", "too-many-decimals")],
    }
    cut = (tmp_path / "none").read_bytes()[:-20]
    assert refusal(cut).reason == "unreadable"


def test_doubles_are_the_numbers_they_stand_for(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.30000000000000004 in binary; what truly has more decimals is refused, not rounded."""
    sums = [0.1 + 0.2, sum([0.1] * 10), 1.1 * 3, 99999.95 + 0.05, 4.35 * 100, -0.0]
    more = [0.25, 0.3000001, 3.14, 99999.90000001, 0.30000000001]
    table = pa.table(
        {
            "institution": ["974760673"] * 11,
            "month": [f"2026-{month:02}" for month in range(1, 12)],
            "stay": ["short"] * 11,
            "bed_days": pa.array([*sums, *more], pa.float64()),
        }
    )
    pq.write_table(table, tmp_path / "x")
    found = read((tmp_path / "x").read_bytes())
    assert [str(row["bed_days"]) for row in found.accepted.values()] == [
        *("0.3", "1.0", "3.3", "100000.0", "435.0", "0.0")
    ]
    assert found.rejected == {row: [("bed_days", "too-many-decimals")] for row in range(7, 12)}


@given(st.decimals(-100_000, 100_000, places=3), st.integers(-2, 2))
def test_a_double_next_to_a_decimal_is_that_decimal(number: Decimal, away: int) -> None:
    near = float(number)
    for _ in range(abs(away)):
        near = math.nextafter(near, math.copysign(math.inf, away))
    data = io.BytesIO()
    pq.write_table(pa.table({"x": pa.array([near, None, 0.5])}), data)
    [[cells]] = read_cells(data)
    written, blank, half = cells.to_pylist()
    assert (blank, half) == ("", "0.5")
    if abs(number) >= 1 or away == 0:
        assert Decimal(written) == number


def test_numbers_of_somebody_keep_all_their_digits(tmp_path: Path) -> None:
    data = io.BytesIO()
    pq.write_table(pa.table({"x": pa.array([9007199254740991.0, 12.5, 3.0])}), data)
    [[cells]] = read_cells(data)
    assert cells.to_pylist() == ["9007199254740991", "12.5", "3"]


DISPENSED = (
    "dispensing_id;dispensed_on;prescribed_on;prescriber;patient;age;sex;atc;ddd;ddd_version;"
    "reimbursement_system;reimbursement_code\n"
)


CELLS = {
    "id": "d1",
    "on": "2026-03-01",
    "written": "2026-03-01",
    "by": "1001",
    "who": "p",
    "age": "40",
    "sex": "F",
    "atc": "J01CE02",
    "ddd": "5",
    "version": "2025",
    "system": "ICPC-2",
    "code": "R81",
}


def dispensed(**more: str) -> bytes:
    return (DISPENSED + ";".join((CELLS | more).values()) + "\n").encode()


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"written": "2026-03-02"}, "prescribed-after-dispensed"),
        ({"written": "1985-03-01"}, "prescribed-before-birth"),
        ({"written": "2025-03-01", "age": "0"}, "prescribed-before-birth"),
        ({"written": "2024-02-29", "on": "2025-02-28", "age": "0"}, ""),
        ({"written": "2025-03-02", "age": "0"}, ""),
        ({"written": "1985-03-02"}, ""),
        ({"written": "2026-02-28"}, ""),
        ({"written": ""}, ""),
    ],
)
def test_what_cannot_be_is_refused(cells: dict[str, str], reason: str) -> None:
    content = dispensed(**cells)
    found = read(content, latest=LATEST)
    assert found == read_plainly(content, "dispensings", LATEST)
    assert found.rejected == ({2: [("prescribed_on", reason)]} if reason else {})


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"code": "-90"}, ("collective-code", "-90")),
        ({"code": "-20"}, ("collective-code", "-20")),
        ({"code": "-f2", "system": "ICD-10"}, ("collective-code", "-F2")),
        ({"system": ""}, ("code-without-system", "R81")),
        ({"code": ""}, ("system-without-code", "ICPC-2")),
        ({"code": "J18.9"}, ("unlike-its-system", "J18.9")),
        ({"code": "Q99"}, ("unknown-chapter", "Q99")),
        ({"code": "Q99", "system": "ICD-10"}, None),
        ({"code": "J18.9", "system": "ICD-10"}, None),
        ({"code": "", "system": ""}, None),
        ({"version": "2027"}, ("future-ddd-version", "2027")),
        ({"version": "2026"}, None),
        ({}, None),
    ],
)
def test_what_says_nothing_sure_is_kept_and_told(
    cells: dict[str, str], told: tuple[str, str] | None
) -> None:
    [batch] = open_file(io.BytesIO(dispensed(**cells)), latest=LATEST).batches()
    assert batch.accepted.num_rows == 1
    assert batch.told == ({told: 1} if told else {})


@pytest.mark.parametrize("column", ["part_of", "successor"])
def test_an_institution_that_points_to_itself_is_rejected(column: str) -> None:
    head = f"institution;since;name;kind;municipality;{column}\n"
    rows = "".join(
        f"974760673;2026-01-01;x;other;4601;{other}\n" for other in ("974 760 673", "889640782", "")
    )
    assert read((head + rows).encode()).rejected == {2: [(column, "itself")]}


def test_the_same_code_of_two_systems_is_told_of_both() -> None:
    head = DISPENSED.encode()
    first = dispensed(code="-90").removeprefix(head)
    other = dispensed(id="d2", code="-90", system="ICD-10").removeprefix(head)
    [batch] = open_file(io.BytesIO(head + first + other), latest=LATEST).batches()
    assert batch.told == {("collective-code", "-90"): 2}


def test_a_row_that_is_refused_tells_nothing_more() -> None:
    content = dispensed(code="-90", written="2026-03-02")
    [batch] = open_file(io.BytesIO(content), latest=LATEST).batches()
    assert (batch.accepted.num_rows, batch.told) == (0, {})


def test_contacts_may_have_codes_of_process_and_tell_of_no_chapter() -> None:
    head = b"consultation_id;held_on;prescriber;setting;patient;age;sex;diagnoses\n"
    rows = b"c1;2026-01-05;1;gp;p;3;F;R81 -31\nc2;2026-01-05;1;gp;p;3;F;r74 q99\n"
    [batch] = open_file(io.BytesIO(head + rows), latest=LATEST).batches()
    assert batch.accepted.column("diagnoses").to_pylist() == ["R81 -31", "R74 Q99"]
    assert batch.told == {("unknown-chapter", "R74 Q99"): 1}
