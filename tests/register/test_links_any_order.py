"""Links among several persons, whatever comes in whatever order: as a plain rule has it over everything at once."""

from __future__ import annotations

import os
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.reference import reference
from register.answers import NOW, answer, clock, make_register, register_state, send
from register.case_messages import ADA, BO, CLEO, STOOL, notified
from register.plain_cases import all_evidence
from varde.cases import Linked, diseases
from varde.register import (
    Link,
    list_cases,
    pseudonym_of,
    reclassify,
    replay,
    state_link,
    withdraw_links,
)
from varde.register.projection import Context

pytestmark = pytest.mark.django_db
EVERYBODY = (ADA, BO, CLEO)
DAY = date(2025, 12, 5)
DISEASE = diseases()["shigellosis"]
Said = tuple[int, int, bool]
"""Of whom, to whom or (from 10 on) to which event, and whether it is withdrawn."""


def form(person: int, onset: int = 8, made: int = 7) -> bytes:
    """Fallen ill on a day of December; what is said of it later may be another day."""
    return notified(
        "Shigellose",
        f"N{person}",
        person=EVERYBODY[person],
        onset=f"2025-12-{onset:02d}",
        type="N" if made == 7 else "M",
        made=made,
    )


def found(person: int, service: str, made: int, report: int) -> bytes:
    return answer(
        f"R{report}",
        f"M{report}{service}{made}{person}",
        service=service,
        made=made,
        organism="Shigella sonnei",
        person=EVERYBODY[person],
        **STOOL,  # type: ignore[arg-type]
    )


ANSWERS = st.lists(
    st.builds(
        found, st.integers(0, 2), st.sampled_from("NNC"), st.integers(1, 3), st.integers(1, 3)
    ),
    max_size=4,
)
CORRECTED = st.lists(
    st.builds(form, st.integers(0, 2), st.sampled_from([4, 7, 9, 14]), st.just(8)),
    max_size=2,
)
LINKS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([0, 1, 2, 10, 11]), st.booleans()).filter(
        lambda said: said[0] != said[1]
    ),
    max_size=5,
)


def expected(files: list[bytes], links: list[Said], context: Context) -> dict[object, str]:
    """The class of each person's case."""
    known, _ = all_evidence(files, context)
    names = [context.pseudonym("FNR", "", number) for number in EVERYBODY]

    def classes(whose: object, more: list[Linked]) -> list[dict[str, object]]:
        return reference(DISEASE, [*known[whose], *more], date.max)

    confirmed = {
        name: case
        for name in names
        for case in classes(name, [])
        if case["classification"] == "confirmed" and "epidemiological" not in case["rule"]  # type: ignore[operator]
    }
    standing = {(of, to) for of, to, withdrawn in links if not withdrawn}
    standing -= {(of, to) for of, to, withdrawn in links if withdrawn}
    found = {}
    for person, name in enumerate(names):
        linked = []
        for of, to in standing:
            others = (
                {each for each, event in standing if event == to and each != of}
                if to >= 10
                else {to}
            )
            if of == person and any(names[other] in confirmed for other in others):
                source = {} if to >= 10 else confirmed[names[to]]
                linked.append(
                    Linked(
                        key=f"{of}-{to}",
                        day=DAY,
                        disease=DISEASE.key,
                        kind="food" if to >= 10 else "human",
                        source_day=source.get("first_day"),  # type: ignore[arg-type]
                        source_onset=source.get("onset"),  # type: ignore[arg-type]
                    )
                )
        [case] = classes(name, linked)
        found[name] = str(case["classification"])
    return found


@settings(
    max_examples=int(os.environ.get("VARDE_FUZZ", 40)) // 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ANSWERS, ANSWERS, CORRECTED, LINKS)
def test_links_count_as_the_plain_rule_says(
    before: list[bytes], after: list[bytes], corrected: list[bytes], links: list[Said]
) -> None:
    register = make_register()
    with transaction.atomic():
        forms = [form(person) for person in range(3)]
        send(register, *forms, *before)
        numbers = {pseudonym_of(one.number): one.number for one in list_cases()}
        cases = [numbers[register.context.pseudonym("FNR", "", each)] for each in EVERYBODY]
        for of, to, withdrawn in links:
            said = (
                Link(cases[of], "food", DAY, to_event=to)
                if to >= 10
                else Link(cases[of], "human", DAY, cases[to])
            )
            number = state_link(register, said, by="kari", purpose="outbreak", at=NOW)
            if withdrawn:
                withdraw_links(register, [number], by="kari", at=NOW)
        for one in (*after, *corrected):
            send(register, one)
        # A link that was withdrawn may have been stated again.
        last = {(of, to): withdrawn for of, to, withdrawn in links}
        standing = [(of, to, withdrawn) for (of, to), withdrawn in last.items()]
        plain = expected([*forms, *before, *after, *corrected], standing, register.context)
        assert {pseudonym_of(one.number): one.classification for one in list_cases()} == plain
        state = register_state()
        assert not reclassify(register).changed
        result = replay(register, clock)
        assert not (result.cases_added or result.cases_changed or result.cases_removed)
        assert register_state() == state
        transaction.set_rollback(True)
