"""What was said about codes that no map knows, as the pages tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.access.models import User
from varde.access.roles import roles
from varde.register import Decision
from varde.web.expressions import query_of, shown
from varde.web.names import CODE_KINDS, concept_name

_COLOURS = {"confirmed": "success", "proposed": "info", "declined": "warning"}


def describe_decisions(
    decisions: Sequence[Decision], names: Mapping[str, str], is_own: bool
) -> list[dict[str, Any]]:
    """Decisions for a page: what about, what was said, by whom, when, and how many answers it changed.

    Who it was is said as a role or as the laboratory, never by name: everybody whose answers are
    concerned may read it.

    Args:
        names: what laboratories call themselves, by their keys.
        is_own: whether the reader is of the sender that wrote what they are about.
    """
    found = User.objects.filter(username__in={each.decided_by for each in decisions})
    by_name = dict(found.values_list("username", "role"))
    return [
        {
            "text": shown(each.expression[3] or each.expression[2], is_own),
            "code": each.expression[2] if each.expression[3] else "",
            "kind": CODE_KINDS.get(each.expression[0], each.expression[0]),
            "address": query_of(each.expression),
            "verdict": verdict_name(each.verdict),
            "colour": _COLOURS.get(each.verdict, "neutral"),
            "meaning": concept_name(each.expression[0], each.concept) if each.concept else "",
            "who": _who(each, by_name, names),
            "at": each.decided_at,
            "changed": each.changed if each.verdict in ("confirmed", "withdrawn") else None,
        }
        for each in decisions
    ]


def verdict_name(verdict: str) -> str:
    """What was said, in the reader's language."""
    words = {
        "proposed": _("Proposed"),
        "declined": _("Declined"),
        "confirmed": _("Confirmed"),
        "unmappable": _("Stands for nothing that is counted"),
        "withdrawn": _("Taken back"),
    }
    return words[verdict]


def _who(decision: Decision, by_name: Mapping[str, str], names: Mapping[str, str]) -> str:
    """The laboratory, the role, or for one without an account: those who run the register."""
    if decision.sender:
        return names.get(decision.sender, decision.sender)
    role = roles().get(by_name.get(decision.decided_by, ""))
    if role is None:
        return _("Those who run the register")
    return role.name.in_language(get_language() or "nb")
