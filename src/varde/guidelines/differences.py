"""What changed from one version of an object to another, in words that a reader of the guideline knows.

Compared is what the objects say, place by place, not the bytes of their files: a change of 7 to 5 days is
one line, "Doksysyklin (Voksne), varighet i døgn: 7 → 5", wherever it stands. Places are named by what
stands there, and by their number only where nothing does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal

import msgspec

from varde.guidelines.files import encode
from varde.guidelines.model import Innhold
from varde.guidelines.places import Place, name_part, number_place

_INLINE = re.compile(r"</?(?:a|abbr|b|em|i|s|span|strong|sub|sup|u)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"\s+")
IGNORED = frozenset({"links"})
"""Where an object hangs is shown by its place in the guideline, not as a change of what it says."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: kept, removed or added."""

    kind: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed.

    Attributes:
        path: where, as a JSON path from the object (``$.data.behandlinger[0]…``).
        label: where, in the reader's words ("Doksysyklin (Voksne), varighet i døgn").
        old, new: what it was and is, as text without tags; None where it was not there.
        pieces: for texts, the words that were kept, removed and added, in order.
    """

    path: str
    label: str
    old: str | None
    new: str | None
    pieces: tuple[Piece, ...] = ()

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """What happened."""
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"


def compare(old: Innhold[Any], new: Innhold[Any]) -> tuple[Change, ...]:
    """Every change from `old` to `new`, in the order of the model; empty when they say the same."""
    before = msgspec.json.decode(encode(old))
    after = msgspec.json.decode(encode(new))
    return tuple(_tell_apart(_walk(before, after, "$", Place())))


def _tell_apart(changes: Iterator[Change]) -> Iterator[Change]:
    """Labels that several changes share get the place by its numbers as well."""
    listed = list(changes)
    shared = Counter(change.label for change in listed)
    for change in listed:
        many = shared[change.label] > 1
        yield (
            replace(change, label=f"{change.label} ({number_place(change.path)})")
            if many
            else change
        )


def _walk(old: Any, new: Any, path: str, names: Place) -> Iterator[Change]:
    if old == new or path.removeprefix("$.") in IGNORED:
        return
    if _is_amount(old) or _is_amount(new) or _is_code(old) or _is_code(new):
        yield _change(old, new, path, names)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _walk(old.get(key), new.get(key), f"{path}.{key}", names.field(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_lists(old, new, path, names)
    elif isinstance(old, dict | list) and new is None:
        yield from _walk(old, type(old)(), path, names)
    elif isinstance(new, dict | list) and old is None:
        yield from _walk(type(new)(), new, path, names)
    else:
        yield _change(old, new, path, names)


def _walk_lists(old: list[Any], new: list[Any], path: str, names: Place) -> Iterator[Change]:
    """Lists part by part; parts that are equal keep together, so that one put in first is one change."""
    if all(isinstance(part, str) for part in (*old, *new)):
        yield Change(path, names.label, _list_text(old), _list_text(new))
        return
    keys = ([encode(part) for part in old], [encode(part) for part in new])
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for step, (first, second) in enumerate(_pair(names.key, old[i1:i2], new[j1:j2])):
            before = None if first is None else old[i1 + first]
            after = None if second is None else new[j1 + second]
            number = j1 + second if second is not None else i1 + (step if first is None else first)
            place = names.element(number, before, after)
            yield from _walk(before, after, f"{path}[{number}]", place)


def _pair(key: str, old: list[Any], new: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Parts that belong together, as positions: those of one name; the others as they come."""
    named: dict[str, list[int]] = {}
    for number, part in enumerate(old):
        named.setdefault(name_part(key, part), []).append(number)
    partners: dict[int, int] = {}
    for number, part in enumerate(new):
        name = name_part(key, part)
        if name and named.get(name):
            partners[number] = named[name].pop(0)
    left = [number for number in range(len(old)) if number not in partners.values()]
    for number in range(len(new)):
        yield partners[number] if number in partners else (left.pop(0) if left else None), number
    yield from ((number, None) for number in left)


def _is_amount(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"lav", "hoy"}


def _is_code(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"system", "code", "display"}


def _change(old: Any, new: Any, path: str, names: Place) -> Change:
    before, after = _text(old), _text(new)
    pieces: tuple[Piece, ...] = ()
    if before and after and (" " in before or " " in after):
        pieces = tuple(compare_words(before, after))
    return Change(path, names.label, before, after, pieces)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if _is_amount(value):
        return f"{value['lav']}–{value['hoy']}".replace(".", ",")
    if _is_code(value):
        return f"{value['display']} ({value['code']})"
    text = _BLANK.sub(" ", _TAG.sub(" ", _INLINE.sub("", str(value)))).strip()
    return text.replace(".", ",") if re.fullmatch(r"\d+\.\d+", text) else text


def _list_text(value: list[str]) -> str | None:
    return ", ".join(value) or None


def compare_words(old: str, new: str) -> Iterator[Piece]:
    """Two texts word by word."""
    before, after = old.split(), new.split()
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", " ".join(before[i1:i2]))
        if tag in ("delete", "replace"):
            yield Piece("removed", " ".join(before[i1:i2]))
        if tag in ("insert", "replace"):
            yield Piece("added", " ".join(after[j1:j2]))


def write_change(change: Change, around: int = 4) -> str:
    """A change in one line; of a long text only what changed, with a few words around it."""
    if not any(piece.kind == "same" for piece in change.pieces):
        return f"{change.label}: {change.old or '–'} → {change.new or '–'}"
    marks = {"removed": "[-{}-]", "added": "{{+{}+}}", "same": "{}"}
    parts = []
    for number, piece in enumerate(change.pieces):
        words = piece.text.split()
        text = piece.text
        if piece.kind == "same" and len(words) > 2 * around:
            before = " ".join(words[:around]) if number else ""
            after = " ".join(words[-around:]) if number < len(change.pieces) - 1 else ""
            text = f"{before} … {after}".strip()
        parts.append(marks[piece.kind].format(text))
    return f"{change.label}: {' '.join(parts)}"
