"""What the invented inhabitants are called: the same person in every format, each sender with slips of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from varde.messages import Failure, read
from varde.messages.records import LabReport, Notification, Statement, Vaccination
from varde.synthetic import (
    Country,
    Notifications,
    Searches,
    Subject,
    Vaccinations,
    number_changes,
    subjects,
)
from varde.synthetic.callings import call, call_as_sent, newborn
from varde.synthetic.isolates import NEWBORN, Report
from varde.synthetic.kith import calling_of
from varde.synthetic.persons import is_synthetic

COUNTRY = Country(isolates=1500, lists=False)
SEARCHES = Searches(count=400)
DOSES = Vaccinations(doses=400)
CASES = Notifications(cases=400)
LARGE = Country(isolates=20_000)
BORN = date(1980, 1, 2)


def good(files: Iterable[bytes]) -> list[Statement]:
    return [each for data in files for each in read(data) if isinstance(each, Statement)]


@cache
def records() -> dict[str, list[Statement]]:
    return {
        "answers": good(each.data for each in COUNTRY.arrivals()),
        "searches": good(data for _, data in SEARCHES.messages()),
        "doses": good(data for _, data in DOSES.bundles()),
        "cases": good(data for _, data in CASES.messages()),
    }


@cache
def truth() -> dict[str, dict[tuple[str, str], Subject]]:
    sources = {"answers": COUNTRY, "searches": SEARCHES, "doses": DOSES, "cases": CASES}
    return {
        key: {(each.sender, each.report_id): each for each in subjects(source)}  # type: ignore[arg-type]
        for key, source in sources.items()
    }


@cache
def large() -> list[Report]:
    return [story.report for story in LARGE.stories()]


def names_of(record: Statement) -> tuple[str, str]:
    assert isinstance(record, LabReport | Vaccination | Notification)
    found = record.patient.described
    assert found is not None, record
    return found.family, found.given


def test_everything_sent_is_of_the_person_that_the_truth_says() -> None:
    alike: Counter[bool] = Counter()
    for key, sent in records().items():
        assert len(sent) > 100
        for record in sent:
            subject = truth()[key].get((record.sender, record.report_id))
            if subject is None:
                # The reader makes a number for forms that have none.
                assert key == "cases" and record.report_id.startswith("#")
                continue
            assert isinstance(record, LabReport | Vaccination | Notification)
            patient = record.patient
            assert (patient.birth_date, patient.sex) == (subject.born, subject.sex)
            alike[names_of(record)[0] == subject.calling.family] += 1
    assert 0.85 < alike[True] / alike.total() < 0.99


def test_one_sender_has_one_spelling_and_two_may_differ() -> None:
    spelt: dict[int, dict[str, set[tuple[str, str]]]] = defaultdict(lambda: defaultdict(set))
    for key, sent in records().items():
        for record in sent:
            subject = truth()[key].get((record.sender, record.report_id))
            if subject is not None and subject.number:
                spelt[subject.person][record.sender].add(names_of(record))
    assert all(len(each) == 1 for senders in spelt.values() for each in senders.values())
    spellings = [
        {call_as_sent(f"lab{n}", person, "F", BORN, "0301", True)[:2] for n in range(8)}
        for person in range(100)
    ]
    assert 20 < sum(len(each) > 1 for each in spellings) < 90


def test_the_same_person_is_called_the_same_by_everybody_but_for_slips() -> None:
    first = call(17, "F", BORN, "4601")
    assert first == call(17, "F", BORN, "4601") != call(18, "F", BORN, "4601")
    assert first.street.startswith("Syntetisk vei ") and first.city == "Bergen"
    assert first.whole == f"{first.family}, {first.given}"
    assert (
        newborn(first, "F").given in ("Nyfødt", "Jente")
        and newborn(first, "F").family == first.family
    )


def test_nobody_has_such_a_telephone_number() -> None:
    found = [call(person, "M", BORN, "0301").phone for person in range(300)]
    numbers = [phone.removeprefix("+47") for phone in found if phone]
    assert 100 < len(numbers) < 200
    assert all(number.startswith("1") for number in numbers)


def test_some_have_no_number_and_of_those_some_are_visitors() -> None:
    without = [
        record
        for sent in records().values()
        for record in sent
        if record.patient.identifier is None  # type: ignore[attr-defined]
    ]
    assert len(without) > 10
    told = [record.patient for record in without]  # type: ignore[attr-defined]
    assert all(patient.described and patient.birth_date for patient in told)
    bare = [p for p in told if not (p.described.address or p.described.phone)]
    assert 0 < len(bare) < len(told)


def test_children_of_few_days_have_neither_name_nor_number() -> None:
    found = 0
    for report in large():
        if (report.collected.date() - report.patient.born).days < NEWBORN:
            found += 1
            assert not report.patient.number
            assert calling_of(report).given in ("Nyfødt", "Jente", "Gutt")
    assert found > 5


def test_a_d_number_becomes_the_national_number_that_the_register_of_changes_tells() -> None:
    seen: dict[int, set[str]] = defaultdict(set)
    for told in truth().values():
        for subject in told.values():
            seen[subject.person].add(subject.number)
    for report in large():
        seen[report.patient.person].add(report.patient.number)
    seen = {person: numbers - {""} for person, numbers in seen.items()}
    both = {person: numbers for person, numbers in seen.items() if len(numbers) > 1}
    assert both and all(len(numbers) == 2 for numbers in both.values())
    changes = list(number_changes(COUNTRY.seed, both))
    assert {frozenset((each.old.value, each.new.value)) for each in changes} == {
        frozenset(numbers) for numbers in both.values()
    }
    for each in changes:
        assert (each.old.kind, each.new.kind) == ("DNR", "FNR")
        assert is_synthetic(each.old.value) and is_synthetic(each.new.value)
        assert date(2023, 6, 1) <= each.day <= date(2025, 6, 30) + timedelta(days=1)


def test_nothing_good_is_refused_for_what_it_says_of_a_person() -> None:
    for _, data in Searches(count=50).messages("hl7v2"):
        assert not [each for each in read(data) if isinstance(each, Failure)]


def test_several_senders_tell_of_the_same_person() -> None:
    senders: dict[int, set[str]] = defaultdict(set)
    for told in truth().values():
        for subject in told.values():
            senders[subject.person].add(subject.sender)
    assert sum(len(each) > 1 for each in senders.values()) > 20
