"""Who asked or notified, read from a kept message: what it says, nothing where several are named, and never an error."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from varde.messages import Requester, read_requester

KITH = (
    b'<Message xmlns="http://www.kith.no/xmlstds/labsvar/2012-02-15"><ServReport><Patient>'
    b'<ResponsibleHcp><Relation V="REK"/><HCP><Inst><Name>Fjordby legekontor</Name></Inst>'
    b'<HCProf><Name>Kari Lege</Name></HCProf><Address><TeleAddress V="tel:22334455"/></Address>'
    b"</HCP></ResponsibleHcp></Patient></ServReport></Message>"
)
HL7 = (
    b"MSH|^~\\&|A|B|C|D|20260107||ORU^R01|1|P|2.5\r"
    b"ORC|RE|||||||||||1^Lege^Kari||22334455|||||||Fjordby legekontor\rOBR|1|||X|||||||||||||1^Lege^Kari|\r"
)
FHIR = json.dumps(
    {
        "resourceType": "Bundle",
        "entry": [
            {
                "fullUrl": "urn:uuid:1",
                "resource": {
                    "resourceType": "ServiceRequest",
                    "requester": {"reference": "urn:uuid:2"},
                },
            },
            {
                "fullUrl": "urn:uuid:2",
                "resource": {
                    "resourceType": "PractitionerRole",
                    "practitioner": {"reference": "Practitioner/3"},
                    "organization": {"display": "Fjordby legekontor"},
                    "telecom": [{"system": "phone", "value": "22334455"}],
                },
            },
            {
                "resource": {
                    "resourceType": "Practitioner",
                    "id": "3",
                    "name": [{"given": ["Kari"], "family": "Lege"}],
                }
            },
        ],
    }
).encode()
SAID = Requester(name="Kari Lege", place="Fjordby legekontor", phone="22334455")


def test_laboratories_say_who_asked() -> None:
    for message in (KITH, HL7, FHIR):
        assert read_requester(message, 0) == SAID


def test_of_several_nothing_is_said() -> None:
    report = KITH[KITH.index(b"<ServReport>") : KITH.index(b"</Message>")]
    other = report.replace(b"Kari", b"Ola")
    assert read_requester(KITH.replace(b"</Message>", other + b"</Message>"), 0) is None
    assert read_requester(HL7 + HL7[HL7.index(b"ORC") :].replace(b"Kari", b"Ola"), 0) is None


@given(st.sampled_from((KITH, HL7, FHIR)), st.integers(0, 900), st.binary(max_size=4))
def test_damaged_messages_give_an_answer_or_none(message: bytes, at: int, put: bytes) -> None:
    found = read_requester(message[:at] + put + message[at + len(put) :], 0)
    assert found is None or isinstance(found, Requester)
