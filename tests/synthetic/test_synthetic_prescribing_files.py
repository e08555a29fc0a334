"""The invented prescribing as files, and in any number of rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pytest

from varde.codes import municipalities
from varde.prescribing import layouts
from varde.synthetic import invent_dispensings, invent_prescribing, write_prescribing

YEARS = {"first_year": 2024, "years": 2}
FEW = ("dispensings", "shifts", "sales", "bed-days", "institutions", "prescribers")


def test_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    country = invent_prescribing("small", 3, **YEARS)
    for folder in ("csv", "parquet"):
        (tmp_path / folder).mkdir()
    done: list[tuple[int, int]] = []
    csv = write_prescribing(
        country, tmp_path / "csv", tables=FEW, told=lambda month, of: done.append((month, of))
    )
    parquet = write_prescribing(country, tmp_path / "parquet", "parquet", tables=FEW)
    assert done == [(month, 24) for month in range(1, 25)]
    names = [path.stem for path in csv]
    assert names == [path.stem for path in parquet]
    assert set(names) == {"institutions", "prescribers"} | {
        f"{key}-{year}" for key in FEW[:4] for year in (2024, 2025)
    }
    parts = list(country.batches(FEW))
    whole = country.standing() | {
        key: pa.concat_tables([part[key] for part in parts]) for key in FEW[:4]
    }
    for text, typed in zip(csv, parquet, strict=True):
        key = typed.stem.removesuffix("-2024").removesuffix("-2025")
        layout = layouts()[key]
        rows = pyarrow.parquet.read_table(typed)
        assert rows.schema == layout.schema
        kept = whole[key]
        if typed.stem != key:
            years = pc.year(kept[layout.dated_by])
            kept = kept.filter(pc.equal(years, int(typed.stem[-4:])))
        assert rows.equals(kept), typed.stem
        cells = read_text(text)
        assert cells.column_names == layout.schema.names
        for column in layout.columns:
            found = cells[column.name]
            if column.holds == "month":
                found = pa.chunked_array([pc.binary_join_element_wise(found, "01", "-")])
            if column.holds == "yes-no":
                assert set(found.unique().to_pylist()) == {"ja", "nei", None}
                found = pc.equal(found, "ja")
            assert found.cast(column.arrow).equals(rows[column.name]), (key, column.name)


def read_text(path: Path) -> pa.Table:
    names = path.read_text("utf-8").splitlines()[0].replace('"', "").split(",")
    return pyarrow.csv.read_csv(
        path,
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def test_the_same_country_writes_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for turn in ("one", "two"):
        (tmp_path / turn).mkdir()
        country = invent_prescribing("small", 9, first_year=2024, years=1)
        paths = write_prescribing(country, tmp_path / turn, tables=["dispensings", "prescribers"])
        written.append([(path.name, path.read_bytes()) for path in paths])
    assert written[0] == written[1]


def test_a_table_that_is_none_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    country = invent_prescribing("small", 3, **YEARS)
    with pytest.raises(KeyError):
        write_prescribing(country, tmp_path, tables=["dispensings", "prescriptions"])
    assert list(tmp_path.iterdir()) == []


def test_as_many_dispensings_as_are_asked_for() -> None:
    batches = list(invent_dispensings(25_000, 5, prescribers=50, batch=10_000))
    assert [batch.num_rows for batch in batches] == [10_000, 10_000, 5_000]
    rows = pa.Table.from_batches(batches)
    assert rows.schema == layouts()["dispensings"].schema
    rows.validate(full=True)
    assert pc.count_distinct(rows["dispensing_id"]).as_py() == 25_000
    assert pc.count_distinct(rows["prescriber"]).as_py() == 50
    least = pc.min_max(rows["dispensed_on"]).as_py()
    assert (least["min"].year, least["max"].year) == (2023, 2025)
    assert pc.min_max(rows["ddd"]).as_py()["min"] > 0
    again = list(invent_dispensings(25_000, 5, prescribers=50, batch=10_000))
    assert all(one.equals(other) for one, other in zip(batches, again, strict=True))
    assert list(invent_dispensings(0)) == []
    with pytest.raises(ValueError, match="prescriber"):
        next(invent_dispensings(10, prescribers=0))


def test_the_full_size_is_the_country() -> None:
    country = invent_prescribing("full", 1)
    tables = country.standing()
    doctors = tables["prescribers"].to_pandas(date_as_object=True)
    own = doctors[(doctors["role"] == "gp") & doctors["peer_group"].notna()]
    assert own["prescriber"].nunique() == 6000
    away = doctors[doctors["role"] == "out-of-hours"]
    assert 2850 <= away["prescriber"].nunique() <= 3150
    assert away["unit"].nunique() == 170
    groups = own[own["until"].isna()].groupby("peer_group")["prescriber"].nunique()
    assert len(groups) == 600
    assert groups.between(8, 12).mean() > 0.9
    assert groups.between(5, 15).all()
    institutions = tables["institutions"].to_pandas(date_as_object=True)
    kinds = institutions.groupby("kind")["institution"].nunique()
    assert 900 <= kinds["nursing-home"] <= 920
    assert kinds["municipality"] == len(municipalities(date(2025, 1, 1)))
    # Every row's municipality is one of the day on which it begins.
    for table in (doctors, institutions):
        for since, part in table.groupby("since"):
            assert set(part["municipality"]) <= set(municipalities(since))
    first = tables["list-populations"].filter(
        pc.equal(tables["list-populations"]["since"], date(2025, 1, 1))
    )
    assert 5_300_000 <= pc.sum(first["persons"]).as_py() <= 5_650_000


def test_examples_are_there_in_all_years() -> None:
    country = invent_prescribing("small", 1)
    tables, examples = country.standing(), country.examples
    posts = [
        row
        for row in tables["prescribers"].to_pylist()
        if row["prescriber"] == examples.doctor and row["role"] == "gp"
    ]
    assert [(post["until"], post["peer_group"], post["unit"]) for post in posts] == [
        (None, examples.group, examples.practice)
    ]
    duties = [
        row
        for row in tables["prescribers"].to_pylist()
        if row["prescriber"] == examples.duty_doctor
    ]
    assert [(duty["role"], duty["unit"]) for duty in duties] == [("out-of-hours", examples.unit)]
    kinds = {row["institution"]: row for row in tables["institutions"].to_pylist()}
    assert kinds[examples.home]["kind"] == "nursing-home"
    assert kinds[examples.home]["until"] is None
    assert kinds[examples.home_care]["kind"] == "home-care"
    gave = country.month(30, ["administrations"])["administrations"]["institution"].to_pylist()
    assert {examples.home, examples.home_care} <= set(gave)
