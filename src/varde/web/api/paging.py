"""Pages of a list, and the links between them (RFC 8288)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from django.utils.encoding import escape_uri_path

from varde.web.api.parameters import PAGE, SIZE, Question
from varde.web.api.problems import Refusal

Item = TypeVar("Item")


def cut(items: Sequence[Item], question: Question) -> Sequence[Item]:
    """The items on the page that was asked for.

    Raises:
        Refusal: the list has fewer pages. The first page is always there.
    """
    last = count_pages(len(items), question.size)
    if question.page > last:
        raise Refusal(
            "side-finnes-ikke",
            f"Side {question.page} finnes ikke: listen har {len(items)} innslag, "
            f"{question.size} på hver side, og siste side er {last}.",
            PAGE.name,
        )
    start = (question.page - 1) * question.size
    return items[start : start + question.size]


def count_pages(total: int, size: int) -> int:
    """How many pages a list has; one when it is empty."""
    return max(1, -(-total // size))


def write_headers(path: str, total: int, question: Question) -> Mapping[str, str]:
    """How many there are in all, and the addresses of the pages around this one.

    The addresses are relative to the service and keep every other parameter as it was given.
    """
    last = count_pages(total, question.size)
    pages = {"first": 1, "last": last}
    if question.page > 1:
        pages["prev"] = question.page - 1
    if question.page < last:
        pages["next"] = question.page + 1
    links = (
        f'<{escape_uri_path(path)}?{_query(question, page)}>; rel="{relation}"'
        for relation, page in sorted(pages.items())
    )
    return {"X-Total-Count": str(total), "Link": ", ".join(links)}


def _query(question: Question, page: int) -> str:
    kept = [(name, value) for name, value in question.pairs if name not in (PAGE.name, SIZE.name)]
    return urlencode([*kept, (PAGE.name, str(page)), (SIZE.name, str(question.size))])
