"""What maps, what must not, and a plain reference of the look-up that the fast one agrees with."""

from __future__ import annotations

import os
import re
import timeit
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from varde.codes import CodeFileError, CodeMap, antibiotics, code_map, organisms, subtypes
from varde.codes.affixes import read_affixes
from varde.codes.map_rows import ANY, MAPS, fold, read_systems
from varde.codes.tables import DATA

NLK = "2.16.578.1.12.4.1.1.7280"
LOCAL = "2.16.578.1.12.4.1.1.8212"
RESISTANCE = "2.16.578.1.12.4.1.1.8271"
MATERIAL = "2.16.578.1.12.4.1.1.8351"
HEADER = "kind,system,code,text,concept,source,valid_from\n"
ALL_AFFIXES = read_affixes()
KINDS = ("organism", "antibiotic", "material", "sir", "vaccine")
BUILT_IN = CodeMap.load()
MAP = CodeMap.load(Path(__file__).parent / "local_map.csv")  # with texts of one system


def look_up_plainly(kind: str, system: str, code: str, text: str) -> str | None:
    """What an expression means; nothing where an antibiotic's code and words mean different drugs. A subtype that is
    an organism of its own is that one."""
    found = scan_plainly(kind, system, code, text)
    for word in re.split(r"[^a-z0-9]+", fold(text or code)) if kind == "organism" else ():
        for (organism, subtype), own in subtypes().items():
            if (organism, subtype) == (found, word):
                return own
    said = scan_plainly(kind, system, "", text)
    return None if kind == "antibiotic" and code and said not in (None, found) else found


def scan_plainly(kind: str, system: str, code: str, text: str) -> str | None:
    """The rules of the look-up as a scan over every row: slow, and easy to believe."""
    system = read_systems().get(system, system)
    rows = [row for row in MAP.rows if row.kind == kind]

    def scan(systems: str, form: str, words: bool) -> str | None:
        for row in rows:
            names = ([row.text] if words else []) + ([row.code] if row.system == ANY else [])
            if row.system == systems and form in {fold(name) for name in names if name}:
                return row.concept
        return None

    for row in rows:
        if code and row.system == system and row.code == code:
            return row.concept
    for systems in (system, ANY):
        for form in forms(kind, text) if len(text) <= 200 else ():
            if (concept := scan(systems, form, words=True)) is not None:
                return concept
    if code and (concept := scan(ANY, fold(code), words=False)) is not None:
        return concept
    if not text and len(code) <= 200:
        for form in forms(kind, code):
            if (concept := scan(ANY, form, words=True)) is not None:
                return concept
    return None


def forms(kind: str, text: str) -> Iterator[str]:
    """The folded text, then one affix less at a time, the longest affix first."""
    form = fold(text)
    while form:
        yield form
        shorter = []
        for affix in ALL_AFFIXES:
            if affix.kind != kind:
                continue
            if affix.position == "suffix" and form.endswith(affix.text):
                rest, inner, outer = (
                    form[: -len(affix.text)],
                    form[-len(affix.text) - 1 :][:1],
                    affix.text[0],
                )
                inner = rest[-1:]
            elif affix.position == "prefix" and form.startswith(affix.text):
                rest, inner, outer = (
                    form[len(affix.text) :],
                    form[len(affix.text) :][:1],
                    affix.text[-1],
                )
            else:
                continue
            if not (inner.isalnum() and outer.isalnum()):
                shorter.append((-len(affix.text), affix.text, affix.position, rest.strip()))
        form = min(shorter)[3] if shorter else ""


KNOWN = [row.text for row in MAP.rows if row.text] + [row.code for row in MAP.rows if row.code]
SYSTEMS = [
    "",
    ANY,
    NLK,
    "7280",
    "urn:oid:" + NLK,
    LOCAL,
    RESISTANCE,
    MATERIAL,
    "WHONET",
    "ATC",
    "SCT",
    "LN",
    "HL70487",
    "x",
]
AFFIXES = [affix.text for affix in ALL_AFFIXES]
WORDS = (
    st.sampled_from(KNOWN) | st.text(max_size=12) | st.sampled_from(["", " ", "Us-", "PEN", "."])
)
NOISY = st.builds(
    lambda before, word, after: before + word + after,
    st.sampled_from(["", " ", "Us-", "Vekst av ", "ÉÉ "]),
    WORDS,
    st.sampled_from(["", " ", ".", " spp.", "spp", " (Etest)", " (MIC) ", "  sp.,", *AFFIXES]),
)


