"""What an HL7 version 2 report is called, and which version of it is the newest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from messages import hl7v2_builder as hl7
from varde.messages import Failure, LabReport, Statement, read
from varde.messages.hl7v2.names import salvage_names

MEASLES = ("7962-4", "Measles virus IgM Ab [Units/volume] in Serum", "LN")
NS1 = ("DNS1", "Dengue virus NS1", "L")
RECEIVED = datetime(2026, 2, 1, tzinfo=UTC)
TYPHI = ("5595000", "Salmonella Typhi", "SCT")


def reports(data: bytes) -> list[LabReport]:
    records: list[Statement | Failure] = list(read(data, None, RECEIVED))
    assert all(isinstance(record, LabReport) for record in records), records
    return [record for record in records if isinstance(record, LabReport)]


def report(data: bytes) -> LabReport:
    [only] = reports(data)
    return only


def order(test: tuple[str, str, str], *results: str, filler: str = "ACC77", **more: str) -> bytes:
    head = hl7.header(f7=more.pop("made", "20260107120000"), f10=more.pop("id", "M1"))
    return hl7.message(hl7.pid(), hl7.obr(filler, test, **more), *results, hl7.spm(), head=head)


# One accession number over several tests


def test_another_test_under_the_same_accession_number_is_another_report() -> None:
    blood = report(order(hl7.BLOOD, hl7.obx(hl7.BLOOD, hl7.comps(*TYPHI), f4="1")))
    igm = report(order(MEASLES, hl7.obx(MEASLES, "^Negative"), made="20260107130000", id="M2"))
    ns1 = report(order(NS1, hl7.obx(NS1, "^Positive"), id="M3"))
    assert blood.findings and igm.negative and ns1.findings
    assert blood.report_id == "ACC77"
    assert (igm.report_id, ns1.report_id) == ("ACC77^7962-4", "ACC77^DNS1")


def test_a_correction_of_the_same_order_has_its_name() -> None:
    first = report(order(MEASLES, hl7.obx(MEASLES, "^Negative")))
    again = report(
        order(
            ("7962-4", "Measles IgM", "LN"), hl7.obx(MEASLES, "^Positive"), f25="C", id="M2"
        )
    )  # fmt: skip
    assert first.report_id == again.report_id
    cancelled = report(order(MEASLES, f25="X", id="M3"))
    assert cancelled.report_id == first.report_id


def test_a_laboratorys_own_code_before_or_after_that_of_loinc_is_the_same_test() -> None:
    own = ("MEASM^Measles IgM^L^7962-4", "Measles virus IgM", "LN")
    for test in (MEASLES, own, ("7962-4^Measles IgM^LN^MEASM", "Measles", "L")):
        data = order(test, hl7.obx(MEASLES, "^Negative")).replace(b"\\S\\", b"^")
        assert report(data).report_id == "ACC77^7962-4"


def test_in_one_message_too_each_test_is_a_report_and_a_culture_keeps_its_own() -> None:
    """The panel by OBR-26, one that only has the number, and the culture are one report."""
    data = hl7.message(
        hl7.pid(),
        hl7.obr("ACC77", hl7.BLOOD), hl7.obx(hl7.BLOOD, hl7.comps(*TYPHI), f4="1"), hl7.spm("A"),
        hl7.obr("ACC77-1", hl7.PANEL, **hl7.child("ACC77", name=hl7.BLOOD, f2="P2")), hl7.test(),
        hl7.obr("ACC77", MEASLES, f2="P3"), hl7.obx(MEASLES, "^Negative"), hl7.spm("B"),
        hl7.obr("ACC77", ("AB", "Antibiogram", "L"), f2="P4"), hl7.test(hl7.CIPROFLOXACIN, "S"),
    )  # fmt: skip
    culture, igm = reports(data)
    assert (culture.report_id, igm.report_id) == ("ACC77", "ACC77^7962-4")
    assert [len(found.susceptibilities) for found in culture.findings] == [2]
    assert igm.negative and not igm.findings


@pytest.mark.parametrize(
    ("test", "number"),
    [
        (hl7.CULTURE, "ACC77"),
        (("UC", "Urine culture", "L"), "ACC77"),
        (hl7.PANEL, "ACC77"),
        (("NPU59390", "Us-SARS-CoV-2 antigen", "2.16.578.1.12.4.1.1.7280"), "ACC77"),
        (("COV", "SARS-CoV-2 PCR", "2.16.578.1.12.4.1.1.8212"), "ACC77"),
        (("COV", "SARS-CoV-2 PCR", "L"), "ACC77^COV"),
        (("", "SARS-CoV-2 PCR", ""), "ACC77^sars-cov-2 pcr"),
        (("", "", ""), "ACC77"),
    ],
)
def test_where_the_number_does_without_the_test(test: tuple[str, str, str], number: str) -> None:
    data = order(test, hl7.obx(("C", "SARS-CoV-2 PCR", "L"), "^Negative"))
    assert report(data).report_id == number
    cut = data[: data.index(b"OBX|")]
    assert salvage_names(cut).report_id == number


SALMONELLA = ("20955-1", "Salmonella sp identified in Stool by Organism specific culture", "LN")
MSSU = ("MSSU^Urine culture, MSSU^L^630-4", "Bacteria identified in Urine by Culture", "LN")


@pytest.mark.parametrize(
    ("test", "number"),
    [
        (("600-7", "Bacteria identified in Blood by Culture", "LN"), "ACC77"),
        (("20474-3", "Bacteria identified in Tissue by Culture", "LN"), "ACC77"),
        (("6463-4", "", "LN"), "ACC77"),
        (MSSU, "ACC77"),
        (("BCP", "Blood culture preliminary", "L"), "ACC77"),
        (("BCF", "Blood culture x2 (aerobic/anaerobic), FINAL", "L"), "ACC77"),
        (("URD", "Urindyrkning", "L"), "ACC77"),
        (SALMONELLA, "ACC77^20955-1"),
        (("601-5", "Fungus identified in Blood by Culture", "LN"), "ACC77^601-5"),
        (("533-0", "Mycobacterium sp identified in Blood by Organism specific culture", "LN"), "ACC77^533-0"),
        (("635-3", "Bacteria identified in Specimen by Anaerobe culture", "LN"), "ACC77^635-3"),
        (("MRSAC", "MRSA screen culture", "L"), "ACC77^MRSAC"),
        (("MRSAC^MRSA screen^L^6463-4", "Bacteria identified in Specimen by Culture", "LN"), "ACC77^MRSAC"),
        (("6463-4", "MRSA screen", "LN"), "ACC77^mrsa screen"),
        (("LEGC", "Legionella culture", "L"), "ACC77^LEGC"),
        (("", "Soppdyrkning, endelig", ""), "ACC77^soppdyrkning"),
    ],
)  # fmt: skip
def test_only_a_general_culture_has_the_number_alone(
    test: tuple[str, str, str], number: str
) -> None:
    data = order(test, hl7.obx(hl7.BLOOD, hl7.comps(*TYPHI), f4="1")).replace(b"\\S\\", b"^")
    assert report(data).report_id == number
    assert salvage_names(data[: data.index(b"OBX|")]).report_id == number


@pytest.mark.parametrize("first", [0, 1])
def test_susceptibilities_without_a_parent_are_of_the_culture_in_which_something_grew(
    first: int,
) -> None:
    other = ("6331-3", "Campylobacter sp identified in Stool by Organism specific culture", "LN")
    cultures = [
        (hl7.obr("ACC77", SALMONELLA), hl7.obx(SALMONELLA, hl7.comps(*TYPHI), f4="1")),
        (hl7.obr("ACC77", other, f2="P2"), hl7.obx(other, "264868006^No growth^SCT")),
        (hl7.obr("ACC77", ("AB", "Antibiogram", "L"), f2="P4"), hl7.test(hl7.CIPROFLOXACIN, "S")),
    ]  # fmt: skip
    moved = [*cultures[first:], *cultures[:first]]
    found = {each.report_id: each for each in reports(hl7.message(hl7.pid(), *sum(moved, ()), hl7.spm()))}  # fmt: skip
    assert found.keys() == {"ACC77^20955-1", "ACC77^6331-3"}
    [finding] = found["ACC77^20955-1"].findings
    assert len(finding.susceptibilities) == 1 and found["ACC77^6331-3"].negative


def test_a_broken_message_has_the_name_that_its_correction_will_have() -> None:
    broken = order(MEASLES, hl7.obx(MEASLES, "^Negative"), f25="?")
    [failure] = read(broken)
    assert isinstance(failure, Failure) and failure.report_id == "ACC77^7962-4"


def test_a_cancellation_without_an_order_is_refused_under_the_number_that_it_gives() -> None:
    for control, number in [("CA|P1|ACC77^LAB", "ACC77"), ("CA|P1", ""), ("CA|P1|", "P1")]:
        [failure] = read(hl7.message(hl7.pid(), f"ORC|{control}"))
        assert isinstance(failure, Failure)
        assert (failure.reason, failure.report_id) == ("no-report", number)


# Which version is the newest


def at(hour: int, minute: int = 0, micro: int = 0) -> datetime:
    return datetime(2026, 1, 7, hour - 1, minute, 0, micro, tzinfo=UTC)


def made(changed: str | None, message: str | None, status: str = "F") -> datetime:
    head = hl7.header(f7=message)
    data = hl7.message(
        hl7.pid(), hl7.obr(f22=changed, f25=status), hl7.organism(), hl7.spm(), head=head
    )
    return report(data).generated


def test_an_old_preliminary_that_is_sent_again_is_older_than_the_final_one() -> None:
    final = made("20260107110000", "20260107110500")
    again = made("20260107090000", "20260107150000", "P")
    assert (final, again) == (at(11), at(9))


@pytest.mark.parametrize("changed", [None, "20260107", "2026", "20261340100000", "20290107120000"])
def test_without_a_readable_hour_the_message_counts(changed: str | None) -> None:
    assert made(changed, "20260107120000") == at(12)


def test_of_two_corrections_with_the_same_change_the_later_message_is_the_newer() -> None:
    """And both are newer than the answer that they correct, by their rank or by a microsecond."""
    first = made("20260107110000", "20260107110500")
    once = made("20260107110000", "20260107120000", "C")
    twice = made("20260107110000", "20260107123000", "C")
    assert (first, once, twice) == (at(11), at(11, micro=60), at(11, micro=90))
    assert made("20260107110000", "20260107100000", "C") == at(11)


def test_a_specimen_may_be_taken_after_a_change_that_was_written_too_early() -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(f22="20260104120000"), hl7.organism(), hl7.spm(collected="20260105100000")
    )  # fmt: skip
    assert report(data).generated == datetime(2026, 1, 4, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("processing", "status", "service"),
    [("P^A", "F", "H"), ("P^R", "C", "H"), ("P^I", "F", "H"), ("P^T", "F", "N"), ("P", "F", "N"), ("P^A", "X", "C")],
)  # fmt: skip
def test_what_comes_from_an_archive_is_historic(processing: str, status: str, service: str) -> None:
    data = hl7.message(
        hl7.pid(), hl7.obr(f25=status), hl7.organism(), hl7.spm(), head=hl7.header(f11=processing)
    )
    assert report(data).service_type == service


# What of its number a version states


@pytest.mark.parametrize(
    ("status", "test", "specimen", "states"),
    [
        ("F", hl7.BLOOD, "B", ("part", ())),
        ("X", hl7.BLOOD, "B", ("part", ("B",))),
        ("X", hl7.BLOOD, None, ("part", ())),
        ("X", ("", "", ""), "B", ("number", ("B",))),
        ("X", ("", "", ""), None, ("number", ())),
    ],
)
def test_what_a_version_states(
    status: str, test: tuple[str, str, str], specimen: str | None, states: tuple[str, tuple[str]]
) -> None:
    results = [hl7.organism()] if status == "F" else []
    made = report(
        hl7.message(hl7.pid(), hl7.obr("A", test, f25=status), *results, hl7.spm(specimen))
    )
    assert (made.scope, made.withdraws) == states


@pytest.mark.parametrize(
    "name", ["Dengue NS1 prelim", "Dengue NS1 (FINAL)", "Preliminary: Dengue NS1", "Dengue NS1 - endelig"]
)  # fmt: skip
def test_words_of_a_stage_are_no_part_of_a_test(name: str) -> None:
    data = order(("", name, ""), hl7.obx(NS1, "^Negative"))
    assert report(data).report_id == "ACC77^dengue ns1"


def test_a_test_that_is_called_by_a_stage_alone_keeps_its_name() -> None:
    data = order(("", "Final", ""), hl7.obx(NS1, "^Negative"))
    assert report(data).report_id == "ACC77^final"
