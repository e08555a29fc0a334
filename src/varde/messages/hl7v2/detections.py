"""What the words, codes and flags of one OBX say was found, by `varde.messages.answers.searches`."""

from __future__ import annotations

from varde.messages.answers.found import named_in, read_answers
from varde.messages.answers.listed import listed
from varde.messages.answers.remarked import remarked
from varde.messages.answers.said import Said
from varde.messages.answers.searches import Search
from varde.messages.hl7v2.segments import Encoding, repetitions
from varde.messages.hl7v2.values import MAX_NAME, codes_of
from varde.messages.hl7v2.words import said_in, words
from varde.messages.kith.words import ResultKind, normal
from varde.messages.records import Code


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
    parts: list[tuple[Code, ...]],
    flagged: str,
) -> tuple[Search, ...]:
    """What a search found; nothing for what is no search, or found nothing.

    Args:
        names, how: as `varde.messages.answers.searches.analyse` takes them.
        kinds: what its words, codes and flags say.
        organisms: the alternatives of each of its values.
        role: of the result.
        amount: its measured value with unit; empty without one.
        parts: its values, as they stand.
        flagged: as `varde.messages.answers.found.read_answer` takes it.
    """
    said = [text for part in parts for code in part if (text := _worded(code))]
    if role == "organism":
        if organisms or not (kinds or said):
            return ()
        flagged = ""
    elif not (kinds or organisms or amount or said or flagged):
        return ()
    every = read_answers(names, how, kinds, organisms, amount, said, flagged)
    return tuple(found for found in every if found is not None)


def _worded(code: Code) -> str:
    """The words of a coding that are more than one of the whole answers; empty for none."""
    text = code.text or code.code
    known = words()
    return "" if code.code in known.result_codes or normal(text) in known.result_texts else text


def is_worded(code: Code) -> bool:
    """Whether a coding names what it found beside a word of an answer."""
    return bool(_said_by(code).name)


def doubts_of(flags: str, encoding: Encoding) -> str:
    """A flag (OBX-8) that says that a result is not as it should be, and no more; empty without."""
    if not flags:
        return ""
    known = words().doubtful_flags
    signs = (code for flag in repetitions(flags, encoding) for code in codes_of(flag, encoding)[:1])
    return next((sign.code for sign in signs if sign.code.upper() in known), "")


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
        said = [(_on_one_line(code), _said_by(code)) for code in part]
        if any(each.name for _, each in said):
            found += named_in((code, each) for code, each in said if each.name)
        elif not any(each.kind or each.doubtful for _, each in said):
            text = part[0].text if len(part) == 1 and not part[0].code else ""
            names = (listed(text) or remarked(text)) if text else ()
            found += [(Code(text=name),) for name in names] or [tuple(code for code, _ in said)]
    return tuple(found)


def _on_one_line(code: Code) -> Code:
    """A coding whose text is a name and no lines, and no longer than one."""
    if len(code.text) <= MAX_NAME and "\n" not in code.text:
        return code
    text = " ".join(code.text.split())[:MAX_NAME]
    return Code(system=code.system, code=code.code, text=text)
