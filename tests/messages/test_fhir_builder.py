"""The bundles that the tests are written with are valid FHIR R4, as an independent validator sees it."""

from __future__ import annotations

import json

import fhirkit
import pytest

from messages import fhir_builder as fhir
from messages.numbers import some_number


@pytest.mark.parametrize("names", ["relative", "urn", "absolute", "contained"])
@pytest.mark.parametrize("links", ["member", "derived", "both", "component", "group"])
def test_the_bundles_are_fhir(names: str, links: str) -> None:
    answer = fhir.numbered(some_number())
    content = fhir.as_fhir(answer, fhir.Shape("transaction", names, links))
    assert [str(issue) for issue in fhirkit.validate(json.loads(content))] == []
