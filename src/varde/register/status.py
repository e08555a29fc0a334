"""How the register stands: counts of everything, and whether it is made with today's maps."""

from __future__ import annotations

from typing import Any

from varde.messages import READER_VERSION
from varde.register import store
from varde.register.casework.questions import count_classes, count_unknown_diagnoses
from varde.register.casework.versions import due
from varde.register.identities.knowledge import linking_version
from varde.register.identities.reviewing import count_identities
from varde.register.joining import joined_counts
from varde.register.joining_rules import rules_version
from varde.register.notices import count_notices
from varde.register.opening import Register
from varde.register.settings import read_setting
from varde.register.store import connection

_COUNTED = {
    "messages": "SELECT COUNT(*) FROM register_message",
    "waiting": "SELECT COUNT(*) FROM register_message m WHERE NOT EXISTS "
    "(SELECT 1 FROM register_receipt r WHERE r.message = m.id)",
    "items": "SELECT COUNT(*) FROM register_item",
    "accepted": "SELECT COUNT(*) FROM register_item WHERE state = 'A'",
    "duplicate": "SELECT COUNT(*) FROM register_item WHERE state IN ('D', 'R')",
    "quarantined": "SELECT COUNT(*) FROM register_quarantineentry WHERE resolved_at IS NULL",
    "unmapped": "SELECT COUNT(*) FROM register_unmapped",
    "laboratories": "SELECT COUNT(DISTINCT sender) FROM register_report WHERE kind = 'laboratory'",
    "reports": "SELECT COUNT(*) FROM register_report WHERE kind = 'laboratory' AND NOT cancelled",
    "cancelled": "SELECT COUNT(*) FROM register_report WHERE cancelled",
    "preliminary": "SELECT COUNT(*) FROM register_report WHERE NOT cancelled AND status <> 'F'",
    "specimens": "SELECT COUNT(*) FROM register_specimen",
    "findings": "SELECT COUNT(*) FROM register_finding",
    "susceptibilities": "SELECT COUNT(*) FROM register_susceptibility",
    "joined": "SELECT COUNT(*) FROM register_joined",
    "joined_disagreeing": "SELECT COUNT(*) FROM register_joined WHERE disagrees <> ''",
    "notifications": "SELECT COUNT(*) FROM register_notification",
    "vaccinations": "SELECT COUNT(*) FROM register_vaccination",
    "ward_surveys": "SELECT COUNT(*) FROM register_wardprevalence",
    "operations": "SELECT COUNT(*) FROM register_surgery",
}
_OF_PERSONS = {
    "persons": "SELECT COUNT(*) FROM register_person p WHERE EXISTS "
    "(SELECT 1 FROM register_report r WHERE r.person = p.id)",
    "cases": "SELECT COUNT(*) FROM register_case",
    "forms_missing": "SELECT COUNT(*) FROM register_case WHERE form_missing",
}


def register_status(register: Register | None = None) -> dict[str, Any]:
    """Counts of the register in use; with an open register also whether a replay would read it anew.

    ``waiting``: messages that are durable but not folded (an interrupted intake).
    ``notices``: how many reports somebody should look at, for each cause (`notices.WHATS`).
    ``joined``: findings that are not counted by themselves, because another laboratory's is counted in their
    place; ``joined_disagreeing``: those of them whose results differ from that one's; ``joined_for``: how many for
    each reason.
    ``cases``: as `varde.cases` makes them of all of it; ``forms_missing``: those of them that a clinician should
    have notified; ``cases_of``: how many of each class; ``unknown_diagnoses``: notifications of something that is
    no disease of the files, and that no case is made of.
    ``identities``: as of `count_identities`.
    ``replay_advised``: the code maps, the readers or the rules have changed since the register was folded, or it was
    made before persons were linked.
    ``reclassify_advised``: the disease files have changed since the cases were made.
    """
    status: dict[str, Any] = {}
    statements = _COUNTED | (_OF_PERSONS if store.has_persons() else {})
    with connection.cursor() as cursor:
        for name, statement in statements.items():
            cursor.execute(statement)
            status[name] = int(cursor.fetchone()[0])
    for name in _OF_PERSONS.keys() - status.keys():
        status[name] = 0
    status["notices"] = count_notices()
    status["joined_for"] = joined_counts()
    status["cases_of"] = count_classes() if store.has_persons() else {}
    status["identities"] = count_identities() if store.has_persons() else {}
    if register is not None:
        definitions = register.context.definitions
        status["unknown_diagnoses"] = (
            count_unknown_diagnoses(definitions()) if store.has_persons() else 0
        )
        status["replay_advised"] = bool(status["reports"]) and (
            read_setting("code_map") != register.context.renewed().codes.version
            or read_setting("reader") != READER_VERSION
            or read_setting("joining") != rules_version()
            or (store.has_persons() and read_setting("linking") != linking_version())
        )
        status["reclassify_advised"] = store.has_persons() and (
            bool(status["cases"] or _exists_beginning()) and bool(due(definitions()))
        )
    return status


def _exists_beginning() -> bool:
    """Whether there is anything of which a case may be made, also where no report was looked at for that yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM register_report WHERE NOT cancelled AND (begins OR kind IN "
            "('laboratory', 'notification')))"
        )
        return bool(cursor.fetchone()[0])
