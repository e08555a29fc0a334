"""The columns of a table in words: for pages, and for the documentation."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from varde.messages.tables.definition import Column, Table, tables

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


def describe(table: Table, language: Language) -> list[Explained]:
    """The columns in the order of the template."""
    return [
        Explained(
            heading=column.heading,
            aliases=column.aliases,
            required=column.required,
            content=_content(column, language),
            codes=tuple((c.code, getattr(c.text, language)) for c in column.codes),
            text=getattr(column.text, language),
        )
        for column in table.columns
    ]


def _content(column: Column, language: Language) -> str:
    said = _HOLDS[column.holds][language == "en"]
    if column.least is not None:
        return f"{said}, {column.least}–{column.most}"
    return said


def write_markdown(table: Table) -> str:
    """A table in Markdown of the columns that are the table's own, in English."""
    own = describe(table, "en")
    lines = ["| column | must | content | what |", "|---|---|---|---|"]
    for column in own:
        names = ", ".join(f"`{name}`" for name in (column.heading, *column.aliases))
        codes = "; ".join(f"`{code}` {meaning}" for code, meaning in column.codes)
        content = f"{column.content}: {codes}" if codes else column.content
        must = "yes" if column.required else ""
        lines.append(f"| {names} | {must} | {content} | {column.text} |")
    return "\n".join(lines) + "\n"


def rewrite(page: str) -> str:
    """A page of the documentation with every region ``<!-- table:key -->`` written anew.

    Raises:
        KeyError: no table has the key.
    """
    return _REGION.sub(lambda found: found[1] + write_markdown(tables()[found[2]]) + found[3], page)
