from collections import Counter
from functools import cache

import pytest
from lxml import etree

from synthetic.kith_schema import ONLY_14, faults
from varde.messages import Failure, LabReport, read
from varde.synthetic.chains import FAULTS, LAST_ANSWER, Delivery
from varde.synthetic.courses import organism_names
from varde.synthetic.kith import SPACES, message_id, organism_code, write_message
from varde.synthetic.laboratories import laboratories
from varde.synthetic.norway import Country

# One worker makes the country once and runs all of these.
pytestmark = pytest.mark.xdist_group("synthetic-kith")


@cache
def stories():
    return tuple(Country(isolates=3_000, seed=11, lists=False).stories())


@cache
def deliveries():
    return [d for story in stories() for d in story.deliveries if not d.version.fault]


def spoilt(fault, limit=6):
    """Messages with this fault, from laboratories of every kind."""
    chosen = [s for s in stories() if s.report.patient.number and s.versions[0].service_type != "C"]
    for story in chosen[: limit * 40 : 40]:
        version = story.versions[0]._replace(fault=fault)
        yield Delivery(story.deliveries[0].at, story.report, version)


@pytest.mark.parametrize("lab", laboratories(), ids=lambda lab: lab.key)
def test_messages_have_the_elements_of_the_schema_in_its_order(lab):
    written = [d for d in deliveries() if d.report.laboratory.key == lab.key][:60]
    assert len(written) == 60
    for delivery in written:
        root = etree.fromstring(write_message(delivery))
        assert root.tag == f"{{{SPACES[lab.version]}}}Message"
        assert list(faults(_without_comments(root))) == []
        if lab.version == "1.4":
            for name in ONLY_14.values():
                assert root.find(f".//{{*}}{name}") is not None


def test_the_schema_check_sees_what_is_wrong():
    root = _without_comments(etree.fromstring(write_message(deliveries()[0])))
    report = root[-1]
    report.insert(0, report[2])
    root[2].set("V", "yesterday")
    assert len(list(faults(root))) >= 2


def _without_comments(root):
    etree.strip_tags(root, etree.Comment)
    return root


def test_every_message_says_that_it_is_invented():
    for delivery in deliveries()[:300]:
        root = etree.fromstring(write_message(delivery))
        assert root.getprevious().text.strip().startswith("Syntetisk")
        street = root.findtext(".//{*}Patient/{*}Address/{*}StreetAdr")
        assert street is None or street.startswith("Syntetisk vei ")
        assert root.findtext(".//{*}ServProvider//{*}Name").startswith("Syntetisk")


def test_habits_differ_as_the_laboratories_file_says():
    seen = {lab.key: [] for lab in laboratories()}
    for delivery in deliveries():
        if delivery.version.isolates and delivery.version.isolates[0].results:
            seen[delivery.report.laboratory.key].append(write_message(delivery))
    for lab in laboratories():
        text = b"".join(seen[lab.key])
        nested = b'<ResultItem><TextResult><Heading V="RSB"' in text.replace(b"\n", b"")
        assert nested
        assert (b'7280" DN="Us-' in text) == (lab.antibiotics != "local")
        assert (b'8212" DN="gentamicin' in text) == (lab.antibiotics != "nlk")
        assert (b"<County " in text) == lab.municipality
        assert f'encoding="{lab.encoding}"'.encode() in text
        first = etree.fromstring(seen[lab.key][0])
        inside = first.find(".//{*}ResultItem/{*}ResultItem//{*}Heading[@V='RSB']")
        assert (inside is not None) == (lab.linkage == "nested")


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_refused_for_its_own_reason(fault):
    for delivery in spoilt(fault):
        found = list(read(write_message(delivery)))
        assert [type(record) for record in found] == [Failure]
        assert found[0].reason == fault


def test_the_same_messages_without_the_fault_are_read():
    for delivery in spoilt(""):
        (record,) = read(write_message(delivery))
        assert isinstance(record, LabReport)
        assert record.message_id == message_id(delivery.report, delivery.version)


def test_a_resend_differs_in_bytes_and_not_in_content():
    for delivery in deliveries()[:50]:
        first = write_message(delivery._replace(kind="first"))
        again = write_message(delivery._replace(kind="resend"))
        assert first != again
        assert list(read(first)) == list(read(again))


def test_a_copy_is_equal_byte_for_byte():
    for delivery in deliveries()[:50]:
        copy = delivery._replace(kind="copy", at=delivery.at.replace(year=2030))
        assert write_message(delivery._replace(kind="first")) == write_message(copy)


def test_no_two_organisms_share_a_code():
    codes = [organism_code(key)[0] for key in organism_names()]
    assert len(codes) == len(set(codes))
    assert organism_code("escherichia-coli") == ("ESCOLI", "Escherichia coli")
    assert organism_code("enterococcus-faecium")[0] == "ENFAEM"


def test_versions_are_made_one_after_the_other_and_arrive_in_time():
    for story in stories():
        made = [version.generated for version in story.versions]
        assert made == sorted(set(made))
        assert made[0] > story.report.collected
        assert [version.number for version in story.versions] == list(range(1, len(made) + 1))
        for delivery in story.deliveries:
            assert delivery.version.generated < delivery.at
            assert delivery.at - story.report.collected < LAST_ANSWER


def test_reports_go_through_every_kind_of_chain():
    seen = Counter(
        "".join(f"{v.service_type}{v.status}{'!' if v.fault else ''} " for v in story.versions)
        for story in stories()
    )
    for chain in ("NF ", "NP MF ", "NF MF ", "NP MF MF ", "NP MF CF ", "NF! ", "NF! NF ", "NP "):
        assert seen[chain] > 0, chain
    assert seen["NF "] > len(stories()) / 2