@given(kind=st.sampled_from(KINDS), system=st.sampled_from(SYSTEMS), code=NOISY, text=NOISY)
@example(kind="antibiotic", system=LOCAL, code="PEN", text="Penicillinase")
@example(kind="organism", system=ANY, code="Escherichia coli", text="influensavirus A(H1N1)-h3n8")
@example(kind="organism", system=NLK, code="ESCOLI", text="Identifikasjon")
@example(kind="organism", system=ANY, code="ESCOLI", text="")
@example(kind="sir", system=RESISTANCE, code="K", text="")
@example(kind="antibiotic", system="LN", code="18906-8", text="Ampicillin [Susceptibility]")
@example(kind="antibiotic", system="LN", code="18906-8", text="Ciprofloxacin Susc Islt")
@example(kind="antibiotic", system=LOCAL, code="AMP", text="Ciprofloxacin")
def test_the_fast_look_up_agrees_with_the_plain_one(
    kind: str, system: str, code: str, text: str
) -> None:
    assert MAP.find(kind, [(system, code, text)]) == look_up_plainly(kind, system, code, text)


@given(
    kind=st.sampled_from([*KINDS, "no such kind"]),
    alternatives=st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=4),
)
def test_find_never_raises_and_never_invents(
    kind: str, alternatives: list[tuple[str, str, str]]
) -> None:
    found = MAP.find(kind, alternatives)
    if found is None:
        return
    written = {fold(row.code) for row in MAP.rows} | {fold(row.text) for row in MAP.rows}
    assert any(written & {*forms(kind, code), *forms(kind, text)} for _, code, text in alternatives)


@given(kind=st.sampled_from(KINDS), code=NOISY, text=NOISY)
def test_asking_twice_gives_the_same_answer(kind: str, code: str, text: str) -> None:
    first = MAP.find(kind, [("", code, text)])
    assert MAP.find(kind, [("", code, text)]) == first
    MAP._memory.clear()
    assert MAP.find(kind, [("", code, text)]) == first


