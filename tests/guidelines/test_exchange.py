"""Objects in and out in the shape of the national service."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidelines.invented_documents import (
    Json,
    chapter,
    code,
    dose,
    guideline,
    objects,
    recommendation,
)
from varde.guidelines import (
    ContentError,
    VersionChanged,
    export_objects,
    export_versions,
    import_documents,
    read_library,
    write_amount,
)
from varde.guidelines.exchange import read_documents

# What a real service sends: nulls, empty texts, two formats of dates, numbers, a decimal comma,
# an older name of a field, and a field of its own.
SERVICE: Json = {
    "id": "0006-0003-662959ab-1f9b",
    "gruppeId": None,
    "tittel": "Akutt mediaotitt",
    "intro": "",
    "forstPublisert": "2017-08-07T00:00",
    "sistOppdatert": "03/12/2019 10:53:46",
    "sistFagligOppdatert": "2018-01-02T00:00",
    "koder": {"SNOMED-CT": [], "ICD-10": ["H66"], "ICPC-2": ["H71"]},
    "status": "Gjeldende",
    "language": "no",
    "tekniskeData": {
        "infoId": "662959ab",
        "infoType": "anbefaling",
        "HapiId": "x",
        "subType": None,
    },
    "lenker": [
        {
            "rel": "forelder",
            "type": "kapittel",
            "tittel": "Øvre luftveier",
            "href": "https://api.helsedirektoratet.no/innhold/kapitler/0006-0041-1f9b",
            "strukturId": None,
        }
    ],
    "data": {
        "styrke": "sterk",
        "behandlinger": [
            {
                "overskrift": "Behandling",
                "behandling": {
                    "tekst": "<p>Vent.</p>",
                    "data": {
                        "varighetBehandlingAntallDogn": 5,
                        "standardbehandlingsregimer": [
                            {
                                "doseringregimer": [
                                    {
                                        "data": {
                                            "legemiddeldoseringsregime": {
                                                "koder": [
                                                    code("778490002", "Benzylpenicillin parenteral")
                                                ]
                                            },
                                            "dosering": {
                                                "dose": {"lav": "7,5", "hoy": "10"},
                                                "styrkeEnhetDosering": code("1", "mg/kg"),
                                                "eventuellLadningsdose": None,
                                            },
                                        }
                                    }
                                ]
                            }
                        ],
                        "alternativebehandlingsregimer": None,
                    },
                },
            }
        ],
    },
}


def as_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def take_in(folder: Path, *documents: Any, **options: Any) -> Any:
    named = [(f"{number}.json", as_bytes(document)) for number, document in enumerate(documents)]
    return import_documents(named, folder, **options)


def test_a_service_s_object_is_taken_in_and_what_was_changed_is_said(tmp_path: Path) -> None:
    result = take_in(tmp_path / "own", SERVICE)
    assert result.added == ((SERVICE["id"], date(2018, 1, 2)),)
    notes = [note for _, note in result.notes]
    assert any("lenker: older name of links" in note for note in notes)
    assert any("the number 5 written as text" in note for note in notes)
    assert any("'7,5' written as 7.5" in note for note in notes)
    assert any("its parent 0006-0041-1f9b is not here" in note for note in notes)
    [entry] = read_library(tmp_path / "own").entries()
    data: Any = entry.innhold.data
    inner = data.behandlinger[0].behandling.data
    assert str(inner.varighetBehandlingAntallDogn.low) == "5"
    amount = inner.standardbehandlingsregimer[0].doseringregimer[0].data.dosering.dose
    assert (str(amount.low), str(amount.high)) == ("7.5", "10")
    assert entry.innhold.sistOppdatert.text == "03/12/2019 10:53:46"  # type: ignore[union-attr]
    assert entry.slug == "akutt-mediaotitt"
    assert entry.sources[0].sikkerhet == "kilde"


def test_taking_in_the_same_again_changes_nothing(tmp_path: Path) -> None:
    take_in(tmp_path / "own", SERVICE)
    again = take_in(tmp_path / "own", SERVICE)
    assert again.added == () and again.unchanged == (SERVICE["id"],)


def test_a_changed_object_of_a_new_day_is_a_new_version(tmp_path: Path) -> None:
    take_in(tmp_path / "own", SERVICE)
    changed = SERVICE | {"tittel": "Mediaotitt", "sistFagligOppdatert": "2024-06-27T00:00"}
    take_in(tmp_path / "own", changed)
    versions = read_library(tmp_path / "own").versions(SERVICE["id"])
    assert [entry.first_day for entry in versions] == [date(2018, 1, 2), date(2024, 6, 27)]
    assert {entry.slug for entry in versions} == {"akutt-mediaotitt"}


def test_a_changed_object_of_the_same_day_is_refused(tmp_path: Path) -> None:
    take_in(tmp_path / "own", SERVICE)
    with pytest.raises(VersionChanged, match="give this one another day with --valid-from"):
        take_in(tmp_path / "own", SERVICE | {"tittel": "Annet"})
    take_in(tmp_path / "own", SERVICE | {"tittel": "Annet"}, valid_from=date(2025, 1, 1))
    days = [entry.first_day for entry in read_library(tmp_path / "own").versions(SERVICE["id"])]
    assert days == [date(2018, 1, 2), date(2025, 1, 1)]


def test_without_any_day_the_reader_is_asked(tmp_path: Path) -> None:
    without = {
        k: v for k, v in SERVICE.items() if k not in ("forstPublisert", "sistFagligOppdatert")
    }
    with pytest.raises(ContentError, match="say the day with --valid-from"):
        take_in(tmp_path / "own", without)
    assert take_in(tmp_path / "own", without, valid_from=date(2020, 1, 1)).added


def test_unknown_fields_are_refused_unless_left_out_by_wish(tmp_path: Path) -> None:
    strange = SERVICE | {"nyttFelt": {"a": 1}}
    strange["links"] = [{"rel": "barn", "x": "y"}]
    strange.pop("lenker")
    with pytest.raises(ContentError, match="--leave-unknown leaves such fields out"):
        take_in(tmp_path / "own", strange)
    assert not (tmp_path / "own").exists()
    notes = [note for _, note in take_in(tmp_path / "own", strange, leave_unknown=True).notes]
    assert any("nyttFelt: unknown field, left out" in note for note in notes)
    assert any("links[0].x: unknown field, left out" in note for note in notes)


def test_all_or_nothing(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"1\.json: \$: "):
        take_in(tmp_path / "own", guideline(), {"id": "x"}, valid_from=date(2020, 1, 1))
    assert not (tmp_path / "own").exists()


def changed(**more: Any) -> Json:
    """The service's object with other parts of its one dose."""
    found: Json = json.loads(json.dumps(SERVICE))
    treated = found["data"]["behandlinger"][0]["behandling"]["data"]
    treated["standardbehandlingsregimer"][0]["doseringregimer"][0]["data"] |= more
    return found


