"""What the API refuses, each refusal with an address that explains it (RFC 9457).

The texts are data (`problems.json`): bokmål for whoever asks, one sentence of English for the
description of the API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from msgspec import UNSET, Struct, UnsetType

DATA = Path(__file__).with_name("problems.json")
PROBLEM_JSON = "application/problem+json"
SEVERAL = "flere-feil"


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of problem.

    Attributes:
        slug: the last part of its address.
        title, why, todo: bokmål; what it is, what it means, what to do.
        en: one English sentence.
    """

    slug: str
    status: int
    title: str
    en: str
    why: str
    todo: str

    @property
    def address(self) -> str:
        """Where it is explained: the `type` of a problem."""
        return f"/problemer/{self.slug}"


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    problems: tuple[Kind, ...]


class Feil(Struct, frozen=True, kw_only=True):
    """One of several things that were wrong.

    Attributes:
        type: the address that explains it.
        parameter: the parameter it is about.
    """

    type: str
    title: str
    detail: str
    parameter: str | UnsetType = UNSET


class Problem(Struct, frozen=True, kw_only=True):
    """A refusal (RFC 9457).

    Attributes:
        type: the address that explains this kind of problem.
        title: the same for every problem of the kind.
        detail: what was wrong this time, and what to do.
        instance: the address that was asked.
        parameter: the parameter it is about.
        errors: every fault, when there are several.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    parameter: str | UnsetType = UNSET
    errors: tuple[Feil, ...] | UnsetType = UNSET


class Forklaring(Struct, frozen=True, kw_only=True):
    """What the address of a kind of problem answers.

    Attributes:
        hvorfor: what it means.
        hvaGjorJeg: what to do.
    """

    type: str
    title: str
    status: int
    hvorfor: str
    hvaGjorJeg: str


class Refusal(Exception):
    """A question that is not answered.

    Args:
        slug: the kind of problem.
        detail: what was wrong and what to do, in bokmål.
        parameter: the parameter it is about; empty for none.
    """

    def __init__(self, slug: str, detail: str, parameter: str = "") -> None:
        self.kind = kinds()[slug]
        self.detail = detail
        self.parameter = parameter
        self.several: tuple[Refusal, ...] = ()
        super().__init__(detail)


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of problem by its slug."""
    file = msgspec.json.decode(DATA.read_bytes(), type=_File)
    return MappingProxyType({kind.slug: kind for kind in file.problems})


def gather(refusals: Sequence[Refusal]) -> Refusal:
    """One refusal of several; of one, itself."""
    if len(refusals) == 1:
        return refusals[0]
    what = "; ".join(one.detail.rstrip(".") for one in refusals)
    gathered = Refusal(SEVERAL, f"{len(refusals)} feil: {what}.")
    gathered.several = tuple(refusals)
    return gathered


def describe(refusal: Refusal, instance: str) -> Problem:
    """The problem as it is written out."""
    return Problem(
        type=refusal.kind.address,
        title=refusal.kind.title,
        status=refusal.kind.status,
        detail=refusal.detail,
        instance=instance,
        parameter=refusal.parameter or UNSET,
        errors=tuple(
            Feil(
                type=one.kind.address,
                title=one.kind.title,
                detail=one.detail,
                parameter=one.parameter or UNSET,
            )
            for one in refusal.several
        )
        or UNSET,
    )


def explain(kind: Kind) -> Forklaring:
    """What a kind of problem is, for its own address."""
    return Forklaring(
        type=kind.address,
        title=kind.title,
        status=kind.status,
        hvorfor=kind.why,
        hvaGjorJeg=kind.todo,
    )


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The answer to a question that is refused."""
    problem = describe(refusal, escape_uri_path(request.path))
    return HttpResponse(
        msgspec.json.encode(problem), content_type=PROBLEM_JSON, status=problem.status
    )