@pytest.mark.parametrize(
    ("kind", "system", "code", "text", "expected"),
    [
        # seen in the public sample messages of HL7 Norway
        ("organism", RESISTANCE, "ESCOLI", "Escherichia coli", "escherichia-coli"),
        ("organism", NLK, "ESCOLI", "Identifikasjon", "escherichia-coli"),
        ("organism", NLK, "STAURE", "Identifikasjon", "staphylococcus-aureus"),
        ("organism", "", "", "E.COLI", "escherichia-coli"),
        ("organism", "", "", "PSEUDOMONAS", "pseudomonas"),
        ("organism", "", "", "STAPHYLOCOCCUS  AUREUS", "staphylococcus-aureus"),
        ("organism", "", "", "NORMAL HALSFLORA", None),
        ("organism", "", "", "Vekst", None),
        ("antibiotic", NLK, "NPU06001", "", "AMX"),
        ("antibiotic", NLK, "NPU57715", "Us-Trimetoprim+Sulfametoksazol", "SXT"),
        ("antibiotic", LOCAL, "CL_E", "Kloramfenikol (Etest)", "CHL"),
        ("antibiotic", LOCAL, "PGS_E", "Penicillin G (Etest; spv)", "PEN"),
        ("antibiotic", LOCAL, "FA_D", "Fucidin", "FUS"),
        ("antibiotic", LOCAL, "VA", "Vankomycin.", "VAN"),
        ("antibiotic", LOCAL, "PT", "Us-Piperacillin+Tazobaktam", "TZP"),
        ("antibiotic", LOCAL, "PEN", "Penicillinase", None),
        ("antibiotic", LOCAL, "MLS", "MLS screen", None),
        ("antibiotic", LOCAL, "AMP", "", "AMP"),
        ("antibiotic", LOCAL, "AMP", "Noe annet", None),
        ("antibiotic", NLK, "KVANT", "Mengde", None),
        ("sir", RESISTANCE, "S", "Sensitiv", "S"),
        ("sir", RESISTANCE, "I", "Intermediært følsom", "I"),
        ("sir", RESISTANCE, "K", "Se kommentar", ""),
        ("sir", RESISTANCE, "Positiv", "Positiv", None),
        ("material", MATERIAL, "HNX", "", "throat-and-nasopharynx"),
        ("material", "", "", "Urin med borsyre", "urine"),
        ("material", "", "", "Spinalvæske", "csf"),
        # names, codes and words of other lists
        ("antibiotic", "", "CIP", "", "CIP"),
        ("antibiotic", "ATC", "J01MA02", "", "CIP"),
        ("antibiotic", "", "", "Pivmecillinam", "MEC"),
        ("antibiotic", "", "", "trimethoprim/sulfamethoxazole", "SXT"),
        ("organism", "SCT", "112283007", "", "escherichia-coli"),
        ("organism", "", "", "Vekst av Klebsiella spp.", "klebsiella"),
        ("organism", "", "", "Vekst avKlebsiella", None),
        ("organism", "", "", "Klebsiellaspp", None),
        # a text of one system comes before the same text of any system, and means nothing elsewhere
        ("antibiotic", LOCAL, "", "penicillin", "PNV"),
        ("antibiotic", NLK, "", "penicillin", "PEN"),
        ("antibiotic", NLK, "", "Qx middel", None),
        ("organism", "NLK", "", "KOLIBAKTERIE.", "escherichia-coli"),
        ("organism", "", "", "Enterobacter aerogenes", "klebsiella-aerogenes"),
        ("organism", "", "", "(unknown name)", "unknown-organism"),
        ("sir", "", "", "Sensitiv, økt eksponering", "I"),
        ("sir", "", "", "resistent", "R"),
        # as laboratories abroad write: the code and its words must not contradict each other
        ("antibiotic", "LN", "18906-8", "Ciprofloxacin [Susceptibility]", "CIP"),
        ("antibiotic", "http://loinc.org", "185-9", "", "CIP"),
        ("antibiotic", "2.16.840.1.113883.6.1", "18906-8", "et ord ingen kjenner", "CIP"),
        ("antibiotic", "LN", "18906-8", "Ampicillin [Susceptibility]", None),
        ("antibiotic", "LN", "18906-8", "Ampicillin", None),
        ("antibiotic", NLK, "NPU06049", "Us-Ampicillin", None),
        (
            "antibiotic",
            "LN",
            "99999-9",
            "cefTRIAXone [Susceptibility] by Disk diffusion (KB)",
            "CRO",
        ),
        ("antibiotic", "LN", "", "Ciprofloxacin:Susc:Pt:Isolate:OrdQn:MIC", "CIP"),
        ("antibiotic", "LN", "", "Meropenem [Susceptibility] by Gradient strip", "MEM"),
        ("antibiotic", "LN", "", "CIPROFLOXACIN SUSC ISLT", "CIP"),
        ("antibiotic", "LN", "", "Trimethoprim+Sulfamethoxazole Islt MIC", "SXT"),
        (
            "antibiotic",
            "LN",
            "11-7",
            "Amikacin [Susceptibility] by Minimum lethal concentration (MLC)",
            None,
        ),
        ("antibiotic", "LN", "", "Amikacin [Mass/volume] in Serum or Plasma", None),
        ("antibiotic", "LN", "", "cefTRIAXone for meningitis [Susceptibility]", None),
        ("material", "SCT", "122575003", "Urine specimen", "urine"),
        ("material", "HL70487", "BLDV", "", "blood"),
        ("material", "HL70487", "SPT", "", "sputum"),
        ("material", "HL70070", "THRT", "", "throat"),
        ("material", "http://terminology.hl7.org/CodeSystem/v2-0487", "CSF", "", "csf"),
        ("material", "HL70487", "THRT", "", None),
        ("material", LOCAL, "SPT", "", None),
        ("material", "", "", "Sputum specimen", "sputum"),
        ("organism", "", "", "Influensa A(H3N2)", "influenza-a-virus"),
        ("organism", "", "", "influensavirus A (H1N1)pdm09", "influenza-a-virus"),
        ("organism", "", "", "Influenza B/Victoria-linje", "influenza-b-virus"),
        ("organism", "", "", "hiv-1 subtype B", "human-immunodeficiency-virus-1"),
        ("organism", "", "", "HCV genotype 1a", "hepatitis-c-virus"),
        ("organism", "", "", "hepatitt C-virus gt 3a", "hepatitis-c-virus"),
        ("organism", "", "", "HBV genotype D", "hepatitis-b-virus"),
        ("organism", "", "", "herpes simplex virus type 1 (HSV-1)", "herpes-simplex-virus-type-1"),
        ("organism", "", "", "CMV (cytomegalovirus)", "cytomegalovirus"),
        ("organism", "", "", "Haemophilus influenza A", None),
    ],
)
def test_expressions_seen_in_practice(
    kind: str, system: str, code: str, text: str, expected: str | None
) -> None:
    assert MAP.find(kind, [(system, code, text)]) == expected


