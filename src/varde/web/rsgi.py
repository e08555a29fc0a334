"""The service as it runs: ``granian --interface rsgi varde.web.rsgi:application``.

A worker of granian's: it must end when it is told to while it still starts, and when the process that watches
over it is gone.
"""

from __future__ import annotations

import ctypes
import signal
import sys
from multiprocessing import parent_process
from threading import current_thread, main_thread

PR_SET_PDEATHSIG = 1


def follow_the_watcher() -> None:
    """Be told to stop when the parent ends, however it ends (Linux); elsewhere it must be stopped by hand."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end_when_told() -> None:
    """Until the server listens to it, SIGTERM ends the process: nothing is in hand yet."""
    if current_thread() is main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


if parent_process() is not None:
    end_when_told()
    follow_the_watcher()

from django.conf import settings  # noqa: E402 - a signal may come meanwhile

from varde.web.front import Front  # noqa: E402
from varde.web.wsgi import application as wsgi  # noqa: E402
from varde.web.wsgi import close_doors  # noqa: E402

application = Front(wsgi, settings.VARDE_INTAKE_MAX_BYTES, wsgi.recall, close_doors)
