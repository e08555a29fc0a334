"""A person says what a code means that no map knows; it then holds for all answers that have it.

What is confirmed is one expression as the queue shows it (kind, system, code, text), written with who and
when into ``maps/confirmed.csv`` of the site (`varde.codes.confirmed`). Such a row gives a meaning only to what
nothing else maps, so that exactly the reports that have the expression in `register_unmapped` change; taken
back, exactly those that have it in `register_confirmed`. They are made anew in the transaction in which
the file is replaced, and the register then is what a replay of the whole log would give.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from varde.cases import Catalogue
from varde.codes import CodeFileError, CodeMap, CodesError, Confirmation, is_catch_all
from varde.codes.confirmed import keep, read_confirmed, restore, write_confirmed
from varde.codes.map_rows import concepts, fold
from varde.messages.times import norwegian_day
from varde.register import ids, store
from varde.register.events import tell_decided
from varde.register.opening import Register
from varde.register.projection import Expression
from varde.register.reprojection import project_again
from varde.register.settings import read_setting, write_setting
from varde.register.store import connection

Verdict = Literal["proposed", "declined", "confirmed", "unmappable", "withdrawn"]
KINDS = ("organism", "antibiotic", "material", "vaccine", "disease")
"""What the queue of unknown codes holds."""
MASK = "•"
_LENGTHS = (12, 80, 120, 200)
_COLUMNS = (
    "kind, system, code, text, concept, verdict, sender, decided_by, "
    "CAST(decided_at AS TEXT), changed"
)


_SAID = {
    "unknown-concept": "there is nothing of this kind called {detail!r}: 'varde codes unmapped' suggests keys",
    "catch-all": "{detail!r} only says that nobody knows what it is: leave it waiting, or find out",
    "not-waiting": "no answer has this expression: give text, code and system as 'varde codes unmapped' shows them",
    "masked": "digits of it are hidden, and what is hidden may differ from answer to answer: correct the answers",
    "too-long": "it is too long to be a name: correct the answers",
    "refused": "the site's code maps do not go together with it: {detail}",
}


class CannotConfirm(CodesError):
    """A confirmation that cannot be written, or would not hold.

    Args:
        why: "unknown-concept", "catch-all", "not-waiting", "masked", "too-long" or "refused": the last when the
            map files do not go together with it.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        self.why = why
        super().__init__(_SAID[why].format(detail=detail))


@dataclass(frozen=True)
class Decision:
    """What somebody said about an expression.

    Attributes:
        sender: the laboratory whose contact said it; empty for the country's.
        changed: how many answers it changed.
    """

    expression: Expression
    concept: str
    verdict: Verdict
    sender: str
    decided_by: str
    decided_at: datetime
    changed: int


def confirm(
    register: Register, expression: Expression, concept: str, by: str, now: datetime
) -> int:
    """Write what an expression means, and apply it to all answers that have it.

    Args:
        expression: as the queue of unknown codes shows it.
        by: the user who says so.

    Returns:
        How many answers changed.

    Raises:
        CannotConfirm: it cannot be; nothing was changed.
    """
    _check(expression, concept, register.context.definitions())
    kind, system, code, text = expression
    source = f"confirmed by {by} on the pages of Varde"
    row = Confirmation(
        kind, system, code, " ".join(text.split()), concept, source, norwegian_day(now)
    )
    codes = register.context.codes

    def change(rows: list[Confirmation]) -> list[Confirmation]:
        return [*(each for each in rows if not _same(each, expression, codes)), row]

    with store.alone():
        reports = _holding("unmapped", expression, codes)
        if not reports:
            raise CannotConfirm("not-waiting")
        changed = _apply(register, change, reports, now)
        _note(expression, concept, "confirmed", "", by, now, changed)
    tell_decided("confirmed", kind, concept, changed)
    return changed


def withdraw(register: Register, expression: Expression, by: str, now: datetime) -> int:
    """Take a confirmation back: the answers stand as before it.

    Returns:
        How many answers changed.

    Raises:
        CannotConfirm: ``not-waiting``: nobody confirmed it.
    """
    codes = register.context.codes
    meant = ""

    def change(rows: list[Confirmation]) -> list[Confirmation]:
        nonlocal meant
        left = [each for each in rows if not _same(each, expression, codes)]
        if len(left) == len(rows):
            raise CannotConfirm("not-waiting")
        meant = next(each.concept for each in rows if _same(each, expression, codes))
        return left

    with store.alone():
        changed = _apply(register, change, _holding("confirmed", expression, codes), now)
        _note(expression, "", "withdrawn", "", by, now, changed)
    tell_decided("withdrawn", expression[0], meant, changed)
    return changed