def test_the_first_alternative_that_maps_is_used() -> None:
    alternatives = [(LOCAL, "ZZ", "ukjent middel"), (NLK, "NPU06045", ""), (NLK, "NPU06049", "")]
    assert MAP.find("antibiotic", alternatives) == "AMP"
    assert MAP.find("antibiotic", []) is None


def test_a_code_and_words_of_its_own_entry_that_name_another_drug_map_to_nothing() -> None:
    loinc = ("http://loinc.org", "18906-8", "")
    assert MAP.find("antibiotic", [loinc, ("", "", "Ciprofloxacin")]) == "CIP"
    assert MAP.find("antibiotic", [loinc, ("", "", "a word of nobody")]) == "CIP"
    assert MAP.find("antibiotic", [loinc, ("", "", "Ampicillin")]) is None
    contradictory = ("http://loinc.org", "18906-8", "Ampicillin")
    assert MAP.find("antibiotic", [contradictory, (LOCAL, "CIP", "Ciprofloxacin")]) is None
    assert MAP.find("antibiotic", [contradictory]) is None  # remembered, and still nothing
    assert MAP.find("antibiotic", [("", "", "Gentamicin"), ("", "", "Ampicillin")]) == "GEN"


def loinc_rows() -> list[tuple[str, str]]:
    """(code, text) of the file of LOINC codes, in the order of their numbers."""
    rows = [row for row in BUILT_IN.rows if row.file.name == "loinc_antibiotics.csv"]
    return sorted(((row.code, row.text) for row in rows), key=lambda row: int(row[0].split("-")[0]))


def test_loinc_codes_have_their_check_digits_and_say_what_their_words_say() -> None:
    assert len(loinc_rows()) > 100
    for code, text in loinc_rows():
        digits, _, check = code.partition("-")
        doubled = f"{digits[-2::-2]}{2 * int(digits[::-2][::-1])}"
        assert (10 - sum(map(int, doubled)) % 10) % 10 == int(check), code
        named = BUILT_IN.find("antibiotic", [("", "", text)])
        assert named == BUILT_IN.find("antibiotic", [("LN", code, "")]), text


def test_loinc_numbers_that_were_given_out_by_the_alphabet_are_in_its_order() -> None:
    """A code with the name of another drug would break the order of its block."""
    for first, last in ((1, 530), (18855, 19000)):
        numbered = ((int(code.split("-")[0]), text) for code, text in loinc_rows())
        names = [text.casefold().split(" [")[0] for n, text in numbered if first <= n <= last]
        assert len(names) > 30 and names == sorted(names)


