"""The single decision: what numbers decide, what is weighed, and that it is fair to both sides."""

from __future__ import annotations

from datetime import date
from math import log2
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.people import BORN, dnr, fnr, kari, local
from varde.linkage import (
    LEVELS,
    MISSING,
    Changes,
    Description,
    LinkageFileError,
    NumberChange,
    decide,
    fields,
    read_weights,
    shipped_weights,
)
from varde.messages import PersonId

RANKS = {"different": 0, "ask": 1, "same": 2}
OTHER_LIFE = {"family": "Solheim", "given": "Geir", "born": date(1950, 11, 2), "sex": "M"}


def level(one: Description, other: Description, field: str) -> str:
    return next(each.level for each in decide(one, other).fields if each.field == field)


def test_the_same_valid_number_is_the_same_person() -> None:
    moved = kari(numbers=(fnr(),), municipality="5001", postal_code="7010", phone="19988776")
    found = decide(kari(numbers=(fnr(),)), msgspec.structs.replace(moved, family="Berg"))
    assert (found.outcome, found.reason) == ("same", "same-number")


@pytest.mark.parametrize("number", [fnr(), dnr(), PersonId(kind="DUF", value="202412345678")])
def test_every_number_that_decides_does_so_alone(number: PersonId) -> None:
    assert decide(Description(numbers=(number,)), Description(numbers=(number,))).outcome == "same"


def test_a_name_that_changed_contradicts_no_number() -> None:
    one, other = kari(numbers=(fnr(),)), kari(numbers=(fnr(),), family="Solheim")
    assert decide(one, other).outcome == "same"


def test_a_number_that_all_else_contradicts_is_asked_about() -> None:
    found = decide(kari(numbers=(fnr(),)), kari(numbers=(fnr(),), **OTHER_LIFE))
    assert (found.outcome, found.reason) == ("ask", "contradicted-number")


@pytest.mark.parametrize(
    "changed",
    [
        {"given": "Mona", "born": date(1986, 3, 17)},  # a year beside it, as sisters are born
        {"given": "Mona", "sex": "M"},
        {"given": "Mari", "born": date(1986, 5, 2)},
        {"given": "Mari", "sex": "M"},
    ],
)
def test_a_number_on_the_form_of_a_sister_is_asked_about(changed: dict[str, Any]) -> None:
    found = decide(kari(numbers=(fnr(),)), kari(numbers=(fnr(),), **changed))
    assert (found.outcome, found.reason) == ("ask", "contradicted-number")


@pytest.mark.parametrize(
    "changed",
    [
        {"given": "Mona"},
        {"given": "Mari", "born": date(1984, 3, 18)},
        {"family": "Berg", "born": date(1986, 3, 17)},
        {"given": "Karri", "born": date(1986, 5, 2)},
    ],
)
def test_a_slip_alone_contradicts_no_number(changed: dict[str, Any]) -> None:
    assert decide(kari(numbers=(fnr(),)), kari(numbers=(fnr(),), **changed)).outcome == "same"


def test_an_initial_for_a_fathers_name_is_asked_about() -> None:
    """K. Sivakumar and Sivakumar Kandiah: neither joined nor told to be two."""
    bare = {"phone": "", "postal_code": "", "municipality": ""}
    one = kari(family="Sivakumar", given="K.", **bare)
    for family, given_name in (("Kandiah", "Sivakumar"), ("Kandiah Pillai", "Sivakumar")):
        other = kari(family=family, given=given_name, **bare)
        assert decide(one, other).outcome == decide(other, one).outcome == "ask"
        for apart in ({"born": date(1984, 3, 18)}, {"sex": "M"}):
            assert decide(one, msgspec.structs.replace(other, **apart)).outcome == "different"
    assert decide(one, kari(family="Rajan", given="Sivakumar", **bare)).outcome == "different"


