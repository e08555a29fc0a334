"""Users for trying Varde out on invented data. Made by ``varde demo`` and by nothing else."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from varde.access.models import User
from varde.access.roles import roles

DEMO_PASSWORD = "varde-demo"  # noqa: S105  (printed on the screen by the demo; no secret)


class DemoUser(NamedTuple):
    """What one types to sign in to the demo, and who one then is."""

    username: str
    password: str
    display_name: str
    role_name: str


_USERS = (
    ("vakt", "duty-officer", "Smittevernvakt", ""),
    ("epidemiolog", "epidemiologist", "Epidemiolog", ""),
    ("lab", "laboratory-contact", "Laboratoriekontakt", "{lab}"),
    ("kommunelege", "municipal-doctor", "Kommuneoverlege, Oslo", "0301"),
    ("smittevern", "hospital-infection-control", "Smittevernlege", "OUS"),
    ("sykehuslege", "clinician", "Sykehuslege", "OUS"),
    ("fastlege", "general-practitioner", "Fastlege", "praksis-1"),
    ("admin", "administrator", "Administrator", ""),
)


def ensure_demo_users(lab_sender: str, lab_name: str = "") -> list[DemoUser]:
    """Make the demo's users, or set them back to what they should be; safe to repeat.

    Args:
        lab_sender: the sender id ("HER:91843") whose problems the laboratory contact sees.
        lab_name: the laboratory's name, shown to the laboratory contact.
    """
    password = make_password(DEMO_PASSWORD)  # one slow hash serves them all
    made = []
    for username, role, shown, area in _USERS:
        name = f"{shown}, {lab_name}" if area == "{lab}" and lab_name else shown
        User.objects.update_or_create(
            username=username,
            defaults={
                "display_name": name,
                "role": role,
                "area": area.format(lab=lab_sender),
                "is_active": True,
                "password": password,
            },
        )
        made.append(DemoUser(username, DEMO_PASSWORD, name, roles()[role].name.nb))
    return made
