"""The service as a WSGI application: ``granian --interface wsgi varde.web.wsgi:application``."""

from __future__ import annotations

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")

application = get_wsgi_application()

# The engine takes a second or two to load: now, and not while the first reader waits.
import_module("ibis.backends.duckdb")