def the_dose(folder: Path) -> Any:
    [entry] = read_library(folder).entries()
    data: Any = entry.innhold.data
    inner = data.behandlinger[0].behandling.data
    return inner.standardbehandlingsregimer[0].doseringregimer[0].data


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ({"dose": " 500 "}, "500"),
        ({"dose": "500-1000"}, {"lav": "500", "hoy": "1000"}),
        ({"dose": "0,5–1,5"}, {"lav": "0.5", "hoy": "1.5"}),
        ({"dose": {"lav": "500", "hoy": "500"}}, "500"),
        ({"dose": {"lav": 2.50, "hoy": 3}}, {"lav": "2.5", "hoy": "3"}),
    ],
)
def test_amounts_that_have_one_meaning(sent: Json, written: Any, tmp_path: Path) -> None:
    # A unit by its term alone, as the service gives it.
    dosing = sent | {"styrkeEnhetDosering": {"display": "mg"}}
    result = take_in(tmp_path / "own", changed(dosering=dosing))
    assert write_amount(the_dose(tmp_path / "own").dosering.dose) == written
    assert any(".dosering.dose" in note for _, note in result.notes)


def test_objects_that_say_nothing_are_left_out(tmp_path: Path) -> None:
    dosing = {
        "dose": "1",
        "styrkeEnhetDosering": {"display": "mg"},
        "eventuellLadningsdose": None,
        "styrkeEnhetEventuellLadningsdose": {"display": None, "code": ""},
    }
    take_in(tmp_path / "own", changed(dosering=dosing, administrasjonsvei={"koder": []}))
    data = the_dose(tmp_path / "own")
    assert not data.dosering.styrkeEnhetEventuellLadningsdose and not data.administrasjonsvei


