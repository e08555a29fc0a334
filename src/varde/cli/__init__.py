"""The command line: `varde ingest`, `refresh`, `antibiogram`, `guideline`, `snomed`, `serve`, `demo` ...

Results (JSON, CSV, tables) go to standard output, everything else to standard error, so that scripts
can read one and people the other. The exit status is 0 only when all that was asked was done. All
state lives under ``VARDE_HOME`` (default ``./var``). One module holds one family of commands.
"""

from __future__ import annotations

import os
import sys

import typer

from varde.cli import (
    audit,
    cases,
    clients,
    codes,
    deliveries,
    diseases,
    followup,
    guideline,
    indicators,
    intake,
    link,
    listening,
    operation,
    register,
    remarks,
    reports,
    resistance,
    service,
    snomed,
    statistics,
    users,
)
from varde.cli.frame import now, open_home, start_django
from varde.terminal import console

__all__ = ["app", "main", "now", "open_home", "start_django"]

app = typer.Typer(
    help="Varde: what should be given, what has happened, what still works; on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    register.ingest,
    register.quarantine,
    register.refresh,
    resistance.antibiogram,
    cases.cases,
    cases.case,
    cases.reclassify,
    followup.inbox,
    register.status,
    register.replay,
    service.serve,
    listening.mllp,
    listening.watch,
    operation.backup,
    operation.restore,
    operation.retention,
    reports.report,
    service.demo,
):
    app.command()(command)
app.add_typer(audit.app, name="audit")
app.add_typer(clients.app, name="client")
app.add_typer(codes.app, name="codes")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(diseases.disease, name="disease")
app.add_typer(followup.event, name="event")
app.add_typer(followup.app, name="followup")
app.add_typer(guideline.app, name="guideline")
app.add_typer(indicators.app, name="indicator")
app.add_typer(intake.app, name="intake")
app.add_typer(operation.keys, name="keys")
app.add_typer(link.link, name="link")
app.add_typer(link.person, name="person")
app.add_typer(users.oidc, name="oidc")
app.add_typer(remarks.app, name="remarks")
app.add_typer(snomed.app, name="snomed")
app.add_typer(statistics.app, name="statistics")
app.add_typer(users.users, name="user")


def main() -> None:
    """Entry point: known errors become one sentence that says what to do, and exit status 1."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from varde.access.keys import KeyProblem
    from varde.cases import CasesError
    from varde.codes import CodesError
    from varde.deliveries import DeliveriesError
    from varde.guidelines import GuidelineError
    from varde.prescribing.indicators import IndicatorError
    from varde.resistance import ResistanceError
    from varde.statistics import StatisticsError
    from varde.warehouse import WarehouseError
    from varde.web.log_lines import log_fault, log_what_nobody_catches

    os.umask(0o077)  # what the register writes is for its owner alone
    debugging = os.environ.get("VARDE_DEBUG") == "1"
    if not debugging:
        log_what_nobody_catches()
    try:
        app()
    except (
        KeyProblem,
        CasesError,
        CodesError,
        DeliveriesError,
        GuidelineError,
        IndicatorError,
        ResistanceError,
        StatisticsError,
        WarehouseError,
    ) as error:
        console.print(f"varde: {error}", markup=False, style="red", soft_wrap=True)
        sys.exit(1)
    except FileNotFoundError as error:
        console.print(
            f"varde: there is no {error.filename or error}",
            markup=False,
            style="red",
            soft_wrap=True,
        )
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        console.print(
            f"varde: {where}{error.strerror or error}", markup=False, style="red", soft_wrap=True
        )
        sys.exit(1)
    except (ImproperlyConfigured, DatabaseError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        console.print(f"varde: {reason[0]}", markup=False, style="red", soft_wrap=True)
        sys.exit(1)
    except Exception as error:
        if debugging:
            raise
        log_fault(error)
        console.print("varde: a fault in Varde itself. The line above says where.", style="red")
        sys.exit(70)  # EX_SOFTWARE
    finally:
        _sign_what_was_logged()


def _sign_what_was_logged() -> None:
    """Whatever the command put into the access log gets a signed head; others are not kept waiting for Django."""
    if (signing := sys.modules.get("varde.access.audit.signing")) is not None:
        signing.finish()
