"""What was looked for, as the register keeps it: the same whatever comes in whatever order, and what it says of an analysis."""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from register.answers import PERSONS, answer, clock, make_register, send
from varde.codes import CodeMap
from varde.messages.answers.looked_for import asked_in
from varde.messages.records import Code, LookedFor, Method, Outcome
from varde.register import (
    Analysis,
    Earlier,
    find_earlier,
    find_person,
    read_history,
    understand,
    understand_each,
)
from varde.register.replay import replay
from varde.register.searches import SIGNS, columns_of, read_column

pytestmark = pytest.mark.django_db

CHLAMYDIA, GONORRHOEA = "U-Chlamydia trachomatis DNA", "U-Neisseria gonorrhoeae DNA"
NAMES = ("Chlamydia trachomatis", "C. trachomatis", "Salmonella", "MRSA", "Luftveispanel", "")
METHODS: tuple[Method, ...] = ("nucleic-acid", "culture", "")
OUTCOMES: tuple[Outcome, ...] = ("found", "not-found", "inconclusive", "pending")
TODAY = date(2026, 1, 10)

SEARCHES = st.lists(
    st.builds(
        lambda specimen, name, method, said: LookedFor(
            specimen=specimen,
            organisms=(Code(text=name),) if name else (),
            method=method,
            answer=said,
        ),
        st.integers(1, 2),
        st.sampled_from(NAMES),
        st.sampled_from(METHODS),
        st.sampled_from(OUTCOMES),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def codes() -> CodeMap:
    return CodeMap.load()


@given(SEARCHES, st.randoms(use_true_random=False))
def test_any_order_and_duplication_give_the_same_column(
    codes: CodeMap, searches: list[LookedFor], chance: random.Random
) -> None:
    once = columns_of(searches, codes)
    again = [*searches, *chance.choices(searches, k=2)] if searches else []
    chance.shuffle(again)
    assert columns_of(again, codes) == once
    for specimen, column in once.items():
        words = column.split(" ")
        assert words == sorted(set(words)) and len(read_column(column)) == len(words)
        said = {one.answer for one in searches if one.specimen == specimen}
        assert {one.answer for one in read_column(column)} <= said


@pytest.mark.parametrize(
    ("name", "method", "said", "word"),
    [
        ("Chlamydia trachomatis", "nucleic-acid", "not-found", "chlamydia-trachomatis/nucleic-acid/-"),
        ("MRSA", "culture", "not-found", "staphylococcus-aureus:mrsa/culture/-"),
        ("", "culture", "found", "/culture/+"),
        ("Luftveispanel", "nucleic-acid", "not-found", "?/nucleic-acid/-"),
        ("Salmonella", "", "pending", "salmonella//~"),
        ("Karbapenemase", "nucleic-acid", "not-found", "?:cpo/nucleic-acid/-"),
        ("KPC/NDM", "", "found", "?:kpc+ndm//+"),
        ("CPE", "nucleic-acid", "not-found", "enterobacterales:cpo/nucleic-acid/-"),
        ("CPE (NDM)", "nucleic-acid", "not-found", "?:ndm/nucleic-acid/-"),
        ("Klebsiella pneumoniae karbapenemase", "", "not-found", "?:kpc//-"),
        ("stx1", "nucleic-acid", "not-found", "escherichia-coli-ehec:stx1/nucleic-acid/-"),
        ("Shigatoksingenet (stx)", "nucleic-acid", "not-found", "escherichia-coli-ehec/nucleic-acid/-"),
        ("stx", "nucleic-acid", "found", "?/nucleic-acid/+"),
    ],
)  # fmt: skip
def test_what_a_word_is(
    name: str, method: Method, said: Outcome, word: str, codes: CodeMap
) -> None:
    organisms = (Code(text=name),) if name else ()
    one = LookedFor(specimen=1, organisms=organisms, method=method, answer=said)
    assert columns_of([one], codes) == {1: word}
    assert set(SIGNS) == set(OUTCOMES)


def columns() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT looked_for FROM register_specimen ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def searched(said: str, name: str = CHLAMYDIA, **more: object) -> bytes:
    return answer(**{"person": PERSONS[0], "organism": "", "answered": [(name, said)]} | more)  # type: ignore[arg-type]


def test_an_addition_answers_what_was_on_its_way_and_keeps_the_rest() -> None:
    register = make_register()
    both = [(CHLAMYDIA, "Svar følger"), (GONORRHOEA, "Ikke påvist")]
    send(register, searched("", answered=both, status="P"))
    assert columns() == [
        "chlamydia-trachomatis/nucleic-acid/~ neisseria-gonorrhoeae/nucleic-acid/-"
    ]
    send(register, searched("Ikke påvist", message="M2", service="A", made=2))
    assert columns() == [
        "chlamydia-trachomatis/nucleic-acid/- neisseria-gonorrhoeae/nucleic-acid/-"
    ]


def test_an_addition_settles_what_was_unclear_and_takes_back_no_finding() -> None:
    register = make_register()
    both = [(CHLAMYDIA, "Inkonklusiv"), (GONORRHOEA, "Påvist")]
    send(register, searched("", answered=both))
    negative = [(CHLAMYDIA, "Ikke påvist"), (GONORRHOEA, "Ikke påvist")]
    send(register, searched("", answered=negative, message="M2", service="A", made=2))
    assert columns() == [
        "chlamydia-trachomatis/nucleic-acid/- neisseria-gonorrhoeae/nucleic-acid/+"
    ]


def test_a_changed_version_replaces_and_a_cancelled_one_leaves_nothing() -> None:
    register = make_register()
    send(register, searched("Ikke påvist"))
    send(register, searched("Ikke påvist", GONORRHOEA, message="M2", service="M", made=2))
    assert columns() == ["neisseria-gonorrhoeae/nucleic-acid/-"]
    send(register, searched("", message="M3", service="C", made=3))
    assert columns() == []


def test_a_replay_fills_what_was_taken_in_before() -> None:
    register = make_register()
    send(register, searched("Ikke påvist"))
    before = columns()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_specimen SET looked_for = ''")
        cursor.execute("UPDATE register_report SET digest = %s", [b"as it was before"])
    replay(register, clock)
    assert columns() == before == ["chlamydia-trachomatis/nucleic-acid/-"]


def test_a_search_that_no_map_knows_is_not_among_the_unknown_codes() -> None:
    register = make_register()
    send(register, searched("Ikke påvist", "Oppdiktetvirus DNA"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM register_unmapped")
        assert cursor.fetchone()[0] == 0
    assert columns() == ["?/nucleic-acid/-"]


# --- was it made before ---------------------------------------------------------------------------


def earlier_of(*files: bytes, asked: str = CHLAMYDIA, specimen: str = "") -> Earlier:
    register = make_register()
    send(register, *files)
    person = find_person(PERSONS[0], register.context.pseudonym)
    assert person is not None
    taken = (Code(text=specimen),) if specimen else ()
    analysis: Analysis = understand((Code(text=asked),), taken, register.context.codes)
    return find_earlier(read_history(person.ids), analysis, TODAY)


@pytest.mark.parametrize(
    ("said", "status", "expected"),
    [
        ("Ikke påvist", "F", "not-found"),
        ("Ikke påvist", "P", "not-found"),
        ("Inkonklusiv", "F", "inconclusive"),
        ("Svar følger", "P", "pending"),
    ],
)
def test_a_search_without_finding_is_an_answer(said: str, status: str, expected: str) -> None:
    earlier = earlier_of(searched(said, day="2026-01-05", status=status, made=6))
    assert (earlier.done, earlier.days, earlier.answer) == ("yes", 5, expected)
    assert earlier.looked is not None and earlier.looked.status == status
    assert earlier.found is None and earlier.repeat == "not-known"


def test_the_newest_counts_and_the_finding_stands_beside_it() -> None:
    found = searched("Påvist", day="2026-01-01", made=2)
    negative = searched("Ikke påvist", day="2026-01-06", report="R2", message="M2", made=7)
    earlier = earlier_of(found, negative)
    assert (earlier.answer, earlier.days, earlier.count) == ("not-found", 4, 1)
    assert earlier.found is not None and earlier.repeat == "rarely-useful"
    turned = earlier_of(
        searched("Ikke påvist", day="2026-01-01", report="R3", message="M3", made=2),
        searched("Påvist", day="2026-01-06", report="R4", message="M4", made=7),
    )
    assert (turned.answer, turned.days, turned.looked) == ("found", 4, None)


@pytest.mark.parametrize(
    ("looked", "asked", "done"),
    [
        ("Salmonella DNA", "Salmonella Typhi DNA", "yes"),
        ("Salmonella Typhi DNA", "Salmonella DNA", "not-known"),
        ("Salmonella DNA", "Salmonella dyrkning", "not-known"),
        ("MRSA dyrkning", "MRSA dyrkning", "yes"),
        ("MRSA dyrkning", "Staphylococcus aureus dyrkning", "not-known"),
        ("Staphylococcus aureus dyrkning", "MRSA dyrkning", "yes"),
        ("P-Meslingvirus IgM", "P-Meslingvirus IgG", "not-known"),
        ("P-Meslingvirus antistoff", "P-Meslingvirus IgG", "yes"),
        ("U-Bakterier dyrkning", "U-Bakterier dyrkning", "yes"),
        ("Luftveispanel PCR", "Influensa A-virus RNA", "not-known"),
        ("Chlamydia trachomatis", CHLAMYDIA, "possibly"),
        ("Chlamydia trachomatis", "Chlamydia trachomatis", "yes"),
    ],
)  # fmt: skip
def test_what_a_search_answers(looked: str, asked: str, done: str) -> None:
    """A wider search answers a narrower question; never the other way round, and nothing is guessed of a method."""
    assert (
        earlier_of(searched("Ikke påvist", looked, day="2026-01-05", made=6), asked=asked).done
        == done
    )


def test_only_what_does_not_say_what_it_looked_for_is_possibly_it() -> None:
    named = searched("Ikke påvist", day="2026-01-05", made=6)
    assert earlier_of(named, asked=GONORRHOEA, specimen="Urin").done == "not-known"
    panel = searched(
        "Ikke påvist", "Luftveispanel PCR", day="2026-01-05", made=6, report="R2", message="M2"
    )
    assert earlier_of(panel, asked=GONORRHOEA, specimen="Urin").done == "possibly"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("P-Meslingvirus IgM", "Svaret gjelder annen pasient"),
        ("Salmonella dyrkning", "Prøven er kassert"),
        ("Influensa A PCR", "Inhibert"),
        ("HIV Ag/As", "Reaktiv i screening, ikke bekreftet"),
        ("Treponema pallidum antistoff", "Grenseverdi"),
    ],
)
def test_an_answer_that_nobody_understood_is_told_once_and_is_no_finding(
    name: str, said: str
) -> None:
    register = make_register()
    send(register, searched(said, name, day="2026-01-05", made=6))
    person = find_person(PERSONS[0], register.context.pseudonym)
    assert person is not None
    history = read_history(person.ids)
    assert history.findings == ()
    assert [one.answer for one in history.searches] == ["inconclusive"]
    asked = understand((Code(text=name),), (), register.context.codes)
    assert find_earlier(history, asked, TODAY).answer == "inconclusive"


PARTS = {
    "Klamydia/gonoré PCR": ["chlamydia-trachomatis", "neisseria-gonorrhoeae"],
    "Klamydia og gonoré PCR": ["chlamydia-trachomatis", "neisseria-gonorrhoeae"],
    "Influensa A/B PCR": ["influenza-a-virus", "influenza-b-virus"],
    "Influensa A/B/RSV PCR": ["influenza-a-virus", "influenza-b-virus", "respiratory-syncytial-virus"],
    "Influensa PCR": ["influenza-a-virus", "influenza-b-virus"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "parts"), PARTS.items())
def test_a_test_for_several_is_a_search_for_each_that_it_names(
    name: str, parts: list[str], codes: CodeMap
) -> None:
    asked = asked_in((Code(text=name),))
    assert asked is not None

    def column(said: Outcome) -> str:
        one = LookedFor(specimen=1, organisms=asked.organisms, method="nucleic-acid", answer=said)
        return columns_of([one], codes)[1]

    assert column("not-found") == " ".join(f"{part}/nucleic-acid/-" for part in parts)
    # What was found does not say which.
    assert column("found") == "?/nucleic-acid/+"
    each = understand_each((Code(text=name),), (), codes)
    assert [(one.organism, one.method) for one in each] == [(p, "nucleic-acid") for p in parts]
    assert not understand((Code(text=name),), (), codes).known


@pytest.mark.parametrize(
    "name", ["Klamydia/tarmpatogener PCR", "Luftveispanel/", "A/B", "x / " * 60]
)
def test_a_name_of_which_a_part_is_no_organism_is_not_taken_apart(
    name: str, codes: CodeMap
) -> None:
    one = LookedFor(
        specimen=1, organisms=(Code(text=name),), method="nucleic-acid", answer="not-found"
    )
    assert columns_of([one], codes) == {1: "?/nucleic-acid/-"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MRSA screening", "Ikke påvist"),
        ("VRE screening", "Ikke påvist"),
        ("Gruppe A streptokokker hurtigtest", "Negativ"),
        ("HIV-test", "Negativ"),
        ("Mykobakterier dyrkning", "Ingen vekst"),
    ],
)
def test_what_is_ordered_in_the_words_of_an_answer_was_made_before(name: str, said: str) -> None:
    earlier = earlier_of(searched(said, name, day="2026-01-05", made=6), asked=name)
    assert (earlier.done, earlier.answer) == ("yes", "not-found")


def test_what_waits_for_a_result_is_no_answer_without_finding() -> None:
    register = make_register()
    name = "Oppdiktetvirus dyrkning"
    send(
        register,
        searched("Svar følger", name, day="2026-01-05", status="P", made=6),
        searched("Ikke påvist", name, day="2026-01-05", made=6, report="R2", message="M2"),
    )
    person = find_person(PERSONS[0], register.context.pseudonym)
    assert person is not None
    told = {one.status: one.under_way for one in read_history(person.ids).answers}
    assert told == {"P": True, "F": False}
