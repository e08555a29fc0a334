"""What is drawn looks like what the tables say, and hangs together."""

from collections import Counter, defaultdict
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varde.codes import materials
from varde.synthetic.courses import organism_names
from varde.synthetic.isolates import DILUTIONS, mic, moved, reports
from varde.synthetic.knowledge import Resistance, constant, material_shares, panel
from varde.synthetic.laboratories import laboratories
from varde.synthetic.norway import END, START

ISOLATES = 20_000

# One worker makes the country once and runs all of these.
pytestmark = pytest.mark.xdist_group("synthetic-isolates")
TESTS = [
    test for name in organism_names() for m in material_shares() for test in panel(name, m.key)
]


@cache
def drawn():
    return tuple(reports(ISOLATES, 3, START, END))


def isolates(organism, *places):
    for report in drawn():
        if not places or report.material in places:
            for isolate in report.isolates:
                if isolate.organism == organism:
                    yield report, isolate, {r.antibiotic: r.sir for r in isolate.results}


def share(organism, antibiotic, *places):
    found = [sir[antibiotic] for *_, sir in isolates(organism, *places) if antibiotic in sir]
    return sum(sir == "R" for sir in found) / len(found)


def test_there_are_as_many_isolates_as_asked_for():
    assert sum(len(report.isolates) for report in drawn()) == ISOLATES


@pytest.mark.parametrize("wanted", [0, 1, 2, 3, 7, 99, 4095, 4097])
def test_any_number_of_isolates_can_be_asked_for(wanted):
    found = list(reports(wanted, 12, date(2026, 1, 1), date(2026, 1, 9)))
    assert sum(len(report.isolates) for report in found) == wanted


@pytest.mark.parametrize(
    ("organism", "antibiotic", "material"),
    [
        ("escherichia-coli", "AMP", "urine"),
        ("escherichia-coli", "CIP", "urine"),
        ("escherichia-coli", "SXT", "urine"),
        ("escherichia-coli", "MEC", "urine"),
        ("escherichia-coli", "AMP", "blood"),
        ("staphylococcus-aureus", "PEN", "wound"),
        ("klebsiella-pneumoniae", "SXT", "urine"),
        ("campylobacter-jejuni", "CIP", "stool"),
    ],
)
def test_resistance_is_near_what_the_table_says(organism, antibiotic, material):
    """With the trend up to the middle of the period; counties and chance move it a little more."""
    (test,) = (t for t in panel(organism, material) if t.antibiotic == antibiotic)
    years = 2025.4 - constant("reference_year")
    expected = float(moved(np.array(test.resistant), np.array(test.trend * years)))
    assert share(organism, antibiotic, material) == pytest.approx(expected, rel=0.2, abs=0.01)


def test_what_is_never_resistant_is_never_drawn_so():
    assert share("streptococcus-pyogenes", "PEN") == 0
    assert share("escherichia-coli", "MEM", "urine") == 0


def test_resistance_of_one_mechanism_is_nested():
    esbl = 0
    for *_, sir in isolates("escherichia-coli"):
        if sir.get("CTX") == "R":
            esbl += 1
            assert sir.get("AMP", "R") == "R"
            assert sir.get("CXM", "R") == "R"
        if sir.get("CAZ") == "R":
            assert sir.get("CTX", "R") == "R"
    assert esbl > 130
    mrsa = [sir for *_, sir in isolates("staphylococcus-aureus") if {"FOX", "OXA"} <= sir.keys()]
    assert all(sir["FOX"] == sir["OXA"] for sir in mrsa)
    assert sum(sir["FOX"] == "R" for sir in mrsa) > 6


def test_mechanisms_hang_together():
    """An ESBL isolate is more often resistant to ciprofloxacin, as such isolates are."""
    rates = defaultdict(list)
    for *_, sir in isolates("escherichia-coli"):
        if {"CTX", "CIP"} <= sir.keys():
            rates[sir["CTX"]].append(sir["CIP"] == "R")
    assert np.mean(rates["R"]) > 3 * np.mean(rates["S"])


def test_counties_differ_mildly():
    rates = defaultdict(list)
    for report, _, sir in isolates("escherichia-coli", "urine"):
        if "SXT" in sir:
            rates[report.patient.municipality[:2]].append(sir["SXT"] == "R")
    means = [np.mean(found) for found in rates.values() if len(found) > 250]
    assert len(means) > 8
    assert 0.01 < np.std(means) < 0.08


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(-3, 3))
def test_a_share_is_moved_on_the_logit_scale(portion, shift):
    found = float(moved(np.array(portion), np.array(shift)))
    if portion in (0, 1) or shift == 0:
        assert found == pytest.approx(portion)
    elif 1e-9 < portion < 1 - 1e-9:
        assert np.log(found / (1 - found)) == pytest.approx(
            np.log(portion / (1 - portion)) + shift, abs=1e-5
        )


