"""No free text of a form may hold an identity number: it would be kept where nobody looks for one.

The rule is that of the tables (`holds_identity`): eleven digits, blanks and dots aside, also mistyped ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from varde.messages import holds_identity
from varde.web.forms.faults import Faults
from varde.web.forms.fields import MOST_SIGNS, Field, Values


def may_identify(text: str) -> bool:
    """Whether a text that somebody typed may hold an identity number."""
    return holds_identity(" ".join(text.split()))


def say_identity() -> str:
    """What is wrong with a text that may."""
    return _("This may hold an identity number. Take it out: no person may be recognised here.")


def add_choice_faults(
    faults: Faults, values: Values, fields: Iterable[Field], but: Collection[str] = ()
) -> None:
    """Add a fault for each answer that is not on the list that the page shows, and has no other: a page that is out of date,
    or what no page has sent.

    Args:
        but: names of fields that may be answered by more than the page shows.
    """
    for field in fields:
        if field.kind not in ("choice", "radios", "boxes") or field.name in {*faults, *but}:
            continue
        known = {choice.value for group in field.groups for choice in group.choices}
        if known and not known.issuperset(values.get(field.name, ())):
            faults[field.name] = [_("Choose an answer from the list.")]


def add_text_faults(faults: Faults, values: Values, fields: Iterable[Field]) -> None:
    """Add a fault for each answer in words that is too long or may hold an identity number, and has no other.

    A browser would cut a long answer off without a word: it is sent whole, and told here.
    """
    for field in fields:
        if field.kind not in ("text", "words", "choice", "number") or field.name in faults:
            continue
        most = MOST_SIGNS if field.kind == "words" else field.longest
        given = values.get(field.name, ())
        if any(len(text) > most for text in given):
            faults[field.name] = [_("This is too long: at most %(most)s signs.") % {"most": most}]
        elif not field.identity and any(map(may_identify, given)):
            faults[field.name] = [say_identity()]
