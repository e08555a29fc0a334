"""Fills an empty VARDE_HOME with the invented register: run in a process of its own."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")
django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up first)

from varde.access.demo_users import ensure_demo_users  # noqa: E402
from web.invented import OWN, fill_register, write_warehouse  # noqa: E402

if __name__ == "__main__":
    fill_register(settings.VARDE_HOME)
    write_warehouse(settings.VARDE_HOME)
    ensure_demo_users(OWN, "Fjordby sykehus")
