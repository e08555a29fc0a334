"""A clinician's notification of a notifiable disease (MSIS *klinikermelding*)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from varde.messages.records.base import Code, Kind, Patient, Statement

Answer = Literal["yes", "no", "unknown", ""]
"""To a question on the form (code list 80017); empty when it was not answered."""


class Notification(Statement, frozen=True, kw_only=True):
    """What a clinician says about one case. Codes are as sent, each in the list its field names.

    Attributes:
        patient: name and address stay in the sealed message.
        born_in, occupation, workplace: country, list 80010, list 80025.
        stay: municipality (80006) where the patient stays, when that is not at home.
        diagnosis, agent: lists 80012 and 80000; a diagnosis is always there.
        indication, clinical_picture: why the test was taken (80014), how the illness shows (80015);
            `other_indication` and `other_picture` are the words that go with "other".
        underlying: conditions the patient had before (80099).
        onset, sampled: days of the first symptoms and of the specimen.
        in_hospital, in_nursing_home: with the institution's name or code when given.
        outcome, died, sequelae: how it ended.
        transmission, situation: the assumed route (80018), and words about it.
        infected_in: country, continent or municipality (80022, 80006), with `infected_in_other` in words.
        travel_reason, returned: list 80019, and the day of coming home.
        close_contact, exposure: contact with a confirmed case; where it happened (80100).
        requester: who fills in the form, as an identifier ("HPR:…", "HER:…"); empty when not given.
    """

    kind: ClassVar[Kind] = "notification"

    patient: Patient = Patient()
    born_in: Code | None = None
    occupation: Code | None = None
    workplace: Code | None = None
    stay: Code | None = None
    diagnosis: Code
    agent: Code | None = None
    indication: Code | None = None
    other_indication: str = ""
    clinical_picture: Code | None = None
    other_picture: str = ""
    underlying: tuple[Code, ...] = ()
    onset: date | None = None
    sampled: date | None = None
    in_hospital: Answer = ""
    hospital: Code | None = None
    in_nursing_home: Answer = ""
    nursing_home: str = ""
    outcome: Code | None = None
    died: date | None = None
    sequelae: Code | None = None
    transmission: Code | None = None
    situation: str = ""
    infected_in: Code | None = None
    infected_in_other: str = ""
    travel_reason: Code | None = None
    returned: date | None = None
    close_contact: Answer = ""
    exposure: Code | None = None
    requester: str = ""
