"""Whether an analysis was made before: what counts as the same, how long it holds, and that "no" is never said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from varde.codes import CodeMap, materials, organisms, refines
from varde.messages.records import Code
from varde.register import Analysis, Answer, Found, History, find_earlier, understand
from varde.register.repeats import DATA, RepeatsInvalid, read_repeats, rule_for

TODAY = date(2026, 11, 26)
NLK = "2.16.578.1.12.4.1.1.7280"


@pytest.fixture(scope="module")
def codes() -> CodeMap:
    return CodeMap.load()


@pytest.mark.parametrize(
    ("text", "organism", "method", "material"),
    [
        ("U-Bakterier, dyrkning", "", "culture", "urine"),
        ("B-Bakterier dyrkning", "", "culture", "blood"),
        ("P-Morbillivirus IgM", "measles-virus", "antibody-igm", ""),
        ("Fæ-Salmonella PCR", "salmonella", "nucleic-acid", "stool"),
        ("Us-Chlamydia trachomatis DNA", "chlamydia-trachomatis", "nucleic-acid", ""),
        ("Chlamydia trachomatis", "chlamydia-trachomatis", "", ""),
        ("P-Kreatinin", "", "", ""),
        ("", "", "", ""),
        ("x" * 5000, "", "", ""),
    ],
)
def test_analyses_are_known_by_their_names(
    text: str, organism: str, method: str, material: str, codes: CodeMap
) -> None:
    found = understand((Code(text=text),), (), codes)
    assert (found.organism, found.method, found.material) == (organism, method, material)


def test_a_code_of_the_file_counts_before_words_and_a_specimen_before_both(codes: CodeMap) -> None:
    names = (Code(system="http://loinc.org", code="630-4", text="anything"),)
    assert understand(names, (), codes) == Analysis(method="culture", material="urine")
    taken = (Code(text="Blodkultur"),)
    assert understand(names, taken, codes) == Analysis(method="culture", material="blood")
    assert not understand((Code(system=NLK, code="NPU99999"),), (), codes).known


def found(organism: str, ago: int, method: str = "", material: str = "") -> Found:
    return Found(
        key=f"{1000 - ago}.1", day=TODAY - timedelta(days=ago), second=0, organism=organism,
        material=material, method=method, sender="HER:1", status="F", notifiable="",
    )  # fmt: skip


def empty(ago: int, material: str) -> Answer:
    return Answer(
        key=f"{1000 - ago}.1", day=TODAY - timedelta(days=ago), second=0, material=material,
        sender="HER:1", status="F", negative=True,
    )  # fmt: skip


def history(*findings: Found, answers: tuple[Answer, ...] = ()) -> History:
    ordered = sorted(findings, key=lambda one: one.day, reverse=True)
    return History(sex="", municipality="", findings=tuple(ordered), answers=answers)


CHLAMYDIA = Analysis(organism="chlamydia-trachomatis", method="nucleic-acid")


@pytest.mark.parametrize(
    ("ago", "repeat"), [(0, "rarely-useful"), (28, "rarely-useful"), (29, "may-be-useful")]
)
def test_how_long_a_finding_holds_is_data(ago: int, repeat: str) -> None:
    earlier = find_earlier(
        history(found("chlamydia-trachomatis", ago, "nucleic-acid")), CHLAMYDIA, TODAY
    )
    assert (earlier.done, earlier.days, earlier.repeat) == ("yes", ago, repeat)
    assert earlier.rule is not None and earlier.rule.key == "chlamydia"


def test_without_rule_nothing_is_said_of_a_repeat() -> None:
    earlier = find_earlier(
        history(found("mycoplasma-genitalium", 3, "nucleic-acid")),
        Analysis(organism="mycoplasma-genitalium"),
        TODAY,
    )
    assert (earlier.done, earlier.repeat, earlier.rule) == ("yes", "not-known", None)


@pytest.mark.parametrize(
    ("analysis", "one", "same"),
    [
        (CHLAMYDIA, found("chlamydia-trachomatis-lgv", 1, "nucleic-acid"), True),
        (CHLAMYDIA, found("neisseria-gonorrhoeae", 1, "nucleic-acid"), False),
        (CHLAMYDIA, found("chlamydia-trachomatis", 1, "antibody-igg"), False),
        (CHLAMYDIA, found("chlamydia-trachomatis", 1, ""), True),
        (Analysis(organism="measles-virus", method="antibody-igm"), found("measles-virus", 1, "antibody"), True),
        (Analysis(organism="measles-virus", method="antibody-igm"), found("measles-virus", 1, "antibody-igg"), False),
        (Analysis(method="culture", material="urine"), found("escherichia-coli", 1, "culture", "urine-catheter"), True),
        (Analysis(method="culture", material="urine"), found("escherichia-coli", 1, "culture", "blood"), False),
        (Analysis(method="culture", material="urine"), found("", 1, "culture", "urine"), True),
        (Analysis(organism="salmonella", material="stool"), found("salmonella-typhimurium", 1, "culture", ""), True),
        (Analysis(organism="salmonella", material="stool"), found("salmonella-typhimurium", 1, "culture", "blood"), False),
        (Analysis(method="culture", material="urine"), found("escherichia-coli", 1, "culture", ""), False),
    ],
)  # fmt: skip
def test_what_is_the_same_analysis(analysis: Analysis, one: Found, same: bool) -> None:
    earlier = find_earlier(history(one), analysis, TODAY)
    assert earlier.done == ("yes" if same else "not-known")


def test_an_answer_without_finding_is_possibly_it_and_never_no() -> None:
    urine = Analysis(method="culture", material="urine")
    known = history(answers=(empty(3, "urine"), empty(9, "blood")))
    earlier = find_earlier(known, urine, TODAY)
    assert (earlier.done, earlier.days, earlier.repeat) == ("possibly", 3, "not-known")
    assert (
        find_earlier(known, Analysis(method="culture", material="csf"), TODAY).done == "not-known"
    )
    # Of an analysis that names no material, every answer without finding would be one.
    assert find_earlier(known, CHLAMYDIA, TODAY).done == "not-known"
    old = history(answers=(empty(400, "urine"),))
    assert find_earlier(old, urine, TODAY).done == "not-known"


def test_only_an_answer_after_the_finding_stands_beside_it() -> None:
    urine = Analysis(method="culture", material="urine")
    one = found("escherichia-coli", 5, "culture", "urine")
    newer = find_earlier(history(one, answers=(empty(2, "urine"),)), urine, TODAY)
    assert newer.days == 5 and newer.without is not None
    older = find_earlier(history(one, answers=(empty(8, "urine"),)), urine, TODAY)
    assert older.without is None


def test_what_nobody_knows_is_compared_with_nothing() -> None:
    one = found("escherichia-coli", 1, "culture", "urine")
    for analysis in (Analysis(), Analysis(method="culture"), Analysis(material="urine")):
        assert find_earlier(history(one), analysis, TODAY).done == "not-known"


SOME = st.sampled_from(
    ["chlamydia-trachomatis", "salmonella", "salmonella-typhimurium", "escherichia-coli", ""]
)
METHODS = st.sampled_from(
    ["", "culture", "nucleic-acid", "antibody", "antibody-igm", "antibody-igg"]
)
PLACES = st.sampled_from(["", "urine", "urine-catheter", "blood", "feces", "throat"])


@given(
    st.lists(st.builds(found, SOME, st.integers(-3, 60), METHODS, PLACES), max_size=6),
    st.builds(
        lambda organism, method, group: Analysis(organism=organism, method=method, material=group),
        SOME, METHODS, st.sampled_from(["", "urine", "blood", "airways"]),
    ),
)  # fmt: skip
def test_it_is_the_newest_that_a_plain_rule_takes(
    findings: list[Found], analysis: Analysis
) -> None:
    def fits(one: Found) -> bool:
        if one.day > TODAY or not analysis.known:
            return False
        a, b = analysis.organism, one.organism
        if a and a != b and not (b and (refines(a, b) or refines(b, a))):
            return False
        said = (analysis.method, one.method)
        of_a_class = all(each.startswith("antibody") for each in said) and "antibody" in said
        if all(said) and said[0] != said[1] and not of_a_class:
            return False
        if analysis.material:
            place = materials()[one.material].group if one.material in materials() else ""
            return place == analysis.material or (a != "" and place == "")
        return True

    days = [(TODAY - one.day).days for one in findings if fits(one)]
    earlier = find_earlier(history(*findings), analysis, TODAY)
    assert earlier.days == (min(days) if days else None)
    assert earlier.count == len(days)


def test_the_file_names_what_there_is_and_says_its_source() -> None:
    file = read_repeats(DATA.read_bytes())
    assert all(rule.source and rule.nb != rule.en and rule.days > 0 for rule in file.rules)
    for wrong in (b'"chlamydia-trachomatis"', b'"urine"'):
        with pytest.raises(RepeatsInvalid):
            read_repeats(DATA.read_bytes().replace(wrong, b'"nobody"', 1))
    with pytest.raises(RepeatsInvalid, match="twice"):
        read_repeats(DATA.read_bytes().replace(b'"600-7"', b'"630-4"'))


def test_a_rule_holds_in_its_own_time() -> None:
    assert rule_for("sars-cov-2", "nucleic-acid", "", date(2025, 1, 1)) is not None
    assert rule_for("sars-cov-2", "nucleic-acid", "", date(2024, 12, 31)) is None
    assert set(organisms()) >= {"sars-cov-2"}
