"""The guideline as it stood on a day: versions, places, codes; and a plain rule that agrees."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidelines.invented_documents import Json, chapter, guideline, recommendation
from guidelines.stored import library, on, stored, titles
from varde.guidelines import (
    ContentError,
    InvalidId,
    Library,
    NoSuchObject,
    Publication,
    UnknownCodeSystem,
)

BASE: tuple[tuple[str, Json], ...] = (("2021-11-16", guideline()), ("2021-11-16", chapter()))
SEVEN = recommendation(koder={"ICPC-2": ["R81"], "ICD-10": ["J18"]})
FIVE = SEVEN | {"tittel": "Pneumoni, fem døgn"}


def test_a_version_holds_until_the_next() -> None:
    known = library(*BASE, ("2024-06-27", FIVE), ("2022-09-07", SEVEN))
    old, new = known.versions(SEVEN["id"])
    assert (old.number, old.end) == (1, on("2024-06-27"))
    assert (new.number, new.end) == (2, None)
    assert known.edition(on("2024-06-26")).get(SEVEN["id"]).first_day == on("2022-09-07")
    assert known.edition(on("2024-06-27")).get(SEVEN["id"]).first_day == on("2024-06-27")
    with pytest.raises(NoSuchObject, match="its first version is from 2022-09-07"):
        known.edition(on("2022-09-06")).get(SEVEN["id"])


@given(
    st.lists(st.dates(date(2020, 1, 1), date(2020, 3, 1)), min_size=1, max_size=6, unique=True),
    st.dates(date(2019, 12, 25), date(2020, 3, 5)),
)
def test_editions_agree_with_the_plain_rule(days: list[date], asked: date) -> None:
    known = Library(stored(SEVEN, day.isoformat()) for day in days)
    plain = max((day for day in days if day <= asked), default=None)
    valid = {entry.innhold.id: entry for entry in known.edition(asked).current()}
    assert (valid[SEVEN["id"]].first_day if valid else None) == plain


def test_editions_are_made_once_for_each_period() -> None:
    known = library(*BASE, ("2022-09-07", SEVEN), ("2024-06-27", FIVE))
    assert known.edition(on("2023-01-01")) is known.edition(on("2023-12-31"))
    assert known.edition(on("2023-01-01")) is not known.edition(on("2024-12-31"))
    assert known.edition(date.min).current() == ()


def test_what_is_withdrawn_is_found_by_id_only() -> None:
    gone = SEVEN | {"status": "Utgått"}
    known = library(*BASE, ("2022-09-07", SEVEN), ("2024-06-27", gone))
    edition = known.edition(on("2025-01-01"))
    assert edition.get(SEVEN["id"]).innhold.status == "Utgått"
    assert SEVEN["id"] not in {entry.innhold.id for entry in edition.current()}
    assert edition.children("0099-0041-1") == ()
    assert edition.with_code("ICPC-2", "R81") == ()


def test_one_recommendation_in_two_guidelines() -> None:
    second = guideline() | {"id": "0099-0016-2", "tittel": "Antibiotika i sykehus"}
    shared = recommendation(
        links=[
            {"rel": "forelder", "href": "/innhold/0099-0041-1"},
            {"rel": "forelder", "href": "https://x.example/innhold/kapitler/0099-0041-2?a=b"},
        ]
    )
    known = library(
        *BASE,
        ("2021-11-16", second),
        ("2021-11-16", chapter("2", second["id"], "Lunger")),
        ("2022-01-01", shared),
    )
    edition = known.edition(on("2023-01-01"))
    assert titles(edition.parents(shared["id"])) == ["Luftveier", "Lunger"]
    assert titles(edition.roots(shared["id"])) == [
        "Antibiotika i primærhelsetjenesten",
        "Antibiotika i sykehus",
    ]
    assert titles(edition.children("0099-0041-2")) == ["Pneumoni"]
    links = Publication(edition).get(shared["id"]).links or ()
    assert [(link.rel, link.tittel) for link in links] == [
        ("root", "Antibiotika i primærhelsetjenesten"),
        ("root", "Antibiotika i sykehus"),
        ("forelder", "Luftveier"),
        ("forelder", "Lunger"),
    ]


def test_chapters_nest() -> None:
    inner = chapter("2", "0099-0041-1", "Nedre luftveier")
    deep = recommendation(links=[{"rel": "forelder", "href": f"/innhold/{inner['id']}"}])
    edition = library(*BASE, ("2021-11-16", inner), ("2022-01-01", deep)).edition(on("2023-01-01"))
    assert titles(edition.roots(deep["id"])) == ["Antibiotika i primærhelsetjenesten"]
    links = Publication(edition).get("0099-0041-1").links or ()
    assert [(link.rel, link.tittel) for link in links] == [
        ("root", "Antibiotika i primærhelsetjenesten"),
        ("forelder", "Antibiotika i primærhelsetjenesten"),
        ("barn", "Nedre luftveier"),
    ]


def test_links_keep_the_day_that_was_asked_for() -> None:
    edition = library(*BASE, ("2022-01-01", SEVEN)).edition(on("2023-01-01"))
    [root, *_] = Publication(edition, asked=on("2023-01-01")).get(SEVEN["id"]).links or ()
    assert root.href == "/innhold/0099-0016-1?gyldigDato=2023-01-01"


@pytest.mark.parametrize(
    ("system", "code", "found"),
    [
        ("ICPC-2", "R81", True),
        ("ICPC-2", "r81", True),
        ("ICPC-2", "R8", False),
        ("ICD-10", "J18", True),
        ("ICD-10", "J18.9", True),
        ("ICD-10", "J1", False),
        ("SNOMED-CT", "R81", False),
    ],
)
def test_objects_by_code(system: str, code: str, found: bool) -> None:
    edition = library(*BASE, ("2022-01-01", SEVEN)).edition(on("2023-01-01"))
    assert bool(edition.with_code(system, code)) is found


def test_what_the_content_puts_first_for_a_code_stands_first() -> None:
    special = recommendation("2", "Atypisk pneumoni", koder={"ICPC-2": ["R81"], "ICD-10": ["J15"]})
    general = SEVEN | {"data": SEVEN["data"] | {"varde": {"forstFor": ["R81"]}}}
    edition = library(*BASE, ("2022-01-01", special), ("2022-01-01", general)).edition(
        on("2023-01-01")
    )
    assert titles(edition.with_code("ICPC-2", "R81")) == ["Pneumoni", "Atypisk pneumoni"]


def test_questions_that_cannot_be_answered() -> None:
    known = library(*BASE)
    with pytest.raises(UnknownCodeSystem, match="give one of SNOMED-CT, ICD-10, ICPC-2"):
        known.edition(on("2023-01-01")).with_code("ICPC", "R81")
    with pytest.raises(InvalidId, match="is no id"):
        known.versions("../../etc/passwd")
    with pytest.raises(NoSuchObject, match="there is no object"):
        known.versions("0099-0003-ffff")
    with pytest.raises(NoSuchObject, match="its versions are from 2021-11-16"):
        known.version("0099-0016-1", on("2020-01-01"))


def test_two_versions_of_one_day_are_refused() -> None:
    with pytest.raises(ContentError, match="is of the same object and day"):
        Library([stored(SEVEN, "2022-01-01", "a"), stored(FIVE, "2022-01-01", "b")])


def test_an_object_keeps_its_type() -> None:
    other = chapter() | {"id": SEVEN["id"]}
    with pytest.raises(ContentError, match="was anbefaling in"):
        library(("2022-01-01", SEVEN), ("2023-01-01", other))


def test_two_objects_in_one_folder_are_refused() -> None:
    with pytest.raises(ContentError, match="the folder holds"):
        Library([stored(SEVEN, "2022-01-01", "a"), stored(recommendation("2"), "2022-01-02", "a")])


def test_what_cannot_hang_together_is_refused() -> None:
    with pytest.raises(ContentError, match="retningslinje cannot hang below kapittel"):
        library(
            *BASE,
            (
                "2022-01-01",
                guideline()
                | {
                    "id": "0099-0016-3",
                    "links": [{"rel": "forelder", "href": "/innhold/0099-0041-1"}],
                },
            ),
        )


def test_a_circle_of_chapters_is_refused() -> None:
    with pytest.raises(ContentError, match="hangs below itself"):
        library(
            ("2022-01-01", chapter("1", "0099-0041-2")), ("2022-01-01", chapter("2", "0099-0041-1"))
        )


def test_a_parent_that_is_not_there_leaves_the_child_findable() -> None:
    edition = library(("2022-01-01", SEVEN)).edition(on("2023-01-01"))
    assert edition.roots(SEVEN["id"]) == ()
    assert titles(edition.with_code("ICPC-2", "R81")) == ["Pneumoni"]
    assert Publication(edition).get(SEVEN["id"]).links == ()


def test_a_served_object_says_which_version_it_is() -> None:
    known = library(*BASE, ("2022-09-07", SEVEN), ("2024-06-27", FIVE))
    served = Publication(known.edition(on("2023-01-01"))).get(SEVEN["id"])
    assert served.varde
    assert (served.varde.gyldigFra, served.varde.gyldigTil) == (on("2022-09-07"), on("2024-06-27"))
    assert "Ingen SNOMED CT-utgave er lastet" in str(served.varde.terminologi)


@given(st.integers(0, 400))
def test_any_day_has_an_edition(offset: int) -> None:
    known = library(*BASE, ("2022-01-01", SEVEN))
    day = date(2021, 6, 1) + timedelta(days=offset)
    assert len(known.edition(day).current()) == (
        0 if day < on("2021-11-16") else 2 if day < on("2022-01-01") else 3
    )
