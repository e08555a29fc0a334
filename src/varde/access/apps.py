"""The room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Users and the access log."""

    name = "varde.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
