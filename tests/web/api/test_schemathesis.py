"""Every operation under random questions: no fault of ours, and only what the description says.

How many questions each operation gets: ``VARDE_EXAMPLES``; without it 12, and the same ones every time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from varde.web.api import routes
from varde.web.api.description import describe
from varde.web.public_answers import PublicAnswers
from web.api.invented_content import CHAPTER, GUIDELINE, PNEUMONIA, PREGNANT

EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "12"))
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
# Of the guideline's own addresses; not that valid questions are answered: that kode and kodeverk stand
# together cannot be said in the description.
STRICT = ("negative_data_rejection", "unsupported_method")
THERE = {
    "innhold": PNEUMONIA,
    "retningslinjer": GUIDELINE,
    "kapitler": CHAPTER,
    "anbefalinger": PNEUMONIA,
    "kontraindikasjoner": PREGNANT,
    "publikasjoner": GUIDELINE,
}


@pytest.fixture(autouse=True)
def no_database() -> Iterator[None]:
    """The handler would close connections that the tests' own database needs."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# A query of more than 4096 characters is refused with 414, whatever else is wrong with it.
config = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": ["400", "404", "406", "414"]}}}
)


@pytest.fixture(scope="module")
def described() -> Any:
    """What the service says of itself."""
    said = schemathesis.openapi.from_dict(
        json.loads(describe(routes.api, *routes.SCHEMAS)), config=config
    )
    said.app = PublicAnswers(WSGIHandler())
    return said


# By way of the fixture: else the questions are made when tests are collected, in every worker, and asked in one.
schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="VARDE_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(case: Any) -> None:
    root = case.path.split("/")[1]
    names = CHECKED if root in ("fhir", "cds-services") else (*CHECKED, *STRICT)
    checks = [CHECKS.get_one(name) for name in names]
    case.call_and_validate(checks=checks)
    if root in THERE and "id" in (case.path_parameters or {}):
        # Random ids are nobody's: ask the same of an object that is there.
        case.path_parameters["id"] = THERE[root]
        case.call_and_validate(checks=[CHECKS.get_one(name) for name in CHECKED])
