"""The published columns of NORM and RAVN, what is decided about each, and the words that are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import msgspec
import pytest

from varde.codes import CodeMap, antibiotics, antivirals, countries
from varde.messages import read_minimised
from varde.messages.deidentified import published as data
from varde.messages.deidentified import vocabulary
from varde.messages.deidentified.kept import Column, Row
from varde.messages.deidentified.published import Keeping, keeping, published, rules
from varde.messages.deidentified.reading import _drug_code
from varde.messages.tables.definition import plain

__all__ = ["read_minimised", "replace"]


@pytest.mark.parametrize("register", data.REGISTERS)
def test_every_published_column_is_decided_and_kept_under_a_name(register: data.Register) -> None:
    names = [column.name for column in published(register).columns]
    assert list(rules(register)) == names
    fields = {*Row.__struct_fields__, "report_id"}
    assert set(names) <= fields
    for rule in rules(register).values():
        assert rule.why.nb.endswith(".") and rule.why.en.endswith(".")
