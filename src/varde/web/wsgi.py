"""The pages as a WSGI application, with what stands in front of Django; `varde.web.rsgi` serves it."""

from __future__ import annotations

import logging
import os
import time
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde.web.settings")

_django = get_wsgi_application()

from varde.web.database_files import follow_files  # noqa: E402 - Django must be ready first
from varde.web.public_answers import PublicAnswers  # noqa: E402

application = PublicAnswers(_django)


def warm_up() -> None:
    """Load every page, read the guideline, load the engine and put one question to the warehouse: that takes a
    second or two, which the first reader should not wait for. Trouble is logged, and must not keep the other
    pages closed."""
    from varde import learning
    from varde.guidelines import GuidelineError
    from varde.operation import prepare_structures
    from varde.web.guideline import publication_on

    import_module("varde.web.urls")
    learning.load()
    prepare_structures()

    try:
        publication_on(None)
    except GuidelineError:
        logging.getLogger(__name__).exception("the guideline cannot be read")
    import_module("ibis.backends.duckdb")
    from varde.warehouse import NoSnapshot
    from varde.web.answers import read_choices

    try:
        read_choices()
    except NoSnapshot:
        pass  # nothing to count yet: the page says so
    except Exception:
        logging.getLogger(__name__).exception("the warehouse does not answer")


def close_doors() -> None:
    """Finish what waits at the intake, before the process ends."""
    from varde.access import audit
    from varde.web.intake.doors import close_doors as close_all
    from varde.web.life import tell

    tell("stopping")
    began = time.monotonic()
    log = logging.getLogger(__name__)
    finished = close_all()
    if finished:
        log.info("the intake is closed; nothing waits in it")
    else:
        log.warning("the intake did not finish in time; what is kept is read after the next start")
    audit.finish()
    tell("stopped", finished=finished, seconds=round(time.monotonic() - began, 3))


follow_files()
warm_up()
