"""What the words, codes and flags of one OBX say was found, by `varde.messages.searches`."""

from __future__ import annotations

from varde.messages.hl7v2.segments import Encoding, repetitions
from varde.messages.hl7v2.values import codes_of
from varde.messages.hl7v2.words import said_in, words
from varde.messages.kith.words import ResultKind
from varde.messages.records import Code
from varde.messages.result_words import Said
from varde.messages.search_answers import read_answer
from varde.messages.searches import Search, bare_name


def kinds_of(parts: list[tuple[Code, ...]]) -> frozenset[ResultKind]:
    """What kinds of result a value's words and codes are."""
    return frozenset(said for part in parts for code in part if (said := kind_of_code(code)))


def kinds_of_flags(flags: str, encoding: Encoding) -> frozenset[ResultKind]:
    """What OBX-8 says of a search: positive or negative."""
    if not flags:
        return frozenset()
    known = words().result_flags
    signs = (code for flag in repetitions(flags, encoding) for code in codes_of(flag, encoding)[:1])
    return frozenset(known[sign.code.upper()] for sign in signs if sign.code.upper() in known)


def contradiction_of(
    parts: list[tuple[Code, ...]], flags: str, encoding: Encoding, role: str
) -> str:
    """Two words of one answer that say the opposite of each other. Several values of a culture may: its
    bottles."""
    flagged: dict[str, str] = dict.fromkeys(kinds_of_flags(flags, encoding), flags)
    apart = parts if role == "organism" else [tuple(code for part in parts for code in part)]
    for codes in apart:
        said = flagged | {kind_of_code(code): code.text or code.code for code in codes}
        if "growth" in said and "no_growth" in said:
            return f"{said['growth']} ≠ {said['no_growth']}"
    return ""


def detect(
    names: tuple[Code, ...],
    how: tuple[Code, ...],
    kinds: frozenset[ResultKind],
    organisms: tuple[tuple[Code, ...], ...],
    role: str,
    amount: str,
) -> tuple[Search, ...]:
    """What a search found; nothing for what is no search, or found nothing.

    Args:
        names, how: as `varde.messages.searches.analyse` takes them.
        kinds: what its words, codes and flags say.
        organisms: the alternatives of each of its values.
        role: of the result.
        amount: its measured value with unit; empty without one.
    """
    if role == "organism":
        found = read_answer(names, how, kinds, ()) if kinds and not organisms else None
        return (found,) if found is not None else ()
    if not kinds and not organisms and not amount:
        return ()
    every = [read_answer(names, how, kinds, value, amount) for value in organisms or ((),)]
    return tuple(dict.fromkeys(found for found in every if found is not None))


def kind_of_code(code: Code) -> ResultKind:
    """What kind of result a coding is; empty when it may name an organism."""
    return _said_by(code).kind


def _said_by(code: Code) -> Said:
    coded = words().result_codes.get(code.code, "")
    return Said(coded) if coded else said_in(code.text or code.code)


def organisms_of(parts: list[tuple[Code, ...]]) -> tuple[tuple[Code, ...], ...]:
    """The entries that may name an organism: none of their codings is a word such as negative, or one names
    what it found beside that word."""
    found: list[tuple[Code, ...]] = []
    for part in parts:
        said = [_said_by(code) for code in part]
        named = tuple(
            Code(system=code.system, code=code.code, text=bare_name(each.name))
            for code, each in zip(part, said, strict=True)
            if each.name
        )
        if named or not any(each.kind for each in said):
            found.append(named or part)
    return tuple(found)