def test_a_code_of_one_system_means_nothing_in_another() -> None:
    assert MAP.find("antibiotic", [(LOCAL, "NPU06045", "")]) is None
    assert MAP.find("antibiotic", [(NLK, "J01MA02", "")]) is None
    assert MAP.find("organism", [(LOCAL, "112283007", "")]) is None
    assert MAP.find("material", [(LOCAL, "U", "")]) is None


def test_every_name_code_and_atc_of_every_antibiotic_maps() -> None:
    for drug in antibiotics().values():
        assert MAP.find("antibiotic", [("", "", drug.name_nb.upper())]) == drug.code
        assert MAP.find("antibiotic", [("", "", drug.name_en)]) == drug.code
        assert MAP.find("antibiotic", [("WHONET", drug.code, "")]) == drug.code
        assert not drug.atc or MAP.find("antibiotic", [("ATC", drug.atc, "")]) == drug.code


def test_every_name_and_snomed_code_of_every_organism_maps() -> None:
    for organism in organisms().values():
        assert MAP.find("organism", [("", "", organism.name)]) == organism.key
        assert MAP.find("organism", [("x", organism.name, "")]) == organism.key
        assert (
            not organism.name_nb
            or MAP.find("organism", [("", "", organism.name_nb)]) == organism.key
        )
        assert (
            not organism.snomed
            or MAP.find("organism", [("SCT", organism.snomed, "")]) == organism.key
        )


def test_decomposed_letters_are_the_same_letters() -> None:
    assert MAP.find("material", [("", "", "Sa\u030arsekret")]) == "wound"


def test_a_remark_is_not_a_name() -> None:
    assert MAP.find("organism", [("", "", "Escherichia coli" + "." * 300)]) is None


def test_a_laboratorys_own_codes_come_on_top(tmp_path: Path) -> None:
    file = tmp_path / "our_laboratory.csv"
    file.write_text(HEADER + f"antibiotic,{LOCAL},PEN,,PNV,confirmed by N.N.,2026-05-01\n", "utf-8")
    for extra in (file, tmp_path):
        ours = CodeMap.load(extra)
        assert ours.find("antibiotic", [(LOCAL, "PEN", "Penicillinase")]) == "PNV"
        assert ours.find("antibiotic", [("WHONET", "PEN", "")]) == "PEN"
        assert ours.version != BUILT_IN.version
    assert CodeMap.load().version == BUILT_IN.version


@pytest.mark.parametrize(
    "file",
    [
        "affixes.csv",
        "antibiotics.csv",
        "antivirals.csv",
        "materials.csv",
        "named_resistance.csv",
        "organisms.csv",
        "serovars.csv",
        "subtypes.csv",
        "systems.csv",
        "test_targets.csv",
        "vaccines.csv",
    ],
)
def test_the_version_is_of_every_file_that_decides(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, before = code_map.read_bytes, CodeMap.load().version

    def changed(path: Path) -> bytes:
        return real(path) + (b"x" if path == DATA / file else b"")

    monkeypatch.setattr(code_map, "read_bytes", changed)
    assert code_map._version(tuple(sorted(MAPS.glob("*.csv")))) != before


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(HEADER + f"sir,{LOCAL},1,,S,test,2026-05-01\n", "utf-8")
    before = CodeMap.load(file).version
    file.write_text(HEADER + f"sir,{LOCAL},1,,R,test,2026-05-01\n", "utf-8")
    assert CodeMap.load(file).version != before


@pytest.mark.parametrize(
    ("row", "line", "rule"),
    [
        (f"antibiotic,{LOCAL},AM,,XXX,test,2026-05-01", 2, "there is no antibiotic 'XXX'"),
        (f"antibiotic,{LOCAL},,,AMP,test,2026-05-01", 2, "neither code nor text"),
        (f"drug,{LOCAL},AM,,AMP,test,2026-05-01", 2, "kind 'drug' must match"),
        (f"antibiotic,{LOCAL},AM,,AMP,test,2026-02-30", 2, "not a day of the calendar"),
        (f"antibiotic,{LOCAL},AM,,AMP,,2026-05-01", 2, "source '' must match"),
        (f"antibiotic,{LOCAL}, AM,,AMP,test,2026-05-01", 2, "blanks at its edge"),
        (f"antibiotic,{LOCAL},AM,,AMP,test", 2, "6 cells, 7 expected"),
        (f'antibiotic,{LOCAL},"AM"x,,AMP,test,2026-05-01', 2, "not a CSV row"),
        ("antibiotic,*,,Ampicillin,CIP,test,2026-05-01", 2, "means 'CIP' here but 'AMP'"),
        (f"antibiotic,{NLK},NPU06045,,CIP,test,2026-05-01", 2, "means 'CIP' here but 'AMP'"),
        ("antibiotic,7280,NPU06045,,CIP,test,2026-05-01", 2, "means 'CIP' here but 'AMP'"),
    ],
)
def test_a_bad_map_file_is_refused_and_says_where(
    tmp_path: Path, row: str, line: int, rule: str
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(HEADER + row + "\n", "utf-8")
    with pytest.raises(CodeFileError) as caught:
        CodeMap.load(file)
    assert (caught.value.file, caught.value.row) == (str(file), line)
    assert rule in caught.value.rule


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEADER + "material,*,,sår,wound,test,2026-05-01\n").encode("latin-1"))
    header = tmp_path / "header.csv"
    header.write_text("kind,code\n", "utf-8")
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    for file in (latin, header, empty, tmp_path / "absent.csv"):
        with pytest.raises(CodeFileError) as caught:
            CodeMap.load(file)
        assert caught.value.file == str(file)


