"""Examples of the reasons that only de-identified submissions have, as the bytes that are kept."""

from __future__ import annotations

from messages import deidentified_lists as lists
from varde.messages import minimise

_STRANGE = lists.write("norm", lists.row("norm", Mikrobe="Syntetisk ukjent mikrobe"))

NEW: dict[str, bytes] = {
    "unknown-term": minimise("norm", _STRANGE, lists.keyed),
    "not-minimised": lists.write("norm", lists.row("norm")),
}
"""Reason → bytes; the second are what was sent, and nobody has minimised them."""
