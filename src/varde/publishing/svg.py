"""Writes SVG elements: escaped, without inline style or script, so that a strict policy lets them
through. Looks come from presentation attributes, and from CSS classes where a page has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

T = TypeVar("T")


def element(tag: str, *children: str, **attributes: object) -> str:
    """One element.

    Args:
        tag: the element's name.
        children: already written SVG; write text with `text`.
        attributes: trailing underscores are dropped (``class_``), the others become hyphens;
            numbers are written with at most two decimals; None leaves the attribute out.
    """
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}={_quote(value)}"
        for name, value in attributes.items()
        if value is not None
    )
    inner = "".join(children)
    return f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>"


def text(words: str, x: float, y: float, **attributes: object) -> str:
    """A line of text with its baseline at (x, y)."""
    return element("text", escape(words), x=x, y=y, **attributes)


def document(
    body: Iterable[str],
    *,
    width: float,
    height: float,
    name: str,
    title: str,
    description: str,
    class_: str = "",
) -> str:
    """A whole picture with a name and a description for those who cannot see it.

    Args:
        name: an id that is unique on the page.
        title: what it is.
        description: what it shows, in words.
    """
    return element(
        "svg",
        element("title", escape(title), id=f"{name}-title"),
        element("desc", escape(description), id=f"{name}-desc"),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"chart {class_}".strip(),
        viewBox=f"0 0 {_write(width)} {_write(height)}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        font_family="Inter, system-ui, sans-serif",
        font_size=13,
        fill="currentColor",
    )


def points(pairs: Iterable[tuple[float, float]]) -> str:
    """Coordinates as a `points` attribute."""
    return " ".join(f"{_write(x)},{_write(y)}" for x, y in pairs)


def unbroken(items: Iterable[T], is_there: Callable[[T], bool]) -> list[list[T]]:
    """The runs of items that all have what is drawn: a line is never drawn across a gap."""
    return [list(run) for there, run in groupby(items, is_there) if there]


def _quote(value: object) -> str:
    """A value in quotation marks; a number has nothing to escape."""
    return quoteattr(value) if isinstance(value, str) else f'"{_write(value)}"'


def _write(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
