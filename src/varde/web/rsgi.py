"""The service as it runs: ``granian --interface rsgi varde.web.rsgi:application``; see `varde.web.serving`."""

from __future__ import annotations

from varde.web.wsgi import application as wsgi
from varde.web.wsgi import close_doors  # Django is ready: settings may be asked for

# isort: split

from django.conf import settings

from varde.access import audit
from varde.web.database_files import never_make_files
from varde.web.front import Front
from varde.web.life import tell
from varde.web.trouble import tell_not_received

application = Front(
    wsgi, settings.VARDE_INTAKE_MAX_BYTES, wsgi.recall, close_doors, tell_not_received
)
never_make_files()
audit.keep_signed()
tell("ready")
