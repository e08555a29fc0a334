"""The published columns of NORM and RAVN, what is decided about each, and the words that are known."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from varde.codes import CodeFileError, CodeMap, antibiotics, antivirals
from varde.messages.deidentified import published as data
from varde.messages.deidentified import vocabulary
from varde.messages.deidentified.kept import Row
from varde.messages.deidentified.published import Keeping, keeping, published, rules
from varde.messages.deidentified.reading import _drug_code
from varde.messages.tables.definition import tables

MAP = CodeMap.load()


@pytest.mark.parametrize("register", data.REGISTERS)
def test_every_published_column_is_decided_and_kept_under_a_name(register: data.Register) -> None:
    names = [column.name for column in published(register).columns]
    assert list(rules(register)) == names
    assert set(names) - {"report_id"} <= set(Row.__struct_fields__)
    for rule in rules(register).values():
        assert rule.why.nb.endswith(".") and rule.why.en.endswith(".")


def test_what_is_kept_of_the_columns_that_could_lead_to_somebody() -> None:
    kept = {rule.column: rule.keep for rule in keeping().rules}
    assert kept["report_id"] == "hash" and kept["age"] == "age"
    assert (kept["sampled"], kept["generated"]) == ("month", "day")
    for register in data.REGISTERS:
        for column in published(register).columns:
            free = column.holds == "text" and kept[column.name] == "as-read"
            assert not free, column.name


def test_no_table_of_the_front_door_has_these_columns() -> None:
    """They are handed in at doors of their own."""
    assert not {"norm", "ravn"} & {table.kind for table in tables().values()}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda rules: rules[1:], "nothing is decided about 'sender'"),
        (lambda rules: (*rules, rules[0]), "'sender' is decided twice"),
        (
            lambda rules: (*rules, msgspec.structs.replace(rules[0], column="note")),
            "there is no column 'note'",
        ),
        (
            lambda rules: (*rules[1:], msgspec.structs.replace(rules[0], keep="age")),
            "sender: an age needs oldest, and nothing else has it",
        ),
        (
            lambda rules: (*rules[1:], msgspec.structs.replace(rules[0], keep="hash")),
            "sender: a hash needs within for every register, and nothing else has it",
        ),
        (
            lambda rules: tuple(
                msgspec.structs.replace(r, within={"norm": ("sex",), "ravn": ("sender",)})
                if r.keep == "hash"
                else r
                for r in rules
            ),
            "report_id: 'sex' may be blank",
        ),
        (
            lambda rules: tuple(
                msgspec.structs.replace(r, keep="month") if r.column == "generated" else r
                for r in rules
            ),
            "generated: versions are told apart by their day",
        ),
    ],
)
def test_a_decision_that_breaks_a_rule_is_named(change, rule: str) -> None:  # type: ignore[no-untyped-def]
    found = msgspec.structs.replace(keeping(), rules=change(keeping().rules))
    columns = {register: published(register) for register in data.REGISTERS}
    assert rule in list(data.broken_rules(found, columns))
    assert not list(data.broken_rules(keeping(), columns))


def test_a_file_of_decisions_that_breaks_its_schema_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, rule in (
        ("{", "truncated"),
        (msgspec.json.encode(_without_a_rule()).decode(), "sender"),
    ):
        (tmp_path / data.KEPT).write_text(text, "utf-8")
        monkeypatch.setattr(data, "DATA", tmp_path)
        with pytest.raises(CodeFileError, match=rule):
            data.keeping.__wrapped__()


def _without_a_rule() -> Keeping:
    return msgspec.structs.replace(keeping(), rules=keeping().rules[1:])


# --- words ---


def test_every_drug_is_known_by_atc_name_and_code_in_its_own_register_alone() -> None:
    for register, drugs, other in (
        ("norm", antibiotics(), "ravn"),
        ("ravn", antivirals(), "norm"),
    ):
        for drug in drugs.values():
            for word in filter(None, (drug.atc, drug.name_nb, drug.name_en, drug.atc.lower())):
                found = vocabulary.find_drug(register, word)  # type: ignore[arg-type]
                assert found is not None and found.code == drug.code, word
                assert vocabulary.find_drug(other, word) is None, word  # type: ignore[arg-type]
                code = _drug_code(found.name)
                assert MAP.find("antibiotic", [(code.system, code.code, code.text)]) == drug.code
    for code in antibiotics():
        found = vocabulary.find_drug("norm", f"{code}_mic")
        assert found is not None and (found.code, found.holds) == (code, "mic")


def test_what_is_kept_of_a_word_still_means_the_same() -> None:
    """The register maps what is kept, not what was sent."""
    for row in MAP.rows:
        word = row.text or row.code
        if row.kind == "organism" and (kept := vocabulary.find_organism("norm", f" {word}  ")):
            assert MAP.find("organism", [("", "", kept)]) == MAP.find("organism", [("", "", word)])
        if row.kind == "material" and (kept := vocabulary.find_material(word)):
            assert MAP.find("material", [("", "", kept)]) is not None
        # Codes of other software too: nothing that is taken waits for somebody to say what it means.
        for register in data.REGISTERS:
            if row.kind == "antibiotic" and (drug := vocabulary.find_drug(register, word)):
                code = _drug_code(drug.name)
                assert MAP.find("antibiotic", [(code.system, code.code, code.text)]) == drug.code


@pytest.mark.parametrize("virus", ["influensavirus A", "Influenza B", "HIV-1", "HBV", "HCV", "CMV", "HSV-1", "HSV-2"])  # fmt: skip
def test_the_viruses_that_are_monitored_are_known(virus: str) -> None:
    assert vocabulary.find_organism("ravn", virus) == virus
    assert vocabulary.find_organism("norm", virus) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Norge", "NO"), ("th", "TH"), ("SØR-AFRIKA", "ZA"), ("South  Africa", "ZA"), ("4601", "4601"),
        ("utlandet", "abroad"), ("Latin-Amerika", "south-america"), ("ukjent", ""),
        ("hjemme", None), ("46", None), ("46011", None), ("Kari", None),
    ],
)  # fmt: skip
def test_places(text: str, place: str | None) -> None:
    assert vocabulary.find_place(text) == place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("H275Y", ("H275Y",)),
        ("PA:I38T; na-H275Y", ("PA:I38T", "NA:H275Y")),
        ("rtM204V,rtL180M", ("RT:M204V", "RT:L180M")),
        ("M184V/I T69ins D67del Q5stop W12*", ("M184V/I", "T69ins", "D67del", "Q5stop", "W12*")),
        ("K103N K103N", ("K103N",)),
        (" ; ,", ()),
        ("K103", None),
        ("103N", None),
        ("k103n", None),
        ("XX:K103N", None),
        ("K12345N", None),
        ("K103N og flere", None),
        (" ".join(f"K{n}N" for n in range(101)), None),
    ],
)
def test_mutations(text: str, found: tuple[str, ...] | None) -> None:
    assert vocabulary.find_mutations(text) == found
