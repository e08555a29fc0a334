"""Every role × every page × area, cell by cell, against the table `tests/spec/who_opens_what.csv`.

A cell says what a role sees on a page: ``no``; ``own`` (of its own area; without one nothing), ``country``
(everybody's), ``figures`` (the country's disclosed figures, whatever the area), ``form`` (hands in, and sees
what it has handed in itself), ``log`` (the access log), ``open`` (for everybody), ``person`` (asks for a number and a
purpose, and shows nobody before).
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from varde.access.models import AccessLogEntry
from varde.access.roles import roles
from varde.register import quarantine_items
from web.conftest import PEOPLE
from web.invented import OTHER, OWN
from web.test_access import MACHINES, NOWHERE, OPEN, PLACES, POST_ONLY, every_address

TABLE = Path(__file__).parents[1] / "spec" / "who_opens_what.csv"
FOR_MACHINES = MACHINES | {
    *(
        "earlier-analyses",
        "earlier-analyses-description",
        "oauth-token",
        "intake",
        "intake-validate",
        "fhir-intake",
        "fhir-intake-slash",
        "administrations",
        "administrations-validate",
        "administrations-validate-openly",
    ),
    *("smart-configuration", "fhir-smart-configuration"),
    *("health", "healthz", "readyz", "metrics", "sign-out-provider"),
}
"""Addresses for machines: no role opens them."""
SIGNING = {"sign-in", "sign-out", "language"}
"""Forms that lead on to another page."""
SENDERS = {
    *("notification", "prevalence", "surgery"),
    *("notification-handed-in", "prevalence-handed-in", "surgery-handed-in"),
    *("notification-receipt", "prevalence-receipt", "surgery-receipt"),
    *("prevalence-file", "surgery-file"),
    *("notification-correct", "prevalence-correct", "surgery-correct"),
    "notification-known",
}
"""Addresses where somebody hands in for an area, and must have one."""
CELLS = {"no", "own", "country", "figures", "form", "log", "open", "person"}


def read_table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("page"): row for row in csv.DictReader(file)}


def test_every_page_and_every_role_is_in_the_table() -> None:
    table = read_table()
    pages = set(every_address()) - FOR_MACHINES - NOWHERE
    assert set(table) == pages
    for page, row in table.items():
        assert set(row) == set(roles()), page
        assert set(row.values()) <= CELLS, page
        assert (set(row.values()) == {"open"}) == (page in OPEN | SIGNING), page


def areas_of(role: str) -> dict[str, str]:
    """The role's own area, another of its kind, and none."""
    own = PEOPLE[role]
    if not own:
        return {"own": ""}
    other = {OWN: OTHER, "0301": "4601"}.get(own, f"{own}-other")
    return {"own": own, "other": other, "none": ""}


@pytest.mark.django_db(databases=["default", "norm", "ravn"])
@pytest.mark.parametrize("role", sorted(roles()))
def test_each_cell_is_what_the_table_says(
    role: str, register: None, sign_in: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "django.request")  # each refusal would be a traceback
    places = PLACES | {"quarantine-item": (quarantine_items(OWN)[0].id,)}
    for which, area in areas_of(role).items():
        client = sign_in(role, area)
        for page, row in read_table().items():
            cell = row[role]
            # What is for everybody, and what is for nobody of the role, has no area to it: twice is enough.
            if page in SIGNING or (cell in ("open", "no") and which == "other"):
                continue
            before = AccessLogEntry.objects.filter(action="denied").count()
            ask = client.post if page in POST_ONLY else client.get
            answer = ask(reverse(page, args=places.get(page, ())))
            denied = AccessLogEntry.objects.filter(action="denied").count() - before
            told = f"{role} in {which} area, {page}: {cell}, {answer.status_code}"
            if cell == "no":
                assert (answer.status_code, denied) == (403, 1), told
                continue
            body = answer.content.decode("utf-8", "replace")
            if which == "none" and (cell == "own" or page in SENDERS):
                assert answer.status_code == 403, told
            elif page == "quarantine-item":
                assert answer.status_code == (404 if which == "other" else 200), told
            else:
                assert answer.status_code in WORKS.get(page, {200}), told
            sees_own, sees_other = "Oppdiktomycin" in body, "Fremmedomycin" in body
            if page == "quarantine":
                if cell == "country":
                    assert sees_own and sees_other, told
                else:
                    assert (sees_own, sees_other) == (which == "own", which == "other"), told
            elif page != "quarantine-item" and cell not in ("country", "own"):
                assert not sees_own and not sees_other, told


WORKS = {
    # There is nothing there for one who has handed in nothing, and nothing in the file that was not sent.
    "notification-receipt": {404},
    "prevalence-receipt": {404},
    "surgery-receipt": {404},
    "prevalence-file": {422},
    "surgery-file": {422},
    "notification-correct": {422},
    "prevalence-correct": {422},
    "surgery-correct": {422},
    "quarantine-item-apart": {404},
    "laboratory-code": {404},
    "persons-question": {404},
    # The snapshot of these tests holds isolates alone, and there is none of RAVN and NORM.
    **{
        f"register-{key}-{ending}": {404}
        for key in ("msis", "sysvak", "nois", "ravn", "norm")
        for ending in ("csv", "parquet")
    },
    **{page: {404} for page in ("case", "case-whose", "case-contacts", "event", "event-contacts")},
    # No reports have been made here; what each reader sees of them is held in test_report_pages.
    **{page: {404} for page in ("report-year", "report-year-of", "report-document")},
    **{page: {404} for page in ("report-document-of", "report-goal", "report-remark")},
    "report-consent": {404},
    **{page: {404} for page in ("inbox-act", "desk-act", "desk-unknown")},
    **{page: {404} for page in ("event-lines", "event-lines-csv")},
}
"""What an address answers to one who may open it, where that is not 200."""
