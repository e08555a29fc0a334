"""The columns of a table in words: for pages, and for the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from varde.messages.tables.definition import (
    DATA,
    ENVELOPE,
    Column,
    read_envelope,
    tables,
)

Language = Literal["nb", "en"]

_HOLDS: dict[str, tuple[str, str]] = {
    "text": ("tekst", "text"),
    "date": ("dato", "date"),
    "moment": ("dato og klokkeslett", "date and time"),
    "integer": ("heltall", "whole number"),
    "decimal": ("tall", "number"),
    "yes-no": ("ja eller nei", "ja or nei"),
    "code": ("kode", "code"),
    "municipality": ("kommunenummer eller navn", "municipality number or name"),
    "person": ("fødselsnummer", "identity number"),
    "atc": ("ATC-kode, sju tegn", "ATC code, seven signs"),
    "sender": ("avsender", "sender"),
}
_REGION = re.compile(r"(<!-- table:([a-z0-9-]+) -->\n).*?(<!-- /table -->)", re.S)


class Explained(NamedTuple):
    """One column in words.

    Attributes:
        heading: as in the template; aliases: the other headings it is known by.
        required: whether it must be there and filled in.
        content: what its cells are, with bounds.
        codes: code and meaning, of a closed list.
        text: what to write in it.
    """

    heading: str
    aliases: tuple[str, ...]
    required: bool
    content: str
    codes: tuple[tuple[str, str], ...]
    text: str


def describe_columns(columns: Iterable[Column], language: Language) -> list[Explained]:
    """Columns in words, in their order: those of a `Table`, or of the envelope alone."""
    return [
        Explained(
            heading=column.heading,
            aliases=column.aliases,
            required=column.required,
            content=_content(column, language),
            codes=tuple((c.code, getattr(c.text, language)) for c in column.codes),
            text=getattr(column.text, language),
        )
        for column in columns
    ]


def write_markdown(columns: Iterable[Column]) -> str:
    """Columns as a table in Markdown, in English."""
    lines = ["| column | must | content | what |", "|---|---|---|---|"]
    for column in describe_columns(columns, "en"):
        names = ", ".join(f"`{name}`" for name in (column.heading, *column.aliases))
        codes = "; ".join(f"`{code}` {meaning}" for code, meaning in column.codes)
        content = f"{column.content}: {codes}" if codes else column.content
        must = "yes" if column.required else ""
        lines.append(f"| {names} | {must} | {content} | {column.text} |")
    return "\n".join(lines) + "\n"


def rewrite(page: str) -> str:
    """A page of the documentation with every region ``<!-- table:key -->`` written anew.

    The columns of the envelope stand in a region of their own, ``table:envelope``.

    Raises:
        KeyError: no table has the key.
    """
    return _REGION.sub(lambda found: found[1] + write_markdown(_own(found[2])) + found[3], page)


def _own(key: str) -> tuple[Column, ...]:
    envelope = read_envelope(DATA / ENVELOPE)
    return envelope if key == "envelope" else tables()[key].columns[len(envelope) :]


def _content(column: Column, language: Language) -> str:
    said = _HOLDS[column.holds][language == "en"]
    if column.least is not None:
        return f"{said}, {column.least}–{column.most}"
    if column.earliest is not None:
        return f"{said}, {column.earliest} –"
    return said
