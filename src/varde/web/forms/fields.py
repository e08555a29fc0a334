"""What a form asks for, and how each question is shown with what was answered and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from varde.messages import clean_lines

Kind = Literal["text", "number", "day", "choice", "radios", "boxes", "words"]
"""A line of text, a whole number, a day, one of a list, one of a few, several of a list, several lines."""

Values = dict[str, list[str]]
"""Name of a field → what was answered, as it was typed; nothing for an answer left out."""

MOST_SIGNS = 4_000
"""Signs of one answer that are taken; of a longer one so much is kept that it is seen to be too long."""

_SHORT_YEAR = re.compile(r"\A([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{2})\Z", re.ASCII)


class Choice(NamedTuple):
    """One answer of a list. `language` is that of its words where they have only one."""

    value: str
    words: object
    language: str = ""


class Group(NamedTuple):
    """Answers under one heading; the heading is empty where there is one group only."""

    heading: object
    choices: Sequence[Choice]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question.

    Attributes:
        name: of the answer in what is sent.
        hint: how to answer, when the label does not say it.
        required: whether it must be answered, which the page says.
        narrow: whether answers are short, so that several questions stand side by side.
        least, most: bounds of a whole number.
        longest: signs an answer may have.
        example: an answer as it is to be written, where not everything can be read.
        century: whether a year of two digits is one of this century; that of a birth may be of another.
        suggested: the id of a list of answers that the page suggests and somebody may write.
        identity: whether the answer is to be an identity number; no other text may hold one.
    """

    name: str
    label: object
    kind: Kind = "text"
    hint: object = ""
    groups: Sequence[Group] = ()
    required: bool = False
    narrow: bool = False
    least: int = 0
    most: int = 0
    longest: int = 200
    example: str = ""
    century: bool = True
    suggested: str = ""
    identity: bool = False


@dataclass(frozen=True)
class Section:
    """Questions that belong together. `closed`: seldom asked, and folded away until it is opened."""

    title: object
    fields: Sequence[Field]
    text: object = ""
    closed: bool = False


@dataclass(frozen=True)
class Shown:
    """A question with its answer, as a template draws it.

    Attributes:
        mark: where the answer is from, when the form filled it in itself.
    """

    field: Field
    answers: Sequence[str] = ()
    faults: Sequence[str] = ()
    mark: str = ""

    @property
    def id(self) -> str:
        """Of the element; a name may hold signs that an id should not."""
        return id_of(self.field.name)

    @property
    def answer(self) -> str:
        """The only answer, or the first."""
        return self.answers[0] if self.answers else ""

    @property
    def options(self) -> SafeString:
        """The answers of a list as HTML: hundreds of municipalities are slow in a template."""
        parts = []
        for group in self.field.groups:
            if group.heading:
                parts.append(f'<optgroup label="{escape(group.heading)}">')
            parts += [self._option(choice) for choice in group.choices]
            if group.heading:
                parts.append("</optgroup>")
        return mark_safe("".join(parts))  # noqa: S308  (each part is escaped)

    def _option(self, choice: Choice) -> str:
        chosen = " selected" if choice.value in self.answers else ""
        language = f' lang="{escape(choice.language)}"' if choice.language else ""
        return f'<option value="{escape(choice.value)}"{chosen}{language}>{escape(choice.words)}</option>'

    @property
    def described_by(self) -> str:
        """Ids of what explains the question."""
        parts = [f"{self.id}-hint"] if self.field.hint else []
        parts += [f"{self.id}-mark"] if self.mark else []
        parts += [f"{self.id}-fault"] if self.faults else []
        return " ".join(parts)


@dataclass(frozen=True)
class ShownSection:
    """A section with the answers."""

    section: Section
    fields: Sequence[Shown]

    @property
    def open(self) -> bool:
        """Whether anything in it is answered or wrong."""
        return any(shown.answers or shown.faults for shown in self.fields)


def id_of(name: str) -> str:
    """The id of the element that a field is answered in."""
    return "f-" + re.sub(r"[^A-Za-z0-9]+", "-", name)


def read_answers(sent: QueryDict, fields: Mapping[str, Field]) -> Values:
    """The answers to fields, by their names; blank ones are left out, and a line has no breaks. Signs that
    nobody sees are left out everywhere (`varde.messages.clean_lines`).

    The year of a day may have two digits (25.11.26), where its century is certain.
    """
    found: Values = {}
    for name, asked in fields.items():
        answers = [clean_lines(text).strip()[: MOST_SIGNS + 1] for text in sent.getlist(name)]
        if asked.kind != "words":
            answers = [" ".join(text.split()) for text in answers]
        if asked.kind == "day" and asked.century:
            answers = [_SHORT_YEAR.sub(r"\1.\2.20\3", text) for text in answers]
        if kept := [text for text in answers if text]:
            found[name] = kept
    return found


def show_sections(
    sections: Sequence[Section],
    values: Values,
    faults: Mapping[str, Sequence[str]],
    marks: Mapping[str, str] = MappingProxyType({}),
) -> list[ShownSection]:
    """The sections with answers, faults and marks, for a template."""
    return [
        ShownSection(
            section,
            [
                Shown(f, values.get(f.name, ()), faults.get(f.name, ()), marks.get(f.name, ""))
                for f in section.fields
            ],
        )
        for section in sections
    ]
