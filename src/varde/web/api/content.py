"""Objects of the guideline: lists, single ones, and their versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from msgspec import UNSET
from ninja import Path, Router
from pydantic import WithJsonSchema

from varde.guidelines import Entry, Publication, encode
from varde.guidelines.documents import write_article
from varde.guidelines.model import ID, InfoType, Innhold
from varde.web import guideline
from varde.web.api import parameters
from varde.web.api.finding import CALLED, LONGEST_ID, address, find, find_version, find_versions
from varde.web.api.operations import describe_operation
from varde.web.api.paging import cut, write_headers
from varde.web.api.parameters import Parameter, Question, read_question
from varde.web.api.schemas import ANY_OBJECT, Versjon, examples, list_of, reference
from varde.web.api.writing import Representations, write

router = Router(tags=["Innhold"])

# Described, not checked, by these: whoever asks is told in the API's own words.
Id = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": f"^{ID.pattern}$", "maxLength": LONGEST_ID}),
    Path(
        description="Id of an object.",
        examples=["0099-0003-db9e7c32-4570-5372-824c-fca6c7d774be"],
    ),
]
FirstDay = Annotated[
    str,
    WithJsonSchema({"type": "string", "format": "date"}),
    Path(description="The first day of a version.", examples=["2024-06-27"]),
]
_ONE = (parameters.DAY, parameters.FULL, parameters.FORMAT)
_LIST = (*_ONE, parameters.PAGE, parameters.SIZE)
_CODED = (*_LIST, parameters.SYSTEM, parameters.CODE)
_EVERYTHING = (*_CODED, parameters.TYPES)
_VERSIONS = (parameters.DAY, parameters.FORMAT, parameters.PAGE, parameters.SIZE)


def ask(request: HttpRequest, known: Sequence[Parameter]) -> Question:
    """What a request asks.

    Raises:
        Refusal
    """
    return read_question(request.META.get("QUERY_STRING", ""), known)


def shorten_object(served: Innhold[Any]) -> Innhold[Any]:
    """An object without its `data`, as lists give it unless more was asked for."""
    return msgspec.structs.replace(served, data=UNSET)


def answer_list(
    request: HttpRequest,
    title: str,
    known: Sequence[Parameter],
    types: tuple[InfoType, ...],
    *,
    full_by_code: bool = False,
) -> HttpResponse:
    """A page of the objects that were in force on a day, by title.

    Args:
        types: the types that the address holds; all when empty.
        full_by_code: whether objects come with their data when they were asked for by code.
    """
    question = ask(request, known)
    publication = guideline.publication_on(question.day)
    found = _select(publication, question, types)
    page = cut(found, question)
    full = question.full
    if full is None:
        full = full_by_code and question.code is not None
    served = [(entry, publication.get(entry.innhold.id)) for entry in page]
    return write(
        request,
        question,
        Representations(
            title=title,
            json=lambda: encode([one if full else shorten_object(one) for _, one in served]),
            html=lambda: _write_list(title, served, full, _day(question)),
            headers=write_headers(request.path, len(found), question),
        ),
    )


def _select(
    publication: Publication, question: Question, types: tuple[InfoType, ...]
) -> Sequence[Entry]:
    wanted = question.types or types
    if question.system is None or question.code is None:
        return publication.edition.current(*wanted)
    return [
        entry
        for entry in publication.edition.with_code(question.system, question.code)
        if not wanted or entry.innhold.info_type in wanted
    ]


def answer_object(request: HttpRequest, id_: str, wanted: InfoType | None) -> HttpResponse:
    """One object as it stood on a day."""
    question = ask(request, _ONE)
    publication = guideline.publication_on(question.day)
    entry = find(publication.edition.library, id_, question.day or guideline.today(), wanted)
    return _write_object(request, question, publication.get(id_), entry)


def _write_object(
    request: HttpRequest, question: Question, served: Innhold[Any], entry: Entry
) -> HttpResponse:
    shown = shorten_object(served) if question.full is False else served
    return write(
        request,
        question,
        Representations(
            title=served.tittel,
            json=lambda: encode(shown),
            html=lambda: write_article(shown, entry),
        ),
    )


def _write_list(
    title: str, served: Sequence[tuple[Entry, Innhold[Any]]], full: bool, day: str
) -> str:
    if full:
        return "\n".join(write_article(one, entry) for entry, one in served) or _none(title)
    if not served:
        return _none(title)
    items = "\n".join(
        f'<li><a href="{address(one.info_type, one.id)}{day}">{escape(one.tittel)}</a> '
        f"({one.info_type}, gjelder fra {entry.first_day})</li>"
        for entry, one in served
    )
    return f"<h1>{escape(title)}</h1>\n<ul>\n{items}\n</ul>"


def _none(title: str) -> str:
    return f"<h1>{escape(title)}</h1>\n<p>Ingen treff.</p>"


def _day(question: Question) -> str:
    return f"?gyldigDato={question.day}" if question.day else ""


@router.get(
    "/innhold",
    operation_id="listInnhold",
    summary="Objects of every type, or about a code",
    openapi_extra=describe_operation(_EVERYTHING, list_of(ANY_OBJECT), is_list=True),
)
def list_innhold(request: HttpRequest) -> HttpResponse:
    """Every object in force on the day, by title. HEAD gives the headers alone, here as everywhere."""
    return answer_list(request, "Innhold", _EVERYTHING, ())


@router.get(
    "/innhold/{id}",
    operation_id="getInnhold",
    summary="One object of any type",
    openapi_extra=describe_operation(
        _ONE, ANY_OBJECT, ("ugyldig-id", "finnes-ikke", "ikke-gyldig-enna")
    ),
)
def show_innhold(request: HttpRequest, id: Id) -> HttpResponse:
    """The version that was valid on the day, also when it has been withdrawn (status Utgått)."""
    return answer_object(request, id, None)


@router.get(
    "/innhold/{id}/versjoner",
    operation_id="listVersjoner",
    summary="Every version of an object",
    openapi_extra=describe_operation(
        _VERSIONS,
        list_of(reference("Versjon")),
        ("ugyldig-id", "finnes-ikke", "ikke-gyldig-enna"),
        is_list=True,
    ),
)
def list_versions(request: HttpRequest, id: Id) -> HttpResponse:
    """The oldest first; also those that begin in the future. With gyldigDato: those that had begun."""
    question = ask(request, _VERSIONS)
    library = guideline.current().library
    versions = find_versions(library, id)
    if question.day:
        find(library, id, question.day)
        versions = tuple(entry for entry in versions if entry.first_day <= question.day)
    page = [_version(entry) for entry in cut(versions, question)]
    title = f"Versjoner av {versions[-1].innhold.tittel}"
    return write(
        request,
        question,
        Representations(
            title=title,
            json=lambda: encode(page),
            html=lambda: _write_versions(title, page),
            headers=write_headers(request.path, len(versions), question),
        ),
    )


def _version(entry: Entry) -> Versjon:
    return Versjon(
        gyldigFra=entry.first_day,
        gyldigTil=entry.end or UNSET,
        hash=entry.stored.digest,
        tittel=entry.innhold.tittel,
        nummer=entry.number,
        href=f"/innhold/{entry.innhold.id}/versjoner/{entry.first_day}",
    )


def _write_versions(title: str, page: Sequence[Versjon]) -> str:
    items = "\n".join(
        f'<li><a href="{one.href}">Versjon {one.nummer}</a>: {escape(one.tittel)}, gjelder fra '
        f"{one.gyldigFra}{f' til {one.gyldigTil}' if one.gyldigTil else ''}</li>"
        for one in page
    )
    return f"<h1>{escape(title)}</h1>\n<ul>\n{items}\n</ul>"


@router.get(
    "/innhold/{id}/versjoner/{gyldigFra}",
    operation_id="getVersjon",
    summary="One version of an object",
    openapi_extra=describe_operation(
        _ONE, ANY_OBJECT, ("ugyldig-id", "ugyldig-dato", "finnes-ikke", "versjon-finnes-ikke")
    ),
)
def show_version(request: HttpRequest, id: Id, gyldigFra: FirstDay) -> HttpResponse:
    """As it was answered on its first day, or on gyldigDato: a day on which it was valid. Links and
    listed contra-indications are those of that day."""
    question = ask(request, _ONE)
    first_day = parameters.read_day(gyldigFra, "gyldigFra")
    day = question.day or first_day
    entry = find_version(guideline.current().library, id, first_day, day)
    return _write_object(request, question, guideline.publication_on(day).get(id), entry)


def _add_type(
    segment: str, name: str, title: str, info_type: InfoType, known: tuple[Parameter, ...]
) -> None:
    """The list and the single objects of one type."""
    schema = reference(name)
    example = examples().get(name)

    def list_type(request: HttpRequest) -> HttpResponse:
        return answer_list(
            request, title, known, (info_type,), full_by_code=info_type == "anbefaling"
        )

    def show_type(request: HttpRequest, id: Id) -> HttpResponse:
        return answer_object(request, id, info_type)

    of_list = describe_operation(
        known, list_of(schema), is_list=True, example=[example] if example else None
    )
    of_one = describe_operation(
        _ONE,
        schema,
        ("ugyldig-id", "finnes-ikke", "ikke-gyldig-enna", "annen-type"),
        example=example,
    )
    add: Callable[..., Any] = router.add_api_operation
    add(
        f"/{segment}",
        ["GET"],
        list_type,
        operation_id=f"list{title}",
        summary=f"Every {info_type}",
        description="Those in force on the day, by title.",
        openapi_extra=of_list,
        url_name=f"list-{segment}",
    )
    add(
        f"/{segment}/{{id}}",
        ["GET"],
        show_type,
        operation_id=f"get{info_type.title()}",
        summary=f"One {info_type}",
        description=f"As it stood on the day. An id of another type is refused: the answer says that it is not "
        f"{CALLED[info_type]}, and where it is.",
        openapi_extra=of_one,
        url_name=f"show-{segment}",
    )


_add_type("retningslinjer", "Infobit", "Retningslinjer", "retningslinje", _LIST)
_add_type("kapitler", "Infobit", "Kapitler", "kapittel", _LIST)
_add_type("anbefalinger", "Anbefaling", "Anbefalinger", "anbefaling", _CODED)
_add_type("kontraindikasjoner", "Kontraindikasjon", "Kontraindikasjoner", "kontraindikasjon", _LIST)
