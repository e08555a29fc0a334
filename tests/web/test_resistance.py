"""The resistance page: it says what the warehouse says, hides what must be hidden, everywhere."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse

from varde.publishing import disclose
from varde.resistance import antibiogram
from varde.warehouse import open_tables
from varde.web.answers import Choices
from varde.web.pages.resistance import _period_end, defaults

WHOLE = {
    "organism": "escherichia-coli",
    "first": "2025-01-01",
    "last": "2026-12-31",
    "method": "episode:365",
}
WHOLE_SELECTION: dict[str, Any] = {
    "organism": "escherichia-coli",
    "date_from": date(2025, 1, 1),
    "date_to": date(2026, 12, 31),
}
YEAR = {**WHOLE, "last": "2025-12-31"}
YEAR_SELECTION: dict[str, Any] = {**WHOLE_SELECTION, "date_to": date(2025, 12, 31)}


@pytest.fixture
def client(home: Path, sign_in: Callable[..., Client]) -> Client:
    return sign_in("epidemiologist")


@pytest.fixture
def counted(home: Path) -> dict[str, dict[str, Any]]:
    """The antibiogram straight from the warehouse, undisclosed."""
    with open_tables(home / "warehouse") as tables:
        table = antibiogram(tables, ("antibiotic",), "episode:365", **WHOLE_SELECTION)
    return {row["antibiotic"]: row for row in table.to_pylist()}


def read_csv(content: bytes) -> dict[str, dict[str, str]]:
    text = content.decode("utf-8-sig")
    return {row["antibiotic"]: row for row in csv.DictReader(io.StringIO(text))}


def read_page(body: str) -> dict[str, list[str]]:
    """Rows of the page's first table: code → the other cells' texts."""
    table = body[body.index("antibiogram") : body.index("</table>")]
    rows = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]:
        code = re.search(r'class="code">(\w+)', row)
        assert code
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        rows[code[1]] = [re.sub(r"<[^>]+>|&nbsp;", "", cell).strip() for cell in cells]
    return rows


def test_without_a_snapshot_the_page_says_what_is_missing(
    empty_home: Path, sign_in: Callable[..., Client]
) -> None:
    answer = sign_in("clinician").get(reverse("resistance"))
    assert answer.status_code == 200
    assert "Ingen tall ennå" in answer.content.decode()


def test_the_page_opens_with_an_answer(client: Client) -> None:
    body = client.get(reverse("resistance")).content.decode()
    assert "<i>Escherichia coli</i>" in body
    assert body.count('role="img"') == 4  # two charts, each wide and narrow


def test_table_csv_and_parquet_are_equal_and_right(
    client: Client, counted: dict[str, dict[str, Any]]
) -> None:
    page = read_page(client.get(reverse("resistance"), WHOLE).content.decode())
    as_csv = read_csv(client.get(reverse("resistance-csv"), WHOLE).content)
    parquet = pq.read_table(io.BytesIO(client.get(reverse("resistance-parquet"), WHOLE).content))
    as_parquet = {row["antibiotic"]: row for row in parquet.to_pylist()}
    assert page.keys() == as_csv.keys() == as_parquet.keys() == counted.keys()
    for code, row in counted.items():
        if row["n"] < 30:
            continue
        assert as_csv[code]["n"] == page[code][0] == str(row["n"]) == str(as_parquet[code]["n"])
        assert float(as_csv[code]["pct_R"]) == pytest.approx(row["pct_R"], abs=5e-5)
        assert as_parquet[code]["pct_R"] == row["pct_R"]
        assert page[code][3].startswith(f"{row['pct_R']:.1f}".replace(".", ","))
    about = json.loads(parquet.schema.metadata[b"varde"])
    assert about["organism"] == "Escherichia coli" and about["snapshot"] == "1"


def test_small_cells_are_hidden_on_the_page_and_in_every_file(client: Client, home: Path) -> None:
    with open_tables(home / "warehouse") as tables:
        table = antibiogram(tables, ("antibiotic",), "episode:365", **YEAR_SELECTION)
    counted = {row["antibiotic"]: row for row in table.to_pylist()}
    assert 1 <= counted["COL"]["n"] <= 4 and 5 <= counted["FOS"]["n"] < 30
    page = read_page(client.get(reverse("resistance"), YEAR).content.decode())
    assert page["COL"] == ["&lt;5", "Skjult (n &lt; 5)"]
    assert page["FOS"][0] == str(counted["FOS"]["n"])
    parquet = pq.read_table(io.BytesIO(client.get(reverse("resistance-parquet"), YEAR).content))
    rows = {row["antibiotic"]: row for row in parquet.to_pylist()}
    hidden = ("S", "I", "R", "pct_S", "pct_I", "pct_R", "R_low", "R_high")
    as_csv = read_csv(client.get(reverse("resistance-csv"), YEAR).content)
    for code in ("COL", "FOS"):
        assert all(rows[code][field] is None for field in hidden)
        assert all(as_csv[code][field] == "" for field in hidden)
    assert rows["COL"]["n"] is None and as_csv["COL"]["n"] == ""
    assert rows["COL"]["status"] == "suppressed" and rows["FOS"]["status"] == "too-few"


def test_a_selection_so_small_that_all_is_hidden_tells_no_count(client: Client) -> None:
    body = client.get(
        reverse("resistance"), {**WHOLE, "organism": "citrobacter-freundii"}
    ).content.decode()
    assert "Alle isolater av Citrobacter freundii, tatt " in body
    assert "Antallet er skjult, fordi det ville røpe et lite tall." in body
    assert "<strong>&lt;&nbsp;5</strong>" in body
    assert not re.search(r'class="number">[1-4]<', body)


def test_the_selection_is_the_one_asked_for(client: Client, home: Path) -> None:
    asked = {**WHOLE, "material": "blood", "county": "46", "method": "none"}
    as_csv = read_csv(client.get(reverse("resistance-csv"), asked).content)
    with open_tables(home / "warehouse") as tables:
        table = antibiogram(
            tables, ("antibiotic",), "none", **WHOLE_SELECTION, material_group="blood", county="46"
        )
    expected = {row["antibiotic"]: row["n"] for row in table.to_pylist() if row["n"] >= 30}
    assert expected
    assert {code: int(as_csv[code]["n"]) for code in expected} == expected
    assert {row["county"] for row in as_csv.values()} == {"46"}


def test_a_period_that_ends_before_it_begins_is_told(client: Client) -> None:
    answer = client.get(
        reverse("resistance"), {**WHOLE, "first": "2026-02-01", "last": "2026-01-01"}
    )
    assert answer.status_code == 422
    assert "Perioden slutter før den begynner." in answer.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"organism": "no-such"},
        {"method": "episode:1"},
        {"county": "99"},
        {"first": "soon"},
        {"material": "'"},
    ],
)
def test_what_cannot_be_asked_is_refused_and_never_an_error(
    client: Client, wrong: dict[str, str]
) -> None:
    for name in ("resistance", "resistance-csv", "resistance-parquet"):
        assert client.get(reverse(name), {**WHOLE, **wrong}).status_code == 422


def test_the_trend_follows_the_chosen_antibiotic(client: Client) -> None:
    body = client.get(reverse("resistance"), {**WHOLE, "antibiotic": "CIP"}).content.decode()
    assert "Andel resistente mot ciprofloksacin over tid: Escherichia coli" in body
    assert "1. kv. 25" in body


def test_the_page_says_how_the_numbers_are_made(client: Client) -> None:
    body = client.get(reverse("resistance"), WHOLE).content.decode()
    for said in (
        "Slik er tallene laget",
        "Wilsons",
        "Gjentakelser utelatt",
        "Datauttrekk nr. 1",
        "ikke kjenner",
    ):
        assert said in body


def test_english_numbers_have_a_point(client: Client) -> None:
    client.cookies["django_language"] = "en"
    page = read_page(client.get(reverse("resistance"), WHOLE).content.decode())
    assert re.match(r"\d+\.\d \(", page["CIP"][3])


@pytest.mark.parametrize(
    ("last", "year"),
    [
        (date(2026, 10, 31), "2025"),
        (date(2026, 12, 31), "2026"),
        (date(2024, 2, 29), "2023"),
        (date(2020, 5, 1), "2020"),  # when the register began
    ],
)
def test_the_period_at_first_is_the_last_whole_year(last: date, year: str) -> None:
    choices = Choices(
        snapshot=1,
        organisms=("escherichia-coli",),
        material_groups=(),
        counties=(),
        first=date(2020, 1, 1),
        last=last,
    )
    today = date(2027, 1, 1)
    assert defaults(choices, today)["first"] == f"{year}-01-01"
    assert defaults(choices, today)["last"] == f"{year}-12-31"


@pytest.mark.parametrize(
    ("first", "year"),
    [(date(2020, 1, 1), "2025"), (date(2026, 11, 1), "2026"), (date(2099, 1, 5), "2026")],
)
def test_an_isolate_from_the_future_does_not_move_the_period_at_first(
    first: date, year: str
) -> None:
    choices = Choices(
        snapshot=1,
        organisms=("escherichia-coli",),
        material_groups=(),
        counties=(),
        first=first,
        last=date(2099, 1, 5),
    )
    found = defaults(choices, date(2026, 11, 22))
    assert (found["first"], found["last"]) == (f"{year}-01-01", f"{year}-12-31")


def test_the_reader_may_ask_for_any_period(client: Client) -> None:
    answer = client.get(reverse("resistance"), {**WHOLE, "last": "2099-12-31"})
    assert answer.status_code == 200 and "31.12.2099" in answer.content.decode()


@pytest.mark.parametrize(
    ("step", "last"),
    [("2026-Q1", "2026-03-31"), ("2026-Q4", "2026-12-31"), ("2024", "2024-12-31")],
)
def test_a_period_has_a_last_day(step: str, last: str) -> None:
    assert _period_end(step).isoformat() == last


def test_a_period_that_is_not_over_is_marked(client: Client, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    now = datetime(2026, 6, 10, 12, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    body = client.get(reverse("resistance"), {**WHOLE, "antibiotic": "AMP"}).content.decode()
    assert body.count('class="chart-ring"') == 2  # the wide chart and the narrow one
    assert re.search(r'2\. kv\. 26 <span class="soft">\(ikke avsluttet\)', body)
    assert "svarene går bare til 10.06.2026" in body
    monkeypatch.setattr("django.utils.timezone.now", lambda: now.replace(month=3, day=31))
    body = client.get(reverse("resistance"), {**WHOLE, "antibiotic": "AMP"}).content.decode()
    assert "ikke avsluttet" not in body
    over_time = body[body.index('class="trend"') :]
    assert "1. kv. 26" in over_time and "2. kv. 26" not in over_time  # isolates from the future


def test_few_resistant_are_told_as_few_everywhere(client: Client, home: Path) -> None:
    """A county with few that are resistant to nitrofurantoin, its chart, its files and its trend."""
    asked = {**YEAR, "county": "50", "antibiotic": "NIT"}
    with open_tables(home / "warehouse") as tables:
        table = antibiogram(tables, ("antibiotic",), "episode:365", **YEAR_SELECTION, county="50")
    counts = {row["antibiotic"]: row for row in table.to_pylist()}
    few = [code for code, row in counts.items() if row["n"] >= 30 and 0 < row["R"] < 5]
    assert "NIT" in few
    body = client.get(reverse("resistance"), asked).content.decode()
    page, as_csv = read_page(body), read_csv(client.get(reverse("resistance-csv"), asked).content)
    for code in few:
        n = str(counts[code]["n"])
        assert page[code] == [n, f"Færre enn 5 resistente (av {n})"]
        assert as_csv[code]["status"] == "few-resistant" and as_csv[code]["n"] == n
        for field in ("S", "I", "R", "pct_S", "pct_I", "pct_R", "R_low", "R_high"):
            assert as_csv[code][field] == ""
    assert "R &lt; 5" in body


def test_a_county_is_not_found_by_subtracting_the_others(client: Client, home: Path) -> None:
    """What the table by county protects is hidden of the county chosen alone too."""
    with open_tables(home / "warehouse") as tables:
        by = ("antibiotic", "county")
        exact = antibiogram(tables, by, "none", **WHOLE_SELECTION)
    covered: dict[str, set[str]] = {}
    for code in set(exact["antibiotic"].to_pylist()):
        of_one = exact.filter(pc.equal(exact["antibiotic"], code))
        for row in disclose(of_one, "county", adds_up=True):
            if row.status == "protected":
                covered.setdefault(row.key, set()).add(code)
    county = max(covered, key=lambda one: len(covered[one]))
    asked = {**WHOLE, "method": "none", "county": county}
    as_csv = read_csv(client.get(reverse("resistance-csv"), asked).content)
    for code in covered[county]:
        assert as_csv[code]["status"] == "protected" and not as_csv[code]["R"]
        assert as_csv[code]["pct_R"] == as_csv[code]["R_high"] == as_csv[code]["pct_S"] == ""


def test_days_do_not_tell_what_their_quarters_hide(client: Client) -> None:
    """One more day is one day's isolates: the period is widened, which the page says."""
    days = {**WHOLE, "method": "none", "first": "2025-02-03", "last": "2025-03-30"}
    body = client.get(reverse("resistance"), days).content.decode()
    quarter = {**days, "first": "2025-01-01", "last": "2025-03-31"}
    whole = client.get(reverse("resistance"), quarter).content.decode()
    assert read_page(body) == read_page(whole)
    assert "01.01.2025–31.03.2025" in body and "utvidet til hele kvartaler" in body
    assert 'value="2025-03-31" selected' in body and "utvidet" not in whole
    as_csv = read_csv(
        client.get(
            reverse("resistance-csv"), {**quarter, "county": "46", "material": "urine"}
        ).content
    )
    assert {row["date_to"] for row in as_csv.values()} == {"2025-12-31"}


