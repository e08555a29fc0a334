"""A notification as JSON, from the values of a form: it goes through the same door as all others.

Nothing is checked here but that the fields exist: what a person filled in wrongly is for the reader to
refuse, with the reason it gives everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from varde.messages.klinikermelding.lists import CodeList, Field, code_lists, form_fields
from varde.messages.records import ServiceType, Status

Value = str | date | Sequence[str]

PLAIN = frozenset(
    (
        *("pasient.fornavn", "pasient.etternavn"),
        *(
            f"rekvirent.{key}"
            for key in ("navn", "telefon", "hprNummer", "herId", "orgnummer", "virksomhet")
        ),
    )
)
"""What the form holds beside the fields of the record; all of it words."""

KEYS = {"HER": "herId", "ENH": "orgnr", "FORM": "skjema"}

_FIELDS = {field.path: field for field in form_fields()}
_write = msgspec.json.Encoder().encode


class NotificationEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above a notification, as `Statement` has it.

    Attributes:
        sender: ``HER:…`` or ``ENH:…``; ``FORM:…`` for those who fill in Varde's own form and have neither.
        service_type: N, M, C or H.
        status: P or F.
    """

    sender: str
    sender_name: str = ""
    message_id: str
    report_id: str
    generated: datetime
    service_type: ServiceType = "N"
    status: Status = "F"


def write_notification(envelope: NotificationEnvelope, values: Mapping[str, Value]) -> bytes:
    """One notification as JSON.

    Args:
        envelope: its names, version and time.
        values: path of a field, as in `fields.json` (``diagnoseforhold.provedato``), and its value: words, a
            day, a code, or several codes. A code may have its list before it (``80007:137``) where the field
            takes several. Words may stand where not all codes of a list are known. Blank values are left out.

    Raises:
        KeyError: the form has no such field, or the sender is of an unknown kind.
    """
    kind, _, number = envelope.sender.partition(":")
    form: dict[str, dict[str, Any]] = {
        "melding": {
            "id": envelope.message_id,
            "nummer": envelope.report_id,
            "tidspunkt": envelope.generated.isoformat(),
            "type": envelope.service_type,
            "status": envelope.status,
            "avsender": {KEYS[kind]: number, "navn": envelope.sender_name},
        }
    }
    for path, value in values.items():
        written = _write_value(path, value)
        if written:
            section, _, key = path.partition(".")
            form.setdefault(section, {})[key] = written
    return _write(form)


def read_notification_values(data: bytes) -> dict[str, list[str]]:
    """The values of one notification that `write_notification` wrote, for a form that is to be put right.

    Codes have their list before them where it is not the field's usual one.

    Raises:
        ValueError: it is no JSON object with objects in it.
    """
    try:
        form = msgspec.json.decode(data, type=dict[str, dict[str, Any]])
    except msgspec.DecodeError as error:
        raise ValueError("no notification of a form") from error
    found = {}
    for path in (*_FIELDS, *PLAIN):
        section, _, key = path.partition(".")
        value = form.get(section, {}).get(key)
        if value and (said := _read_value(path, value)):
            found[path] = said
    return found


def _read_value(path: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [code for each in value for code in _read_value(path, each)]
    if not isinstance(value, dict):
        return [str(value)]
    if code := value.get("verdi"):
        usual = _FIELDS[path].lists[:1]
        number = str(value.get("oid", ""))
        return [code if not number or usual == (number,) else f"{number}:{code}"]
    return [words] if (words := value.get("navn") or value.get("beskrivelse")) else []


def list_notification_choices(path: str) -> tuple[tuple[str, str], ...]:
    """Code and words of everything that is known of a field's code lists and was not given up.

    A code of another list than the field's usual one has its list before it.

    Raises:
        KeyError: the form has no such field.
    """
    lists = [code_lists()[number] for number in _FIELDS[path].lists]
    return tuple(
        (code if each is lists[0] else f"{each.number}:{code}", texts[0])
        for each in lists
        for code, texts in sorted(each.texts.items())
        if code not in each.earlier
    )


def _write_value(path: str, value: Value) -> Any:
    if path in PLAIN:
        return _plain(value)
    field = _FIELDS[path]
    if field.kind == "several":
        codes = [value] if isinstance(value, str) else value
        if isinstance(codes, date):
            raise TypeError(f"{path} holds codes")
        return [written for code in codes if (written := _write_code(field, code))]
    if field.kind in ("coded", "answer"):
        return _write_code(field, _plain(value))
    if field.kind == "institution":
        return {"navn": text} if (text := _plain(value)) else None
    return _plain(value)


def _plain(value: Value) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise TypeError("one value belongs here")
    return value.strip()


def _write_code(field: Field, said: str) -> Any:
    said = said.strip()
    if not said:
        return None
    if not field.lists:
        return said if field.text == "take" else {"beskrivelse": said}
    if _is_words(field, said):
        return {"beskrivelse": said}
    number, _, code = said.rpartition(":")
    chosen = _choose(field, number, code)
    written: dict[str, Any] = {"verdi": code, "oid": number or chosen.number}
    if code in chosen.texts:
        written["beskrivelse"] = chosen.texts[code][0]
    return written


def _is_words(field: Field, said: str) -> bool:
    """Whether something is no code, where words may stand because not all codes are known."""
    code = said.rpartition(":")[2]
    lists = [code_lists()[each] for each in field.lists]
    if all(each.closed for each in lists) or any(each.takes(code) for each in lists):
        return False
    return any(sign.isalpha() for sign in said)


def _choose(field: Field, number: str, code: str) -> CodeList:
    lists = [code_lists()[each] for each in field.lists]
    named = [each for each in lists if each.number == number]
    return [*named, *(each for each in lists if each.takes(code)), lists[0]][0]