def category(test: Resistance, written: str) -> str:
    """What EUCAST's limits make of a concentration as written: a plain reading of the rule."""
    value = float(written.lstrip("<=>"))
    above = test.resistant_over is not None and (
        value > test.resistant_over or (written.startswith(">") and value >= test.resistant_over)
    )
    if above:
        return "R"
    low = test.susceptible_max is not None and value <= test.susceptible_max
    return "S" if low else "I"


@settings(deadline=None)
@given(st.sampled_from(TESTS), st.sampled_from("SIR"), st.floats(0, 1, exclude_max=True))
def test_concentrations_lie_where_the_category_says(test, sir, draw):
    written = mic(test, sir, draw)
    if written:
        assert written.lstrip("<=>") in DILUTIONS
        assert category(test, written) == sir
    elif test.resistant_over is not None:
        # No concentration lies between equal limits, or at or below a limit that is not there.
        assert sir == ("S" if test.susceptible_max is None else "I")


def test_some_isolates_have_concentrations_and_some_have_none():
    kinds = Counter(
        any(result.mic for result in isolate.results)
        for _, isolate, sir in isolates("escherichia-coli")
        if sir
    )
    assert kinds[True] > 700
    assert kinds[False] > 2_000


def test_patients_come_back():
    """Repeats within weeks and relapses after months: what first-isolate rules are for."""
    days = defaultdict(list)
    for report in drawn():
        for isolate in report.isolates:
            days[report.patient.person, isolate.organism].append(report.collected.date())
    gaps = [
        (later - earlier).days
        for found in days.values()
        for earlier, later in zip(sorted(found), sorted(found)[1:], strict=False)
    ]
    assert 0.1 < len(gaps) / ISOLATES < 0.3
    assert sum(gap <= 25 for gap in gaps) > 1_300
    assert sum(35 <= gap < 365 for gap in gaps) > 250
    assert sum(gap >= 365 for gap in gaps) > 25


def test_repeat_isolates_mostly_keep_their_resistance():
    first, same, other = {}, 0, 0
    for report, _, sir in isolates("escherichia-coli", "urine"):
        before = first.setdefault(report.patient.person, sir)
        if before is not sir:
            alike = all(sir[code] == before[code] for code in sir.keys() & before.keys())
            same, other = same + alike, other + (not alike)
    assert same > 3 * other > 0


def test_nobody_is_ill_before_birth_or_of_the_wrong_kind():
    for report in drawn():
        assert report.patient.born < report.collected.date()
    young = [r.patient for r, *_ in isolates("staphylococcus-saprophyticus") if r.isolates]
    assert np.mean([patient.sex == "F" for patient in young]) > 0.97
    women = [r.patient.sex == "F" for r, *_ in isolates("escherichia-coli", "urine")]
    assert 0.65 < np.mean(women) < 0.9
    men = [r.patient.sex == "M" for r in drawn() if r.material == "urethra" and r.isolates]
    assert np.mean(men) == 1


def test_summer_has_stool_and_winter_has_airways():
    months = Counter(
        (materials()[r.material].group, r.collected.month) for r in drawn() if r.material
    )
    warm, cold = (6, 7, 8, 9), (12, 1, 2, 3)
    assert sum(months["stool", m] for m in warm) > 1.4 * sum(months["stool", m] for m in cold)
    assert sum(months["airways", m] for m in cold) > 1.3 * sum(months["airways", m] for m in warm)


def test_volume_is_level_from_the_first_month_to_the_last():
    months = Counter((r.collected.year, r.collected.month) for r in drawn())
    assert len(months) == 34
    assert max(months.values()) < 1.35 * min(months.values())


def test_fewer_specimens_are_taken_at_weekends():
    days = Counter(r.collected.weekday() for r in drawn())
    assert days[6] < 0.7 * days[2]


def test_laboratories_serve_their_counties():
    far = sum(
        report.patient.municipality[:2] not in report.laboratory.counties for report in drawn()
    )
    assert 0 < far / len(drawn()) < constant("elsewhere") * 1.2
    served = {report.laboratory.key for report in drawn()}
    assert served == {lab.key for lab in laboratories()}


def test_a_part_of_specimens_has_two_organisms_and_a_part_none():
    sizes = Counter(len(report.isolates) for report in drawn())
    assert sizes[2] / len(drawn()) == pytest.approx(constant("companion") * 0.8, rel=0.25)
    assert sizes[0] / len(drawn()) == pytest.approx(constant("negative") * 0.8, rel=0.25)
    assert set(sizes) == {0, 1, 2}
    for report in drawn():
        known = [isolate.organism for isolate in report.isolates if isolate.organism]
        assert len(known) == len(set(known))
