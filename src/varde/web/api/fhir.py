"""The guideline as FHIR R4, below /fhir: read, versions, history, search and metadata."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from ninja import Router

from varde.guidelines import Publication
from varde.guidelines.fhir import (
    DAY,
    FhirRefused,
    InvalidSearch,
    Json,
    NotAcceptable,
    Repository,
    encode_fhir,
    search,
    write_capability,
    write_history,
    write_outcome,
)
from varde.web import guideline, public_answers
from varde.web.api import frame
from varde.web.api.problems import Refusal
from varde.web.api.standards import GYLDIG_DATO, SEARCH, describe_fhir
from varde.web.api.writing import CACHE, seal
from varde.web.intake.fhir import add_to_capability

MEDIA_TYPE = "application/fhir+json"
JSON = frozenset({"json", MEDIA_TYPE, "application/json", "text/json"})
ANY = frozenset({"*/*", "application/*"})
MOST_PAIRS = 50
_WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

router = Router(tags=["FHIR"])


@router.get("/fhir/metadata", openapi_extra=describe_fhir("The CapabilityStatement."))
def show_metadata(request: HttpRequest) -> HttpResponse:
    """The CapabilityStatement."""
    try:
        _check_format(request)
    except FhirRefused as error:
        return _refuse(error)
    days = [day for day in guideline.current().library.change_days if day <= guideline.today()]
    capability = write_capability(_base(request), days[-1] if days else guideline.today())
    return _seal(request, encode_fhir(add_to_capability(capability)), remember=True)


@router.get("/fhir/{kind}", openapi_extra=describe_fhir("A searchset Bundle.", SEARCH))
def find(request: HttpRequest, kind: str) -> HttpResponse:
    """A search of one type."""
    return _search(request, kind, _pairs(request.GET.lists()))


@router.post("/fhir/{kind}/_search", openapi_extra=describe_fhir("A searchset Bundle.", body=True))
def find_posted(request: HttpRequest, kind: str) -> HttpResponse:
    """A search whose parameters are in the body (application/x-www-form-urlencoded)."""
    return _search(request, kind, _pairs([*request.GET.lists(), *request.POST.lists()]))


@router.get("/fhir/{kind}/{id}", openapi_extra=describe_fhir("The resource.", [GYLDIG_DATO]))
def read(request: HttpRequest, kind: str, id: str) -> HttpResponse:
    """One resource as it was on the day that is asked about."""
    try:
        _check_format(request)
        return _one(request, _repository(request).read(kind, id))
    except FhirRefused as error:
        return _refuse(error)


@router.get("/fhir/{kind}/{id}/_history", openapi_extra=describe_fhir("A history Bundle."))
def show_history(request: HttpRequest, kind: str, id: str) -> HttpResponse:
    """Every version of a resource, the newest first."""
    try:
        _check_format(request)
        bundle = write_history(_repository(request).history(kind, id), kind, id, _base(request))
    except FhirRefused as error:
        return _refuse(error)
    return _seal(request, encode_fhir(bundle), remember=True)


@router.get("/fhir/{kind}/{id}/_history/{version}", openapi_extra=describe_fhir("The version."))
def read_version(request: HttpRequest, kind: str, id: str, version: str) -> HttpResponse:
    """One version of a resource."""
    try:
        _check_format(request)
        return _one(request, _repository(request).version(kind, id, version))
    except FhirRefused as error:
        return _refuse(error)


# --- questions ----------------------------------------------------------------------------------


def _pairs(lists: object) -> list[tuple[str, str]]:
    return [(name, value) for name, values in lists for value in values]  # type: ignore[attr-defined]


def _search(request: HttpRequest, kind: str, pairs: list[tuple[str, str]]) -> HttpResponse:
    """Only answers that are the same in strict and in lenient handling are remembered for others."""
    try:
        _check_format(request)
        if len(pairs) > MOST_PAIRS:
            raise InvalidSearch(f"too many parameters: {MOST_PAIRS} at most")
        repository = _repository(request)
        try:
            bundle, plain = search(repository, kind, pairs, _base(request), strict=True), True
        except InvalidSearch:
            if _is_strict(request):
                raise
            bundle, plain = search(repository, kind, pairs, _base(request)), False
    except FhirRefused as error:
        return _refuse(error)
    return _seal(request, encode_fhir(bundle), remember=plain and request.method == "GET")


def _is_strict(request: HttpRequest) -> bool:
    prefer = request.META.get("HTTP_PREFER", "").replace(" ", "").casefold()
    return "handling=strict" in prefer.replace(";", ",").split(",")


def _repository(request: HttpRequest) -> Repository:
    """The view of the day that is asked about.

    Raises:
        InvalidSearch: it is no day.
    """
    text = request.GET.get(DAY) or request.POST.get(DAY)
    day = guideline.today() if text is None else _read_day(text)
    read = guideline.current()
    return repository(read, read.library.edition(day).begins)


def _read_day(text: str) -> date:
    try:
        # Python reads weeks too, as 2024-W26-4.
        if not _WRITTEN_DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidSearch(f"{DAY} must be a day, as 2024-06-27: found {text[:40]!r}") from None


@lru_cache(maxsize=16)
def repository(read: guideline.Guideline, begins: date) -> Repository:
    """The view of the edition that begins on a day; kept, so that resources are made once."""
    return Repository(Publication(read.library.edition(begins), read.terminology, read.release))


def _check_format(request: HttpRequest) -> None:
    """Refuse what is not JSON; ``_format`` counts more than Accept, as R4 says.

    Raises:
        NotAcceptable
    """
    wanted = request.GET.get("_format")
    if wanted is not None:
        if wanted.replace(" ", "+").partition(";")[0].strip().casefold() not in JSON:
            raise NotAcceptable(f"_format {wanted[:40]!r} is not there: use {MEDIA_TYPE}")
        return
    accept = request.META.get("HTTP_ACCEPT", "")
    ranges = [part.partition(";")[0].strip().casefold() for part in accept.split(",")]
    if accept.strip() and not any(one in JSON or one in ANY for one in ranges):
        raise NotAcceptable(f"Accept asks for something else than JSON: use {MEDIA_TYPE}")


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/fhir")


# --- answers ------------------------------------------------------------------------------------


def _one(request: HttpRequest, resource: Json) -> HttpResponse:
    """A resource with its version as weak ETag; 304 when the caller has it already."""
    etag = f'W/"{resource["meta"]["versionId"]}"'
    changed = datetime.fromisoformat(resource["meta"]["lastUpdated"]).astimezone(UTC)
    if not public_answers.wants_whole(request):
        known = _has(request, etag, changed)
    else:
        known = "HTTP_IF_NONE_MATCH" not in request.META and _has(request, etag, changed)
    if known:
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        public_answers.allow(request)
        response = HttpResponse(encode_fhir(resource), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response["ETag"] = etag
    response["Last-Modified"] = format_datetime(changed, usegmt=True)
    response["Cache-Control"] = CACHE
    response["Vary"] = "Accept"
    return response


def _has(request: HttpRequest, etag: str, changed: datetime) -> bool:
    """Whether the caller has this version; If-None-Match counts more than If-Modified-Since."""
    tags = request.META.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return public_answers.matches(tags, etag) or etag in tags.replace(" ", "").split(",")
    since = request.META.get("HTTP_IF_MODIFIED_SINCE")
    if since is None:
        return False
    try:
        return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False


def _seal(request: HttpRequest, body: bytes, remember: bool) -> HttpResponse:
    content_type = f"{MEDIA_TYPE}; charset=utf-8"
    if remember:
        return seal(request, body, content_type)
    return HttpResponse(body, content_type=content_type, headers={"Cache-Control": "no-store"})


def _refuse(error: FhirRefused) -> HttpResponse:
    return HttpResponse(
        encode_fhir(write_outcome(error)),
        content_type=f"{MEDIA_TYPE}; charset=utf-8",
        status=error.status,
    )


def _refuse_as_outcome(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What the frame refuses (unknown addresses, other methods, our own faults), as FHIR says it."""
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": _ISSUES.get(refusal.kind.status, "processing"),
                "details": {"text": refusal.kind.title},
                "diagnostics": refusal.detail,
            }
        ],
    }
    return HttpResponse(
        encode_fhir(outcome),
        content_type=f"{MEDIA_TYPE}; charset=utf-8",
        status=refusal.kind.status,
    )


_ISSUES = {400: "invalid", 404: "not-found", 405: "not-supported", 500: "exception"}

frame.speak("fhir", _refuse_as_outcome)
