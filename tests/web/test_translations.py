"""Every text of the pages is translated, and what is compiled is what is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.template import engines
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

import varde.web

WEB = Path(varde.web.__file__).parent
FOLDER = WEB / "locale" / "nb" / "LC_MESSAGES"
TEMPLATES = sorted(path.name for path in (WEB / "templates" / "web").glob("*.html"))
CALLS = {"_", "gettext", "gettext_lazy"}


def in_template(name: str) -> Iterator[str]:
    """The texts that a template asks to have translated."""
    template = engines["django"].get_template(f"web/{name}").template
    for node in template.nodelist.get_nodes_by_type(Node):
        if isinstance(node, TranslateNode):
            # Django looks texts of templates up with their percent signs doubled.
            yield str(node.filter_expression.var.literal).replace("%", "%%")
        elif isinstance(node, BlockTranslateNode):
            text, _ = node.render_token_list(node.singular)
            yield " ".join(text.split()) if node.trimmed else text


def in_code() -> Iterator[str]:
    """The texts that the room's modules ask to have translated."""
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in CALLS
            ):
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: not a plain text"
                yield node.args[0].value


def wanted() -> set[str]:
    texts = set(in_code())
    for name in TEMPLATES:
        texts.update(in_template(name))
    return texts


def said(entry: polib.POEntry) -> str:
    """The translation; of what has a plural, the first form, once all forms are there."""
    forms = entry.msgstr_plural
    return str(forms[0]) if forms and all(forms.values()) else str(entry.msgstr)


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return {entry.msgid: said(entry) for entry in polib.pofile(FOLDER / "django.po")}


def test_every_text_has_a_norwegian_one(written: dict[str, str]) -> None:
    assert sorted(text for text in wanted() if not written.get(text)) == []


def test_no_translation_is_left_over(written: dict[str, str]) -> None:
    assert sorted(set(written) - wanted()) == []


def test_the_compiled_file_is_the_written_one(written: dict[str, str]) -> None:
    compiled = {entry.msgid: said(entry) for entry in polib.mofile(FOLDER / "django.mo")}
    assert compiled == written


def test_placeholders_are_kept(written: dict[str, str]) -> None:
    for original, translated in written.items():
        for pattern in (r"%\(\w+\)s", r"\{\w*\}"):
            found = sorted(re.findall(pattern, original))
            assert sorted(re.findall(pattern, translated)) == found, original


def test_templates_hold_no_text_outside_translation() -> None:
    """Words between tags are either translated or the two languages' own names."""
    allowed = {"Varde", "Norsk", "English", "n", "S", "I", "R"}
    for name in TEMPLATES:
        if name == "500.html":  # holds both languages, because nothing else may be asked then
            continue
        source = (WEB / "templates" / "web" / name).read_text(encoding="utf-8")
        bare = re.sub(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", "", source, flags=re.S)
        bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<!doctype html>|&\w+;", " ", bare, flags=re.S)
        bare = re.sub(r"<(?:\"[^\"]*\"|'[^']*'|[^'\">])*>", " ", bare)
        left = set(re.findall(r"[^\W\d_]+", bare)) - allowed
        assert left == set(), name
