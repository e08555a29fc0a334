"""What was understood of items, as a table for people in bokmål or English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table

from varde.cli.audit import Language
from varde.terminal import console, print_rows

MOST_ROWS = 200
"""Rows that are shown; `--json` has all."""

_HEADS = {
    Language.nb: ("Fil", "Post", "Sendt", "Forstått som", "Svar", "Hvordan", "Tilfelle"),
    Language.en: ("File", "Item", "As sent", "Taken for", "Answer", "How", "Case"),
}
_WORDS = {
    "finding": ("funn", "finding"), "known": ("kjent", "known"), "waits": ("venter", "waits"), "found": ("søkt og funnet", "looked for and found"),
    "negative": ("negativ", "negative"), "unclear": ("uavklart", "unclear"), "pending": ("svar kommer", "pending"),
    "unknown-name": ("ukjent navn", "unknown name"), "unread-answer": ("svaret er ikke forstått", "the answer is not understood"),
    "contradiction": ("kode og ord motsier hverandre", "code and words contradict each other"),
    "cancelled": ("trukket tilbake", "cancelled"), "preliminary": ("foreløpig", "preliminary"), "partial": ("delsvar", "partial"),
    "confirmed": ("bekreftet", "confirmed"), "probable": ("sannsynlig", "probable"), "suspected": ("mistenkt", "suspected"),
    "": ("bare sammen med noe annet", "only beside something else"), "growth": ("det som vokser", "whatever grows"),
    "nucleic-acid": ("nukleinsyre", "nucleic acid"), "culture": ("dyrkning", "culture"), "antigen": ("antigen", "antigen"),
    "antibody": ("antistoff", "antibody"), "antibody-igm": ("IgM", "IgM"), "antibody-igg": ("IgG", "IgG"),
    "antibody-blot": ("antistoff, blot", "antibody, blot"), "antibody-rise": ("antistoffstigning", "rise of antibody"),
    "histology": ("histologi", "histology"),
    "microscopy": ("mikroskopi", "microscopy"), "toxin": ("toksin", "toxin"), "negative-report": ("svaret er negativt", "the answer is negative"),
    "susceptibilities": ("resistenssvar", "susceptibilities"), "unknown": ("ukjente", "unknown"),
    "present": ("til stede", "present"), "with_infection": ("med infeksjon", "with infection"), "on_antibiotics": ("på antibiotika", "on antibiotics"),
    "infections": ("infeksjoner", "infections"), "treatments": ("behandlinger", "treatments"), "unknown_drugs": ("ukjente legemidler", "unknown drugs"),
    "none": ("ingen", "none"), "superficial": ("overfladisk", "superficial"), "deep": ("dyp", "deep"), "organ": ("organ", "organ"),
    "procedure_group": ("inngrep", "procedure"), "at_discharge": ("ved utskriving", "at discharge"), "at_follow_up": ("ved oppfølging", "at follow-up"),
}  # fmt: skip
"""What the readers' words are in bokmål and English."""

Row = tuple[str, str, str, str, str]


def show_understood(messages: Sequence[dict[str, Any]], language: Language) -> None:
    """Print what was understood of the items of messages, in the shape of `$validate`; nothing where there is nothing."""
    table = Table(*_HEADS[language], highlight=False)
    more = 0
    for message in messages:
        for item in message["items"]:
            for row in _rows(item["understood"], language) if "understood" in item else ():
                if table.row_count < MOST_ROWS:
                    table.add_row(message["name"], str(item["item"]), *row)
                else:
                    more += 1
    if table.row_count:
        print_rows(table)
    if more:
        console.print(f"{more} more rows: --json has all.")


def _rows(understood: dict[str, Any], language: Language) -> Iterator[Row]:
    def word(key: str) -> str:
        return _WORDS.get(key, (key, key))[language is Language.en]

    def name(one: dict[str, str]) -> str:
        return one["name" if language is Language.nb else "name_en"]

    def answer(one: dict[str, Any]) -> str:
        said = [word(one["answer"])] if one.get("answer") else []
        said += [word(one["why"])] if one.get("why") else []
        return ": ".join(said)

    def cases(one: dict[str, Any]) -> str:
        return "; ".join(
            f"{name(case)} ({word(case.get('classification', ''))})"
            for case in one.get("cases", ())
        )

    state = understood["service"] if understood["service"] == "cancelled" else understood["status"]
    state = "" if state == "final" else word(state)
    if understood["service"] == "cancelled":
        yield "", "", state, "", ""
        return
    counts = ", ".join(
        f"{word(key)}: {word(str(said))}" for key, said in understood.get("counts", {}).items()
    )
    named = understood.get("disease") or understood.get("vaccine")
    if counts or "answer" in understood:
        said = understood.get("said", "")
        yield said, name(named) if named else "", answer(understood), counts, cases(understood)
    results = (*understood.get("found", ()), *understood.get("searches", ()))
    for one in results:
        organism = name(one["organism"]) if "organism" in one else ""
        if not one.get("said"):
            organism = word("growth")
        taken = " ".join((organism, *map(str.upper, one.get("resistances", ())))).strip()
        how = [word(one["method"])] if one.get("method") else []
        how += [name(one["material"])] if "material" in one else []
        if number := one.get("susceptibilities", 0):
            unknown = one.get("unknown", 0)
            how.append(
                f"{word('susceptibilities')}: {number}"
                + (f" ({word('unknown')}: {unknown})" if unknown else "")
            )
        told = ", ".join(filter(None, (answer(one), state)))
        yield one.get("said", ""), taken, told, ", ".join(how), cases(one)
    if understood.get("negative") and not results:
        yield "", "", word("negative-report"), "", ""
