"""A disease as somebody at the command line calls it."""

from __future__ import annotations

from difflib import get_close_matches


def chosen_disease(said: str) -> str:
    """The key of a disease by its key or any of its names.

    Raises:
        UnknownValue: there is none; names those that are near.
    """
    from varde.cases import catalogue
    from varde.statistics import UnknownValue

    known = catalogue()
    if said in known.diseases:
        return said
    named = known.named(said)
    if named is not None and not said.isdigit():
        return named.disease
    words = {key: key for key in known.diseases} | {
        name.word.casefold(): key for key, one in known.diseases.items() for name in one.names()
    }
    near = get_close_matches(said.casefold(), words, n=3)
    near += [word for word in words if said.casefold() in word]
    keys = ", ".join(list(dict.fromkeys(words[word] for word in near))[:5])
    instead = f"is it one of {keys}? " if keys else ""
    raise UnknownValue(f"there is no disease {said!r}: {instead}See varde disease list")
