"""The documentation is true in what a machine can check: commands, settings, links, rooms, examples."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from commands import run_varde
from varde.access.roles import roles
from varde.cli import app
from varde.messages import LabReport, read
from varde.resistance import DIMENSIONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "varde"
PAGES = sorted(
    path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if path.is_file()
)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
SECTIONS = ["## Context", "## Choice", "## Consequences", "## Alternatives"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"\b(?:VARDE_[A-Z][A-Z_]*[A-Z]|DATABASE_URL)\b")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


ALL = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)


def flatten(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name: ("guideline check", ...)."""
    for name, found in group.commands.items():
        if hasattr(found, "commands"):
            yield from flatten(found, f"{before}{name} ")
        else:
            yield f"{before}{name}", found


COMMANDS = dict(flatten(typer.main.get_command(app)))


def blocks(page: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(page) if kind == language]


def options() -> Iterator[tuple[str, str]]:
    for command, found in COMMANDS.items():
        for parameter in found.params:
            for name in (*parameter.opts, *parameter.secondary_opts):
                if name.startswith("--"):
                    yield command, name


def test_the_commands_are_the_ones_the_documentation_speaks_of() -> None:
    spoken = set(
        re.findall(r"^\| `varde ([a-z]+(?: [a-z]+)?)[ `]", text("docs/operation.md"), re.M)
    )
    assert spoken == set(COMMANDS)


@pytest.mark.parametrize(("command", "option"), sorted(options()))
def test_every_option_is_documented(command: str, option: str) -> None:
    if option == "--help":
        assert "Every command also has `--help`" in text("docs/operation.md")
        return
    page = text("docs/operation.md")
    row = next(line for line in page.splitlines() if re.match(rf"\| `varde {command}[ `]", line))
    section = page.partition("`varde antibiogram`:")[2].partition("\n## ")[0]
    where = row + section if command == "antibiogram" else row
    assert re.search(rf"{option}(?![a-z-])", where), f"varde {command} {option} is not documented"


def test_no_documented_option_is_gone() -> None:
    known = {name for _, name in options()} | {"--help", "--install-completion"}
    known.add("--show-completion")
    for line in text("docs/operation.md").splitlines():
        if line.startswith(("| `varde ", "| `--")):
            assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", line)) <= known, line


@pytest.mark.parametrize("word", sorted(DIMENSIONS))
def test_every_dimension_is_documented(word: str) -> None:
    options = text("docs/operation.md").partition("`varde antibiogram`:")[2]
    row = next(line for line in options.splitlines() if "`--by" in line)
    assert f"`{word}`" in row


