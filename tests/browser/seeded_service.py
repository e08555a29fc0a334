"""Fills an empty VARDE_HOME with the invented register: run in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")
django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up first)
from django.utils import timezone  # noqa: E402

from browser.readers import keep_readers_reports  # noqa: E402
from browser.registers import write_registers  # noqa: E402
from varde.access.demo_users import ensure_demo_users  # noqa: E402
from varde.demo.followup import add_cases  # noqa: E402
from varde.register import open_register  # noqa: E402
from web.invented import OWN, fill_register  # noqa: E402
from web.known_person import fill  # noqa: E402

if __name__ == "__main__":
    fill_register(settings.VARDE_HOME)
    add_cases(open_register(settings.VARDE_HOME), timezone.now())
    fill()
    write_registers(Path(settings.VARDE_HOME))
    ensure_demo_users(OWN, "Fjordby sykehus")
    keep_readers_reports(Path(settings.VARDE_HOME))
