"""Reading RF2: which files and rows count, what they are called, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from codes.snomed.rf2_release import (
    ACCEPTABLE,
    ADDITIONAL,
    AXIOM,
    BOKMAL,
    CONCEPT,
    DESCRIPTION,
    FSN,
    GB,
    HEADERS,
    IS_A,
    MEMBER,
    NYNORSK,
    PREFERRED,
    RELATIONSHIP,
    ROOT,
    STATED,
    US,
    Row,
    axiom,
    code,
    concept,
    description,
    member,
    path_of,
    relationship,
    write_rf2,
)
from varde.codes.snomed import (
    CodeFileError,
    HierarchyCycle,
    ReleaseMissing,
    Terminology,
    load_release,
    make_sctid,
    open_terminology,
)

A, B, C, D = map(code, range(4))


def load(folder: Path, *releases: Sequence[Row]) -> Terminology:
    """Load each list of rows as a release of its own."""
    folders = [
        write_rf2(folder / f"release{number}" / "Terminology", rows, owner=f"R{number}")
        for number, rows in enumerate(releases)
    ]
    load_release([path.parent for path in folders], folder / "store")
    return open_terminology(folder / "store")


# Files


def test_an_extension_beside_the_international_release(tmp_path: Path) -> None:
    """The newest version of each component counts, whichever release has it."""
    own = make_sctid(1, "1000202", "10")
    international = [
        *map(concept, (ROOT, A, B, C)),
        *(relationship(below, IS_A, ROOT) for below in (A, B, C)),
        description(1, A, "old name"),
        description(2, B, "stays"),
    ]
    extension = [
        concept(own, day="20250615", module="51000202101"),
        concept(C, day="20250615", active="0"),
        relationship(own, IS_A, A, day="20250615"),
        relationship(B, IS_A, ROOT, day="20250615", active="0"),
        relationship(B, IS_A, A, day="20250615"),
        description(1, A, "new name", day="20250615"),
        description(2, B, "older than what is there", day="20240101"),
    ]
    for number, order in enumerate(((international, extension), (extension, international))):
        found = load(tmp_path / str(number), *order)
        assert found.parents(B) == (A,)
        assert found.descendants(A) == tuple(sorted((B, own), key=int))
        assert C not in found
        assert found.term(A, "en") == "new name"
        assert found.term(B, "en") == "stays"
        assert found.release.effective_time == "2025-06-15"
        assert found.release.name == "R0 2025-01-01 + R1 2025-01-01"
        assert [(m.module, m.concepts) for m in found.release.modules] == [
            ("51000202101", 1),
            ("900000000000207008", 3),
        ]
        assert found.release.left_out.unknown_concept == 1
        assert found.release.left_out.unknown_concepts == (C,)


def test_of_two_rows_of_a_day_the_active_one_counts(tmp_path: Path) -> None:
    rows = [concept(A), concept(B), concept(A, active="0")]
    assert A in load(tmp_path / "a", rows)
    assert A in load(tmp_path / "b", rows[::-1])


def test_changes_alone_are_read_only_without_a_snapshot(tmp_path: Path) -> None:
    write_rf2(tmp_path / "a" / "Delta", [concept(A)], kind="Delta")
    load_release([tmp_path / "a"], tmp_path / "store")
    assert A in open_terminology(tmp_path / "store")
    write_rf2(tmp_path / "a" / "Snapshot", [concept(B)])
    write_rf2(tmp_path / "a" / "Full", [concept(C)], kind="Full")
    load_release([tmp_path / "a"], tmp_path / "store")
    found = open_terminology(tmp_path / "store")
    assert (A in found, B in found, C in found) == (False, True, False)


def test_other_files_of_a_release_are_left_alone(tmp_path: Path) -> None:
    folder = write_rf2(tmp_path / "release", [concept(A)])
    for name in (
        "sct2_StatedRelationship_Snapshot_INT_20250101.txt",
        "sct2_RelationshipConcreteValues_Snapshot_INT_20250101.txt",
        "sct2_TextDefinition_Snapshot-en_INT_20250101.txt",
        "der2_Refset_SimpleSnapshot_INT_20250101.txt",
        "sct2_Concept_Snapshot_INT_20250101.txt.bak",
    ):
        (folder / name).write_text("not read\n")
    assert load_release([tmp_path / "release"], tmp_path / "store").counts.concepts == 1


def test_a_folder_within_another_is_read_once(tmp_path: Path) -> None:
    write_rf2(tmp_path / "release" / "Snapshot", [concept(A)])
    folders = [tmp_path / "release", tmp_path / "release" / "Snapshot"]
    assert len(load_release(folders, tmp_path / "store").inputs) == 2


def test_byte_order_mark_line_ends_blank_lines_and_comments(tmp_path: Path) -> None:
    folder = write_rf2(tmp_path / "release", [concept(A), concept(B)])
    path = path_of(folder, CONCEPT)
    header, *lines = path.read_text().splitlines()
    marked = "\r\n".join(["﻿# made up", "", header, "", "# one", lines[0], "", lines[1], "#", ""])
    path.write_text(marked, "utf-8", newline="")
    assert load_release([folder], tmp_path / "store").counts.concepts == 2
    path.write_text("﻿" + "\r\n".join([header, *lines]), "utf-8", newline="")
    assert load_release([folder], tmp_path / "store").counts.concepts == 2


def test_progress_says_what_begins(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    folder = write_rf2(tmp_path / "release", [concept(A)])
    load_release([folder], tmp_path / "store", lambda stage, name: told.append((stage, name)))
    assert [stage for stage, _ in told] == ["read", "read", "close", "choose", "save"]
    assert told[0][1] == path_of(folder, CONCEPT).name


# Rows


def test_only_what_the_classifier_worked_out_is_used(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        [
            *map(concept, (A, B, C, D)),
            relationship(B, IS_A, A),
            relationship(C, IS_A, A, characteristic=STATED),
            relationship(D, IS_A, A, characteristic=ADDITIONAL),
        ],
    )
    assert found.children(A) == (B,)
    assert found.release.left_out.not_inferred == 2


def test_quotes_are_letters(tmp_path: Path) -> None:
    found = load(
        tmp_path, [concept(A), description(1, A, 'the "blue" one'), description(2, A, '"')]
    )
    assert found.term(A, "en") == 'the "blue" one'


def test_attributes_keep_their_groups(tmp_path: Path) -> None:
    rows = [
        *map(concept, (A, B, C)),
        relationship(A, D, B, 2),
        relationship(A, D, C, 1),
        relationship(A, D, B, 1),
        relationship(A, D, B, 1, id=make_sctid(5555, "", "02")),
        relationship(A, IS_A, C),
    ]
    assert load(tmp_path, rows).attributes(A) == ((1, D, B), (1, D, C), (2, D, B))


def test_identifiers_that_are_none_are_counted_and_used(tmp_path: Path) -> None:
    found = load(tmp_path, [concept("100202001"), concept(A)])
    assert "100202001" in found
    assert found.release.left_out.malformed_identifiers == 1


def test_invented_is_what_has_the_namespace_of_nobody(tmp_path: Path) -> None:
    assert not load(tmp_path / "a", [concept(A)]).release.invented
    assert not load(tmp_path / "b", [concept(make_sctid(7, "1000202", "10"))]).release.invented
    invented = concept(make_sctid(7, "9999999", "10"))
    assert load(tmp_path / "c", [concept(A), invented]).release.invented


def test_a_release_without_relationships_or_descriptions(tmp_path: Path) -> None:
    found = load(tmp_path, [concept(A), concept(B)])
    assert found.ancestors(A) == found.descendants(A) == found.parents(A) == ()
    assert found.subsumes(A, A)
    assert not found.subsumes(A, B)
    assert found.term(A) == A
    assert found.fully_specified_name(A) == ""
    assert found.release.languages == ()


def test_a_release_without_active_concepts(tmp_path: Path) -> None:
    found = load(tmp_path, [concept(A, active="0")])
    assert A not in found
    assert len(found) == 0


# Terms: descriptions · members · language asked for · answer
TERMS = [
    ("preferred", [(1, "en", "a"), (2, "en", "b")], [(2, US, PREFERRED)], "en", "b"),
    (
        "accepted before unlisted",
        [(1, "en", "a"), (2, "en", "b")],
        [(2, US, ACCEPTABLE)],
        "en",
        "b",
    ),
    ("no reference set: lowest id", [(2, "en", "b"), (1, "en", "a")], [], "en", "a"),
    (
        "US before GB",
        [(1, "en", "oedema"), (2, "en", "edema")],
        [(1, GB, PREFERRED), (2, US, PREFERRED)],
        "en",
        "edema",
    ),
    (
        "GB alone",
        [(1, "en", "a"), (2, "en", "b")],
        [(1, US, ACCEPTABLE), (2, GB, PREFERRED)],
        "en",
        "b",
    ),
    (
        "no by its reference set: bokmål",
        [(1, "no", "frå"), (2, "no", "fra")],
        [(1, NYNORSK, PREFERRED), (2, BOKMAL, PREFERRED)],
        "nb",
        "fra",
    ),
    (
        "no by its reference set: nynorsk",
        [(1, "no", "frå"), (2, "no", "fra")],
        [(1, NYNORSK, PREFERRED), (2, BOKMAL, PREFERRED)],
        "nn",
        "frå",
    ),
    (
        "in no reference set before another language's",
        [(1, "no", "frå"), (2, "no", "fra")],
        [(1, NYNORSK, PREFERRED)],
        "nb",
        "fra",
    ),
    ("own code before the wider one", [(1, "no", "a"), (2, "nb", "b")], [], "nb", "b"),
    ("bokmål rather than English", [(1, "en", "a"), (2, "nb", "b")], [], "nn", "b"),
    ("English where there is none", [(1, "en", "a")], [(1, US, PREFERRED)], "nb", "a"),
    ("a language nobody has", [(1, "en", "a"), (2, "no", "b")], [], "de", "a"),
    (
        "a language without a row in the file",
        [(1, "sv", "a"), (2, "sv", "b")],
        [(2, "46011000052107", PREFERRED)],
        "sv",
        "b",
    ),
]


@pytest.mark.parametrize(
    ("descriptions", "members", "language", "expected"),
    [pytest.param(*rest, id=name) for name, *rest in TERMS],
)
def test_terms(
    tmp_path: Path,
    descriptions: list[tuple[int, str, str]],
    members: list[tuple[int, str, str]],
    language: str,
    expected: str,
) -> None:
    found = load(
        tmp_path,
        [
            concept(A),
            *(description(item, A, term, spoken) for item, spoken, term in descriptions),
            *(member(item, refset, how) for item, refset, how in members),
        ],
    )
    assert found.term(A, language) == expected


def test_names_without_a_synonym(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        [
            *map(concept, (A, B)),
            description(1, A, "Sykdom (i lunge) (tilstand)", "no", FSN),
            description(2, A, "Disease (of lung) (disorder)", "en", FSN),
            description(3, B, "Bare norsk (tilstand)", "no", FSN),
            description(4, D, "of a concept that is not there"),
        ],
    )
    assert found.fully_specified_name(A) == "Disease (of lung) (disorder)"
    assert found.term(A) == "Disease (of lung)"
    assert found.term(B) == "Bare norsk"
    assert found.release.counts.descriptions == 3


def test_a_member_that_was_replaced(tmp_path: Path) -> None:
    """Members are known by their own id: a younger inactive one ends itself, not its twin."""
    rows = [
        concept(A),
        description(1, A, "a"),
        description(2, A, "b"),
        member(2, US, uid=1),
        member(2, US, uid=2, day="20250601", active="0"),
    ]
    assert load(tmp_path, rows).term(A, "en") == "b"


# What is refused


def replace(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old.encode(), new.encode(), 1)


BAD = [
    (CONCEPT, replace("moduleId", "module"), 1, "the header must be id, effectiveTime"),
    (CONCEPT, lambda data: b"", 1, "the header must be"),
    (CONCEPT, lambda data: data.decode().encode("utf-16"), 1, "must be UTF-8"),
    (CONCEPT, replace("\t1\t", "\t"), 2, "4 cells, 5 expected"),
    (CONCEPT, replace("\t1\t", "\t1\t1\t"), 2, "6 cells, 5 expected"),
    (CONCEPT, replace("\t1\t", "\t2\t"), 2, r"active '2' must match \[01\]"),
    (CONCEPT, replace("20250101", "20251301"), 2, "effectiveTime '20251301' must match"),
    (CONCEPT, replace("20250101", ""), 2, "effectiveTime '' must match"),
    (CONCEPT, replace(f"\n{A}", "\nx"), 2, "id 'x' must match"),
    (CONCEPT, replace(f"\n{A}", "\n-5"), 2, "id '-5' must match"),
    (CONCEPT, replace(f"\n{A}", "\n" + "9" * 19), 2, "id '9999999999999999999' must match"),
    (CONCEPT, lambda data: data + b"\t\n", 5, "2 cells, 5 expected"),
    (RELATIONSHIP, replace(f"\t{A}\t", "\t\t"), 2, "destinationId '' must match"),
    (RELATIONSHIP, replace("\t0\t", "\t\t"), 2, "relationshipGroup '' must match"),
    (DESCRIPTION, lambda data: data.replace("å".encode(), b"\xe5"), 3, "must be UTF-8"),
    (DESCRIPTION, replace("first", ""), 2, "term '' must match"),
    (DESCRIPTION, replace("first", "fi\trst"), 2, "10 cells, 9 expected"),
    (DESCRIPTION, replace("first", "fi\nrst"), 2, "8 cells, 9 expected"),
    (MEMBER, replace("00000000-", "0-"), 2, "id '0-"),
    (AXIOM, replace("Transitive", "\t"), 2, "8 cells, 7 expected"),
]


@pytest.mark.parametrize(
    ("kind", "damage", "row", "rule"),
    BAD,
    ids=[f"{number}-{each[3]}" for number, each in enumerate(BAD)],
)
def test_a_bad_file_is_named_with_line_and_rule(
    tmp_path: Path, kind: str, damage: Callable[[bytes], bytes], row: int, rule: str
) -> None:
    folder = write_rf2(
        tmp_path / "release",
        [
            *map(concept, (A, B, C)),
            relationship(B, IS_A, A),
            description(1, A, "first"),
            description(2, A, "navn på"),
            member(1, US),
            axiom("TransitiveObjectProperty(:738774007)"),
        ],
    )
    load_release([folder], tmp_path / "store")
    path = path_of(folder, kind)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CodeFileError, match=rule) as caught:
        load_release([folder], tmp_path / "store")
    assert (caught.value.file, caught.value.row) == (str(path), row)
    assert path.name in str(caught.value)
    assert B in open_terminology(tmp_path / "store"), "the old store is whole"


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    folder = write_rf2(tmp_path / "release", [concept(A)])
    path = path_of(folder, CONCEPT)
    path.write_text("# one\n\n" + path.read_text() + "\n#\nwrong\n")
    with pytest.raises(CodeFileError, match="line 7: 1 cells, 5 expected"):
        load_release([folder], tmp_path / "store")


def test_a_cycle_names_its_concepts_and_a_line(tmp_path: Path) -> None:
    rows = [
        *map(concept, (ROOT, A, B, C, D)),
        relationship(A, IS_A, ROOT),
        relationship(A, IS_A, B),
        relationship(B, IS_A, C),
        relationship(C, IS_A, A),
        relationship(D, IS_A, A),
    ]
    with pytest.raises(HierarchyCycle, match="a concept cannot be below itself") as caught:
        load(tmp_path, rows)
    assert sorted(caught.value.concepts) == sorted((A, B, C))
    pairs = set(zip(caught.value.concepts, caught.value.concepts[1:], strict=False))
    assert pairs < {(A, B), (B, C), (C, A)}
    line = Path(caught.value.file).read_text().splitlines()[caught.value.row - 1]
    assert line.split("\t")[4:6] == list(caught.value.concepts[:2])


def test_a_concept_that_is_its_own_parent(tmp_path: Path) -> None:
    with pytest.raises(HierarchyCycle, match=f"{A} is-a {A}") as caught:
        load(tmp_path, [concept(A), relationship(A, IS_A, A)])
    assert caught.value.row == 2


def test_where_there_is_no_release(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "SnomedCT.zip").touch()
    write_rf2(tmp_path / "without", [], kinds=[DESCRIPTION])
    write_rf2(tmp_path / "whole", [concept(A)])
    for folders, message in (
        ([], "no concept file"),
        (["empty"], "no RF2 file"),
        (["whole", "empty"], "no RF2 file"),
        (["missing"], "is not a folder"),
        (["SnomedCT.zip"], "is not a folder"),
        (["without"], "no concept file"),
    ):
        with pytest.raises(ReleaseMissing, match=message):
            load_release([tmp_path / name for name in folders], tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_every_header_is_known() -> None:
    from varde.codes.snomed.layouts import LAYOUTS

    assert [" ".join(layout.columns) for layout in LAYOUTS] == [
        HEADERS[kind] for kind in (CONCEPT, DESCRIPTION, RELATIONSHIP, MEMBER, AXIOM)
    ]
