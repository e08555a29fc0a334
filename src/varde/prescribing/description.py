"""The tables of prescribing for the page of the documentation, from the layouts and reasons that decide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from varde.prescribing.layout import Column, Layout, layouts
from varde.prescribing.reading import reasons

_REGION = re.compile(r"(<!-- (tables|reasons) -->\n)(?:(?!<!-- /\2 -->).*\n)*(<!-- /\2 -->)")


def rewrite(page: str) -> str:
    """A page with its regions ``<!-- tables -->`` and ``<!-- reasons -->`` written anew."""
    written = {"tables": _write_tables, "reasons": _write_reasons}
    return _REGION.sub(lambda found: found[1] + written[found[2]]() + found[3], page)


def _write_tables() -> str:
    return "".join(f"{line}\n" for layout in layouts().values() for line in _describe(layout))


def _describe(layout: Layout) -> Iterator[str]:
    keys = ", ".join(f"`{name}`" for name in layout.identified_by)
    yield ""
    yield f"### {layout.key}"
    yield ""
    yield f"{layout.title.en} ({layout.title.nb}). {layout.text.en}"
    yield ""
    yield (
        f"A row is identified by {keys} and is of the year of `{layout.dated_by}`. "
        f"{'Rows are about patients. ' if layout.personal else ''}"
        f"Layout of {layout.version}. Source: {layout.source}."
    )
    yield ""
    yield "| column | must | content | what | hva |"
    yield "|---|---|---|---|---|"
    for column in layout.columns:
        must = "yes" if column.required else ""
        yield (
            f"| `{column.name}` | {must} | {_content(column)} | {column.text.en} | {column.text.nb} |"
        )


def _content(column: Column) -> str:
    match column.holds:
        case "code":
            return "code: " + ", ".join(f"`{code}`" for code in column.codes)
        case "integer":
            return f"whole number, {column.least}–{column.most}"
        case "decimal":
            return f"number, {column.least}–{column.most}, at most {column.places} decimals"
        case "codes":
            return f"codes with blanks between, each {_shown(column.pattern)}"
        case "text" if column.pattern:
            return f"text, {_shown(column.pattern)}"
        case "text" | "pseudonym":
            return f"{column.holds}, at most {column.longest} signs"
        case "yes-no":
            return "yes or no"
        case "atc":
            return "ATC code"
        case "hpr":
            return "HPR number"
        case "organisation":
            return "organisation number"
        case "municipality":
            return "municipality number"
        case _:
            return column.holds


def _shown(pattern: str) -> str:
    """A pattern as code that Markdown takes neither for a cell's end nor for a link."""
    shown = pattern.replace("|", "&#124;").replace("(", "&#40;")
    return f"<code>{shown}</code>"


def _write_reasons() -> str:
    lines = ["| reason | what is wrong | what to do |", "|---|---|---|"]
    lines += [
        f"| *{key}* | {reason.en.title}. {reason.en.explanation} | {reason.en.action} |"
        for key, reason in reasons().items()
    ]
    return "\n".join(lines) + "\n"
