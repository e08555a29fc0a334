"""What a verdict, and a reader's place among those alike, are in words."""

from __future__ import annotations

from varde.prescribing.comparison import Verdict, write_verdict
from varde.prescribing.layout import Words
from varde.prescribing.reports.forms import fill
from varde.prescribing.reports.measuring.around import Around
from varde.prescribing.reports.measuring.words import measuring_words


def say_verdict(verdict: Verdict, others: Words) -> Words:
    """The verdict's sentences with their places, which the report fills with the figures of its chart, and with when the
    figure before was."""
    places = {name: f"{{{name}}}" for name in verdict.needs}
    return Words(
        write_verdict(verdict, "nb", places, others.nb, "{earlier}"),
        write_verdict(verdict, "en", places, others.en, "{earlier}"),
    )


def say_place(similar: Around | None, unit: str, others: Words) -> Words:
    """Where a reader stands among those alike, or why that cannot be worked out; blank where that is not told."""
    words = measuring_words()
    if similar is not None and similar.no_places in words.place:
        return fill(words.place[similar.no_places], others=others)
    if similar is None or similar.places.get(unit) is None:
        return Words("", "")
    key = str(similar.places[unit]).replace(".", "")
    said = fill(words.place[key], others=others)
    fifth = similar.fifths.get(unit)
    if not fifth:
        return said
    more = words.place[fifth]
    return Words(f"{said.nb} {more.nb}", f"{said.en} {more.en}")