def test_a_remembered_look_up_takes_microseconds() -> None:
    alternatives = [(NLK, "NPU06045", "Us-Ampicillin")]
    MAP.find("antibiotic", alternatives)
    seconds = min(
        timeit.repeat(lambda: MAP.find("antibiotic", alternatives), number=2000, repeat=5)
    )
    assert seconds / 2000 < 20e-6  # about 0.3 µs on an idle machine


def test_free_text_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("varde.codes.code_map.MEMORY", 50)
    fresh = CodeMap(MAP.rows, {}, (), "")
    for number in range(200):
        fresh.find("organism", [("", "", f"remark {number}")])
    assert len(fresh._memory) <= 50


def test_a_map_is_read_once_and_anew_when_its_files_have_changed(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(
        HEADER + "organism,*,,Prøvebakterie,escherichia-coli,test,2026-01-01\n", "utf-8"
    )
    first = CodeMap.load(tmp_path)
    assert CodeMap.load(tmp_path) is first and CodeMap.load() is CodeMap.load()
    before = file.stat()
    file.write_text(
        HEADER + "organism,*,,Prøvebakterie,proteus-vulgaris,test,2026-01-01\n", "utf-8"
    )
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a copy that keeps its times
    second = CodeMap.load(tmp_path)
    assert second.find("organism", [("", "", "Prøvebakterie")]) == "proteus-vulgaris"
    assert first.find("organism", [("", "", "Prøvebakterie")]) == "escherichia-coli"
    assert second.version != first.version


def test_files_that_change_while_they_are_read_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = HEADER + "organism,*,,Prøvebakterie,escherichia-coli,test,2026-01-01\n"
    file = tmp_path / "own.csv"
    file.write_text(old, "utf-8")
    read = code_map.read_systems

    def meanwhile() -> dict[str, str]:
        file.write_text(old.replace("escherichia-coli", "proteus-vulgaris"), "utf-8")
        return read()

    monkeypatch.setattr(code_map, "read_systems", meanwhile)
    CodeMap.load(tmp_path)
    monkeypatch.setattr(code_map, "read_systems", read)
    file.write_text(old, "utf-8")
    found = CodeMap.load(tmp_path).find("organism", [("", "", "Prøvebakterie")])
    assert found == "escherichia-coli"


def test_a_map_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "own.csv").mkdir()
    with pytest.raises(CodeFileError, match=r"own\.csv: cannot be read"):
        CodeMap.load(tmp_path)
