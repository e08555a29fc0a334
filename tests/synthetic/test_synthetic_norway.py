import hashlib
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.codes import CodeMap
from varde.messages import Failure, find_mapping, read
from varde.messages.times import norwegian_day
from varde.synthetic import SIZES, mapping_of, messages, summarise, truth, write_norway
from varde.synthetic.laboratories import laboratories
from varde.synthetic.norway import FOLDER_LIMIT, Country, _name
from varde.synthetic.persons import control_digits, is_synthetic

ARGUMENTS = {"isolates": 1_000, "seed": 5, "bad_share": 0.05}
ELEVEN = re.compile(rb"(?<!\d)\d{11}(?!\d)")
ANY_ELEVEN = re.compile(rb"(?=(\d{11}))")


def digest(pairs):
    found = hashlib.sha256()
    for name, data in pairs:
        found.update(name.encode() + b"\0" + data + b"\0")
    return found.hexdigest()


def read_all(pairs):
    for name, data in pairs:
        yield from read(data, mapping_of(name) if name.endswith(".csv") else None)


def fold(records):
    """A plain register: what is new, what is a duplicate, what is refused, what counts at the end."""
    seen, failures, duplicates, newest = set(), Counter(), 0, {}
    for record in records:
        if isinstance(record, Failure):
            failures[record.reason] += 1
            continue
        if (record.sender, record.message_id) in seen:
            duplicates += 1
            continue
        seen.add((record.sender, record.message_id))
        key = record.sender, record.report_id
        if key not in newest or newest[key].generated < record.generated:
            newest[key] = record
    return len(seen), duplicates, failures, newest


def rows(newest, code_map):
    for report in newest.values():
        for finding in report.findings if report.service_type != "C" else ():
            yield row(report, finding, code_map)


def row(report, finding, code_map):
    specimen = report.specimens[finding.specimen - 1]
    person = report.patient.identifier
    results, strange = [], 0
    for test in finding.susceptibilities:
        antibiotic = find(code_map, "antibiotic", test.antibiotics)
        if antibiotic is None:
            strange += 1
        else:
            results.append((antibiotic, test.sir, test.mic))
    return (
        *(report.sender, report.report_id, finding.number),
        *((person.kind, person.value) if person else ("", "")),
        *(report.patient.sex, report.patient.birth_date, report.patient.municipality),
        find(code_map, "organism", finding.organisms) or "",
        find(code_map, "material", specimen.materials) or "",
        *(norwegian_day(specimen.collected), specimen.ward, report.status),
        *(tuple(sorted(results)), strange),
    )


def find(code_map, kind, codes):
    return code_map.find(kind, ((code.system, code.code, code.text) for code in codes))


def true_row(t):
    return (
        *(t.sender, t.report_id, t.number, t.person_kind, t.person_value, t.sex, t.born),
        *(t.municipality, t.organism, t.material, t.collected, t.ward, t.status),
        *(tuple(sorted(tuple(result) for result in t.results)), t.strange),
    )


@pytest.fixture(scope="module")
def sent():
    return list(messages(**ARGUMENTS))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_plain_register_ends_with_the_truth(sent, backwards):
    """In whatever order messages come: the isolates that count, and every count of the summary."""
    summary = summarise(**ARGUMENTS)
    records = list(read_all(sent))
    accepted, duplicates, failures, newest = fold(reversed(records) if backwards else records)
    assert sorted(rows(newest, CodeMap.load()), key=repr) == sorted(
        (true_row(t) for t in truth(**ARGUMENTS)), key=repr
    )
    assert len(records) == summary.items
    assert accepted == summary.accepted
    assert duplicates == summary.copies + summary.resends
    assert failures == summary.quarantined
    current = [report for report in newest.values() if report.service_type != "C"]
    assert Counter(report.status for report in current) == Counter(
        F=summary.final, P=summary.preliminary
    )
    assert len(newest) - len(current) == summary.cancelled
    assert sum(not report.findings for report in current) == summary.negative
    assert sum(report.negative for report in current) == summary.negative


def test_the_summary_adds_up():
    summary = summarise(**ARGUMENTS)
    wrong = sum(summary.quarantined.values())
    assert summary.items == summary.accepted + summary.copies + summary.resends + wrong
    isolates = list(truth(**ARGUMENTS))
    assert summary.isolates == len(isolates)
    assert summary.isolates_drawn == ARGUMENTS["isolates"]
    assert summary.unmapped_organisms == sum(not t.organism for t in isolates)
    assert summary.unmapped_materials == sum(not t.material for t in isolates)
    assert summary.unmapped_results == sum(t.strange for t in isolates)
    unmapped = summary.unmapped_organisms + summary.unmapped_materials + summary.unmapped_results
    assert sum(summary.unmapped_codes.values()) == unmapped
    assert summary.lost > 0
    assert summary.cancelled > 0
    assert summary.preliminary > 0
    assert summary.reissued > 0
    assert summary.resends > 0
    assert len(summary.quarantined) == 6


def test_isolates_are_told_apart_by_sender_report_and_number():
    keys = [(t.sender, t.report_id, t.number) for t in truth(**ARGUMENTS)]
    assert len(keys) == len(set(keys))


