"""The page of the documentation says what the layouts and reasons say."""

from __future__ import annotations

from pathlib import Path

from varde.prescribing import layouts
from varde.prescribing.description import rewrite
from varde.prescribing.reading import reasons

PAGE = Path(__file__).resolve().parents[2] / "docs" / "prescribing-data.md"


def test_the_page_says_what_the_layouts_say() -> None:
    page = PAGE.read_text("utf-8")
    assert rewrite(page) == page, "run the command at the end of docs/prescribing-data.md"
    for key, layout in layouts().items():
        section = page.partition(f"\n### {key}\n")[2].partition("\n#")[0]
        assert all(f"| `{column.name}` |" in section for column in layout.columns)
        assert section.count("\n| `") == len(layout.columns)
    assert all(f"| *{key}* |" in page for key in reasons())


def test_a_page_without_regions_is_left_alone() -> None:
    assert rewrite("# Other\n") == "# Other\n"
