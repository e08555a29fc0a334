"""Whatever is changed in the log or in its heads is found, by Varde and by the plain reference alike."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.audit.logs import Log, both, chain_anew, make_log, sign_anew
from operation.sites import at, copy

EXAMPLES = int(os.environ.get("VARDE_EXAMPLES", "100"))
Draw = Callable[..., Any]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
SEEDS = st.binary(min_size=32, max_size=32)


@pytest.fixture(scope="module")
def log(empty_site: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Log:
    home = copy(empty_site, tmp_path_factory.mktemp("log") / "site")
    with django_db_blocker.unblock(), at(home):
        return make_log(home)


def test_what_nobody_has_changed_is_whole(log: Log) -> None:
    report = both(log)
    assert report.whole and not report.notes
    assert (report.entries, report.last, report.signed) == (19, 19, 19)
    assert report.heads == 7 and len(report.keys) == 2 and report.digest == log.rows[-1][13]


# --- one change of every kind -------------------------------------------------------------------


def place(draw: Draw, log: Log) -> int:
    return int(draw(st.integers(0, len(log.rows) - 1)))


def change_a_field(draw: Draw, log: Log) -> Log:
    number, column = place(draw, log), draw(st.integers(0, 13))
    row = list(log.rows[number])
    other = st.integers(-1, 99) if isinstance(row[column], int) else TEXT
    row[column] = draw(other.filter(lambda value: value != row[column]))
    rows = [*log.rows[:number], tuple(row), *log.rows[number + 1 :]]
    return log.but(rows=tuple(sorted(rows, key=lambda each: each[0])))


def delete(draw: Draw, log: Log) -> Log:
    first = place(draw, log)
    last = draw(st.integers(first + 1, len(log.rows)))
    return log.but(rows=log.rows[:first] + log.rows[last:])


def delete_and_close_the_gap(draw: Draw, log: Log) -> Log:
    first = place(draw, log)
    left = [*log.rows[:first], *((n[0] - 1, *n[1:]) for n in log.rows[first + 1 :])]
    return log.but(rows=tuple(left))


def swap(draw: Draw, log: Log) -> Log:
    one, other = sorted(draw(st.sets(st.integers(0, 18), min_size=2, max_size=2)))
    rows = list(log.rows)
    whole = draw(st.booleans())  # with their hashes, or without
    end = 14 if whole else 13
    first, second = rows[one], rows[other]
    rows[one] = (first[0], *second[1:end], *first[end:])
    rows[other] = (second[0], *first[1:end], *second[end:])
    return log.but(rows=tuple(rows))


def duplicate(draw: Draw, log: Log) -> Log:
    row = log.rows[place(draw, log)]
    return log.but(rows=(*log.rows, (len(log.rows) + 1, *row[1:])))


def same_twice(draw: Draw, log: Log) -> Log:
    number = place(draw, log)
    return log.but(rows=(*log.rows[: number + 1], *log.rows[number:]))


def cut_the_tail(draw: Draw, log: Log) -> Log:
    return log.but(rows=log.rows[: place(draw, log)])


def rewrite_from_a_point(draw: Draw, log: Log) -> Log:
    number = place(draw, log)
    row = list(log.rows[number])
    row[2] = draw(TEXT.filter(lambda text: text != row[2]))
    return log.but(
        rows=chain_anew([*log.rows[:number], tuple(row), *log.rows[number + 1 :]], number)
    )


def rewrite_without_one(draw: Draw, log: Log) -> Log:
    number = place(draw, log)
    return log.but(rows=chain_anew([*log.rows[:number], *log.rows[number + 1 :]], number))


def rewrite_with_one_more(draw: Draw, log: Log) -> Log:
    number = place(draw, log)
    return log.but(rows=chain_anew([*log.rows[:number], log.rows[0], *log.rows[number:]], number))


def rewrite_all_with_a_new_key(draw: Draw, log: Log) -> Log:
    return sign_anew(rewrite_from_a_point(draw, log), draw(SEEDS))


def cut_the_heads(draw: Draw, log: Log) -> Log:
    return log.but(heads=log.heads[: draw(st.integers(0, len(log.heads) - 1))])


def take_heads_out(draw: Draw, log: Log) -> Log:
    lines = log.heads.splitlines(keepends=True)
    number = draw(st.integers(0, len(lines) - 1))
    return log.but(heads=b"".join(lines[:number] + lines[number + 1 :]))


def take_heads_out_of_both(draw: Draw, log: Log) -> Log:
    """All but the last ones."""
    lines = log.heads.splitlines(keepends=True)
    number = draw(st.integers(0, len(lines) - 2))
    known = log.known[:number] + log.known[number + 1 :]
    return log.but(heads=b"".join(lines[:number] + lines[number + 1 :]), known=known)


def forget_heads(draw: Draw, log: Log) -> Log:
    """Some or all that the database remembers; but for the newest alone, which may be on its way."""
    kept = draw(st.sets(st.sampled_from([number for number, _ in log.known[:-1]])))
    if len(kept) == len(log.known) - 1:
        return log
    whole = draw(st.booleans())
    known = tuple(one for one in log.known if one[0] in kept or (whole and one is log.known[-1]))
    return log.but(known=known)


def swap_heads(draw: Draw, log: Log) -> Log:
    lines = log.heads.splitlines(keepends=True)
    one, other = draw(st.sets(st.integers(0, len(lines) - 1), min_size=2, max_size=2))
    lines[one], lines[other] = lines[other], lines[one]
    return log.but(heads=b"".join(lines))


def change_a_byte(draw: Draw, log: Log) -> Log:
    number = draw(st.integers(0, len(log.heads) - 1))
    byte = draw(st.binary(min_size=1, max_size=1).filter(lambda b: b[0] != log.heads[number]))
    return log.but(heads=log.heads[:number] + byte + log.heads[number + 1 :])


def put_bytes_in(draw: Draw, log: Log) -> Log:
    number = draw(st.integers(0, len(log.heads)))
    more = draw(st.binary(min_size=1, max_size=9) | st.sampled_from([b"\n", b"{}\n", b" "]))
    return log.but(heads=log.heads[:number] + more + log.heads[number:])


def change_a_head_and_sign_it(draw: Draw, log: Log) -> Log:
    """A head of another key among the others, and the database remembers it so."""
    lines = log.heads.splitlines(keepends=True)
    number = draw(st.integers(0, len(lines) - 1))
    forged = sign_anew(log, draw(SEEDS)).heads.splitlines(keepends=True)[number]
    lines[number] = forged
    known = tuple((n, forged if n == number + 1 else line) for n, line in log.known)
    return log.but(heads=b"".join(lines), known=known)


def forge_the_last_head(draw: Draw, log: Log) -> Log:
    """The newest entry written anew, and its head to fit, by somebody without the private key."""
    lines = log.heads.splitlines(keepends=True)
    row = list(log.rows[-1])  # under the last head alone
    row[2] = draw(TEXT.filter(lambda text: text != row[2]))
    rows = chain_anew([*log.rows[:-1], tuple(row)], len(log.rows) - 1)
    head = json.loads(lines[-1])
    head["hash"] = rows[-1][13]
    if draw(st.booleans()):
        head["signature"] = draw(st.binary(min_size=64, max_size=64)).hex()
    lines[-1] = json.dumps(head, separators=(",", ":")).encode() + b"\n"
    known = (*log.known[:-1], (len(lines), lines[-1]))
    return log.but(rows=rows, heads=b"".join(lines), known=known)


def change_a_value_of_a_head(draw: Draw, log: Log) -> Log:
    lines = log.heads.splitlines(keepends=True)
    number = draw(st.integers(0, len(lines) - 1))
    head = json.loads(lines[number])
    name = draw(st.sampled_from(sorted(head)))
    other = st.integers(-1, 30) if isinstance(head[name], int) else TEXT
    head[name] = draw(other.filter(lambda value: value != head[name]))
    lines[number] = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    known = tuple((n, lines[n - 1]) for n, _ in log.known) if draw(st.booleans()) else log.known
    return log.but(heads=b"".join(lines), known=known)


def no_heads_at_all(draw: Draw, log: Log) -> Log:
    return log.but(heads=b"")


MUTATIONS = [
    *(change_a_field, delete, delete_and_close_the_gap, swap, duplicate, same_twice, cut_the_tail),
    *(rewrite_from_a_point, rewrite_without_one, rewrite_with_one_more, rewrite_all_with_a_new_key),
    *(
        cut_the_heads,
        take_heads_out,
        take_heads_out_of_both,
        forget_heads,
        swap_heads,
        change_a_byte,
        put_bytes_in,
    ),
    *(change_a_head_and_sign_it, forge_the_last_head, change_a_value_of_a_head, no_heads_at_all),
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_it_is_found(mutate: Callable[[Draw, Log], Log], log: Log) -> None:
    @given(data=st.data())
    @settings(max_examples=max(5, EXAMPLES // 10))
    def found(data: st.DataObject) -> None:
        changed = mutate(data.draw, log)
        report = both(changed)
        # Two entries that differ in nothing but their hash may change places; that is no change.
        assert not report.whole or changed == log
        assert report.faults or changed == log

    found()


@given(data=st.data())
@settings(max_examples=EXAMPLES)
def test_several_changes_together_are_found(data: st.DataObject, log: Log) -> None:
    changed = log
    for mutate in data.draw(st.lists(st.sampled_from(MUTATIONS[:11]), min_size=2, max_size=3)):
        if len(changed.rows) < 19 or not changed.heads:
            break
        changed = mutate(data.draw, changed)
    # What was put in may have become an entry more at the end, chained as any new one, and under no head yet.
    kept = changed.rows[: len(log.rows)]
    assert not both(changed).whole or (kept, changed.heads) == (log.rows, log.heads)


# --- what is said of it -------------------------------------------------------------------------


def only(log: Log) -> tuple[str, int | None]:
    report = both(log)
    assert report.first_bad == min(
        (f.sequence for f in report.faults if f.sequence is not None), default=None
    )
    return report.faults[0].kind, report.first_bad


def test_each_is_called_what_it_is(log: Log) -> None:
    rows = log.rows
    changed = (*rows[:6], (7, rows[6][1], "other", *rows[6][3:]), *rows[7:])
    assert only(log.but(rows=changed)) == ("changed", 7)
    assert only(log.but(rows=rows[:3] + rows[8:])) == ("gap", 4)
    assert only(log.but(rows=rows[2:])) == ("gap", 1)
    assert only(log.but(rows=rows[:12])) == ("tail-missing", 13)
    assert only(log.but(rows=())) == ("tail-missing", 1)
    assert only(log.but(rows=(*rows, (20, *rows[4][1:])))) == ("duplicate", 20)
    assert only(log.but(rows=(*rows[:5], *rows[4:]))) == ("duplicate", 5)
    swapped = (*rows[:4], (5, *rows[5][1:]), (6, *rows[4][1:]), *rows[6:])
    assert ("reordered", 6) in {(f.kind, f.sequence) for f in both(log.but(rows=swapped)).faults}
    far = (*rows[:4], (5, *rows[9][1:]), *rows[5:9], (10, *rows[4][1:]), *rows[10:])
    assert {(f.kind, f.sequence) for f in both(log.but(rows=far)).faults} >= {
        ("reordered", 5),
        ("reordered", 10),
    }
    assert only(log.but(rows=chain_anew([*rows[:6], *changed[6:]], 6))) == ("rewritten", 6)
    assert only(sign_anew(log, b"x" * 32)) == ("unknown-key", None)
    lines = log.heads.splitlines(keepends=True)
    assert only(log.but(heads=b"".join(lines[:-1]))) == ("heads-missing", None)
    assert only(log.but(heads=b"".join(lines[1:]))) == ("heads-missing", None)
    assert only(log.but(heads=log.heads + b"x\n")) == ("no-head", None)
    last = lines[-1].replace(b'"count":1', b'"count":2')
    assert last != lines[-1]
    known = (*log.known[:-1], (len(lines), last))
    assert only(log.but(heads=b"".join([*lines[:-1], last]), known=known)) == (
        "bad-signature",
        None,
    )
    assert only(log.but(heads=log.heads.replace(lines[2], lines[2] + b"x\n"))) == (
        "head-changed",
        None,
    )


def test_a_change_early_on_does_not_fill_the_report(log: Log) -> None:
    from varde.access.audit.verification import LISTED

    rows = log.rows * 3
    report = both(log.but(rows=tuple((n, *row[1:]) for n, row in enumerate(rows, 1))))
    assert len(report.faults) == LISTED and report.more > 0 and report.first_bad == 20


def test_each_key_of_any_time_is_enough_to_verify_with(log: Log) -> None:
    lines = [json.loads(line) for line in log.heads.splitlines()]
    publics = {line["key_id"]: None for line in lines}
    introduced = [bytes.fromhex(line["public_key"]) for line in lines if line["public_key"]]
    assert len(publics) == len(introduced) == 2
    for key_id, public in zip(publics, introduced, strict=True):
        assert both(log.but(trusted={key_id: public})).whole
    assert not both(log.but(trusted={})).whole


def test_what_cannot_be_found_is_what_the_documentation_says(log: Log) -> None:
    """Entries under no head, cut off; and a log and heads that were cut together, everywhere."""
    lines = log.heads.splitlines(keepends=True)
    unsigned = log.but(heads=b"".join(lines[:-1]), known=log.known[:-1])
    assert both(unsigned).whole and both(unsigned).notes
    cut = unsigned.but(rows=log.rows[: both(unsigned).signed])
    assert both(cut).whole
    # A copy of the heads that lay elsewhere finds it.
    assert only(cut.but(heads=log.heads)) == ("tail-missing", cut.rows[-1][0] + 1)
