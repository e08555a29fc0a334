"""What the access log's purposes are called: they are written into it in bokmål, whatever language was read."""

from __future__ import annotations

from collections.abc import Mapping

from varde.access.purposes import say_purpose
from varde.access.roles import roles
from varde.web.pages import corrections, quarantine_item, receipts


def purpose_words(logged: str, language: str) -> str:
    """A purpose as the log holds it, in the reader's language; one that nobody chose from a list as it is."""
    if logged in _asked():
        return str(_asked()[logged])
    for role in roles().values():
        if logged == role.purpose.nb:
            return role.purpose.in_language(language)
    return say_purpose(logged, language)


def _asked() -> Mapping[str, object]:
    """Purpose as it is logged → what it was chosen as on a page, in the reader's language."""
    found: dict[str, object] = {}
    for logged, shown in (
        (corrections.LOGGED_PURPOSES, corrections.PURPOSES),
        (quarantine_item.LOGGED_PURPOSES, quarantine_item.PURPOSES),
        (receipts.LOGGED_REASONS, receipts.WITHDRAWN_BECAUSE),
    ):
        found |= {said: shown[key] for key, said in logged.items()}
    return found