def test_a_year_less_its_other_quarters_tells_no_hidden_number(client: Client, home: Path) -> None:
    with open_tables(home / "warehouse") as tables:
        table = antibiogram(tables, ("antibiotic", "quarter"), "none", **YEAR_SELECTION)
    few = {}
    for row in table.to_pylist():
        if row["n"] >= 30 and 0 < row["R"] < 5:
            few.setdefault(row["antibiotic"], row["quarter"])
    assert few
    days = ["01-01", "03-31", "04-01", "06-30", "07-01", "09-30", "10-01", "12-31"]
    quarters = {
        f"2025-Q{place // 2 + 1}": {"first": f"2025-{days[place]}", "last": f"2025-{last}"}
        for place, last in enumerate(days[1:])
        if place % 2 == 0
    }
    told = {
        name: read_csv(
            client.get(reverse("resistance-csv"), {**YEAR, "method": "none", **period}).content
        )
        for name, period in {**quarters, "2025": {}}.items()
    }
    for code in few:
        hidden = [name for name, rows in told.items() if rows[code]["pct_R"] == ""]
        assert len(hidden) > 1  # another quarter, or the year, with the one that has few


def test_files_have_the_columns_of_the_command_line(client: Client, home: Path) -> None:
    with open_tables(home / "warehouse") as tables:
        table = antibiogram(tables, ("organism", "antibiotic"), "episode:365", **WHOLE_SELECTION)
    text = client.get(reverse("resistance-csv"), WHOLE).content.decode("utf-8-sig")
    assert text.splitlines()[0].split(",")[: len(table.column_names)] == table.column_names