@settings(max_examples=12, deadline=None)
@given(
    isolates=st.integers(1, 120),
    seed=st.integers(0, 2**32),
    days=st.integers(0, 900),
    bad_share=st.floats(0, 1),
    lists=st.booleans(),
)
def test_every_country_ends_with_its_truth(isolates, seed, days, bad_share, lists):
    start = date(2024, 2, 29)
    arguments = (isolates, seed, start, start + timedelta(days=days), bad_share, lists)
    summary = summarise(*arguments)
    *_, failures, newest = fold(read_all(messages(*arguments)))
    assert summary.isolates_drawn == isolates
    assert failures == summary.quarantined
    assert set(rows(newest, CodeMap.load())) == {true_row(t) for t in truth(*arguments)}
    assert all(start <= t.collected <= start + timedelta(days=days) for t in truth(*arguments))


def test_without_bad_messages_nothing_is_refused():
    summary = summarise(isolates=800, bad_share=0)
    assert summary.quarantined == {}
    assert summary.lost == 0


def test_the_same_arguments_give_the_same_bytes(sent):
    """Also in another process with another hash seed."""
    assert digest(messages(**ARGUMENTS)) == digest(sent)
    code = (
        "import hashlib; from varde.synthetic import messages; h = hashlib.sha256()\n"
        f"for n, d in messages(**{ARGUMENTS}): h.update(n.encode() + b'\\0' + d + b'\\0')\n"
        "print(h.hexdigest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "3", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == digest(sent)


def test_another_seed_gives_another_country(sent):
    assert digest(messages(**{**ARGUMENTS, "seed": 6})) != digest(sent)


def test_a_larger_country_has_the_same_start():
    """Only the days move: the first patients are the same however many follow."""
    small = [s.report for s, _ in zip(Country(isolates=300).stories(), range(100), strict=False)]
    large = [s.report for s, _ in zip(Country(isolates=900).stories(), range(100), strict=False)]
    assert [len(r.isolates) for r in small] == [len(r.isolates) for r in large]


def test_only_synthetic_numbers_are_sent(sent):
    """Every eleven digits with valid control digits have a month of 81 to 92."""
    numbers = 0
    for _, data in sent:
        for run in ANY_ELEVEN.findall(data):
            text = run.decode()
            if control_digits(text[:9]) == text[9:]:
                assert is_synthetic(text)
                numbers += 1
    assert numbers > 700


def test_a_number_never_stands_within_a_longer_one(sent):
    for _, data in sent:
        assert len(ELEVEN.findall(data)) == len(ANY_ELEVEN.findall(data))


def test_files_are_written_as_they_are_streamed(tmp_path, sent):
    calls = []
    summary = write_norway(
        tmp_path / "new", **ARGUMENTS, progress=lambda done, total: calls.append((done, total))
    )
    files = {
        path.relative_to(tmp_path / "new").as_posix(): path.read_bytes()
        for path in (tmp_path / "new").rglob("*")
        if path.is_file() and path.name != "mapping.toml"
    }
    assert files == dict(sent)
    assert summary == summarise(**ARGUMENTS)
    assert summary.files == len(files) == len(sent)
    assert summary.lists == sum(name.endswith(".csv") for name in files)
    assert calls[-1] == (ARGUMENTS["isolates"], ARGUMENTS["isolates"])
    for path in (tmp_path / "new").rglob("*.csv"):
        mapping = find_mapping(path)
        assert mapping is not None
        assert all(
            not isinstance(r, Failure) or r.item >= 0
            for r in read(path.read_bytes(), mapping.read_bytes())
        )


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "old.xml").write_text("kept")
    with pytest.raises(FileExistsError, match="not empty"):
        write_norway(tmp_path, isolates=10)
    assert [path.name for path in tmp_path.iterdir()] == ["old.xml"]


def test_no_folder_grows_too_large():
    counts, folders = {}, Counter()
    lab = laboratories()[0]
    day = datetime(2026, 1, 5)  # noqa: DTZ001 - local time
    for _ in range(FOLDER_LIMIT * 2 + 5):
        folders[_name(lab, day, counts).rpartition("/")[0]] += 1
    assert folders == {"nord/2026-01": 1900, "nord/2026-01-2": 1900, "nord/2026-01-3": 5}
    assert _name(lab, day.replace(month=2), counts) == "nord/2026-02/00001"


def test_messages_arrive_in_order_but_were_not_all_made_in_order():
    """Some versions are overtaken by later ones: what the fold must survive."""
    waiting = defaultdict(list)
    for record in read_all(messages(isolates=2_000, seed=1)):
        if not isinstance(record, Failure):
            waiting[record.sender, record.report_id].append(record.generated)
    overtaken = sum(times != sorted(times) for times in waiting.values())
    assert overtaken > 3
    assert sum(len(times) > 1 for times in waiting.values()) > 300


def test_a_small_country_is_made_in_seconds():
    """Generous: it takes half a second of one core."""
    begun = process_time()
    count = sum(1 for _ in messages(isolates=SIZES["small"]))
    assert count > SIZES["small"]
    assert process_time() - begun < 5
