"""Isolate lists: one row an isolate, one column an antibiotic."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import gallery
from messages.numbers import some_number
from varde.messages import Code, Failure, LabReport, PersonId, read

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "mappings"
ORACLE = ROOT.parent / "shared" / "oracles" / "amr" / "example_isolates.csv"


def reports(data: bytes | str, mapping: bytes | str = gallery.MAPPING) -> list[LabReport]:
    raw = data.encode() if isinstance(data, str) else data
    found = list(read(raw, mapping.encode() if isinstance(mapping, str) else mapping))
    for record in found:
        assert isinstance(record, LabReport), record
    return [record for record in found if isinstance(record, LabReport)]


def failure(data: bytes, mapping: bytes = gallery.MAPPING) -> Failure:
    (record,) = read(data, mapping)
    assert isinstance(record, Failure), record
    return record


def test_one_row() -> None:
    (report,) = reports(gallery.rows(gallery.VALID_ROW))
    assert (report.sender, report.message_id, report.report_id) == ("LAB-A", "17", "17")
    assert report.generated == datetime(2026, 1, 4, 23, tzinfo=UTC)
    assert report.discipline == "MBIO"
    assert report.patient.identifier == PersonId(kind="LOCAL", value="P1", issuer="LAB-A")
    assert (report.patient.sex, report.patient.age) == ("F", 65)
    (specimen,) = report.specimens
    assert specimen.collected == report.generated
    (finding,) = report.findings
    assert finding.organisms == (Code(text="Escherichia coli"),)
    assert finding.order == 3
    results = [(s.antibiotics[0].code, s.sir) for s in finding.susceptibilities]
    assert results == [("AMP", "R"), ("CIP", "S")]


def test_a_row_without_results_is_still_an_isolate() -> None:
    (report,) = reports(gallery.rows(gallery.VALID_ROW[:-3] + ","))
    assert report.findings[0].susceptibilities == ()


def test_bad_rows_do_not_stop_good_ones() -> None:
    bad = gallery.VALID_ROW.replace("2026-01-05", "5. januar")
    found = list(read(gallery.rows(gallery.VALID_ROW, bad, "", gallery.VALID_ROW), gallery.MAPPING))
    assert [type(record) for record in found] == [LabReport, Failure, LabReport]
    broken = found[1]
    assert isinstance(broken, Failure)
    assert (broken.item, broken.reason, broken.message_id) == (1, "bad-date", "17")
    assert broken.place == "line 3, column date"
    assert broken.sender == "LAB-A"


@pytest.mark.parametrize(
    ("row", "reason", "column"),
    [
        (gallery.VALID_ROW.replace("65", "131"), "bad-value", "age"),
        (gallery.VALID_ROW.replace("65", "-1"), "bad-value", "age"),
        (gallery.VALID_ROW.replace(",F,", ",X,"), "bad-value", "sex"),
        (gallery.VALID_ROW.replace(",3,", ",three,"), "bad-value", "order"),
        (gallery.VALID_ROW.replace("2026-01-05", " "), "missing-collected", "date"),
        (gallery.VALID_ROW.replace("2026-01-05", "1926-01-05"), "absurd-date", "date"),
        (gallery.VALID_ROW.replace("2026-01-05", "0001-01-01"), "bad-date", "date"),
        (gallery.VALID_ROW[:-1] + "0.5", "bad-susceptibility", "CIP"),
    ],
)
def test_bad_cells_are_named(row: str, reason: str, column: str) -> None:
    found = failure(gallery.rows(row))
    assert (found.reason, found.place) == (reason, f"line 2, column {column}")


def test_an_identifier_in_the_wrong_cell_does_not_leak() -> None:
    found = failure(gallery.rows(gallery.VALID_ROW[:-1] + "17838412345"))
    assert "178384" not in repr(found)


HEAD = 'sender = "L"\n'
COLUMNS = '[columns]\ncollected = "date"\norganism = "bug"\n'


def test_without_isolate_id_the_content_is_the_id() -> None:
    data = "date,bug,AMP\n2026-01-05,E. coli,S\n2026-01-05,E. coli,R\n2026-01-05,E. coli,S\n"
    first, second, third = reports(data, HEAD + COLUMNS)
    assert first.report_id == third.report_id != second.report_id
    assert first.report_id[0] == "#" and len(first.report_id) == 33
    assert first == third
    assert first.findings[0].order == 0


def test_a_version_column_says_which_row_is_newer() -> None:
    mapping = (
        HEAD + COLUMNS + 'isolate_id = "id"\nversion = "made"\n'
        '[date]\nversion_format = "%Y-%m-%d %H:%M"\n'
    )
    data = (
        "id,made,date,bug,AMP\n1,2026-01-06 10:00,2026-01-05,E. coli,S\n"
        "1,2026-01-07 10:00,2026-01-05,E. coli,R\n"
    )
    old, new = reports(data, mapping)
    assert old.report_id == new.report_id == "1"
    assert old.message_id == "1@20260106T090000"
    assert new.message_id == "1@20260107T090000"
    assert new.generated == datetime(2026, 1, 7, 9, tzinfo=UTC)


def test_collected_after_the_version_is_refused() -> None:
    mapping = HEAD + COLUMNS + 'version = "made"\n[date]\nversion_format = "%Y-%m-%d"\n'
    data = b"made,date,bug,AMP\n2026-01-01,2026-01-05,E. coli,S\n"
    assert failure(data, mapping.encode()).reason == "future-collected"


def test_numeric_isolate_ids_order_the_findings() -> None:
    mapping = HEAD + COLUMNS + 'isolate_id = "id"\n'
    first, second = reports("id,date,bug,AMP\n42,2026-01-05,a,S\nx7,2026-01-05,a,S\n", mapping)
    assert (first.findings[0].order, second.findings[0].order) == (42, 0)


def test_national_numbers() -> None:
    number = some_number()
    mapping = (
        HEAD + COLUMNS + 'patient = "who"\nsex = "sex"\nbirth_date = "born"\n'
        '[patient]\nkind = "FNR"\n[date]\nbirth_format = "%d.%m.%Y"\n[sex]\nkvinne = "F"\nmann = "M"\n'
    )
    header = "date,bug,who,sex,born,AMP\n"
    (report,) = reports(header + f"2026-01-05,a,{number},Kvinne,17.03.1984,S\n", mapping)
    assert report.patient.identifier == PersonId(kind="FNR", value=number)
    assert report.patient.birth_date == date(1984, 3, 17)
    for row, reason in [
        (f"2026-01-05,a,{number[:-1]}x,Kvinne,,S", "invalid-identity-number"),
        (f"2026-01-05,a,{number},Mann,,S", "contradictory-sex"),
        (f"2026-01-05,a,{number},,18.03.1984,S", "contradictory-birth-date"),
        (f"2026-01-05,a,{number},,1984,S", "bad-date"),
        (f"1983-01-05,a,{number},,,S", "born-after-collected"),
    ]:
        assert failure((header + row + "\n").encode(), mapping.encode()).reason == reason


def test_codes_and_names_of_organism_and_material() -> None:
    mapping = (
        HEAD + '[columns]\ncollected = "date"\norganism = "name"\norganism_code = "code"\n'
        'material_code = "type"\nward = "unit"\nmunicipality = "kom"\nquantity = "much"\n'
        'specimen_id = "tube"\n[organism]\nsystem = "WHONET"\n[material]\nsystem = "WHONET"\n'
    )
    header = "date,name,code,type,unit,kom,much,tube,AMP\n"
    (report,) = reports(header + "2026-01-05,Escherichia coli,eco,ur,ICU,301,mye,T1,S\n", mapping)
    (finding,) = report.findings
    assert finding.organisms == (
        Code(system="WHONET", code="eco", text="Escherichia coli"),
        Code(text="Escherichia coli"),
    )
    (specimen,) = report.specimens
    assert specimen.materials == (Code(system="WHONET", code="ur"),)
    assert (specimen.ward, specimen.specimen_id) == ("ICU", "T1")
    assert (report.patient.municipality, finding.quantity) == ("0301", "mye")
    bad = (header + "2026-01-05,a,,,,Oslo,,,S\n").encode()
    assert failure(bad, mapping.encode()).reason == "bad-value"


def test_a_constant_material() -> None:
    mapping = HEAD + COLUMNS + '[material]\nconstant = "Urin"\n'
    (report,) = reports("date,bug,AMP\n2026-01-05,a,S\n", mapping)
    assert report.specimens[0].materials == (Code(text="Urin"),)


def test_an_ignored_column_is_no_antibiotic() -> None:
    mapping = HEAD + COLUMNS + 'ignore = ["note"]\n'
    (report,) = reports("date,bug,note,AMP\n2026-01-05,a,see letter,S\n", mapping)
    assert len(report.findings[0].susceptibilities) == 1


def test_other_words_for_categories() -> None:
    mapping = (
        HEAD + COLUMNS + '[antibiotics]\nnot_tested = ["NA", "-"]\n[sir]\n"+" = "R"\nsdd = "I"\n'
    )
    data = "date,bug,A,B,C,D,E\n2026-01-05,a,+,SDD,NA,-, s \n"
    (report,) = reports(data, mapping)
    results = [(s.antibiotics[0].code, s.sir) for s in report.findings[0].susceptibilities]
    assert results == [("A", "R"), ("B", "I"), ("E", "S")]


def test_concentrations_with_decimal_comma() -> None:
    mapping = (
        HEAD + 'delimiter = ";"\ndecimal = ","\n' + COLUMNS + '[antibiotics]\nvalues = "mic"\n'
    )
    (report,) = reports("date;bug;A;B;C\n2026-01-05;a;0,25;<=0,5;>256\n", mapping)
    assert [s.mic for s in report.findings[0].susceptibilities] == ["0.25", "<=0.5", ">256"]
    assert {s.sir for s in report.findings[0].susceptibilities} == {""}


def test_a_comma_where_the_mapping_says_point() -> None:
    mapping = HEAD + 'delimiter = ";"\n' + COLUMNS + '[antibiotics]\nvalues = "mic"\n'
    assert failure(b"date;bug;A\n2026-01-05;a;0,25\n", mapping.encode()).reason == (
        "bad-susceptibility"
    )


def test_zone_diameters_with_names_cut() -> None:
    mapping = (
        HEAD
        + COLUMNS
        + '[antibiotics]\nvalues = "zone"\ncut_at = "_"\nsystem = "WHONET"\ncolumns = ["AMP_ED10"]\n'
    )
    (report,) = reports("date,bug,AMP_ED10\n2026-01-05,a,23\n", mapping)
    (result,) = report.findings[0].susceptibilities
    assert result.zone == 23
    assert result.antibiotics == (Code(system="WHONET", code="AMP", text="AMP_ED10"),)
    assert failure(b"date,bug,AMP_ED10\n2026-01-05,a,5\n", mapping.encode()).reason == (
        "bad-susceptibility"
    )


def test_antibiotics_renamed_by_the_mapping() -> None:
    mapping = HEAD + COLUMNS + '[antibiotics]\ncolumns = {CIP = "cipro"}\n'
    (report,) = reports("date,bug,cipro,other\n2026-01-05,a,S,x\n", mapping)
    assert report.findings[0].susceptibilities[0].antibiotics[0].code == "CIP"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("utf-8", "prøve,date,bug\n".encode()),
        ("utf-8-sig", "prøve,date,bug\n".encode("utf-8-sig")),
        ("utf-8-sig", "prøve,date,bug\n".encode()),
        ("cp1252", "prøve,date,bug\n".encode("cp1252")),
        ("iso-8859-1", "prøve,date,bug\n".encode("iso-8859-1")),
    ],
)
def test_encodings(encoding: str, data: bytes) -> None:
    mapping = f'encoding = "{encoding}"\n' + HEAD + COLUMNS + 'isolate_id = "prøve"\n'
    codec = "utf-8" if encoding.startswith("utf") else encoding
    (report,) = reports(data + "Å1,2026-01-05,Æ\r\n".encode(codec), mapping)
    assert report.report_id == "Å1"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("utf-8", "date,bug,prøve\n".encode("cp1252")),
        ("utf-8", "date,bug,x\n".encode("utf-8-sig")),
        ("cp1252", "date,bug,x\n".encode("utf-8-sig")),
        ("cp1252", b"date,bug,\x81\n"),
        ("cp1252", "date,bug,AMP\n2026-01-05,Ø,S\n".encode()),
        ("iso-8859-1", "date,bug,AMP\n2026-01-05,Sår,S\n".encode()),
    ],
)
def test_wrong_encodings(encoding: str, data: bytes) -> None:
    mapping = f'encoding = "{encoding}"\n' + HEAD + COLUMNS
    found = failure(data, mapping.encode())
    assert (found.reason, found.sender) == ("wrong-encoding", "L")
    assert found.place == f"line {data.count(10, 0, -1) + 1}"


@pytest.mark.parametrize(
    ("encoding", "data", "detail"),
    [
        ("utf-8", b"date,bug\n\xe5", "utf-8: E5"),
        ("cp1252", "date,bug,Ø".encode(), "cp1252 → utf-8"),
        ("utf-8", b"\xef\xbb\xbfdate,bug", "utf-8 → utf-8-sig"),
    ],
)
def test_the_detail_of_a_wrong_encoding_helps(encoding: str, data: bytes, detail: str) -> None:
    mapping = f'encoding = "{encoding}"\n' + HEAD + COLUMNS
    assert failure(data, mapping.encode()).detail == detail


@pytest.mark.parametrize(
    "header", ["date,bug,bug,AMP", "date,name,AMP", "Date,bug,AMP", "date;bug;AMP"]
)
def test_wrong_headers(header: str) -> None:
    assert failure((header + "\n").encode(), (HEAD + COLUMNS).encode()).reason == "wrong-columns"


def test_a_list_with_no_rows() -> None:
    for data in (b"date,bug,AMP", b"date,bug,AMP\n\n", b"\ndate,bug,AMP\r\n"):
        found = failure(data, (HEAD + COLUMNS).encode())
        assert (found.reason, found.sender) == ("empty-list", "L")
    assert found.place == "line 2"


def test_quoted_cells_with_line_breaks_keep_the_line_number() -> None:
    mapping = HEAD + COLUMNS + 'ward = "ward"\n'
    data = 'date,bug,ward\n2026-01-05,a,"one\ntwo"\nbad,a,b\n'
    good, bad = read(data.encode(), mapping.encode())
    assert isinstance(good, LabReport) and good.specimens[0].ward == "one\ntwo"
    assert isinstance(bad, Failure) and bad.place == "line 4, column date"


def test_equal_cells_share_one_record() -> None:
    first, second = reports(gallery.rows(gallery.VALID_ROW, "18" + gallery.VALID_ROW[2:]))
    assert first.findings[0].organisms is second.findings[0].organisms
    assert first.findings[0].susceptibilities[0] is second.findings[0].susceptibilities[0]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.dates(date(1970, 1, 2), date(2030, 1, 1)), st.text("RSI", max_size=1)),
        min_size=1,
        max_size=8,
    )
)
def test_every_row_gives_its_own_report_in_order(rows: list[tuple[date, str]]) -> None:
    lines = [f"{n},{day},Escherichia coli,P{n},,,,{sir},\n" for n, (day, sir) in enumerate(rows)]
    found = reports(gallery.HEADER + "".join(lines))
    assert [report.report_id for report in found] == [str(n) for n in range(len(rows))]
    for report, (day, sir) in zip(found, rows, strict=True):
        written = "".join(s.sir for s in report.findings[0].susceptibilities)
        assert written == sir
        assert abs((report.generated.date() - day).days) <= 1


@pytest.mark.skipif(not ORACLE.exists(), reason="the shared example isolates are not here")
def test_the_example_isolates_cell_by_cell() -> None:
    mapping = (EXAMPLES / "amr-example-isolates.toml").read_bytes()
    found = reports(ORACLE.read_bytes(), mapping)
    with ORACLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(found) == len(rows) == 2000
    for report, row in zip(found, rows, strict=True):
        (finding,) = report.findings
        assert (report.report_id, finding.order) == (row["row"], int(row["row"]))
        assert finding.organisms == (Code(text=row["organism"]),)
        written = {s.antibiotics[0].code: s.sir for s in finding.susceptibilities}
        plain = {name: row[name] for name in list(row)[8:] if row[name]}
        assert written == plain
        assert report.patient.identifier == PersonId(
            kind="LOCAL", value=row["patient"], issuer="AMR-EXAMPLE"
        )
        assert (report.patient.age, report.patient.sex) == (int(row["age"]), row["gender"])
        assert report.specimens[0].ward == row["ward"]
