"""Tables with published columns: recognised by their headings, read cell by cell, refused row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from messages import gallery
from messages.numbers import some_number
from messages.table_rows import KEYS, RECEIVED, ROWS, SURGERY, TREATMENT, WARD, lines, table
from register.answers import make_register
from varde.codes import CodeFileError
from varde.messages import Failure, InvalidContent, detect, read
from varde.messages.records import PersonId, Surgery, WardPrevalence
from varde.messages.table_readers import READERS
from varde.messages.tables import layout as layouts
from varde.messages.tables.cells import holds_identity, parser_of
from varde.messages.tables.definition import (
    DATA,
    ENVELOPE,
    Column,
    check_tables,
    read_envelope,
    read_table_file,
    tables,
)
from varde.messages.tables.layout import find_column, find_layout, find_table
from varde.messages.tables.reading import read_table
from varde.messages.tables.writing import write_template
from varde.register.chunk import reference_of


def found(data: str | bytes) -> list[Any]:
    return list(read(data.encode() if isinstance(data, str) else data, None, RECEIVED))


def failure(data: str | bytes) -> Failure:
    (only,) = found(data)
    assert isinstance(only, Failure), only
    return only


def refused(row: dict[str, str], **changed: str) -> tuple[str, str, str]:
    only = failure(table(row | changed))
    assert only.sender == "HER:91843" and only.kind and only.item == 0
    return only.reason, only.place, only.detail


# Recognised


@pytest.mark.parametrize("key", sorted(tables()))
def test_every_table_has_a_reader_and_a_template_it_is_known_by(key: str) -> None:
    assert key in READERS
    template = write_template(tables()[key])
    assert find_table(template) is tables()[key]
    assert failure(template).reason == "empty-list"
    assert detect(template) == "table"


def test_every_reader_has_a_table() -> None:
    assert set(READERS) == set(tables())


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_say_the_same(key: str, delimiter: str, end: str) -> None:
    expected = found(table(ROWS[key]))
    assert not isinstance(expected[0], Failure)
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        assert found(table(ROWS[key], delimiter=delimiter, end=end, quoting=quoting)) == expected


def parquet(columns: Mapping[str, Any]) -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), data)
    return data.getvalue()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]
)
def test_parquet_says_the_same_row_by_row(key: str, kind: Any) -> None:
    """Also where rows are wrong: the same reasons at the same lines, whatever text stands in the cells."""
    good = ROWS[key]
    last = list(good)[-1]
    rows = [
        good,
        good | {"Nummer": "2", "Avdeling": 'A;"b"\r\nc'},
        good | {"Nummer": "3", last: "?", "Avdeling": ""},
        good | {"Nummer": "01010750160"},
    ]
    columns = {name: pa.array([row[name] or None for row in rows]).cast(kind) for name in good}
    data = parquet(columns)
    assert detect(data) == "table" and find_table(data) is tables()[key]
    expected = found(table(*rows))
    assert [isinstance(each, Failure) for each in expected] == [False, False, True, True]
    assert found(data) == expected


def test_parquet_says_the_same_however_it_is_typed() -> None:
    """Days as days or midnights, counts as numbers with some missing, times with and without a zone."""
    rows = [WARD | {"Tidspunkt": "2026-01-22T10:30:00"}, WARD | {"Nummer": "2", "Tidspunkt": ""}]
    expected = found(table(*rows))
    moment, day = datetime(2026, 1, 22, 10, 30), datetime(2026, 1, 21)  # noqa: DTZ001
    counts = {name: pa.array([float(WARD[name])] * 2) for name in WARD if name.startswith("Antall")}
    text = {name: [row[name] for row in rows] for name in rows[0]}
    zone = timezone(timedelta(hours=1))
    for days, times in (
        (pa.array([day.date()] * 2), pa.array([moment, None], pa.timestamp("ns"))),
        (pa.array([day] * 2, pa.timestamp("ms")), pa.array([moment.replace(tzinfo=zone), None])),
    ):
        typed = text | counts | {"PrevalensDato": days, "Tidspunkt": times}
        assert found(parquet(typed)) == expected
    said = {"ja": [True, True], "nei": [False, False]}
    for word, values in said.items():
        column = {name: [cell] * 2 for name, cell in SURGERY.items()} | {"Nummer": ["1", "2"]}
        one, other = found(parquet(column | {"Implantat": values}))
        assert (one.implant, other.implant) == (word == "ja",) * 2


def test_parquet_that_cannot_be_used_is_refused_with_what_is_wrong() -> None:
    column = {name: [cell] for name, cell in WARD.items()}
    nested = failure(parquet(column | {"Avdeling": [["2. etasje"]]}))
    assert (nested.reason, nested.place) == ("wrong-columns", "line 1")
    assert nested.detail.startswith("Avdeling list<")
    unknown = failure(parquet(column | {"Merknad": ["x"]}))
    assert (unknown.reason, unknown.detail) == ("wrong-columns", "unknown: Merknad")
    assert unknown.sender == "HER:91843"
    data = parquet(column)
    assert failure(data[:-20]).reason == "unknown-format"
    middle = data[:4] + b"\xff" * 400 + data[404:]
    assert failure(middle).reason == "unknown-format"
    assert failure(parquet({"a": ["1"], "b": ["2"]})).reason == "unknown-format"
    none = {name: pa.array([], pa.string()) for name in WARD}
    assert failure(parquet(none)).reason == "empty-list"


def test_parquet_that_is_too_large_as_text_is_not_written_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = parquet({name: [cell] * 3000 for name, cell in WARD.items()})
    assert len(data) < 50_000
    for name, most, told in (
        ("MAX_LINES", 2999, "> 2999 rows"),
        ("MAX_BYTES", 50_000, "> 0 MB"),
        ("MAX_BYTES", 100, "0 MB"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(layouts, name, most)
            only = failure(data)
            assert (only.reason, only.detail) == ("too-large", told)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_say_the_same(encoding: str) -> None:
    row = WARD | {"Avdeling": "Blåbærhaugen, øst", "Institusjon": "Æresenteret"}
    (record,) = found(table(row).encode(encoding))
    assert isinstance(record, WardPrevalence)
    assert (record.ward, record.institution.text) == ("Blåbærhaugen, øst", "Æresenteret")


def test_letters_far_down_decide_the_encoding_too() -> None:
    rows = [WARD | {"Nummer": str(n), "Avdeling": f"Post {n}"} for n in range(400)]
    data = table(*rows, WARD | {"Nummer": "æ", "Avdeling": "Blåbær"}).encode("cp1252")
    assert len(data) > layouts.HEADING_BYTES
    assert found(data)[-1].ward == "Blåbær"


def test_headings_are_compared_without_case_blanks_and_signs() -> None:
    renamed = {
        "antall beboere kl 8": WARD["AntallBeboereKl8"],
        "ANTALL_HUD-INFEKSJONER EGENINSTITUSJON": "1",
    }
    row = {k: v for k, v in WARD.items() if k != "AntallBeboereKl8"} | renamed
    del row["AntallHudInfeksjoner_EgenInstitusjon"]
    assert found(table(row)) == found(table(WARD))


@pytest.mark.parametrize(
    "data", [b"", b" \n", b"a;b;c\n1;2;3\n", b"\x00\x01;", b"<a>;", b"{};", gallery.rows("1,2"),
             table(WARD).encode()[:60], b'"' + table(WARD).encode(), b"MSH|^~\\&|A|B\rPID|1\r"]
)  # fmt: skip
def test_other_bytes_are_no_table(data: bytes) -> None:
    assert find_table(data) is None
    assert detect(data) != "table"


def test_a_table_is_one_beside_the_mapping_of_a_list() -> None:
    assert list(read(table(WARD).encode(), gallery.MAPPING, RECEIVED)) == found(table(WARD))


def test_a_list_that_is_no_table_still_needs_its_mapping() -> None:
    assert failure(gallery.rows(gallery.VALID_ROW)).reason == "mapping-missing"


# The file as a whole


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda row: row | {"Pasientens navn": "x"}, "unknown: Pasientens navn"),
        (lambda row: row | {"AntallPasienterKl8": "1"}, "repeated: AntallPasienterKl8"),
        (lambda row: {k: v for k, v in row.items() if k != "Avdeling"}, "no column Avdeling"),
        (lambda row: {k: v for k, v in row.items() if k != "Nummer"}, "no column Nummer"),
    ],
)
def test_wrong_headings_refuse_the_file(change: Any, detail: str) -> None:
    only = failure(table(change(WARD), change(WARD)))
    assert (only.reason, only.place, only.detail) == ("wrong-columns", "line 1", detail)
    assert (only.sender, only.kind) == ("HER:91843", "prevalence")


def test_a_number_in_a_heading_is_masked() -> None:
    only = failure(table(WARD | {some_number(): "x"}))
    assert only.reason == "wrong-columns" and some_number() not in repr(only)


def test_empty_headings_at_the_end_are_let_be_when_nothing_stands_below() -> None:
    data = table(WARD, WARD | {"Nummer": "2"}).replace("\r\n", ";;\r\n")
    assert [record.report_id for record in found(data)] == ["avdeling/1", "avdeling/2"]
    only = failure(table(WARD).replace("\r\n", ";\r\n", 1).replace("0\r\n", "0;more\r\n"))
    assert (only.reason, only.place, only.detail) == ("wrong-cell-count", "line 2", "more")


def test_a_heading_row_longer_than_what_is_looked_at_is_refused() -> None:
    data = table(WARD | {"x" * layouts.HEADING_BYTES: "1"})
    assert (failure(data).reason, failure(data).detail) == ("wrong-columns", "> 32768 B")


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (table(WARD).encode() + "2;Blåbær".encode("cp1252") + "æ".encode(), "utf-8: E5"),
        (table(WARD).encode() + b"2;\x81", "utf-8: 81"),
        (b"\xef\xbb\xbf" + table(WARD).encode() + b"2;\xe5", "utf-8-sig: E5"),
        (table(WARD).encode("utf-16") + b"\x00", "utf-16: 00"),
    ],
)
def test_bytes_that_are_no_text_refuse_the_file(data: bytes, detail: str) -> None:
    only = failure(data)
    assert (only.reason, only.detail) == ("wrong-encoding", detail)
    assert only.sender == "HER:91843"


def test_a_file_beyond_the_limits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = table(WARD, WARD | {"Nummer": "2"}).encode()
    monkeypatch.setattr(layouts, "MAX_LINES", 3)
    assert len(found(data)) == 2
    monkeypatch.setattr(layouts, "MAX_LINES", 2)
    assert (failure(data).reason, failure(data).detail) == ("too-large", "> 2 lines")
    monkeypatch.setattr(layouts, "MAX_BYTES", len(data) - 1)
    assert failure(data).reason == "too-large"


def test_a_table_without_rows_says_so() -> None:
    only = failure(lines([list(WARD), [""] * len(WARD), [" "]]))
    assert (only.reason, only.place) == ("empty-list", "line 1")


# Rows


def test_blank_rows_are_left_out_and_lines_counted_on() -> None:
    blank = [""] * len(WARD)
    bad = list((WARD | {"AntallBeboereKl8": "x"}).values())
    record, only = found(lines([list(WARD), blank, list(WARD.values()), [" "], blank, bad]))
    assert isinstance(record, WardPrevalence)
    assert (only.item, only.place) == (1, "line 6, column AntallBeboereKl8")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("HER:91843;Fjordby;9;2026-01-21", "wrong-cell-count"),
        ("HER:91843;Fjordby;9" + ";x" * 40, "wrong-cell-count"),
        ('HER:91843;Fjordby;9;"2026-01-21;x', "malformed-list"),
        ('HER:91843;Fjordby;9;"a"b;x', "malformed-list"),
        ("HER:91843;Fjordby;9;2026\0;x", "bad-value"),
        ("HER:91843;Fjordby;9;" + "x" * 200_000, "too-large"),
    ],
)
def test_a_damaged_row_takes_no_other_with_it(damage: str, reason: str) -> None:
    first, second = WARD, WARD | {"Nummer": "2"}
    head, one, two = table(first, second).splitlines()
    before, only, after = found("\r\n".join([head, one, damage, two]))
    assert [before, after] == found(table(first, second))
    assert isinstance(only, Failure)
    assert (only.reason, only.item, only.place) == (reason, 1, "line 3")
    assert only.sender == "HER:91843" and only.kind == "prevalence"
    assert only.report_id == ("" if reason == "wrong-cell-count" else "avdeling/9")


def test_a_failure_names_sender_number_and_message_where_they_can_be_read() -> None:
    row = WARD | {"Melding_id": "M7", "AntallBeboereKl8": "x"}
    only = failure(table(row))
    assert (only.sender, only.report_id, only.message_id) == ("HER:91843", "avdeling/1", "avdeling/M7")  # fmt: skip
    only = failure(table(row | {"Avsender": "LAB", "Nummer": some_number()}))
    assert (only.sender, only.report_id, only.message_id) == ("", "", "avdeling/M7")
    assert some_number() not in repr(only)


# Cells


@pytest.mark.parametrize(
    ("row", "heading", "cell", "reason", "detail"),
    [
        (WARD, "Avsender", "", "missing-value", ""),
        (WARD, "Avsender", "LAB-A", "bad-value", "LAB-A"),
        (WARD, "Avsender", "ENH:985626155", "bad-value", "ENH:985626155"),
        (WARD, "Nummer", " ", "missing-value", ""),
        (WARD, "Avdeling", "x" * 81, "too-large", "81 > 80"),
        (WARD, "Avdeling", "12345678901", "unexpected-identity", "• × 11"),
        (WARD, "Avdeling", "rom 123456 78901", "unexpected-identity", "• × 11"),
        (WARD, "Kommune", "Herøy", "bad-value", "Herøy"),
        (WARD, "Kommune", "46011", "bad-value", "46011"),
        (WARD, "PrevalensDato", "21/01/2026", "bad-date", "21/01/2026"),
        (WARD, "PrevalensDato", "2026-02-30", "bad-date", "2026-02-30"),
        (WARD, "PrevalensDato", "1969-12-31", "absurd-date", "1969-12-31"),
        (WARD, "PrevalensDato", "2026-02-03", "future-date", "2026-02-03"),
        (WARD, "InstitusjonType", "Legekontor", "bad-value", "Legekontor"),
        (WARD, "AntallBeboereKl8", "10000", "bad-value", "10000 > 9999"),
        (WARD, "AntallBeboereKl8", "-1", "bad-value", "-1 < 0"),
        (WARD, "AntallBeboereKl8", "9" * 5000, "bad-value", "••••••"),
        (WARD, "AntallBeboereKl8", "1.5", "bad-value", "1.5"),
        (WARD, "AntallBeboereKl8", "²", "bad-value", "²"),
        (TREATMENT, "ATCKode", "J01CA", "bad-value", "J01CA"),
        (TREATMENT, "Klassifisering", "Kirpro4", "bad-value", "Kirpro4"),
        (TREATMENT, "Alder", "131", "bad-value", "131 > 130"),
        (SURGERY, "Tidspunkt", "kl. 10", "bad-date", "kl. 10"),
        (SURGERY, "Tidspunkt", "2026-02-02T02:00", "future-generated", "2026-02-02"),
        (SURGERY, "Tidspunkt", "1960-01-01T00:00", "absurd-date", "1960-01-01"),
        (SURGERY, "Fødselsnummer", "12345678901", "invalid-identity-number", "• × 11"),
        (SURGERY, "Fødselsdato", "1889-12-31", "absurd-date", "1889-12-31"),
        (SURGERY, "Prosedyrekode", "NFB", "bad-value", "NFB"),
        (SURGERY, "ØyeblikkeligHjelp", "kanskje", "bad-value", "kanskje"),
        (SURGERY, "Type", "A", "bad-value", "A"),
        (SURGERY, "Fødselsdato", "1984-03-18", "contradictory-birth-date", ""),
        (SURGERY, "Kjønn", "M", "contradictory-sex", ""),
    ],
)  # fmt: skip
def test_each_bad_cell_is_placed(
    row: dict[str, str], heading: str, cell: str, reason: str, detail: str
) -> None:
    only = failure(table(row | {heading: cell}))
    assert (only.reason, only.place, only.detail) == (reason, f"line 2, column {heading}", detail)


def test_the_column_is_named_as_the_sender_heads_it_and_found_again() -> None:
    reason, place, _ = refused(WARD, AntallBeboereKl8="x")
    assert (reason, place) == ("bad-value", "line 2, column AntallBeboereKl8")
    column = find_column(tables()["nois-piah-avdeling"], place)
    assert column is not None and column.name == "present"
    assert find_column(tables()["nois-piah-avdeling"], "line 2") is None


def test_persons_of_every_kind_of_number() -> None:
    def person(cell: str) -> PersonId:
        (record,) = found(table(SURGERY | {"Fødselsnummer": cell}))
        assert isinstance(record, Surgery) and record.patient.identifier is not None
        return record.patient.identifier

    plain = some_number()
    assert person(f"{plain[:6]} {plain[6:]}") == PersonId(kind="FNR", value=plain)
    d_number = some_number(day=40)
    assert person(d_number) == PersonId(kind="DNR", value=d_number)
    assert person("81234567890").kind == "FHN"
    h_number = some_number(month=40)
    assert person(h_number) == PersonId(kind="HNR", value=h_number, issuer="HER:91843")


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("201712345678", "DUF"), ("170784002211", ""), ("2017123456789", ""), ("301712345678", "")],
)
def test_a_number_without_control_digits_counts_only_where_it_may_stand(
    cell: str, kind: str
) -> None:
    words = {"nb": "", "en": ""}
    for duf in (True, False):
        column = msgspec.convert(
            {"name": "p", "heading": "P", "holds": "person", "duf": duf, "text": words}, Column
        )
        parse = parser_of(column, RECEIVED)
        if kind and duf:
            assert parse(cell) == PersonId(kind=kind, value=cell)
        else:
            with pytest.raises(InvalidContent, match="invalid-identity-number"):
                parse(cell)


@pytest.mark.parametrize(
    ("text", "strict", "loose"),
    [
        ("12345678901", True, False),
        (some_number(), True, True),
        (f"a{some_number()}b", True, True),
        (f"{some_number()[:6]}-{some_number()[6:]}", True, True),
        ("81234567890", True, True),
        ("123456789012", True, False),
        ("1 2 3 4 5 6 7 8 9 0 1", True, False),
        ("985626154", False, False),
        ("2026-01-05 12345", False, False),
    ],
)
def test_eleven_digits_are_taken_for_an_identity(text: str, strict: bool, loose: bool) -> None:
    assert holds_identity(text) is strict
    assert holds_identity(text, strict=False) is loose


# Versions


def test_without_a_time_the_number_is_the_message_and_the_day_is_when_it_was_made() -> None:
    first, second = found(table(WARD, WARD | {"AntallBeboereKl8": "25"}))
    assert first.message_id == second.message_id == first.report_id == "avdeling/1"
    assert first.generated == second.generated == datetime(2026, 1, 20, 23, tzinfo=UTC)
    given = WARD | {"Melding_id": "M1"}
    assert found(table(given))[0].message_id == "avdeling/1"


def test_with_a_time_versions_differ_by_it_or_by_their_ids() -> None:
    early, late = WARD | {"Tidspunkt": "2026-01-22T10:00"}, WARD | {"Tidspunkt": "2026-01-22T10:01"}
    first, second = found(table(early, late))
    assert first.message_id != second.message_id and first.report_id == second.report_id
    assert second.generated - first.generated == timedelta(minutes=1)
    (named,) = found(table(early | {"Melding_id": "M1"}))
    assert named.message_id == "avdeling/M1"


@pytest.mark.parametrize("key", KEYS)
def test_the_longest_ids_are_kept_whole_by_the_register(key: str) -> None:
    row = ROWS[key] | {"Tidspunkt": "2026-01-22T10:00:00.123456+00:00", "Nummer": "9 8-" * 15}
    context = make_register().context
    for given in ("", "7" * 10 + "x" * 50):
        (record,) = found(table(row | {"Melding_id": given}))
        for reference in (record.report_id, record.message_id):
            assert reference_of(reference, context) == reference


@pytest.mark.parametrize("word", ["M", "c", "Endret", "annullert"])
def test_a_change_needs_a_time(word: str) -> None:
    assert refused(WARD, Type=word)[:2] == ("missing-generated", "line 2, column Tidspunkt")
    (record,) = found(table(WARD | {"Type": word, "Tidspunkt": "2026-01-22T10:00"}))
    assert record.service_type == {"e": "M", "a": "C"}.get(word[0].lower(), word.upper())


def test_the_numbers_of_the_two_tables_of_one_survey_are_apart() -> None:
    (ward,), (treatment,) = found(table(WARD)), found(table(TREATMENT))
    assert ward.report_id != treatment.report_id and ward.message_id != treatment.message_id


def test_without_a_day_of_arrival_no_day_is_too_late() -> None:
    row = WARD | {"PrevalensDato": "2090-01-01"}
    (record,) = read(table(row).encode())
    assert isinstance(record, WardPrevalence) and record.surveyed == date(2090, 1, 1)


def test_the_core_reads_for_whoever_makes_something_of_a_row() -> None:
    data = table(WARD, WARD | {"Nummer": "x" * 81}).encode()
    layout = find_layout(data)
    assert layout is not None
    numbers = list(
        read_table(data, layout, lambda row: (row.line, row["report_id"], row["county"]))
    )
    assert numbers[0] == (2, "1", "")
    assert isinstance(numbers[1], Failure)


# Data files


def definition(**changed: Any) -> dict[str, Any]:
    words = {"nb": "a", "en": "a"}
    day = {"name": "day", "heading": "Dag", "holds": "date", "required": True, "text": words}
    columns = [day, *changed.pop("more", [])]
    return {
        "key": "t", "version": "2026-01-01", "kind": "surgery", "title": words, "text": words,
        "source": "", "marks": ["day"], "dated_by": "day", "columns": columns,
    } | changed  # fmt: skip


def column(**changed: Any) -> dict[str, Any]:
    return {"name": "a", "heading": "A", "text": {"nb": "a", "en": "a"}} | changed


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"key": "u"}, "file's name"),
        ({"marks": []}, "cannot be recognised"),
        ({"marks": ["week"]}, "no column 'week'"),
        ({"dated_by": "report_id"}, "dated_by"),
        ({"colour": 1}, "unknown field"),
        ({"kind": "weather"}, "Invalid enum value"),
        ({"more": [column(name="day")]}, "stands twice"),
        ({"more": [column(heading="d ag")]}, "heads two columns"),
        ({"more": [column(heading="Nummer")]}, "heads two columns"),
        ({"more": [column(heading=" A")]}, "blanks at its edge"),
        ({"more": [column(heading="--")]}, "needs a letter"),
        ({"more": [column(holds="code")]}, "needs codes"),
        ({"more": [column(codes=[{"code": "1", "text": {"nb": "", "en": ""}}])]}, "needs codes"),
        ({"more": [column(holds="integer", least=1)]}, "least and most"),
        ({"more": [column(least=1, most=2)]}, "least and most"),
        ({"more": [column(pattern="(")]}, "unterminated"),
        ({"more": [column(earliest="1900-01-01")]}, "only a date"),
        ({"more": [column(duf=True)]}, "only a person"),
        ({"more": [column(holds="code", codes=[{"code": "x", "text": {"nb": "", "en": ""}, "aliases": ["X"]}])]}, "two codes"),
    ],
)  # fmt: skip
def test_a_definition_that_breaks_a_rule_stops_the_program(
    tmp_path: Path, broken: dict[str, Any], rule: str
) -> None:
    path = tmp_path / "t.json"
    envelope = read_envelope(DATA / ENVELOPE)
    path.write_bytes(msgspec.json.encode(definition()))
    assert read_table_file(path, envelope).column("day").required
    path.write_bytes(msgspec.json.encode(definition(**broken)))
    with pytest.raises(CodeFileError, match=rule):
        read_table_file(path, envelope)


def test_no_table_may_have_the_marks_of_another(tmp_path: Path) -> None:
    envelope = read_envelope(DATA / ENVELOPE)
    read = {}
    for key, more in (("t", []), ("u", [column()])):
        path = tmp_path / f"{key}.json"
        path.write_bytes(msgspec.json.encode(definition(key=key, more=more)))
        read[path] = read_table_file(path, envelope)
    with pytest.raises(CodeFileError, match="u has its marks too"):
        check_tables(read)


def test_a_broken_envelope_stops_the_program(tmp_path: Path) -> None:
    path = tmp_path / "envelope.json"
    path.write_text('[{"name": "a"}]')
    with pytest.raises(CodeFileError, match="missing required field"):
        read_envelope(path)
