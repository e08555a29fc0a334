"""How methods refine each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from varde.codes import method_meets, methods
from varde.codes.errors import CodeFileError


def test_a_blot_and_a_rise_meet_who_asks_for_antibodies() -> None:
    assert method_meets("antibody-blot", "antibody") and method_meets("antibody-rise", "antibody")
    assert method_meets("antibody", "antibody")


def test_antibodies_are_no_blot_and_no_rise() -> None:
    assert not method_meets("antibody", "antibody-blot")
    assert not method_meets("antibody", "antibody-rise")
    assert not method_meets("antibody-igm", "antibody")
    assert not method_meets("histology", "microscopy")


def test_who_has_no_rise_may_have_antibodies() -> None:
    assert method_meets("antibody-blot", "antibody", denied=True)
    assert not method_meets("antibody-rise", "antibody", denied=True)


def test_a_method_is_not_less_precise_than_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "methods.csv"
    path.write_text("finer,coarser,denied,source,valid_from\ntoxin,toxin,no,x,2026-01-01\n")
    monkeypatch.setattr(methods, "METHODS", path)
    methods._coarser.cache_clear()
    with pytest.raises(CodeFileError, match="itself"):
        method_meets("toxin", "antigen")
    monkeypatch.undo()
    methods._coarser.cache_clear()