@pytest.mark.parametrize("left_out", ["born", "sex", "given"])
def test_two_of_three_contradictions_are_enough_to_ask(left_out: str) -> None:
    changed = {key: value for key, value in OTHER_LIFE.items() if key != left_out}
    assert decide(kari(numbers=(fnr(),)), kari(numbers=(fnr(),), **changed)).outcome == "ask"


def test_two_valid_numbers_of_one_kind_are_two_persons_however_alike() -> None:
    found = decide(kari(numbers=(fnr(0),)), kari(numbers=(fnr(1),)))
    assert (found.outcome, found.reason) == ("different", "two-numbers")


def test_the_same_d_number_under_two_national_numbers_is_asked_about() -> None:
    found = decide(kari(numbers=(dnr(), fnr(0))), kari(numbers=(dnr(), fnr(1))))
    assert (found.outcome, found.reason) == ("ask", "contradicted-number")


def test_a_known_change_of_number_joins_and_tells_twins_apart() -> None:
    change = NumberChange(old=dnr(), new=fnr(0), source="Folkeregisteret", day=date(2026, 1, 1))
    changes = Changes([change])
    bare = Description(numbers=(dnr(),))
    assert decide(bare, Description(numbers=(fnr(0),)), changes=changes).outcome == "same"
    assert decide(bare, Description(numbers=(fnr(1),)), changes=changes).outcome == "different"
    assert decide(bare, Description(numbers=(fnr(0),))).outcome != "same"


def test_a_changed_number_that_nobody_knows_of_is_weighed() -> None:
    found = decide(kari(numbers=(dnr(),)), kari(numbers=(fnr(),)))
    assert (found.outcome, found.reason) == ("same", "weight")


def test_a_wrong_number_is_no_number() -> None:
    wrong = PersonId(kind="FNR", value=fnr().value[:-1] + str((int(fnr().value[-1]) + 1) % 10))
    assert level(kari(numbers=(wrong,)), kari(numbers=(fnr(),)), "number") == "near"
    assert decide(kari(numbers=(wrong,)), kari(numbers=(fnr(),))).outcome == "same"
    assert level(kari(numbers=(wrong,)), kari(numbers=(wrong,)), "number") == "same"


def test_a_number_of_2032_is_none_in_2026() -> None:
    value = next(
        number
        for number in (_number_of_2032(serial) for serial in range(0, 80, 2))
        if number is not None
    )
    new = (PersonId(kind="FNR", value=value),)
    early = kari(numbers=new, stated=date(2026, 11, 1))
    assert level(early, early, "number") == "same"
    late = kari(numbers=new, stated=date(2032, 11, 1))
    assert level(late, late, "number") == "certain"


def _number_of_2032(serial: int) -> str | None:
    from messages.numbers import make_number

    return make_number(BORN, serial, remainder=2)


def test_local_numbers_hold_for_their_issuer_alone() -> None:
    assert level(kari(numbers=(local("17"),)), kari(numbers=(local("17"),)), "number") == "same"
    foreign = kari(numbers=(local("17", "HER:9900102"),))
    assert level(kari(numbers=(local("17"),)), foreign, "number") == MISSING
    assert (
        level(kari(numbers=(local("17"),)), kari(numbers=(local("18"),)), "number") == "different"
    )


def test_twins_without_numbers_are_never_joined() -> None:
    """One family name, birth date, address and telephone: only the given name tells."""
    twin = kari(given="Mona", born_multiple=True)
    assert decide(kari(), twin).outcome != "same"
    assert decide(kari(given="Gutt", sex="M"), kari(given="Gutt", sex="M")).outcome == "ask"
    first, second = kari(given="Tvilling A"), kari(given="Tvilling B")
    assert (decide(first, second).outcome, decide(first, second).reason) == ("different", "twins")
    ordered = kari(given="", birth_order=1), kari(given="", birth_order=2)
    assert decide(*ordered).outcome == "different"


def test_a_newborn_without_name_is_asked_about() -> None:
    found = decide(kari(given="Nyfødt", sex=""), kari(numbers=(fnr(),)))
    assert found.outcome == "ask"


