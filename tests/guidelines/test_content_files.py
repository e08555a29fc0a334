"""Content files: read and written without loss; a bad one names file, path and rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidelines.invented_documents import (
    SNOMED,
    Json,
    chapter,
    code,
    contraindication,
    dose,
    guideline,
    objects,
    recommendation,
)
from varde.guidelines import ContentError, VersionChanged, encode, read_amount
from varde.guidelines.files import (
    decode_object,
    publish,
    read_folder,
    read_version,
    write_version,
)
from varde.guidelines.model import AnbefalingData, DoseringsregimeData, Kode, Kodet

DRUG = code("778490002", "Benzylpenicillin parenteral")


def as_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


@settings(max_examples=150)
@given(objects())
def test_json_to_model_to_json_is_the_identity(document: Json) -> None:
    assert json.loads(encode(decode_object(as_bytes(document), "f"))) == document


@settings(max_examples=50)
@given(objects(), st.dates())
def test_a_content_file_is_written_as_it_was_read(document: Json, day: Any) -> None:
    envelope = {
        "gyldigFra": day.isoformat(),
        "kilder": [{"kilde": "x", "sikkerhet": "slutning", "gjelder": "dose"}],
        "innhold": document,
    }
    version = read_version(as_bytes(envelope), "f")
    assert json.loads(write_version(version)) == envelope
    assert read_version(write_version(version), "f") == version


def test_absent_and_empty_are_two_things() -> None:
    for document in (recommendation(), recommendation() | {"tema": []}):
        assert json.loads(encode(decode_object(as_bytes(document), "f"))) == document


def envelope(innhold: Json, day: str = "2021-11-16") -> Json:
    return {"gyldigFra": day, "innhold": innhold}


TREATED = "$.innhold.data.behandlinger[0].behandling"
FIRST = f"{TREATED}.data.standardbehandlingsregimer[0]"
DOSE = f"{FIRST}.doseringregimer[0].data"


def with_dose(**more: Any) -> Json:
    return envelope(recommendation(regimens=[dose(DRUG, **more)]))


@pytest.mark.parametrize(
    ("document", "path", "says"),
    [
        ([], "$", "Expected `object`"),
        ({"innhold": guideline()}, "$", "missing required field `gyldigFra`"),
        (envelope(guideline(), "16.11.2021"), "$.gyldigFra", "RFC3339|date"),
        (envelope(guideline() | {"id": "12"}), "$.innhold", "id '12' must match"),
        (envelope(guideline() | {"tittel": " "}), "$.innhold", "tittel is empty"),
        (
            envelope(guideline() | {"url": "javascript:alert(1)"}),
            "$.innhold",
            "must be an http",
        ),
        (envelope(guideline() | {"status": "Ny"}), "$.innhold.status", "Invalid enum value 'Ny'"),
        (
            envelope(guideline() | {"tekniskeData": {"infoType": "veileder"}}),
            "$.innhold.tekniskeData.infoType",
            "Invalid enum value 'veileder'",
        ),
        (envelope(guideline() | {"tittle": "x"}), "$.innhold", "unknown field `tittle`"),
        (envelope(guideline() | {"intro": None}), "$.innhold.intro", "Expected `str`"),
        (envelope(guideline() | {"tema": ["a", 1]}), "$.innhold.tema[1]", "Expected `str`"),
        (
            envelope(guideline() | {"sistOppdatert": "31/02/2019 10:00:00"}),
            "$.innhold.sistOppdatert",
            "no point in time",
        ),
        (
            envelope(guideline() | {"koder": {"ICD10": []}}),
            "$.innhold.koder",
            "unknown field `ICD10`",
        ),
        (envelope(guideline() | {"koder": {"ICPC-2": [""]}}), "$.innhold.koder", "'' is no code"),
        (
            envelope({k: v for k, v in recommendation().items() if k != "data"}),
            "$.innhold.data",
            "of type anbefaling has data",
        ),
        (with_dose(amount="0,5"), f"{DOSE}.dosering.dose", "'0,5' is no number"),
        (with_dose(amount=150), f"{DOSE}.dosering.dose", "as text"),
        (with_dose(amount={"lav": "2", "hoy": "1"}), f"{DOSE}.dosering.dose", "must be below"),
        (with_dose(dosering={"dose": "1"}), f"{DOSE}.dosering", "stand together"),
        (
            with_dose(legemiddeldoseringsregime={"koder": []}),
            f"{DOSE}.legemiddeldoseringsregime",
            "at least one code with term",
        ),
        (with_dose(frekvensdoseringsregimePerDogn="0"), DOSE, "must be more than 0"),
        (with_dose(varighetEventuellLadningsdoseAntallDogn="1"), DOSE, "without a loading dose"),
        (
            with_dose(legemiddeldoseringsregime={"koder": [code("1", " ")]}),
            f"{DOSE}.legemiddeldoseringsregime.koder[0]",
            "term and code stand together",
        ),
        (
            envelope(recommendation(regimens=[])),
            f"{FIRST}",
            "at least one doseringregime",
        ),
        (
            envelope(recommendation() | {"data": {"behandlinger": [{"behandling": {}}]}}),
            TREATED,
            "has tekst, regimens, or both",
        ),
        (
            envelope(contraindication("1", code("2", "Gravid"), [DRUG]))
            | {"kilder": [{"kilde": "x", "sikkerhet": "kanskje"}]},
            "$.kilder[0].sikkerhet",
            "Invalid enum value 'kanskje'",
        ),
    ],
)
def test_a_bad_file_names_file_path_and_rule(document: Any, path: str, says: str) -> None:
    with pytest.raises(ContentError, match=says) as caught:
        read_version(as_bytes(document), "anbefalinger/x/2021-11-16.json")
    assert caught.value.file == "anbefalinger/x/2021-11-16.json"
    assert caught.value.path == path
    assert str(caught.value).startswith(f"anbefalinger/x/2021-11-16.json: {path}: ")


@pytest.mark.parametrize(
    ("content", "path", "says"),
    [
        (b"\xff{}", "$", "must be UTF-8"),
        (b'{"a": 1,\n "a": 2}', "…a", "stands twice"),
        (b'{"a": ', "line 1, column 7", "not JSON"),
        (b"", "line 1, column 1", "not JSON"),
        (b"[" * 100_000, "$", "nested too deeply"),
    ],
)
def test_what_is_no_json_document(content: bytes, path: str, says: str) -> None:
    with pytest.raises(ContentError, match=says) as caught:
        read_version(content, "f")
    assert caught.value.path == path


@given(st.binary(max_size=60) | st.from_regex(rb'[{}\[\]":,a0]{0,40}', fullmatch=True))
def test_any_bytes_give_a_typed_error(content: bytes) -> None:
    with pytest.raises(ContentError):
        read_version(content, "f")


def test_objects_of_the_model_do_not_change() -> None:
    version = read_version(as_bytes(with_dose()), "f")
    with pytest.raises(AttributeError):
        version.innhold.tittel = "annet"
    with pytest.raises(AttributeError):
        version.innhold.data.behandlinger = ()
    assert isinstance(version.innhold.data, AnbefalingData)


def test_rules_hold_also_without_a_file() -> None:
    with pytest.raises(ValueError, match="at least one code with term"):
        Kodet(koder=())
    drug = Kodet(koder=(Kode(SNOMED, "1", "A"),))
    with pytest.raises(ValueError, match="without a loading dose"):
        DoseringsregimeData(
            legemiddeldoseringsregime=drug,
            frekvensEventuellladningsdosePerDogn=read_amount("1"),
        )


def put(folder: Path, name: str, innhold: Json) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_bytes(envelope(innhold, path.stem)))
    return path


def test_a_published_version_cannot_change_or_go_away(tmp_path: Path) -> None:
    path = put(tmp_path, "retningslinjer/a/2021-11-16.json", guideline())
    assert publish(tmp_path) == ("retningslinjer/a/2021-11-16.json",)
    assert publish(tmp_path) == ()
    [stored] = read_folder(tmp_path)
    assert stored.published

    put(tmp_path, "retningslinjer/a/2021-11-16.json", guideline() | {"tittel": "Annet"})
    with pytest.raises(VersionChanged, match="put changes in a new version"):
        list(read_folder(tmp_path))
    with pytest.raises(VersionChanged):
        publish(tmp_path)
    path.unlink()
    with pytest.raises(VersionChanged, match="is gone"):
        list(read_folder(tmp_path))


def test_a_file_lies_where_its_content_belongs(tmp_path: Path) -> None:
    put(tmp_path, "anbefalinger/a/2021-11-16.json", guideline())
    with pytest.raises(ContentError, match="belongs in the folder retningslinjer"):
        list(read_folder(tmp_path))


def test_a_file_is_named_after_its_first_day(tmp_path: Path) -> None:
    path = put(tmp_path, "kapitler/a/2021-11-16.json", chapter())
    path.rename(path.with_name("2022-01-01.json"))
    with pytest.raises(ContentError, match=r"must be named 2021-11-16\.json"):
        list(read_folder(tmp_path))


def test_a_broken_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "published.json").write_text('{"versions": []}')
    with pytest.raises(ContentError, match=r"published\.json: \$\.versions"):
        list(read_folder(tmp_path))