def chosen_county(body: str) -> str:
    select = body[body.index('id="county"') :]
    return re.findall(r'value="(\w*)" selected', select[: select.index("</select>")])[0]


def test_a_municipal_doctor_starts_in_the_own_county_and_may_leave_it(
    home: Path, sign_in: Callable[..., Client]
) -> None:
    doctor = sign_in("municipal-doctor", "4601")
    body = doctor.get(reverse("resistance")).content.decode()
    assert chosen_county(body) == "46" and "Åpnet på eget fylke, Vestland" in body
    as_csv = read_csv(doctor.get(reverse("resistance-csv")).content)
    assert {row["county"] for row in as_csv.values()} == {"46"}
    for county in ("", "03"):
        body = doctor.get(reverse("resistance"), {"county": county}).content.decode()
        assert 'value="46" selected' not in body and "eget fylke" not in body
        assert re.search(rf'csv\?[^"]*county={county}[&"]', body)  # the downloads ask for the same


@pytest.mark.parametrize(
    ("role", "area"),
    [
        ("municipal-doctor", "9999"),
        ("municipal-doctor", ""),
        ("municipal-doctor", "1804"),  # Bodø, in a county without isolates here
        ("clinician", "4601"),
    ],
)
def test_who_has_no_county_with_isolates_starts_with_the_country(
    role: str, area: str, home: Path, sign_in: Callable[..., Client]
) -> None:
    body = sign_in(role, area).get(reverse("resistance")).content.decode()
    assert chosen_county(body) == "" and "eget fylke" not in body


@pytest.mark.parametrize(
    ("role", "page", "said"),
    [
        ("municipal-doctor", "resistance", "viser tall for hele landet"),
        ("laboratory-contact", "resistance", "viser tall for hele landet"),
        ("laboratory-contact", "quarantine", "viser eget laboratorium"),
        ("duty-officer", "quarantine", "viser hele landet"),
        ("administrator", "access-log", "viser ingen helseopplysninger"),
        ("municipal-doctor", "start", ""),
    ],
)
def test_the_header_names_what_the_page_is_limited_to(
    role: str, page: str, said: str, register: None, sign_in: Callable[..., Client]
) -> None:
    body = sign_in(role).get(reverse(page)).content.decode()
    spans = re.findall(r"<span>(.*?)</span>", body[body.index('class="who"') :].split("</p>")[0])
    assert spans[1:] == ([said] if said else [])