@pytest.mark.parametrize(
    ("field", "expected", "changed"),
    [
        ("family", "exact", {"family": "NORDVIK"}),
        ("family", "part", {"family": "Nordvik Berg"}),
        ("family", "near", {"family": "Nordvig"}),
        ("family", "alike", {"family": "Nordviken"}),
        ("family", "different", {"family": "Berg"}),
        ("family", MISSING, {"family": ""}),
        ("family", "swapped", {"family": "Kari", "given": "Nordvik"}),
        ("given", "swapped", {"family": "Kari", "given": "Nordvik"}),
        ("given", "part", {"given": "Kari Anne"}),
        ("given", "part", {"given": "Anne-Kari"}),
        ("given", "near", {"given": "Karin"}),
        ("given", "initial", {"given": "K."}),
        ("given", "different", {"given": "A."}),
        ("given", "different", {"given": "Mona"}),
        ("given", MISSING, {"given": "Jente"}),
        ("born", "swapped", {"born": date(1984, 12, 3)}),
        ("born", "near", {"born": date(1984, 3, 18)}),
        ("born", "near", {"born": date(1948, 3, 17)}),
        ("born", "different", {"born": date(1985, 4, 17)}),
        ("born", "year", {"born": None, "birth_year": 1985}),
        ("born", "different", {"born": None, "birth_year": 1986}),
        ("born", MISSING, {"born": None}),
        ("sex", "different", {"sex": "M"}),
        ("sex", MISSING, {"sex": ""}),
        ("place", "postal", {"municipality": ""}),
        ("place", "municipality", {"postal_code": "0451"}),
        ("place", "county", {"municipality": "0399", "postal_code": ""}),
        ("place", "different", {"municipality": "5001", "postal_code": "7010"}),
        ("place", MISSING, {"municipality": "", "postal_code": ""}),
        ("phone", "exact", {"phone": "+47 112 23 344"}),
        ("phone", "near", {"phone": "11223345"}),
        ("phone", "different", {"phone": "19988776"}),
        ("phone", MISSING, {"phone": "n/a"}),
    ],
)
def test_each_level_is_told_from_the_others(
    field: str, expected: str, changed: dict[str, Any]
) -> None:
    base = kari(born=date(1984, 3, 12)) if expected == "swapped" and field == "born" else kari()
    assert level(base, kari(**changed), field) == expected


def test_a_municipality_that_was_renumbered_is_the_same() -> None:
    drammen = kari(municipality="3005", postal_code=""), kari(municipality="3301", postal_code="")
    assert level(*drammen, "place") == "municipality"


def test_birth_date_and_sex_come_from_the_number_where_nothing_is_said() -> None:
    assert level(kari(numbers=(fnr(),), born=None), kari(), "born") == "exact"
    assert level(kari(numbers=(fnr(),), sex=""), kari(sex="M"), "sex") == "different"


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    def weight(name: str) -> float:
        return decide(kari(family=name), kari(family=name)).fields[1].weight

    assert weight("Kverndalsmoen") > weight("Hansen") + 4


def test_the_weight_is_the_prior_and_the_fields_and_the_words_hold_no_person() -> None:
    found = decide(kari(numbers=(fnr(),)), kari(given="Karin"))
    total = shipped_weights().prior + sum(each.weight for each in found.fields)
    assert found.weight == pytest.approx(total)
    assert [each.field for each in found.fields] == list(fields()) == list(LEVELS)
    told = f"{found!r}{kari()!r}{fnr()!r}"
    assert not any(word in told for word in ("Kari", "Nordvik", fnr().value, "1984"))


def duf(last: str) -> PersonId:
    """A number that tells no birth date."""
    return PersonId(kind="DUF", value=f"20241234567{last}")


