"""Notes: sealed, telephone numbers as they were written, national numbers refused."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection

from followup.test_telling import LATER, salmonella
from register.answers import KEYS, make_register, send
from register.case_messages import ADA
from varde.access.keys import Keys
from varde.followup.free_text import names_somebody
from varde.followup.models import Delivery, Entry
from varde.followup.notes import LONGEST, NoteBook, NoteProblem
from varde.followup.telling import tell_new

pytestmark = pytest.mark.django_db
TELEPHONE = "Ring mor, tlf 998 87 766 / 22334455, eller +47 41 22 33 44"


@pytest.fixture
def thread() -> int:
    send(make_register(), salmonella(day="2025-12-05"))
    tell_new(LATER)
    return int(Delivery.objects.get().id)


def test_a_note_is_sealed_and_read_as_it_was_written(thread: int) -> None:
    NoteBook(KEYS).add(thread, TELEPHONE, "kari", LATER)
    entries = list(Entry.objects.filter(what="note"))
    assert list(NoteBook(KEYS).read(entries).values()) == [TELEPHONE]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM followup_entry")
        kept = repr([[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor])
    assert "mor" not in kept and "998" not in kept
    with pytest.raises(InvalidTag):
        NoteBook(Keys(pseudonym=bytes(32), storage=KEYS.storage)).read(entries)


@pytest.mark.parametrize(
    "number",
    [ADA, f"{ADA[:6]} {ADA[6:]}", f"{ADA[:6]}-{ADA[6:]}", ".".join(ADA), "12345678901", f"9{ADA}"],
)
def test_a_national_number_is_refused(thread: int, number: str) -> None:
    with pytest.raises(NoteProblem) as caught:
        NoteBook(KEYS).add(thread, f"Ringte {number} i dag", "kari", LATER)
    assert caught.value.code == "identity" and not Entry.objects.filter(what="note").exists()


def test_nothing_and_too_much_are_told(thread: int) -> None:
    for text, code in ((" \n ", "empty"), ("a" * (LONGEST + 1), "long")):
        with pytest.raises(NoteProblem) as caught:
            NoteBook(KEYS).add(thread, text, "kari", LATER)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "text", ["22334455", "004799887766", "+4799887766", "22 33 44 55 og 99 88 77 66", "12.11.2026"]
)
def test_telephone_numbers_and_days_name_nobody(text: str) -> None:
    assert not names_somebody(text)
