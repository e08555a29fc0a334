"""What is said of somebody's death, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from varde.register import Death
from varde.web.templatetags.words import day as say_day


def death_words(found: Sequence[Death]) -> str:
    """The day that the newest statement gives, and the others that were said; empty of the living."""
    if not found:
        return ""
    said = [say_day(one.day) if one.day else _("the day was not said") for one in found]
    others = ", ".join(said[1:])
    return (
        _("{day} (also said: {others})").format(day=said[0], others=others) if others else said[0]
    )