# From the most to the least alike, for each field, against `kari()`; the fields do not touch each other.
STEPS: dict[str, list[dict[str, Any]]] = {
    "number": [
        {"numbers": (duf("1"), local("1"))},
        {"numbers": (local("1"),)},
        {"numbers": (local("2"),)},
        {"numbers": (duf("2"), local("2"))},
    ],
    "family": [
        {"family": name} for name in ("Nordvik", "Nordvik Moe", "Nordvig", "Nordviken", "Berg")
    ],
    "given": [{"given": name} for name in ("Kari", "Kari Mia", "Karin", "K", "Mona")],
    "born": [
        {"born": BORN},
        {"born": date(1984, 3, 18)},
        {"born": None, "birth_year": 1984},
        {"born": date(1951, 7, 20)},
    ],
    "sex": [{"sex": "F"}, {"sex": "M"}],
    "place": [
        {},
        {"postal_code": "0999"},
        {"postal_code": "0999", "municipality": "0399"},
        {"postal_code": "9990", "municipality": "5501"},
    ],
    "phone": [{"phone": "11223344"}, {"phone": "11223345"}, {"phone": "19876543"}],
}


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_what_is_more_alike_is_never_less_the_same(data: st.DataObject) -> None:
    at = {name: data.draw(st.integers(0, len(steps) - 1), name) for name, steps in STEPS.items()}
    field = data.draw(st.sampled_from([name for name in STEPS if at[name] > 0] or ["sex"]))
    closer = {**at, field: max(at[field] - 1, 0)}

    def describe(places: dict[str, int]) -> Description:
        changed: dict[str, Any] = {}
        for name, place in places.items():
            changed |= STEPS[name][place]
        return kari(**changed)

    base = kari(numbers=(duf("1"), local("1")))
    less, more = decide(base, describe(at)), decide(base, describe(closer))
    assert more.weight >= less.weight - 2e-4
    assert RANKS[more.outcome] >= RANKS[less.outcome]


descriptions = st.builds(
    kari,
    numbers=st.lists(
        st.sampled_from([fnr(0), fnr(1), dnr(0), local("1"), PersonId(kind="FNR", value="1" * 11)]),
        max_size=2,
        unique=True,
    ).map(tuple),
    family=st.sampled_from(["Nordvik", "Nordvig", "Kari", "Berg Nordvik", "", "Hansen"]),
    given=st.sampled_from(
        ["Kari", "Nordvik", "K.", "Karin", "Jente", "Tvilling B", "Anne Kari", ""]
    ),
    born=st.sampled_from([None, BORN, date(1984, 3, 18), date(1984, 12, 3), date(1984, 3, 12)]),
    birth_year=st.sampled_from([None, 1984, 1990]),
    sex=st.sampled_from(["F", "M", ""]),
    municipality=st.sampled_from(["0301", "5001", "", "bad"]),
    postal_code=st.sampled_from(["0450", "7010", ""]),
    phone=st.sampled_from(["11223344", "+4711223344", "1122334", ""]),
    birth_order=st.sampled_from([None, 1, 2]),
)


@settings(deadline=None, max_examples=300)
@given(descriptions, descriptions)
def test_the_order_of_the_two_never_counts(one: Description, other: Description) -> None:
    assert decide(one, other) == decide(other, one)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20), st.text(max_size=12))
def test_anything_that_is_sent_can_be_compared(a: str, b: str, phone: str, number: str) -> None:
    wild = Description(
        family=a, given=b, phone=phone, postal_code=phone, municipality=number,
        numbers=tuple(PersonId(kind=kind, value=number) for kind in ("FNR", "FHN", "DUF", "X")),
    )  # fmt: skip
    assert decide(wild, kari()).outcome in RANKS
    assert decide(wild, wild).outcome in RANKS


def _broken(**changed: Any) -> bytes:
    raw = msgspec.to_builtins(shipped_weights())
    return msgspec.json.encode({**raw, **changed})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        _broken(unknown=1),
        _broken(different_to=12.0),
        _broken(contradictions=4),
        _broken(fields={}),
        _broken(terms={}),
        _broken(
            fields={
                **msgspec.to_builtins(shipped_weights().fields),
                "sex": {"exact": {"m": 0.1, "u": 0.5}, "different": {"m": 0.9, "u": 0.5}},
            }
        ),
    ],
)
def test_weights_that_break_a_rule_are_refused(data: bytes) -> None:
    with pytest.raises(LinkageFileError):
        read_weights(data, "weights.json")


