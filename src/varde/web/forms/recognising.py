"""What was stated in words that whoever stated it knows it again by: never who it is about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from varde.messages.surveys.procedures import procedures
from varde.register import Recognised
from varde.web.forms.choices import diseases


def say_what(recognised: Recognised) -> str:
    """The disease, the ward or the operation, and its day."""
    name = recognised.name or _("not stated")
    if recognised.kind == "notification":
        name = _english().get(name, name) if get_language() == "en" else name
    elif recognised.group:
        name = f"{name}, {_groups()[recognised.group][get_language() == 'en']}"
    return f"{name}, {recognised.day:%d.%m.%Y}" if recognised.day else name


@cache
def _english() -> Mapping[str, str]:
    return dict(diseases())


@cache
def _groups() -> Mapping[str, tuple[str, str]]:
    return {group.key: (group.text.nb, group.text.en) for group in procedures().groups}
