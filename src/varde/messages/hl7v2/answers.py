"""The acknowledgement of an HL7 version 2 message, from its bytes and what became of it.

Original mode (MSH-15 and MSH-16 empty): one answer, AA, AE or AR. Enhanced mode: an accept answer
(CA or CR: is it stored?) and an application answer (AA, AE or AR: could it be used?), each only where
MSH-15 and MSH-16 ask for it. Pure: time and id of the answer are given, and nothing is sent; framing
is for whoever listens. An acknowledgement is never answered.

Source: HL7 version 2.5.1, chapter 2.9 and 2.14 (tables 0008, 0155, 0357, 0516).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from varde.messages.errors import MessageError
from varde.messages.hl7v2.names import salvage_message
from varde.messages.hl7v2.segments import (
    BLANKS,
    MAX_BYTES,
    Encoding,
    component,
    escape,
    find_starts,
    read_message,
)
from varde.messages.reasons import reasons
from varde.messages.records import Failure, LabReport

MAX_ERRORS = 50
PLACE = re.compile(r"([A-Z][A-Z0-9]{2})\[(\d+)\](?:-(\d+))?")
LIMIT = 2000


class Question(NamedTuple):
    """What of a message decides how it is answered.

    Attributes:
        encoding: its separators and codec.
        header: its MSH-3 to MSH-18 as they stand; empty where it could not be read.
        control_id: MSH-10.
    """

    encoding: Encoding
    header: tuple[str, ...]
    control_id: str

    def field(self, number: int) -> str:
        """A field of MSH, from 3."""
        return self.header[number - 3] if len(self.header) > number - 3 else ""

    @property
    def enhanced(self) -> bool:
        """Whether MSH-15 or MSH-16 says which answers are wanted."""
        return bool(self.field(15).strip() or self.field(16).strip())


def answer_receipt(data: bytes, stored: bool, at: datetime, control_id: str) -> bytes | None:
    """The accept answer of enhanced mode: CA when the message is safe, CR when it is not.

    Args:
        data: the message as it arrived; of several in it, the first is answered.
        stored: whether its bytes are durably kept.
        at: when the answer is made (aware).
        control_id: the answer's own id, new for each.

    Returns:
        The answer without framing; None in original mode, and where MSH-15 asks for none.
    """
    question = read_question(data)
    asked = question.field(15).strip().upper()
    if not question.enhanced or _is_answer(question) or not _is_asked(asked, stored):
        return None
    return _write(question, "CA" if stored else "CR", (), at, control_id)


def answer_content(
    data: bytes, outcome: Sequence[LabReport | Failure], at: datetime, control_id: str
) -> bytes | None:
    """The application answer: AA, AE or AR, with an ERR segment for each failure.

    AR is for messages of a wrong kind or form, AE for content that could not be used. A failure that
    needs nothing done (an animal) is told, and does not make the answer an error.

    Args:
        data: the message as it arrived; of several in it, the first is answered.
        outcome: what reading it gave.
        at: when the answer is made (aware).
        control_id: the answer's own id, new for each.

    Returns:
        The answer without framing; None where MSH-16 asks for none.
    """
    question = read_question(data)
    failures = [record for record in outcome if isinstance(record, Failure)]
    code = _judge(failures)
    asked = question.field(16).strip().upper()
    if _is_answer(question) or (question.enhanced and not _is_asked(asked, code == "AA")):
        return None
    return _write(question, code, failures, at, control_id)


def answer_refusal(data: bytes, refusal: str, at: datetime, control_id: str) -> bytes | None:
    """The answer to a message that is not kept: CR where MSH-15 asks for an accept answer, else AR.

    Args:
        data: the message, or as much of it as came.
        refusal: why, one of `list_refusals`.
        at: when the answer is made (aware).
        control_id: the answer's own id, new for each.

    Returns:
        The answer without framing; None where the message asks for none.
    """
    question = read_question(data)
    accept, application = (question.field(n).strip().upper() for n in (15, 16))
    asks_receipt = question.enhanced and _is_asked(accept, False)
    if _is_answer(question) or (
        question.enhanced and not asks_receipt and not _is_asked(application, False)
    ):
        return None
    text = _known().refusals[refusal]
    failure = Failure(item=0, reason=refusal)
    return _write(question, "CR" if asks_receipt else "AR", [failure], at, control_id, text)


def list_refusals() -> frozenset[str]:
    """Why a message may not be kept: the keys."""
    return frozenset(_known().refusals)


def is_batch(data: bytes) -> bool:
    """Whether bytes begin with the header of a batch (BHS) or of a file (FHS)."""
    return data.lstrip(BLANKS).startswith((b"BHS", b"FHS"))


def answer_batch(
    data: bytes, answers: Sequence[bytes], at: datetime, control_id: str, comment: str = ""
) -> bytes:
    """The answers to the messages of a batch, as a batch (chapter 2.10.3).

    Args:
        data: the batch as it arrived.
        answers: of its messages, in their order.
        at: when the answer is made (aware).
        control_id: the id of this batch.
        comment: what is to be said of the whole (BTS-2).
    """
    starts = [at for at in find_starts(data[:MAX_BYTES]) if data.startswith(b"BHS", at)]
    # BHS has the fields 3 to 7 and 11 of MSH, but for what they are called.
    header = b"MSH" + data[starts[0] + 3 :][:LIMIT] if starts else data
    question = read_question(header)
    encoding = question.encoding
    fields = [
        "BHS", "".join(encoding[1:5]), question.field(5), question.field(6), question.field(3),
        question.field(4), at.strftime("%Y%m%d%H%M%S%z"), "", "", "", escape(control_id, encoding),
        question.field(11) if starts else "",
    ]  # fmt: skip
    last = ["BTS", str(len(answers)), escape(comment, encoding)]
    lines = (encoding.field.join(line).encode(encoding.codec, "replace") for line in (fields, last))
    first, end = (line.rstrip(encoding.field.encode()) + b"\r" for line in lines)
    return b"".join((first, *answers, end))


def read_question(data: bytes) -> Question:
    """How the first message in some bytes wants to be answered. Never raises."""
    starts = [at for at in find_starts(data[:MAX_BYTES]) if data.startswith(b"MSH", at)]
    piece = data[starts[0] :] if starts else b""
    line = re.split(rb"[\r\n\x1c]", piece[:LIMIT], maxsplit=1)[0]
    try:
        message = read_message(line + b"\r")
    except MessageError:
        return Question(Encoding(), (), salvage_message(line).message_id)
    header = tuple(message.header[2:])
    found = Question(message.encoding, header, "")
    return found._replace(control_id=component(found.field(10), 1, message.encoding))


class _Known(NamedTuple):
    conditions: dict[str, str]
    codes: dict[str, str]
    rejected: frozenset[str]
    information: frozenset[str]
    refusals: dict[str, str]


@cache
def _known() -> _Known:
    raw: dict[str, Any] = json.loads(
        files("varde.messages.hl7v2").joinpath("answers.json").read_text("utf-8")
    )
    return _Known(
        raw["conditions"]["texts"],
        raw["reasons"],
        frozenset(raw["rejected"]["reasons"]),
        frozenset(raw["information"]["reasons"]),
        raw["refusals"]["texts"],
    )


def _judge(failures: Iterable[Failure]) -> Literal["AA", "AE", "AR"]:
    known = _known()
    found = {failure.reason for failure in failures} - known.information
    if not found:
        return "AA"
    return "AR" if found <= known.rejected else "AE"


def _is_asked(condition: str, good: bool) -> bool:
    """Table 0155: always, never, on errors, on success. An empty one in enhanced mode is never."""
    return condition == "AL" or condition == ("SU" if good else "ER")


def _is_answer(question: Question) -> bool:
    kind = component(question.field(9), 1, question.encoding).upper()
    return kind in ("ACK", "MCF")


def _write(
    question: Question,
    code: str,
    failures: Sequence[Failure],
    at: datetime,
    control_id: str,
    text: str = "",
) -> bytes:
    encoding = question.encoding
    sign = encoding.field
    signs = "".join(encoding[1:5])
    version = component(question.field(12), 1, encoding) or "2.5.1"
    event = component(question.field(9), 2, encoding)
    kind = [["ACK"], ["ACK", event], ["ACK", event, "ACK"]][_steps(version) if event else 0]
    header = [
        "MSH", signs, question.field(5), question.field(6), question.field(3), question.field(4),
        at.strftime("%Y%m%d%H%M%S%z"), "", encoding.component.join(kind),
        escape(control_id, encoding), question.field(11) or "P", question.field(12) or version,
    ]  # fmt: skip
    if question.field(18):
        header += ["", "", "", "", "", question.field(18)]
    told = ["MSA", code, escape(question.control_id, encoding)]
    # Before 2.5 an ERR has no room for words, and MSA-3 is where a person looks.
    said = text or (_title(failures[0]) if failures and version < "2.5" else "")
    if said:
        told.append(escape(said, encoding))
    lines = [sign.join(header), sign.join(told)]
    lines += [_error(failure, version, encoding, text) for failure in failures[:MAX_ERRORS]]
    return "".join(f"{line}\r" for line in lines).encode(encoding.codec, "replace")


def _title(failure: Failure) -> str:
    known = reasons().get(failure.reason)
    return known.en.title if known is not None else failure.reason


def _steps(version: str) -> int:
    """How many components a message type has: ACK in 2.3, with event in 2.3.1, structure in 2.4."""
    if version < "2.3.1":
        return 0
    return 1 if version < "2.4" else 2


def _error(failure: Failure, version: str, encoding: Encoding, text: str = "") -> str:
    """ERR: place, condition, severity, our reason and words; before 2.5 place and condition alone."""
    known = _known()
    sign, part, sub = encoding.field, encoding.component, encoding.subcomponent or " "
    code = known.codes.get(failure.reason, "207")
    condition = (code, escape(known.conditions[code], encoding), "HL70357")
    found = PLACE.match(failure.place)
    place = [group for group in found.groups() if group is not None] if found is not None else []
    if version < "2.5":
        located = place + [""] * (3 - len(place))
        return sign.join(["ERR", part.join([*located, sub.join(condition)])])
    title = _title(failure)
    detail = escape(f"{failure.place} {failure.detail}".strip(), encoding)
    own = part.join((failure.reason, escape(title, encoding), "L"))
    severity = "I" if failure.reason in known.information else "E"
    return sign.join(
        ["ERR", "", part.join(place), part.join(condition), severity, own, "", detail,
         escape(text or title, encoding)]
    )  # fmt: skip
