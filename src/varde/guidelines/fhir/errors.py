"""What can be wrong with a question to the FHIR view, and the OperationOutcome that says so.

The whole tree::

    FhirRefused
    ├── InvalidSearch       400: a parameter or its value (in strict handling also an unknown one)
    ├── NotFound            404: no such type, resource or version
    ├── NotAllowed          405: the view is read-only
    └── NotAcceptable       406: JSON is all there is
"""

from __future__ import annotations

from varde.guidelines.errors import GuidelineError
from varde.guidelines.fhir.datatypes import Json


class FhirRefused(GuidelineError):
    """A question that is refused.

    Attributes:
        status: of HTTP.
        code: of the R4 code system issue-type.
    """

    status = 400
    code = "invalid"


class InvalidSearch(FhirRefused):
    """A search parameter that is unknown, or whose value cannot be read."""

    status, code = 400, "value"


class NotFound(FhirRefused):
    """No such type of resource, no such resource, or no such version of it."""

    status, code = 404, "not-found"


class NotAllowed(FhirRefused):
    """Something other than reading and searching."""

    status, code = 405, "not-supported"


class NotAcceptable(FhirRefused):
    """A format other than JSON."""

    status, code = 406, "not-supported"


def write_outcome(error: FhirRefused) -> Json:
    """The OperationOutcome of a refusal."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": error.code, "diagnostics": str(error)}],
    }