def say(
    expression: Expression, verdict: Verdict, concept: str, sender: str, by: str, now: datetime
) -> None:
    """Note what somebody said that changes no answer: a proposal, that it is declined, or that the
    expression cannot be mapped."""
    with store.alone():
        _note(expression, concept, verdict, sender, by, now, 0)
    tell_decided(verdict, expression[0], concept, 0)


def decisions(expressions: Iterable[Expression]) -> dict[Expression, Decision]:
    """The newest decision about each of the expressions that there is one about."""
    wanted = set(expressions)
    found: dict[Expression, Decision] = {}
    for row in store.select_in(
        "codedecision", _COLUMNS, "code", {code for _, _, code, _ in wanted}, "ORDER BY id"
    ):
        decision = _decision(row)
        if decision.expression in wanted:
            found[decision.expression] = decision
    return found


def newest_decisions(limit: int = 100) -> list[Decision]:
    """The newest decisions about any expression, newest first; also those that no longer hold."""
    return _decisions("ORDER BY id DESC LIMIT %s", limit)


def standing_decisions(sender: str | None = None, limit: int = 100) -> list[Decision]:
    """What holds of each expression that anybody said something about, newest first.

    Args:
        sender: only what concerns a laboratory: expressions that it said something about, or that stand in
            its answers. What other laboratories proposed is left out.
    """
    newest = (
        "WHERE id IN (SELECT MAX(id) FROM register_codedecision {} GROUP BY kind, system, code, text) "
        "ORDER BY id DESC"
    )
    if sender is None:
        return _decisions(newest.format("") + " LIMIT %s", limit)
    found = _decisions(newest.format("WHERE sender IN ('', %s)"), sender)
    own = {each.expression for each in _decisions("WHERE sender = %s", sender)}
    own |= _expressions_of(sender, {each.expression[2] for each in found})
    mine = {_folded(expression) for expression in own}
    return [each for each in found if _folded(each.expression) in mine][:limit]


def decisions_on(expression: Expression, sender: str | None = None) -> list[Decision]:
    """Everything that was said about one expression, newest first.

    Args:
        sender: without what other laboratories than this one proposed.
    """
    found = _decisions(
        "WHERE kind = %s AND system = %s AND code = %s AND text = %s ORDER BY id DESC", *expression
    )
    return [each for each in found if sender is None or each.sender in ("", sender)]


def senders_of(expression: Expression, confirmed: bool = False) -> list[tuple[str, str, int]]:
    """(key, name, answers) of the laboratories whose answers wait for an expression, most first; however
    they write its text in capitals and blanks.

    Args:
        confirmed: those instead whose answers have it and are understood, because somebody confirmed it.
    """
    kind, system, code, text = expression
    wanted = fold(text)
    answers: dict[tuple[str, str], set[int]] = defaultdict(set)
    table = "confirmed" if confirmed else "unmapped"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.sender, COALESCE(s.name, ''), r.id, u.text FROM register_{table} u "
            f"JOIN register_report r ON r.id = u.id / {ids.EXPRESSIONS} "
            "LEFT JOIN register_sender s ON s.key = r.sender "
            "WHERE u.kind = %s AND u.system = %s AND u.code = %s",
            [kind, system, code],
        )
        for sender, name, report, said in cursor.fetchall():
            if fold(said) == wanted:
                answers[sender, name].add(report)
    found = [(sender, name, len(reports)) for (sender, name), reports in answers.items()]
    return sorted(found, key=lambda row: (-row[2], row[0]))


def _expressions_of(sender: str, codes: Iterable[str]) -> set[Expression]:
    """The expressions with one of these codes in a laboratory's answers, understood or not."""
    found: set[Expression] = set()
    chosen = sorted(set(codes))
    with connection.cursor() as cursor:
        for table in ("unmapped", "confirmed"):
            for start in range(0, len(chosen), store.CHUNK):
                part = chosen[start : start + store.CHUNK]
                cursor.execute(
                    f"SELECT DISTINCT u.kind, u.system, u.code, u.text FROM register_{table} u "
                    f"JOIN register_report r ON r.id = u.id / {ids.EXPRESSIONS} "
                    f"WHERE r.sender = %s AND u.code IN ({', '.join(['%s'] * len(part))})",
                    [sender, *part],
                )
                found.update(cursor.fetchall())
    return found


