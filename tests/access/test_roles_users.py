"""Users, the demo's users and the access log as tables."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate
from django.db import DatabaseError, connection, transaction

from access.tampering import disarm
from varde.access import audit
from varde.access.demo_users import DEMO_PASSWORD, ensure_demo_users
from varde.access.models import AccessLogEntry, User
from varde.access.roles import roles

pytestmark = pytest.mark.django_db


def test_a_user_needs_a_name() -> None:
    with pytest.raises(ValueError, match="user name"):
        User.objects.create_user("")


def test_a_password_is_hashed_and_its_absence_closes_the_door() -> None:
    kari = User.objects.create_user(
        "kari", "long-enough-secret", display_name="K", role="clinician"
    )
    assert "long-enough-secret" not in kari.password and kari.password.startswith("pbkdf2_sha256$")
    assert not User.objects.create_user(
        "ola", display_name="O", role="clinician"
    ).has_usable_password()


def test_demo_users_cover_every_role_and_can_sign_in() -> None:
    made = ensure_demo_users(lab_sender="HER:7", lab_name="Fjordby")
    assert {user.role for user in User.objects.all()} == set(roles())
    lab = User.objects.get(role="laboratory-contact")
    assert (lab.area, lab.display_name) == ("HER:7", "Fjordby")
    assert "Laboratoriekontakt, Fjordby" in {user.display_name for user in made}
    assert authenticate(username=made[0].username, password=DEMO_PASSWORD) is not None


def test_making_demo_users_again_moves_the_laboratory_and_adds_nobody() -> None:
    count = len(ensure_demo_users(lab_sender="HER:7"))
    ensure_demo_users(lab_sender="HER:8")
    assert User.objects.count() == count
    assert User.objects.get(role="laboratory-contact").area == "HER:8"


def test_the_access_log_cannot_be_changed_through_the_models() -> None:
    entry = audit.record(None, "sign-in-failed")
    for change in (
        entry.save,
        entry.delete,
        AccessLogEntry.objects.all().delete,
        lambda: AccessLogEntry.objects.update(actor="x"),
    ):
        with pytest.raises(PermissionError):
            change()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE access_accesslogentry SET object_count = 9 WHERE id = {id}",
        "UPDATE access_accesslogentry SET at = '2020-01-01 00:00:00' WHERE id = {id}",
        "DELETE FROM access_accesslogentry WHERE id = {id}",
    ],
)
def test_tampering_in_the_middle_is_found(tampering: str) -> None:
    entries = [audit.record(None, "view", object_count=number) for number in range(4)]
    assert audit.verify() is None
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(tampering.format(id=entries[1].pk))
    disarm()
    with connection.cursor() as cursor:
        cursor.execute(tampering.format(id=entries[1].pk))
    assert audit.verify() in {entries[1].pk, entries[2].pk}
