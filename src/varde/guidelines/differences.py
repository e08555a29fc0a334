"""What changed from one version of an object to another, in words that a reader of the guideline knows.

Compared is what the objects say, place by place, not the bytes of their files: a change of 7 to 5 days is
one line, "Varighet av behandling: 7 → 5 døgn", wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from varde.guidelines.files import encode
from varde.guidelines.model import Innhold

LABELS = Path(__file__).with_name("data") / "labels.json"
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
        label: where, in the reader's words ("Behandling 1, standardbehandling 1, varighet").
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
    return tuple(_walk(before, after, "$", ()))


def _walk(old: Any, new: Any, path: str, names: tuple[str, ...]) -> Iterator[Change]:
    if old == new or path.removeprefix("$.") in IGNORED:
        return
    if _is_amount(old) or _is_amount(new) or _is_code(old) or _is_code(new):
        yield _change(old, new, path, names)
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _walk(old.get(key), new.get(key), f"{path}.{key}", (*names, key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_lists(old, new, path, names)
    elif isinstance(old, dict | list) and new is None:
        yield from _walk(old, type(old)(), path, names)
    elif isinstance(new, dict | list) and old is None:
        yield from _walk(type(new)(), new, path, names)
    else:
        yield _change(old, new, path, names)


def _walk_lists(
    old: list[Any], new: list[Any], path: str, names: tuple[str, ...]
) -> Iterator[Change]:
    """Lists part by part; parts that are equal keep together, so that one put in first is one change."""
    if all(isinstance(part, str) for part in (*old, *new)):
        yield Change(path, _label(names), _list_text(old), _list_text(new))
        return
    keys = ([encode(part) for part in old], [encode(part) for part in new])
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(i2 - i1, j2 - j1)):
            before = old[i1 + step] if i1 + step < i2 else None
            after = new[j1 + step] if j1 + step < j2 else None
            number = (j1 if after is not None else i1) + step
            yield from _walk(before, after, f"{path}[{number}]", (*names, str(number + 1)))


def _is_amount(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"lav", "hoy"}


def _is_code(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"system", "code", "display"}


def _change(old: Any, new: Any, path: str, names: tuple[str, ...]) -> Change:
    before, after = _text(old), _text(new)
    pieces: tuple[Piece, ...] = ()
    if before and after and (" " in before or " " in after):
        pieces = tuple(compare_words(before, after))
    return Change(path, _label(names), before, after, pieces)


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


class _Labels(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    source: str
    silent: tuple[str, ...]
    fields: dict[str, str]


@cache
def _labels() -> _Labels:
    return msgspec.json.decode(LABELS.read_bytes(), type=_Labels)


def _label(names: tuple[str, ...]) -> str:
    """Names of fields as a reader says them: "Behandling 1, standardbehandling 2: varighet"."""
    words: list[str] = []
    for name in names:
        if name.isdigit():
            words[-1:] = [f"{words[-1]} {name}"] if words else [name]
        elif name not in _labels().silent:
            words.append(_labels().fields.get(name, name))
    text = ", ".join(words) or "objektet"
    return text[0].upper() + text[1:]