def _folded(expression: Expression) -> Expression:
    kind, system, code, text = expression
    return kind, system, code, fold(text)


def _decisions(end: str, *values: str | int) -> list[Decision]:
    """Decisions by the end of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM register_codedecision {end}", values)
        return [_decision(row) for row in cursor.fetchall()]


def _check(expression: Expression, concept: str, definitions: Catalogue) -> None:
    kind = expression[0]
    known: Container[str] = definitions.diseases if kind == "disease" else concepts().get(kind, ())
    if kind not in KINDS or concept not in known:
        raise CannotConfirm("unknown-concept", concept)
    if kind == "organism" and is_catch_all(kind, concept):
        # A meaning that is none would take the expression out of the queue, and nobody would ask again.
        raise CannotConfirm("catch-all", concept)
    if is_masked(expression):
        raise CannotConfirm("masked")
    if any(len(part) >= most for part, most in zip(expression, _LENGTHS, strict=True)):
        raise CannotConfirm("too-long")


def is_masked(expression: Expression) -> bool:
    """Whether digits of an expression are hidden: what is hidden may differ from answer to answer, so that it can be
    confirmed for none."""
    _kind, _system, code, text = expression
    return MASK in code + text


def _apply(
    register: Register,
    change: Callable[[list[Confirmation]], list[Confirmation]],
    reports: list[int],
    now: datetime,
) -> int:
    """Replace the site's confirmations and make reports anew; the file is put back when that fails."""
    folder = register.home / "maps"
    context = register.context.renewed()
    was_current = read_setting("code_map") == context.codes.version
    before = keep(folder)
    try:
        try:
            codes = write_confirmed(folder, change(read_confirmed(folder)))
        except CodeFileError as error:
            raise CannotConfirm("refused", error.rule) from error
        if register.context.site is None:
            raise CannotConfirm("refused", "this process does not read the site's maps")
        register.context.site.adopt(codes)
        context = register.context.renewed()
        changed = project_again(reports, context, register.sealer, now)
        if was_current:
            write_setting("code_map", codes.version)
    except BaseException:
        restore(folder, before)
        raise
    return changed


def _key(system: str, code: str, text: str, codes: CodeMap) -> tuple[str, str, str]:
    """An expression as the map compares it."""
    return (codes.system(system), code, fold(text))


def _same(row: Confirmation, expression: Expression, codes: CodeMap) -> bool:
    return row.kind == expression[0] and (
        _key(row.system, row.code, row.text, codes) == _key(*expression[1:], codes)
    )


def _holding(table: str, expression: Expression, codes: CodeMap) -> list[int]:
    """Reports that have an expression in `table`, as the map compares it. A report with more expressions
    than are kept may have it too."""
    kind, _system, code, _text = expression
    wanted = _key(*expression[1:], codes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id / {ids.EXPRESSIONS}, system, text FROM register_{table} "
            "WHERE kind = %s AND code = %s",
            [kind, code],
        )
        found = {
            int(report)
            for report, system, text in cursor.fetchall()
            if _key(system, code, text, codes) == wanted
        }
        cursor.execute(
            f"SELECT id / {ids.EXPRESSIONS} FROM register_{table} "
            f"WHERE id - (id / {ids.EXPRESSIONS}) * {ids.EXPRESSIONS} = {ids.EXPRESSIONS - 2}"
        )
        found.update(int(row[0]) for row in cursor.fetchall())
    return sorted(found)


def _note(
    expression: Expression,
    concept: str,
    verdict: Verdict,
    sender: str,
    by: str,
    now: datetime,
    changed: int,
) -> None:
    columns = (
        "kind",
        "system",
        "code",
        "text",
        "concept",
        "verdict",
        "sender",
        "decided_by",
        "decided_at",
        "changed",
    )
    row = (*expression, concept, verdict, sender, by, store.stamp(now), changed)
    store.insert("codedecision", columns, [row])


def _decision(row: tuple[str, str, str, str, str, Verdict, str, str, str, int]) -> Decision:
    kind, system, code, text, concept, verdict, sender, by, at, changed = row
    return Decision(
        (kind, system, code, text), concept, verdict, sender, by, store.moment(at), changed
    )