def settings_in_source() -> set[str]:
    found: set[str] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(SETTING.findall(path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("setting", sorted(settings_in_source()))
def test_every_setting_is_in_the_table(setting: str) -> None:
    table = text("docs/operation.md").partition("## Settings")[2].partition("\n## ")[0]
    assert f"| `{setting}` |" in table


def test_settings_were_found() -> None:
    assert {"VARDE_HOME", "DATABASE_URL", "VARDE_STORAGE_KEYS"} <= settings_in_source()


def test_no_setting_is_documented_that_nothing_reads() -> None:
    sources = [*ROOT.glob("tests/**/*.py"), *PACKAGE.rglob("*.py"), ROOT / "Makefile"]
    read_somewhere = {
        name for path in sources for name in SETTING.findall(path.read_text(encoding="utf-8"))
    }
    assert set(SETTING.findall(ALL)) <= read_somewhere


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in anchors(there), f"{name_of(page)} links to {target}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_picture_is_a_small_png() -> None:
    picture = ROOT / "docs" / "images" / "resistance.png"
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.stat().st_size <= 300_000
    assert "docs/images/resistance.png" in text("README.md")


@pytest.mark.parametrize("decision", DECISIONS, ids=name_of)
def test_decisions_have_their_sections_and_are_short(decision: Path) -> None:
    lines = decision.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {int(decision.name[:4])}. ")
    assert [line for line in lines if line.startswith("## ")] == SECTIONS
    for one, other in zip(SECTIONS, [*SECTIONS[1:], ""], strict=True):
        end = lines.index(other) if other else len(lines)
        assert any(lines[lines.index(one) + 1 : end]), f"{one} is empty"
    assert len(lines) <= 40


def test_decisions_are_numbered_without_holes_and_all_listed() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = LINK.findall(text("docs/decisions/README.md"))
    assert listed == [path.name for path in DECISIONS]


def rooms() -> set[str]:
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def room_rows() -> dict[str, str]:
    found = re.findall(r"^\| `(\w+)/` \|.*\| ([^|]+) \|$", text("docs/architecture.md"), re.M)
    return dict(found)


def test_the_architecture_names_every_room() -> None:
    assert {name for name, state in room_rows().items() if state == "**exists**"} == rooms()


def test_planned_rooms_are_not_there_yet() -> None:
    planned = {name for name, state in room_rows().items() if state == "planned"}
    assert planned
    assert not planned & rooms()
    assert len(planned) + len(rooms()) == len(room_rows())


def test_the_order_of_the_rooms_is_the_contract() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    order = [layer.removeprefix("varde.") for layer in reversed(layers)]
    assert f"    {' < '.join(order)}\n" in text("CONTRIBUTING.md")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_named_in_backticks_exist(page: Path) -> None:
    for path in re.findall(
        r"`((?:src|tests|docs|examples|benchmarks)/[\w./-]+)`", page.read_text()
    ):
        assert (ROOT / path).exists(), f"{name_of(page)} names {path}"


def test_functions_that_the_architecture_names_exist() -> None:
    page = re.sub(r"^```.*?^```", "", text("docs/architecture.md"), flags=re.M | re.S)
    named = set(re.findall(rf"`((?:{'|'.join(sorted(rooms()))})(?:\.\w+)+)`", page))
    assert len(named) > 20
    for dotted in sorted(named):
        assert is_there(f"varde.{dotted}"), f"docs/architecture.md names {dotted}"


def is_there(dotted: str) -> bool:
    """Whether there is a module of this name, or one that has what stands behind its name."""
    module, _, last = dotted.rpartition(".")
    attributes = [last]
    while not _importable(module):
        module, _, last = module.rpartition(".")
        attributes.insert(0, last)
    holder: Any = import_module(module)
    for attribute in attributes:
        if not hasattr(holder, attribute):
            return hasattr(holder, "__path__") and _importable(f"{module}.{attribute}")
        holder = getattr(holder, attribute)
    return True


def _importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # its parent is no package
        return False


def shell_lines() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        found = page.read_text(encoding="utf-8")
        for body in blocks(found, "sh"):
            for line in body.splitlines():
                yield name_of(page), line
        for body in blocks(found, "console"):
            for line in body.splitlines():
                if line.startswith("$ "):
                    yield name_of(page), line[2:]


@pytest.mark.parametrize(("page", "line"), sorted(set(shell_lines())))
def test_commands_in_examples_exist(page: str, line: str) -> None:
    word, _, rest = line.partition(" ")
    if word == "varde":
        command, *arguments = shlex.split(rest)
        if command not in COMMANDS and arguments:
            command = f"{command} {arguments.pop(0)}"
        assert command in COMMANDS, f"{page}: {line}"
        known = {name for owner, name in options() if owner == command}
        assert {part for part in arguments if part.startswith("--")} <= known, f"{page}: {line}"
    elif word == "make":
        assert re.search(rf"^{rest}:", text("Makefile"), re.M), f"{page}: {line}"


def test_examples_with_commands_were_found() -> None:
    words = {line.split(" ")[0] for _, line in shell_lines() if line}
    assert {"make", "varde"} <= words


def test_the_demo_s_port_is_chosen_as_the_readme_says() -> None:
    [said] = re.findall(r"`(make demo [^`]+)`", text("README.md"))
    for line, port in ((said, "8100"), ("make demo", "8000")):
        shown = subprocess.run(
            [*shlex.split(line), "--dry-run"],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PORT"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"varde demo --port {port}" in shown.stdout


def test_every_make_target_is_in_contributing() -> None:
    targets = re.findall(r"^([a-z]+):.*##", text("Makefile"), re.M)
    rows = re.findall(r"^\| `make ([a-z]+)` \|", text("CONTRIBUTING.md"), re.M)
    assert sorted(rows) == sorted(targets)


def test_the_readme_list_reads_as_the_readme_says() -> None:
    listing, local_map = blocks(text("README.md"), "csv")
    [mapping] = blocks(text("README.md"), "toml")
    records = list(read(listing.encode(), mapping.encode()))
    good = [record for record in records if isinstance(record, LabReport)]
    bad = [record for record in records if not isinstance(record, LabReport)]
    assert f"{len(records)} received: {len(good)} accepted" in text("README.md")
    assert [record.reason for record in bad] == ["bad-date"]
    assert "kind,system,code,text,concept,source,valid_from" in local_map


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home beside the README's list and mapping."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "januar.csv").write_text(blocks(text("README.md"), "csv")[0], encoding="utf-8")
    [mapping] = blocks(text("README.md"), "toml")
    (inbox / "mapping.toml").write_text(mapping, encoding="utf-8")
    return tmp_path / "state"


def test_the_readme_session_gives_what_the_readme_shows(home: Path) -> None:
    (home / "maps").mkdir(parents=True)
    said = [run_line("ingest inbox", home)]
    said.append(run_line("refresh", home))
    said.append(run_line("antibiogram --format csv --organism escherichia-coli", home))
    local_map = blocks(text("README.md"), "csv")[1]
    (home / "maps" / "fjordby.csv").write_text(local_map, encoding="utf-8")
    said.append(run_line("status", home).splitlines()[-1])
    said.append(run_line("replay", home))
    said.append(run_line("ingest inbox", home))

    shown = " ".join(text("README.md").split())
    for line in "\n".join(said).splitlines():
        words = " ".join(line.split())
        assert words in shown, f"the README does not show: {words}"


def test_json_has_the_keys_that_the_readme_names(home: Path) -> None:
    table = text("README.md").partition("## JSON")[2].partition("\n## ")[0]
    named = {
        line.split("`")[1].split(" ")[1]: set(re.findall(r"[\"`]([a-zA-Z_][a-z_A-Z-]*)[\"`]", line))
        for line in table.splitlines()
        if line.startswith("| `varde ")
    }
    named["replay"] |= named["ingest"]
    status = {"ok", "too-few", "not-computable"}
    for line in (
        "ingest inbox --json",
        "quarantine --json",
        "refresh --json",
        "antibiogram --format json",
        "status --json",
        "replay --json",
    ):
        command = line.split(" ")[0]
        given = set(keys(json.loads(run_line(line, home))))
        assert given - {"organism", "antibiotic"} <= named[command], line
        assert named[command] - status <= given, line


def keys(value: object) -> Iterator[str]:
    """Every key of every object in a JSON value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from keys(part)


def run_line(line: str, home: Path) -> str:
    """What the command says, in a process of its own: Django opens one database a process."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = run_varde(
        *shlex.split(line),
        folder=home.parent,
        # At a terminal, which is what the README shows, only what goes wrong is logged.
        environment=environment
        | {"VARDE_HOME": str(home), "COLUMNS": "200", "VARDE_LOG_LEVEL": "WARNING"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout if "json" in line else done.stdout + done.stderr


def test_the_demo_users_are_the_readme_s() -> None:
    # Django's models can only be imported once pytest-django has set Django up.
    from varde.access.demo_users import _USERS, DEMO_PASSWORD

    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", text("README.md"), re.M)
    expected = [(username, roles()[role].landing) for username, role, _, _ in _USERS]
    assert [(user, landing.replace(" ", "-")) for user, landing, _ in rows] == expected
    assert f"`{DEMO_PASSWORD}`" in text("README.md")
    for (_, _, may), (_, role, _, _) in zip(rows, _USERS, strict=True):
        pages = {page.replace("-", " ") for page in roles()[role].pages}
        assert {page for page in pages if page in may} == pages


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert f"## [{version}]" in text("CHANGELOG.md")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command: str) -> None:
    answer = CliRunner().invoke(app, [*command.split(), "--help"])
    assert answer.exit_code == 0
    assert "--help" in answer.output
