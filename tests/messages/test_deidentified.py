"""What is kept of submissions to NORM and RAVN: nothing that leads to anybody, and all that counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages import deidentified_lists as lists
from messages import gallery
from varde.messages import Failure, LabReport, minimise, read_minimised
from varde.messages.deidentified.kept import hash_keyed

RECEIVED = datetime(2026, 7, 2, 12, tzinfo=UTC)
Submission = tuple[str, list[dict[str, str]], list[str], lists.Dialect]


def keep(register: str, *rows: dict[str, str]) -> bytes:
    return minimise(register, lists.write(register, *rows), lists.keyed)  # type: ignore[arg-type]


def read_rows(register: str, *rows: dict[str, str]) -> list[LabReport | Failure]:
    return list(read_minimised(keep(register, *rows), RECEIVED))


def report(register: str, **cells: str) -> LabReport:
    (found,) = read_rows(register, lists.row(register, **cells))
    assert isinstance(found, LabReport), found
    return found


def failure(register: str, **cells: str) -> Failure:
    (found,) = read_rows(register, lists.row(register, **cells))
    assert isinstance(found, Failure), found
    return found


# --- nothing that leads to anybody ---


@settings(max_examples=120, deadline=None)
@given(lists.submissions())
def test_no_number_no_isolate_and_no_free_text_is_kept(submission: Submission) -> None:
    register, rows, order, dialect = submission
    kept = minimise(
        register, lists.write(register, *rows, order=order, dialect=dialect), lists.keyed
    )  # type: ignore[arg-type]
    text = kept.decode()
    assert not re.search(r"\d{11}", text)
    assert lists.SECRET not in text and lists.NUMBER[:6] not in text
    for row in rows:
        assert "Q" not in row["Isolatnummer"].upper() or row["Isolatnummer"] not in text
        assert row["Prøvedato"].strip() not in text or not row["Prøvedato"]
    assert minimise(register, kept, lists.keyed) == kept  # type: ignore[arg-type]


@pytest.mark.parametrize("register", ["norm", "ravn"])
@pytest.mark.parametrize("number", ["Kari Nordmann", "NORDMANN, KARI", "Kari Nordmann 17.03.1984"])
def test_a_name_in_place_of_the_isolate_number_refuses_the_row(register: str, number: str) -> None:
    refused = failure(register, Isolatnummer=number)
    assert (refused.reason, refused.place) == ("bad-value", "line 2, column Isolatnummer")
    assert refused.report_id == "", "no hash of a name"
    for fine in ("N-17", "Ahus blod 123", "NORM 2026 0001", "17.03.2026-4"):
        report(register, Isolatnummer=fine)


ANYTHING = st.text(max_size=30) | st.from_regex(r"\d{6}[ .-]?\d{5}", fullmatch=True)
MARKED = ANYTHING.map(lambda text: f"{text}Ω{text}")
"""Text with a sign that is in no list and no grammar: wherever it stands, it must be gone."""


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(["norm", "ravn"]),
    st.dictionaries(
        st.sampled_from([*lists.HEADINGS, "Mikrobe", "Virus", "Mutasjoner", "CIP", "NNRTI"]),
        MARKED,
        min_size=1,
        max_size=4,
    ),
)
def test_any_text_in_any_cell_is_gone(register: str, cells: dict[str, str]) -> None:
    kept = keep(register, lists.row(register, **cells)).decode()
    assert "Ω" not in kept and not re.search(r"\d{11}", kept)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["norm", "ravn"]), MARKED.filter(lambda text: text.isprintable()))
def test_any_other_heading_refuses_the_file_and_is_gone(register: str, heading: str) -> None:
    names = [*lists.headings(register), heading]
    cells = lists.row(register) | {heading: lists.NUMBER}
    kept = minimise(register, lists.write(register, cells, order=names), lists.keyed)  # type: ignore[arg-type]
    assert "Ω" not in kept.decode() and not re.search(rb"\d{11}", kept)
    (found,) = read_minimised(kept)
    assert isinstance(found, Failure)
    assert (found.reason, found.place) == ("wrong-columns", f"line 1, column {len(names)}")


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_equal_numbers_have_equal_hashes_under_one_key_alone(one: str, other: str) -> None:
    first = hash_keyed(lists.keyed, "isolate", one)
    assert first == hash_keyed(lists.keyed, "isolate", one)
    assert first != hash_keyed(lists.other_keyed, "isolate", one)
    assert first != hash_keyed(lists.keyed, "file", one)
    assert (first == hash_keyed(lists.keyed, "isolate", other)) == (one == other)
    assert re.fullmatch("[0-9a-f]{32}", first) and not re.search(r"\d{11}", first)


def test_a_number_is_the_same_isolate_within_its_laboratory() -> None:
    """And in NORM within the year: nothing can be followed from one to the next."""

    def isolate(register: str, **cells: str) -> str:
        return report(register, **cells).report_id

    last_year = {"År": "2025", "Prøvedato": "17.03.2025"}
    for register in ("norm", "ravn"):
        same = isolate(register)
        assert isolate(register, Tidspunkt="2026-07-02", Alder="7") == same
        assert isolate(register, Isolatnummer="X-18") != same
        assert isolate(register, Avsender="HER:9900102") != same
        assert (isolate(register, **last_year) == same) == (register == "ravn")
    assert isolate("norm") != isolate("ravn")


def test_a_hash_never_has_eleven_digits_in_a_row() -> None:
    """One in eleven or so would: the next one is taken, always the same."""
    counted = 0
    for number in range(300):
        found = hash_keyed(lists.keyed, "isolate", str(number))
        assert not re.search(r"\d{11}", found)
        first = lists.keyed(f"isolate\x1f0\x1f{number}".encode()).hex()[:32]
        counted += found != first
    assert 0 < counted < 60


@pytest.mark.parametrize("keyed", [lambda data: b"short", lambda data: b"1" * 16])
def test_what_is_no_keyed_hash_is_refused(keyed) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="no keyed hash"):
        minimise("norm", lists.write("norm", lists.row("norm")), keyed)


# --- what is kept ---


def test_the_line_that_is_kept_of_a_row() -> None:
    cells = lists.row("norm", Alder="93", Smittested="Thailand", CIP="R", CIP_MIC="> 4")
    first, line, seal, end = keep("norm", cells).split(b"\n")
    assert json.loads(first) == {
        "is": "file",
        "register": "norm",
        "results": [
            {"drug": "ampicillin"},
            {"drug": "CIP"},
            {"drug": "CIP", "holds": "mic"},
            {"drug": "J01XE01"},
            {"drug": "J01XE01", "holds": "zone"},
            {"drug": "gentamicin", "holds": "mic"},
        ],
    }
    found = json.loads(line)
    assert re.fullmatch("[0-9a-f]{32}", found.pop("isolate"))
    assert found == {
        "is": "row",
        "line": 2,
        "sender": "HER:9900101",
        "year": 2026,
        "generated": "2026-07-01",
        "sampled": "2026-03",
        "sex": "F",
        "age": 90,
        "municipality": "4601",
        "material": "blodkultur",
        "organism": "Escherichia coli",
        "infected_in": "TH",
        "method": "other",
        "results": ["S", "R", ">4", "", "", ""],
    }
    assert json.loads(seal).keys() == {"is", "of"} and end == b""


def test_a_report_has_no_person_and_all_that_counts() -> None:
    found = report(
        "ravn",
        Virus="HIV-1",
        Metode="genotypisk",
        Mutasjoner="rtK103N; RT:M184V",
        NNRTI="Resistent",
    )
    assert found.patient.identifier is None and found.patient.birth_date is None
    assert (found.patient.sex, found.patient.age, found.patient.municipality) == ("F", 65, "4601")
    assert (found.infected_in, found.protocol, found.discipline) == ("NO", "2026", "MBIO")
    (finding,) = found.findings
    assert finding.mutations == ("RT:K103N", "RT:M184V")
    assert [(r.antibiotics[0].text, r.sir, r.method) for r in finding.susceptibilities] == [
        ("oseltamivir", "S", "genotypic"),
        ("NNRTI", "R", "genotypic"),
    ]


@pytest.mark.parametrize(("written", "age"), [("", None), ("0", 0), ("89", 89), ("90", 90), ("90+", 90), ("130", 90)])  # fmt: skip
def test_ages_are_whole_years_and_the_oldest_one_group(written: str, age: int | None) -> None:
    assert report("norm", Alder=written).patient.age == age


def test_of_dates_only_month_and_day_of_version_are_kept() -> None:
    """Two rows that differ in the hour, or in the day within the month, are kept alike."""
    cells = lists.row("norm")
    for other in ({"Tidspunkt": "2026-07-01T23:59"}, {"Prøvedato": "2026-03-01"}):
        assert keep("norm", cells) == keep("norm", cells | other)
    assert keep("norm", cells) != keep("norm", cells | {"Tidspunkt": "2026-07-02"})


def test_versions_are_told_apart_by_day_and_number() -> None:
    made = [report("norm", Tidspunkt=day, Utgave=number).generated for day, number in
            (("2026-06-30", "9"), ("2026-07-01", ""), ("2026-07-01", "1"), ("2026-07-01", "2"))]  # fmt: skip
    assert made == sorted(set(made))


def test_one_drug_by_two_names_is_one_drug() -> None:
    names = [*lists.HEADINGS, "Mikrobe", "ciprofloksacin", "CIP_MIC"]
    data = lists.write("norm", lists.row("norm", ciprofloksacin="R", CIP_MIC="4"), order=names)
    (found,) = read_minimised(minimise("norm", data, lists.keyed))
    assert isinstance(found, LabReport)
    (result,) = found.findings[0].susceptibilities
    assert (result.antibiotics[0].text, result.sir, result.mic) == ("ciprofloksacin", "R", "4")


# --- what is refused ---


@pytest.mark.parametrize(
    ("register", "cells", "reason", "column"),
    [
        ("norm", {"Isolatnummer": lists.NUMBER}, "unexpected-identity", "Isolatnummer"),
        ("norm", {"Isolatnummer": "20261234567"}, "unexpected-identity", "Isolatnummer"),
        ("norm", {"Mikrobe": f"E. coli {lists.NUMBER}"}, "unexpected-identity", "Mikrobe"),
        ("ravn", {"Mutasjoner": f"{lists.NUMBER[:6]} {lists.NUMBER[6:]}"}, "unexpected-identity", "Mutasjoner"),
        ("norm", {"CIP": lists.NUMBER}, "unexpected-identity", "CIP"),
        ("norm", {"Mikrobe": "HIV-1"}, "unknown-term", "Mikrobe"),
        ("ravn", {"Virus": "Escherichia coli"}, "unknown-term", "Virus"),
        ("norm", {"Mikrobe": "ukjent mikrobe"}, "unknown-term", "Mikrobe"),
        ("norm", {"Prøvemateriale": "hentet hjemme"}, "unknown-term", "Prøvemateriale"),
        ("norm", {"Smittested": "hos naboen"}, "unknown-term", "Smittested"),
        ("ravn", {"Mutasjoner": "ingen kjente"}, "unknown-term", "Mutasjoner"),
        ("norm", {"CIP": "Q"}, "bad-susceptibility", "CIP"),
        ("norm", {"CIP_MIC": "R"}, "bad-susceptibility", "CIP_MIC"),
        ("norm", {"J01XE01_ZONE": "120"}, "bad-susceptibility", "J01XE01_ZONE"),
        ("norm", {"Metode": "på øyemål"}, "bad-value", "Metode"),
        ("norm", {"Alder": "131"}, "bad-value", "Alder"),
        ("norm", {"Avsender": "Laboratoriet"}, "bad-value", "Avsender"),
        ("norm", {"Isolatnummer": ""}, "missing-value", "Isolatnummer"),
        ("norm", {"Prøvedato": "32.01.2026"}, "bad-date", "Prøvedato"),
        ("norm", {"Prøvedato": "1969-01-01"}, "absurd-date", "Prøvedato"),
        ("norm", {"Prøvedato": "05.07.2026"}, "future-collected", "Prøvedato"),
        ("norm", {"År": "2025"}, "contradictory-values", "År"),
        ("norm", {"Tidspunkt": "2026-07-09"}, "future-generated", "Tidspunkt"),
        ("norm", {"Mikrobe": "x" * 201}, "too-large", "Mikrobe"),
    ],
)  # fmt: skip
def test_a_row_that_is_refused_says_why_and_where_and_nothing_else(
    register: str, cells: dict[str, str], reason: str, column: str
) -> None:
    found = failure(register, **cells)
    assert (found.reason, found.place) == (reason, f"line 2, column {column}")
    assert found.kind == register
    assert found.detail == ("2026-07-09" if reason == "future-generated" else "")
    sure = column not in ("Avsender", "Isolatnummer")
    assert bool(found.report_id) == sure or reason == "unexpected-identity"
    assert found.sender == ("" if column == "Avsender" else "HER:9900101")
    if column == "Isolatnummer":
        assert found.report_id == ""


def test_a_refused_row_takes_no_other_with_it_and_its_correction_has_its_number() -> None:
    bad = lists.row("norm", Mikrobe=lists.SECRET)
    found = read_rows("norm", lists.row("norm", Isolatnummer="X-1"), bad, lists.row("norm"))
    taken, refused, corrected = found
    assert isinstance(taken, LabReport) and isinstance(corrected, LabReport)
    assert isinstance(refused, Failure) and (refused.item, refused.place[:6]) == (1, "line 3")
    assert refused.report_id == corrected.report_id != taken.report_id


def test_a_month_in_the_future_is_refused_when_it_is_read() -> None:
    """No clock where it is minimised; the day is not there any more where it is read."""
    kept = keep("norm", lists.row("norm", Prøvedato="2026-09-01", Tidspunkt="2026-09-02"))
    (found,) = read_minimised(kept, RECEIVED)
    assert isinstance(found, Failure) and found.reason == "future-generated"
    forged = kept.replace(b'"2026-09-02"', b'"2026-07-01"')
    (found,) = read_minimised(forged, RECEIVED)
    assert isinstance(found, Failure)
    assert (found.reason, found.detail) == ("future-collected", "2026-09")
    assert isinstance(next(iter(read_minimised(kept, RECEIVED + timedelta(days=62)))), LabReport)


def files() -> Iterator[tuple[str, bytes, str, str]]:
    good = lists.write("norm", lists.row("norm"))
    names = lists.headings("norm")
    yield "nothing", b"", "empty", ""
    yield "blanks", b"\xef\xbb\xbf \r\n", "empty", ""
    yield "another format", gallery.INVALID["bad-date"], "unknown-format", "line 1"
    yield "no text", b"\x00\x01" * 50, "unknown-format", "line 1"
    yield (
        "wrong encoding",
        good.replace(b"2026-07", "é".encode() + b"\xff"),
        "wrong-encoding",
        "line 2",
    )
    yield "no rows", lists.write("norm"), "empty-list", "line 1"
    yield (
        "twice",
        lists.write_lines([[*names, "Alder"]], lists.Dialect()),
        "wrong-columns",
        "line 1, column 21",
    )
    drug = lists.write_lines([[*names, "ciprofloksacin"]], lists.Dialect())
    yield "a drug twice", drug, "wrong-columns", "line 1, column 21"
    virus = lists.write_lines([[*names, "oseltamivir"]], lists.Dialect())
    yield "an antiviral in NORM", virus, "wrong-columns", "line 1, column 21"
    missing = lists.write_lines([[name for name in names if name != "Prøvedato"]], lists.Dialect())
    yield "no date", missing, "wrong-columns", "line 1, column Prøvedato"
    quoted = good.replace(b"Avsender", b'"Avsender', 1)
    yield "broken headings", quoted, "unknown-format", "line 1"
    long = good.replace(b"\n", b";" * 40_000 + b"\n", 1)
    yield "too many headings", long, "wrong-columns", "line 1"


@pytest.mark.parametrize(("data", "reason", "place"), [f[1:] for f in files()], ids=[f[0] for f in files()])  # fmt: skip
def test_a_file_that_is_refused_says_why_where_and_which_file(
    data: bytes, reason: str, place: str
) -> None:
    kept = minimise("norm", data, lists.keyed)
    assert len(kept) < 300
    (found,) = read_minimised(kept)
    assert isinstance(found, Failure)
    assert (found.reason, found.place, found.kind) == (reason, place, "norm")
    assert re.fullmatch("[0-9a-f]{32}", found.message_id) and not found.detail
    assert kept == minimise("norm", data, lists.keyed) == minimise("norm", kept, lists.keyed)
    assert kept != minimise("norm", data + b" ", lists.keyed)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("varde.messages.deidentified.headings.MAX_BYTES", 100)
    (found,) = read_minimised(keep("norm", lists.row("norm")))
    assert isinstance(found, Failure) and found.reason == "too-large"


def test_damaged_rows_are_refused_and_the_others_taken() -> None:
    lines = lists.write("norm", lists.row("norm"), lists.row("norm")).split(b"\n")
    short, quote = lines[1].rpartition(b";")[0], b'"' + lines[1]
    kept = minimise(
        "norm", b"\n".join([*lines[:2], short, b"; " * 19, quote, lines[1]]), lists.keyed
    )
    found = list(read_minimised(kept))
    assert [r.reason if isinstance(r, Failure) else "" for r in found] == [
        "", "wrong-cell-count", "malformed-list", "",
    ]  # fmt: skip
    assert [r.place for r in found if isinstance(r, Failure)] == ["line 3", "line 5"]


def test_an_identity_number_in_a_row_of_the_wrong_length_refuses_it() -> None:
    data = lists.write("norm", lists.row("norm")) + f"a;b;{lists.NUMBER}\n".encode()
    found = list(read_minimised(minimise("norm", data, lists.keyed)))[1]
    assert isinstance(found, Failure)
    assert (found.reason, found.place, found.sender) == ("unexpected-identity", "line 3", "")


def test_a_number_that_a_control_sign_parts_is_seen() -> None:
    number = f"{lists.NUMBER[:6]}\x1f{lists.NUMBER[6:]}"
    assert failure("norm", Isolatnummer=number).reason == "unexpected-identity"
