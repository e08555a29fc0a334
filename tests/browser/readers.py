"""Invented reports of two years for the demo's readers, as each role reads them."""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth.hashers import make_password

from learning.some_reports import UNIT, a_bare_report, a_report, with_goal, write_prescribers
from varde.access.demo_users import DEMO_PASSWORD
from varde.access.models import User
from varde.learning import give_consent, keep_reports
from varde.prescribing.reports import Kind

READERS: tuple[tuple[str, Kind, str], ...] = (
    ("fastlege", "rak", "year"),
    ("fastlege", "rak", "follow-up"),
    ("legevakt", "legevakt", "doctor"),
    ("sykehjemsleder", "rask", "mixed"),
    ("sykehjem", "rask", "mixed"),
    ("hjemmetjeneste", "home-care", "district"),
    ("gruppeleder", "peer-group", "meeting"),
    ("fylkeskoordinator", "county", "year"),
)


def keep_readers_reports(home: Path) -> None:
    """Keep what each of them reads; the doctors are in one group, six of whom agree to be dots."""
    User.objects.update_or_create(
        username="fylkeskoordinator",
        defaults={
            "display_name": "Vestland",
            "role": "county-coordinator",
            "area": "46",
            "password": make_password(DEMO_PASSWORD),
        },
    )
    areas = dict(User.objects.values_list("username", "area"))
    colleagues = [f"99000{number:02}" for number in range(1, 11)]
    write_prescribers(home, colleagues, group=areas["gruppeleder"])
    keep_reports(
        a_report(kind, variant, areas[name], year, seed=number)
        for year in (2024, 2025)
        for number, (name, kind, variant) in enumerate(READERS)
    )
    write_prescribers(home, [areas["legevakt"]], role="out-of-hours", group="")
    keep_reports(a_report("legevakt", "unit", UNIT, year) for year in (2024, 2025))
    # In 2022 a report opens with a goal, in 2021 nothing has a figure, in 2020 both.
    readers = [(areas[name], kind, variant) for name, kind, variant in READERS]
    for unit, kind, variant in (*readers, (UNIT, "legevakt", "unit")):
        bare = a_bare_report(kind, variant, unit, 2020)
        keep_reports(
            [
                with_goal(a_report(kind, variant, unit, 2022)),
                a_bare_report(kind, variant, unit, 2021),
                with_goal(bare),
            ]
        )
    keep_reports(a_report(unit=one, seed=number) for number, one in enumerate(colleagues))
    for doctor in colleagues[:6]:
        give_consent(User(username=f"lege-{doctor}"), doctor)
