"""The result items of a KITH svarrapport as they stand, before they are linked to each other.

Elements are read in one pass and classified by the data file `words.json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from varde.messages.answers.notes import is_control
from varde.messages.answers.said import composed
from varde.messages.answers.searches import Search, analyse
from varde.messages.errors import InvalidContent
from varde.messages.kith.words import Words, normal, words
from varde.messages.records import Code, Susceptibility

MAX_NESTING = 50
"""Deepest nesting of items and longest chain of references that is followed."""

RESISTANCE = "2.16.578.1.12.4.1.1.8271"
NAMESPACE_LENGTH = len("{http://www.kith.no/xmlstds/labsvar/2012-02-15}")
"""Both versions' namespaces are equally long, so a tag's local name is a plain slice."""

Role = Literal["growth", "quantity", "susceptibility", "measurement", "other"]


class Item:
    """One result item while its report is being read.

    The defaults stand on the class: most fields of most items are never set, and a report has many.

    Attributes:
        lines: its text with the ends of its lines, where it has several.
        finding: the organism that a culture or identification names; `others` where its words name several.
        worded: it is named by the words of an answer, and not by being its value.
        detected: what a search found, by its answer; `also` where its words name several.
    """

    heading = ""
    text = ""
    lines = ""
    number = ""
    unit = ""
    identifier = ""
    reference = ""
    quantity = ""
    role: Role = "other"
    codes: tuple[Code, ...] = ()
    investigations: tuple[Code, ...] = ()
    specimens: tuple[str, ...] = ()
    children: tuple[Any, ...] = ()
    finding: tuple[Code, ...] = ()
    others: tuple[tuple[Code, ...], ...] = ()
    worded = False
    also: tuple[Search, ...] = ()
    detected: Search | None = None
    susceptibilities: tuple[Susceptibility, ...] = ()

    def __init__(self, element: Any, parent: Item | None) -> None:
        self.element = element
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 1
        self.cancelled: bool = parent is not None and parent.cancelled


def place_of(element: Any) -> str:
    """A readable path to an element, with its line in the file."""
    path = [element, *element.iterancestors()]
    names = [str(node.tag).rpartition("}")[2] for node in reversed(path[:8])]
    return f"{'/'.join(names)} (line {element.sourceline})"


def code_of(element: Any) -> Code | None:
    """A coded value (KITH's CV and CS: V, S, DN, OT); None when it says nothing."""
    get = element.get
    return _make_code(get("S"), get("V"), get("DN") or get("OT"))


# Messages repeat a few hundred codes and results for ever: equal ones share one immutable record.
# Only short texts come here, so that free text about a patient is never kept.
@lru_cache(maxsize=16384)
def _make_code(system: str | None, code: str | None, text: str | None) -> Code | None:
    code, text = (code or "").strip(), composed(" ".join((text or "").split()))
    return Code(system=(system or "").strip(), code=code, text=text) if code or text else None


def text_of(element: Any) -> str:
    """All text of an element, blanks collapsed."""
    text = "".join(element.itertext()) if len(element) else element.text
    return composed(" ".join(text.split())) if text else ""


def lines_of(element: Any) -> str:
    """All text of an element with the ends of its lines; empty where it has one line."""
    text = "".join(element.itertext()) if len(element) else element.text
    text = text.strip() if text else ""
    return composed(text) if len(text.splitlines()) > 1 else ""


def collect_items(elements: Sequence[Any], known: Words) -> list[Item]:
    """All items in document order, but those of the run; a nested item comes after its parent.

    Args:
        elements: the outermost ResultItem elements.
        known: the words that carry meaning.

    Raises:
        InvalidContent: ``too-deep``.
    """
    items: list[Item] = []
    level: list[tuple[Any, Item | None]] = [(element, None) for element in reversed(elements)]
    while level:
        element, parent = level.pop()
        item = _read_item(element, parent, known)
        items.append(item)
        if item.depth > MAX_NESTING:
            raise InvalidContent("too-deep", place_of(element), f"> {MAX_NESTING}")
        if item.children:
            level.extend((child, item) for child in reversed(item.children))
    return _without_controls(items)


def _without_controls(items: Sequence[Item]) -> list[Item]:
    """The items without those of the run, on which nothing hangs."""
    pointed = {item.reference for item in items if item.reference}
    return [
        item
        for item in items
        if item.children
        or item.identifier in pointed
        or not is_control(item.investigations, (*item.codes, Code(text=item.text)))
    ]


def _read_item(element: Any, parent: Item | None, known: Words) -> Item:
    item = Item(element, parent)
    for child in element:
        name = child.tag[NAMESPACE_LENGTH:]
        if name == "TextResult":
            _read_text_result(item, child)
        elif name == "Investigation":
            for part in child:
                if part.tag[NAMESPACE_LENGTH:] == "Id" and (code := code_of(part)) is not None:
                    item.investigations += (code,)
        elif name == "RefAnalysedSubject":
            item.specimens += ((child.text or "").strip(),)
        elif name == "RefIdResultItem":
            item.reference = (child.text or "").strip()
        elif name == "IdResultItem":
            item.identifier = (child.text or "").strip()
        elif name == "ServType":
            item.cancelled = item.cancelled or child.get("V") in known.cancelled_service
        elif name == "ResultItem":
            item.children += (child,)
        elif name == "StatusInvestigation":
            item.cancelled = item.cancelled or child.get("V") in known.cancelled_status
        elif name == "NumResult":
            _read_number(item, child, known)
    item.role = _role(item)
    return item


def _read_text_result(item: Item, element: Any) -> None:
    for part in element:
        name = part.tag[NAMESPACE_LENGTH:]
        if name == "TextCode":
            code = code_of(part)
            if code is not None:
                item.codes += (code,)
        elif name == "Heading":
            item.heading = part.get("V") or ""
        elif name == "TextResultValue":
            item.text = text_of(part)
            item.lines = lines_of(part)
        elif name == "Unit":
            item.unit = text_of(part)


def _read_number(item: Item, element: Any, known: Words) -> None:
    sign = ""
    for part in element:
        name = part.tag[NAMESPACE_LENGTH:]
        if name == "ArithmeticComp":
            written = (part.get("V") or "").strip()
            sign = known.comparators.get(written.upper(), written)
        elif name == "NumResultValue":
            item.number = sign + (part.get("V") or "").strip()
            item.unit = (part.get("U") or "").strip()


def _role(item: Item) -> Role:
    if item.heading == "RSB":
        return "susceptibility"
    role = _role_of(item.investigations)
    if role != "other" or item.heading:
        return role
    measured = item.number or any(code.system == RESISTANCE for code in item.codes)
    # The number of a search (a viral load) is no concentration of an antibiotic.
    return "measurement" if measured and not analyse(item.investigations).valued else role


@lru_cache(maxsize=16384)
def _role_of(investigations: tuple[Code, ...]) -> Role:
    known = words()
    names = {normal(name) for code in investigations for name in (code.code, code.text)}
    if names & known.quantity:
        return "quantity"
    if names & known.identification:
        return "growth"
    if any(code.code in known.culture_codes for code in investigations):
        return "growth"
    if any(part in name for name in names for part in known.culture_contains):
        return "growth"
    if any(name.startswith(known.identification_begins) for name in names):
        return "growth" if analyse(investigations).method else "other"
    return "other"
