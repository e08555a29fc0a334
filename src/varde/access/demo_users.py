"""Users for trying Varde out on invented data. Made by ``varde demo`` and by nothing else."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.hashers import make_password

from varde.access.models import User
from varde.access.roles import roles

DEMO_PASSWORD = "varde-demo"  # noqa: S105  (printed on the screen by the demo; no secret)


class DemoUser(NamedTuple):
    """What one types to sign in to the demo, and who one then is: role and, where it has one, place."""

    username: str
    password: str
    display_name: str
    role_name: str


# User name, role, area, and what is shown beside the role's name: a place, the same in any language. Prescribers and
# institutions are those that `varde.synthetic.prescribing` shows (`Examples`).
_USERS = (
    ("vakt", "duty-officer", "", ""),
    ("epidemiolog", "epidemiologist", "", ""),
    ("lab", "laboratory-contact", "{lab}", "{lab_name}"),
    ("innsender", "sender-contact", "HER:9900501", ""),
    ("kommunelege", "municipal-doctor", "0301", "Oslo"),
    ("smittevern", "hospital-infection-control", "993467049", "Oslo universitetssykehus"),
    ("sykehuslege", "clinician", "OUS", ""),
    ("fastlege", "general-practitioner", "990000099", "Syntetisk legekontor 27"),
    ("sykehjem", "nursing-home-nurse", "190000001", "Syntetisk sykehjem Bjørkelia"),
    ("legevakt", "out-of-hours-doctor", "990000134", "Syntetisk legevakt Trondheim"),
    ("gruppeleder", "peer-group-leader", "gruppe-12", "gruppe-12"),
    ("sykehjemsleder", "nursing-home-leader", "190000001", "Syntetisk sykehjem Bjørkelia"),
    ("hjemmetjeneste", "home-care-staff", "100000954", "Syntetisk hjemmetjeneste 1103-1"),
    ("fylke", "county-coordinator", "50", "Trøndelag"),
    ("redaktor", "stewardship-editor", "", ""),
    ("forsker", "researcher", "", ""),
    ("admin", "administrator", "", ""),
)


def ensure_demo_users(lab_sender: str, lab_name: str = "") -> list[DemoUser]:
    """Make the demo's users, or set them back to what they should be; safe to repeat.

    Args:
        lab_sender: the sender id ("HER:91843") whose problems the laboratory contact sees.
        lab_name: the laboratory's name, shown to the laboratory contact.
    """
    password = make_password(DEMO_PASSWORD)  # one slow hash serves them all
    made = []
    for username, role, area, shown in _USERS:
        place = shown.format(lab_name=lab_name)
        role_name = roles()[role].name.nb
        User.objects.update_or_create(
            username=username,
            defaults={
                "display_name": place,
                "role": role,
                "area": area.format(lab=lab_sender),
                "is_active": True,
                "password": password,
            },
        )
        who = f"{role_name}, {place}" if place else role_name
        made.append(DemoUser(username, DEMO_PASSWORD, who, role_name))
    return made
