"""A number that only the rule of 2032 allows is none in what was stated before that rule began, in any format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from messages import fhir_builder as fhir
from messages import hl7v2_builder as hl7
from messages import kith_builder as kith
from messages import klinikermelding_builder as klinikermelding
from messages import vaccination_builder as vaccination
from messages.numbers import some_number
from varde.messages import Failure, LabReport, identify, read
from varde.messages.identifiers import NEW_RULE

BORN = date(1984, 3, 17)
NEW, OLD = some_number(remainder=2), some_number()
BEFORE, AFTER = datetime(2026, 1, 7, 12, tzinfo=UTC), datetime(2032, 1, 7, 12, tzinfo=UTC)


def _answer(number: str, made: datetime, born: str | None) -> fhir.Answer:
    person = replace(fhir.numbered(number), born=born, sex="")
    return replace(person, generated=made.isoformat())


def _hl7(number: str, made: datetime, born: str | None) -> bytes:
    person = hl7.pid(
        f"{number}^^^&2.16.578.1.12.4.1.4.1&ISO^NNNOR", f7=(born or "").replace("-", "")
    )
    order = hl7.obr(f7="20260105100000")
    head = hl7.header(f7=f"{made:%Y%m%d%H%M%S}+0000")
    return hl7.message(person, order, hl7.organism(), hl7.spm(), head=head)


def _form(number: str, made: datetime, born: str | None) -> bytes:
    said = klinikermelding.whose(fodselsnummer=number, fodselsdato=born, kjonn=None)
    said["melding"] = klinikermelding.envelope(tidspunkt=made.isoformat())
    return klinikermelding.write(said)


def _given(number: str, made: datetime, born: str | None) -> vaccination.Given:
    return vaccination.Given(number=number, born=born or "", generated=made.isoformat())


WRITERS: dict[str, Callable[[str, datetime, str | None], bytes]] = {
    "kith": lambda *said: fhir.as_kith(_answer(*said)),
    "fhir": lambda *said: fhir.as_fhir(_answer(*said)),
    "hl7": _hl7,
    "klinikermelding": _form,
    "vaccination, fhir": lambda *said: vaccination.as_fhir(_given(*said)),
    "vaccination, table": lambda *said: vaccination.as_table(_given(*said)),
}


def reasons(data: bytes, received: datetime) -> list[str]:
    return [one.reason for one in read(data, received=received) if isinstance(one, Failure)]


@pytest.mark.parametrize("write", WRITERS.values(), ids=list(WRITERS))
def test_a_number_of_the_new_rule_waits_for_it(
    write: Callable[[str, datetime, str | None], bytes],
) -> None:
    assert reasons(write(OLD, BEFORE, None), BEFORE) == []
    assert reasons(write(NEW, BEFORE, None), BEFORE) == ["invalid-identity-number"]
    assert reasons(write(NEW, AFTER, None), AFTER) == []


@pytest.mark.parametrize("write", WRITERS.values(), ids=list(WRITERS))
def test_a_birth_date_that_the_number_contradicts_is_refused_under_either_rule(
    write: Callable[[str, datetime, str | None], bytes],
) -> None:
    for number in (OLD, NEW):
        assert reasons(write(number, AFTER, "1984-03-17"), AFTER) == []
        assert reasons(write(number, AFTER, "1950-01-01"), AFTER) == ["contradictory-birth-date"]


def test_a_number_of_the_new_rule_tells_the_day_but_not_the_century() -> None:
    found = identify("FNR", NEW, NEW_RULE)
    assert found.valid and found.birth_date is None
    assert found.births == (BORN, date(2084, 3, 17))
    assert not found.contradicts(BORN) and not found.contradicts(None)
    assert found.contradicts(date(1984, 3, 18))
    assert not identify("FNR", NEW, date(2031, 12, 31)).valid
    assert identify("FNR", NEW).valid, "by any rule, when nobody knows when it was said"
    assert identify("FNR", OLD, date(2031, 12, 31)).births == (BORN,)


def _second(wire: str, number: str, made: datetime) -> bytes:
    """An answer about somebody with an old number, and another one beside it."""
    if wire == "kith":
        more = kith.element("AdditionalId", kith.text("Id", number), kith.coded("Type", "FNR"))
        person = kith.patient(kith.specimen(), kith.culture("Vekst"), number=OLD, more=more)
        return kith.message(kith.report(person), generated=f"{made:%Y-%m-%dT%H:%M:%S}")
    if wire == "fhir":
        bundle = fhir.as_bundle(_answer(OLD, made, None))
        for person in fhir.find_patients(bundle):
            person["identifier"].append(dict(person["identifier"][0], value=number, use="old"))
        return fhir.write(bundle)
    written = (f"{each}^^^&2.16.578.1.12.4.1.4.1&ISO^NNNOR" for each in (OLD, number))
    head = hl7.header(f7=f"{made:%Y%m%d%H%M%S}+0000")
    person = hl7.pid("~".join(written), f7="", f8="")
    return hl7.message(person, hl7.obr(f7="20260105100000"), hl7.organism(), hl7.spm(), head=head)


@pytest.mark.parametrize("wire", ["kith", "fhir", "hl7"])
def test_a_second_number_of_the_new_rule_waits_for_it_too(wire: str) -> None:
    other = some_number(born=date(1990, 5, 4))
    for number, made, kept in ((other, BEFORE, 2), (NEW, BEFORE, 1), (NEW, AFTER, 2)):
        (report,) = read(_second(wire, number, made), received=made)
        assert isinstance(report, LabReport), report
        assert report.patient.identifier is not None and report.patient.identifier.value == OLD
        described = report.patient.described
        told = () if described is None else described.numbers
        assert len(told) in (kept, 0 if kept == 1 else kept), (wire, made, told)
        assert all(each.value != NEW for each in told) or made is AFTER