def test_the_shipped_weights_say_what_they_are() -> None:
    weights = shipped_weights()
    assert weights.version.startswith(weights.day.isoformat())
    assert "invented" in weights.trained_on
    assert weights.prior == pytest.approx(-log2(weights.one_in - 1))


TWINS = {"born": date(2025, 11, 20), "phone": "22334455", "postal_code": "0182"}


def test_twins_of_names_that_rhyme_are_asked_about_and_spellings_are_not() -> None:
    one, other = kari(given="Anna", **TWINS), kari(given="Hanna", **TWINS)
    assert level(one, other, "given") == "near"
    assert (decide(one, other).outcome, decide(one, other).reason) == ("ask", "too-little")
    # A slip that makes no other name is one, and so are spellings of one name.
    for slip in ("Annq", "Anna"):
        assert decide(one, kari(given=slip, **TWINS)).outcome == "same"
    for spelling in ("Mohammed", "Mohamad"):
        two = [kari(given=name, sex="M", **TWINS) for name in ("Mohamed", spelling)]
        assert decide(*two).outcome == "same"


def test_parent_and_child_of_one_name_are_not_a_slip_in_the_decade() -> None:
    father = kari(given="Ola", sex="M", born=date(1950, 5, 17), phone="22334455")
    son = msgspec.structs.replace(father, born=date(1980, 5, 17))
    assert level(father, son, "born") == "near"
    assert decide(father, son).outcome == "ask"
    slip = msgspec.structs.replace(father, born=date(1951, 5, 17))
    assert decide(father, slip).outcome == "same"


def test_names_that_changed_places_are_seen_with_a_particle_among_them() -> None:
    one, other = kari(family="Nguyen", given="Van Minh"), kari(family="Van Minh", given="Nguyen")
    assert level(one, other, "family") == level(one, other, "given") == "swapped"
    assert decide(one, other).outcome == "ask" or decide(one, other).weight >= 10
    assert level(kari(family="Minh", given="Van Minh"), kari(family="Minh"), "family") == "exact"


DIED = date(2025, 10, 1)


@pytest.mark.parametrize(
    ("seen", "outcome", "reason"),
    [
        (date(2025, 9, 30), "same", "weight"),
        (date(2025, 10, 31), "same", "weight"),
        (date(2025, 11, 1), "ask", "seen-after-death"),
    ],
)
def test_who_is_seen_long_after_a_death_is_asked_about(
    seen: date, outcome: str, reason: str
) -> None:
    dead, other = kari(died=DIED), kari(seen=seen)
    for pair in ((dead, other), (other, dead)):
        found = decide(*pair)
        assert (found.outcome, found.reason) == (outcome, reason)
    # A number decides all the same: what is wrong then is for a person to find.
    numbered = [msgspec.structs.replace(one, numbers=(fnr(),)) for one in (dead, other)]
    assert decide(*numbered).reason == "same-number"
    # Who died themselves is not told from the dead by what was taken then.
    assert decide(dead, kari(died=DIED, seen=seen)).outcome == "same"


@pytest.mark.parametrize(("day", "outcome"), [(date(2025, 10, 8), "same"), (date(2025, 10, 9), "ask")])  # fmt: skip
def test_two_days_of_death_far_apart_are_asked_about(day: date, outcome: str) -> None:
    assert decide(kari(died=DIED), kari(died=day)).outcome == outcome


def test_a_description_of_the_living_is_written_as_before() -> None:
    """What says nothing of a death has the hash that it had before deaths counted."""
    encode = msgspec.msgpack.Encoder().encode
    whole = msgspec.msgpack.decode(encode(kari()))
    assert {"died", "dead", "seen"}.isdisjoint(whole)
    assert msgspec.msgpack.decode(encode(kari(died=DIED)))["died"] == "2025-10-01"
