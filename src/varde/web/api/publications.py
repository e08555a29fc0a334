"""A guideline as a tree: what hangs below what."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from django.http import HttpRequest, HttpResponse
from ninja import Router

from varde.guidelines import Entry, Publication, encode
from varde.web import guideline
from varde.web.api import parameters
from varde.web.api.content import Id, ask, shorten_object
from varde.web.api.finding import CALLED, address, find
from varde.web.api.operations import describe_operation
from varde.web.api.problems import Refusal
from varde.web.api.schemas import Gren, Publikasjon, reference
from varde.web.api.writing import Representations, write

router = Router(tags=["Innhold"])

_KNOWN = (parameters.DAY, parameters.FULL, parameters.FORMAT)


@router.get(
    "/publikasjoner/{id}",
    operation_id="getPublikasjon",
    summary="A guideline as a tree",
    openapi_extra=describe_operation(
        _KNOWN,
        reference("Publikasjon"),
        ("ugyldig-id", "finnes-ikke", "ikke-gyldig-enna", "annen-type"),
    ),
)
def show_publication(request: HttpRequest, id: Id) -> HttpResponse:
    """The guideline and all below it that was in force on the day, each object as lists give it; with
    their data when full=true."""
    question = ask(request, _KNOWN)
    publication = guideline.publication_on(question.day)
    entry = find(publication.edition.library, id, question.day or guideline.today())
    _check_root(publication, entry)
    full = question.full is True
    suffix = f"?gyldigDato={question.day}" if question.day else ""
    return write(
        request,
        question,
        Representations(
            title=entry.innhold.tittel,
            json=lambda: encode(Publikasjon(rot=_branch(publication, entry, full))),
            html=lambda: _write_tree(publication, entry, suffix),
        ),
    )


def _check_root(publication: Publication, entry: Entry) -> None:
    found, id_ = entry.innhold.info_type, entry.innhold.id
    if found == "retningslinje":
        return
    roots = [root.innhold.id for root in publication.edition.roots(id_)]
    belongs = f" Publikasjonen: /publikasjoner/{roots[0]}." if roots else ""
    raise Refusal(
        "annen-type",
        f"{id_} er {CALLED[found]}, ikke en publikasjon. Den ligger på "
        f"{address(found, id_)}.{belongs}",
        "id",
    )


def _branch(publication: Publication, entry: Entry, full: bool) -> Gren:
    id_ = entry.innhold.id
    served = publication.get(id_)
    return Gren(
        infobit=served if full else shorten_object(served),
        barn=tuple(
            _branch(publication, child, full) for child in publication.edition.children(id_)
        ),
    )


def _write_tree(publication: Publication, root: Entry, suffix: str) -> str:
    tree = "\n".join(_write_branch(publication, root, suffix))
    return f"<h1>{escape(root.innhold.tittel)}</h1>\n<ul>\n{tree}\n</ul>"


def _write_branch(publication: Publication, entry: Entry, suffix: str) -> Iterator[str]:
    innhold = entry.innhold
    href = f"{address(innhold.info_type, innhold.id)}{suffix}"
    yield f'<li><a href="{href}">{escape(innhold.tittel)}</a> ({innhold.info_type})'
    children = publication.edition.children(innhold.id)
    if children:
        yield "<ul>"
        for child in children:
            yield from _write_branch(publication, child, suffix)
        yield "</ul>"
    yield "</li>"
