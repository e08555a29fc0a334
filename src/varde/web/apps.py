"""The room as a Django app: templates, static files and translations live beside the code."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The pages; no tables of their own."""

    name = "varde.web"
    label = "web"

    def ready(self) -> None:
        """Count the faults of databases, and tell of requests that fail, from the beginning."""
        from varde.web.measuring import watch_databases
        from varde.web.trouble import watch_requests

        watch_databases()
        watch_requests()