@pytest.mark.parametrize(
    "amount", ["1e999999999", "1e400", "9" * 6000, "-1", "1e-7", "NaN", "Infinity"]
)
def test_numbers_that_no_dose_can_be_are_refused_at_once(amount: str, tmp_path: Path) -> None:
    document = json.dumps(changed(frekvensdoseringsregimePerDogn=987654)).replace("987654", amount)
    with pytest.raises(ContentError) as caught:
        import_documents([("f.json", document.encode())], tmp_path / "own")
    assert len(str(caught.value)) < 8000


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    document = json.dumps(SERVICE).replace("Vent.", "\\ud800")
    with pytest.raises(ContentError):
        import_documents([("f.json", document.encode())], tmp_path / "own")


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    import_documents([("f.json", b"\xef\xbb\xbf" + as_bytes(SERVICE))], tmp_path / "own")


def test_a_given_day_is_for_what_says_none(tmp_path: Path) -> None:
    take_in(tmp_path / "own", SERVICE, valid_from=date(2026, 2, 2))
    [entry] = read_library(tmp_path / "own").entries()
    assert entry.first_day == date(2018, 1, 2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not JSON"),
        (b'"text"', "expected an object"),
        (b"[1]", r"\$\[0\]: expected an object"),
        (b"\xff", "UTF-8"),
        (b'{"id": "a", "id": "b"}', "stands twice"),
    ],
)
def test_what_is_no_object(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=says):
        import_documents([("f.json", content)], tmp_path / "own")


def test_parents_may_lie_in_another_folder(tmp_path: Path) -> None:
    take_in(tmp_path / "shipped", guideline(), chapter(), valid_from=date(2020, 1, 1))
    result = take_in(
        tmp_path / "own",
        recommendation(),
        valid_from=date(2020, 1, 1),
        beside=[tmp_path / "shipped"],
    )
    assert result.notes == ()


def test_two_objects_of_one_title_get_folders_of_their_own(tmp_path: Path) -> None:
    one, other = recommendation("aaaa-1111"), recommendation("bbbb-2222")
    take_in(tmp_path / "own", [one, other], valid_from=date(2020, 1, 1))
    slugs = {entry.slug for entry in read_library(tmp_path / "own").entries()}
    assert slugs == {"pneumoni", f"pneumoni-{other['id']}"}


@settings(max_examples=25, deadline=None)
@given(st.lists(objects(), min_size=1, max_size=3, unique_by=lambda document: document["id"]))
def test_what_is_exported_is_what_was_taken_in(documents: list[Json]) -> None:
    cleaned = documents  # nothing in them is to be normalised
    with tempfile.TemporaryDirectory() as folder:
        own, copy = Path(folder) / "own", Path(folder) / "copy"
        try:
            take_in(own, cleaned, valid_from=date(2020, 1, 1))
        except ContentError as error:
            assert "cannot hang below" in str(error) or "hangs below itself" in str(error)
            return
        library = read_library(own)
        versions = [json.loads(content) for _, content in export_versions(library)]
        assert sorted((v["innhold"] for v in versions), key=lambda d: d["id"]) == sorted(
            cleaned, key=lambda d: d["id"]
        )
        import_documents([*export_versions(library)][::-1], copy)
        assert list(export_versions(read_library(copy))) == list(export_versions(library))
        on_day = json.loads(export_objects(library, date(9999, 12, 31)))
        assert {d["id"] for d in on_day} == {d["id"] for d in cleaned if d["status"] == "Gjeldende"}


def test_envelopes_keep_their_day_and_sources() -> None:
    envelope = {
        "gyldigFra": "2022-09-07",
        "kilder": [{"kilde": "x", "sikkerhet": "kilde"}],
        "innhold": recommendation(regimens=[dose(code("1", "A"))]),
    }
    [(reading, day, sources)] = read_documents(as_bytes(envelope), "f")
    assert day == date(2022, 9, 7) and sources[0].kilde == "x" and reading.notes == []
