"""Links that people state are evidence: counted so long as their other end is confirmed without any."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from register.answers import NOW, answer, clock, make_register, send
from register.case_messages import ADA, BO, CLEO, MEASLES, SALMONELLA, STOOL, notified
from varde.cases import LinkKind
from varde.register import (
    CannotLink,
    KnownCase,
    Link,
    Register,
    erase,
    forget_links,
    link_number,
    links_of,
    list_cases,
    read_case,
    reclassify,
    replay,
    state_link,
    withdraw_links,
)
from varde.register.store import alone

pytestmark = pytest.mark.django_db
SAID: dict[str, Any] = {"by": "kari", "purpose": "outbreak", "at": NOW}
FORM = {
    "measles": "Meslinger",
    "salmonellosis": "Salmonellose",
    "pertussis": "Kikhoste",
    "hepatitis-a": "Hepatitt A",
    "legionellosis": "Legionellose",
    "shigellosis": "Shigellose",
}


def ill(
    disease: str = "salmonellosis", person: str = BO, number: str = "N1", onset: str = "2025-12-08"
) -> bytes:
    """A form that says when the person fell ill."""
    return notified(FORM[disease], number, person=person, onset=onset)


def found(person: str = ADA, report: str = "R1", day: str = "2025-12-05", **said: Any) -> bytes:
    return answer(
        report,
        said.pop("message", f"M-{report}"),
        organism=said.pop("organism", SALMONELLA),
        person=person,
        day=day,
        **STOOL | said,
    )


def classes() -> dict[int, str]:
    return {one.number: one.classification for one in list_cases()}


def of_class(name: str) -> int:
    [number] = [number for number, each in classes().items() if each == name]
    return number


def evidence(number: int) -> tuple[str, ...]:
    known = read_case(number)
    assert isinstance(known, KnownCase)
    [reason] = [one for one in known.case.reasons if one.criterion == "epidemiological"]
    return reason.evidence


def state(
    register: Register,
    case: int,
    to: int | None = None,
    *,
    kind: LinkKind = "human",
    day: date = date(2025, 12, 6),
    event: int | None = None,
    at: datetime = NOW,
) -> int:
    said = Link(case, kind, day, to, event)
    return state_link(register, said, **SAID | {"at": at})


def test_a_link_to_a_confirmed_case_makes_a_suspected_one_probable() -> None:
    register = make_register()
    send(register, found(), ill())
    confirmed, suspected = of_class("confirmed"), of_class("suspected")
    link = state(register, suspected, confirmed)
    assert classes() == {confirmed: "confirmed", suspected: "probable"}
    [key] = evidence(suspected)
    assert link_number(key) == link
    assert [(one.link.id, one.counts) for one in links_of(register, [suspected])] == [(link, True)]
    assert state(register, suspected, confirmed) == link, "stated twice it is one"
    assert withdraw_links(register, [link], by="ola", at=NOW) == [link]
    assert classes()[suspected] == "suspected" and links_of(register, [suspected]) == []
    assert withdraw_links(register, [link], by="ola", at=NOW) == []


def test_two_that_are_suspected_do_not_confirm_each_other_and_a_chain_ends() -> None:
    register = make_register()
    send(
        register,
        ill(person=ADA, number="N1"),
        ill(person=BO, number="N2"),
        ill(person=CLEO, number="N3"),
    )
    one, two, three = sorted(classes())
    for case, to in ((one, two), (two, one), (three, two), (two, three)):
        state(register, case, to)
    assert set(classes().values()) == {"suspected"}
    send(register, found(person=ADA))
    # Ada's is confirmed, so that Bo's is probable; what is only probable by a link carries it no further.
    assert sorted(classes().values()) == ["confirmed", "probable", "suspected"]


def test_it_goes_when_the_other_end_goes_and_comes_back_with_it() -> None:
    register = make_register()
    send(register, found(), ill())
    confirmed, suspected = of_class("confirmed"), of_class("suspected")
    state(register, suspected, confirmed)
    send(register, found(service="C", made=2, message="M2"))
    assert classes() == {suspected: "suspected"}
    [kept] = links_of(register, [suspected])
    assert not kept.counts
    send(register, found(made=3, message="M3"))
    assert classes()[suspected] == "probable"


def test_an_event_counts_for_its_cases_when_somebody_else_in_it_is_confirmed() -> None:
    register = make_register()
    send(register, ill(person=ADA, number="N1"), ill(person=BO, number="N2"))
    one, two = sorted(classes())
    for case in (one, two):
        state(register, case, event=7, kind="food")
    assert set(classes().values()) == {"suspected"}
    send(register, found(person=ADA))
    assert classes() == {one: "confirmed", two: "probable"}
    [first] = [each.link.id for each in links_of(register, [one])]
    assert [each.counts for each in links_of(register, [one, two])] == [False, True]
    withdraw_links(register, [first], by="ola", at=NOW)
    assert classes() == {one: "confirmed", two: "suspected"}


@pytest.mark.parametrize(
    ("disease", "kind", "confirming"),
    [
        ("measles", "human", {"organism": "", "searches": [MEASLES]}),
        ("hepatitis-a", "food", {"organism": "", "searches": ["P-Hepatitt A IgM"]}),
        ("legionellosis", "common-source", {"organism": "Legionella pneumophila"}),
        ("legionellosis", "environment", {"organism": "Legionella pneumophila"}),
        ("salmonellosis", "common-source", {}),
        ("shigellosis", "food", {"organism": "Shigella sonnei"}),
        ("pertussis", "human", {"organism": "Bordetella pertussis"}),
    ],
)
def test_each_disease_with_a_criterion_for_links(
    disease: str, kind: LinkKind, confirming: dict[str, Any]
) -> None:
    register = make_register()
    send(register, found(**confirming), ill(disease))
    by_class = {one.classification: one for one in list_cases(disease)}
    assert set(by_class) == {"confirmed", "suspected"}, by_class
    confirmed, suspected = by_class["confirmed"].number, by_class["suspected"].number
    state(register, suspected, confirmed, kind=kind)
    assert classes() == {confirmed: "confirmed", suspected: "probable"}
    assert len(evidence(suspected)) == 1
    assert not replay(register, clock).cases_changed
    assert not reclassify(register).changed


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"case": 99}, "no-case"),
        ({"to": 99}, "no-case"),
        ({"to": "itself"}, "same-case"),
        ({"to": "measles"}, "other-disease"),
        ({"kind": "laboratory"}, "kind"),
        ({"day": date(2026, 11, 2)}, "future"),
        ({"day": date(2025, 11, 1)}, "day"),
    ],
)
def test_what_is_no_link_is_refused(said: dict[str, Any], code: str) -> None:
    register = make_register()
    measles = found(person=CLEO, report="R2", organism="", searches=[MEASLES])
    send(register, found(), ill(), measles)
    [suspected] = [c.number for c in list_cases() if c.classification == "suspected"]
    known = {"itself": suspected, "measles": list_cases("measles")[0].number}
    confirmed = list_cases("salmonellosis", "confirmed")[0].number
    given = {"case": suspected, "to": confirmed} | said
    given["to"] = known.get(given["to"], given["to"])
    with pytest.raises(CannotLink) as caught:
        state(register, given.pop("case"), given.pop("to"), **given)
    assert caught.value.code == code
    assert links_of(register, [suspected]) == []


def test_erasing_what_a_case_rests_on_takes_its_links_along() -> None:
    register = make_register()
    send(register, found())
    send(register, ill())
    confirmed, suspected = of_class("confirmed"), of_class("suspected")
    state(register, suspected, confirmed)
    with alone():
        erase([1], "settled-messages", NOW)
        replay(register, clock)
    assert classes() == {suspected: "suspected"}
    [kept] = links_of(register, [suspected])
    assert not kept.counts
    with alone():
        erase([2], "settled-messages", NOW)
        replay(register, clock)
    assert links_of(register, [suspected]) == []


def test_what_is_kept_of_a_case_that_ceased_is_forgotten_and_of_one_that_stands_is_not() -> None:
    register = make_register()
    send(register, found(), ill())
    confirmed, suspected = of_class("confirmed"), of_class("suspected")
    state(register, suspected, confirmed)
    forget_links([confirmed, suspected])
    assert classes()[suspected] == "probable"
    send(register, found(service="C", made=2, message="M2"))
    forget_links([confirmed])
    send(register, found(made=3, message="M3"))
    [kept] = links_of(register, [suspected])
    assert not kept.counts, "nobody knows any more whose case it was"
    send(register, notified(FORM["salmonellosis"], person=BO, onset="2025-12-08", type="C", made=9))
    forget_links([suspected])
    assert links_of(register, [suspected]) == []


def test_nobody_is_infected_by_whoever_fell_ill_later_or_before_the_incubation() -> None:
    register = make_register()
    send(
        register,
        found(organism="", searches=[MEASLES]),
        ill("measles", ADA, "N2", "2025-12-09"),
        ill("measles"),
    )
    source, case = of_class("confirmed"), of_class("suspected")
    with pytest.raises(CannotLink) as refused:
        state(register, case, source)
    assert refused.value.code == "later"
    send(register, notified("Meslinger", "N2", person=ADA, onset="2025-12-01", type="M", made=8))
    with pytest.raises(CannotLink) as refused:
        state_link(register, Link(case, "human", date(2025, 11, 16), source), **SAID)
    assert (refused.value.code, refused.value.days) == (
        "day",
        (date(2025, 11, 27), date(2025, 12, 8)),
    )
    state_link(register, Link(case, "human", date(2025, 11, 28), source), **SAID)
    assert classes()[case] == "probable"
    # It turns out that the source fell ill later: the link is kept, and is no evidence any more.
    send(register, notified("Meslinger", "N2", person=ADA, onset="2025-12-09", type="M", made=9))
    assert classes()[case] == "suspected"
    assert len(links_of(register, [case])) == 1
    replay(register, clock)
    assert classes()[case] == "suspected"
