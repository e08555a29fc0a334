"""Commands on the guideline: `varde guideline check`, `diff`, `import`, `export`."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from varde.cli.frame import AsJson, fail, home
from varde.terminal import console, number_of, print_json

if TYPE_CHECKING:
    from varde.guidelines import Change, Entry, Library, Terminology

app = typer.Typer(
    help="The antibiotic guideline: check content, compare versions, import and export.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Shape(StrEnum):
    """What an export holds."""

    hapi = "hapi"
    versions = "versions"
    fhir = "fhir"


Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, as 2024-06-27.")]


def own_folder() -> Path:
    """The site's own content."""
    return home() / "guidelines"


def folders() -> list[Path]:
    """What the service serves: the shipped content unless switched off, and the site's own."""
    from varde.guidelines import served_folders

    return served_folders(own_folder(), os.environ.get("VARDE_DEMO_CONTENT") != "0")


def today() -> date:
    """The day in Norway, without loading Django for it."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Europe/Oslo")).date()


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER…]", help="Folders of content; else what is served."),
    ] = None,
    publish: Annotated[
        bool,
        typer.Option("--publish", help="When nothing is wrong, publish what is not published yet."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check content files: shape, rules, versions that must not change, and what looks odd."""
    from varde.guidelines import check_folders
    from varde.guidelines import publish as publish_folder

    chosen = paths or folders()
    for folder in chosen:
        if not folder.is_dir():
            fail(f"there is no folder {folder}")
    result = check_folders(chosen, _terminology())
    new = tuple(
        name
        for folder in chosen
        if publish and not result.errors
        for name in publish_folder(folder)
    )
    if as_json:
        print_json(asdict(result) | {"errors": result.errors, "published": list(new)})
    else:
        for finding in result.findings:
            style = "red" if finding.level == "error" else None
            line = f"{finding.level}: {finding.file}: {finding.path}: {finding.text}"
            console.print(line, markup=False, style=style, soft_wrap=True)
        drafts = len(result.drafts) - len(new)
        console.print(
            f"{number_of(result.objects, 'object')}, {number_of(result.versions, 'version')}: "
            f"{number_of(result.errors, 'error')}, "
            f"{number_of(len(result.findings) - result.errors, 'remark')}; "
            f"{number_of(drafts, 'draft')}, {len(new)} published now."
        )
    if result.errors:
        raise typer.Exit(1)


def _terminology() -> Terminology | None:
    store = home() / "snomed"
    if not store.exists():
        return None
    from varde.codes.snomed import CodesError, open_terminology

    try:
        return open_terminology(store)
    except CodesError as error:
        console.print(f"Without SNOMED CT: {error}", markup=False, soft_wrap=True)
        return None


@app.command()
def diff(
    name: Annotated[
        str | None, typer.Argument(help="An id, or the name of the object's folder; else all.")
    ] = None,
    date_from: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="As it was on this day.")
    ] = None,
    date_to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Against this day.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What changed: an object's last two versions, or anything between two days."""
    from varde.guidelines import compare, read_library, write_change

    library = read_library(*folders(), drafts=True)
    pairs = _pairs(library, name, date_from and date_from.date(), date_to and date_to.date())
    found = [(old, new, compare(old.innhold, new.innhold) if old else ()) for old, new in pairs]
    if as_json:
        print_json([_as_json(old, new, changes) for old, new, changes in found])
        return
    for old, new, changes in found:
        before = f"{old.first_day} → " if old else "new: "
        print(f"{new.innhold.tittel} ({new.innhold.info_type}), {before}{new.first_day}")
        for change in changes:
            print(f"  {write_change(change)}")
    if not found:
        one = name is not None and date_from is None and date_to is None
        console.print("It has one version only." if one else "Nothing changed.")


def _pairs(
    library: Library, name: str | None, start: date | None, end: date | None
) -> list[tuple[Entry | None, Entry]]:
    """The versions to compare; those of all objects when none is named."""
    from varde.guidelines import NoSuchObject

    if name is None and start is None:
        fail("say which object, or a day with --from (and another with --to)")
    if name is not None and start is None and end is None:
        versions = library.versions(_id_of(library, name))
        if len(versions) < 2:
            return []
        return [(versions[-2], versions[-1])]
    last = end or today()
    if start and start > last:
        fail(f"--from {start} is after --to {last}")
    before, after = library.edition(start or date.min), library.edition(last)
    both = (*before.current(), *after.current())
    ids = [_id_of(library, name)] if name else list(dict.fromkeys(e.innhold.id for e in both))
    pairs: list[tuple[Entry | None, Entry]] = []
    for id_ in ids:
        new = after.get(id_)
        try:
            old: Entry | None = before.get(id_)
        except NoSuchObject:
            old = None
        if old is None or old.first_day != new.first_day:
            pairs.append((old, new))
    return pairs


def _id_of(library: Library, name: str) -> str:
    found = library.id_named(name)
    if found is None:
        fail(
            f"there is no object {name!r}: give an id, or the name of its folder, such as pneumoni"
        )
    return found


def _as_json(old: Entry | None, new: Entry, changes: tuple[Change, ...]) -> dict[str, object]:
    return {
        "id": new.innhold.id,
        "tittel": new.innhold.tittel,
        "infoType": new.innhold.info_type,
        "from": old.first_day if old else None,
        "to": new.first_day,
        "changes": [
            {"path": c.path, "label": c.label, "kind": c.kind, "old": c.old, "new": c.new}
            for c in changes
        ],
    }


@app.command("import")
def import_(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="JSON files, or folders of them.")
    ],
    valid_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day of objects that do not say one."),
    ] = None,
    leave_unknown: Annotated[
        bool, typer.Option("--leave-unknown", help="Leave out fields that the model does not have.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take objects in the shape of the national content service into the site's own content.

    All are taken in, or none: what breaks a rule is named with file, path and rule. An object that
    changed becomes a new version; versions that are there never change.
    """
    from varde.guidelines import SHIPPED, import_documents

    files = [
        file
        for path in paths
        for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])
        if file.name != "published.json"
    ]
    if not files:
        fail("there is no JSON file to take in")
    result = import_documents(
        ((str(file), file.read_bytes()) for file in files),
        own_folder(),
        [SHIPPED] if SHIPPED in folders() else [],
        valid_from.date() if valid_from else None,
        leave_unknown,
    )
    if as_json:
        print_json(
            {
                "added": [{"id": id_, "gyldigFra": first} for id_, first in result.added],
                "unchanged": list(result.unchanged),
                "notes": [{"file": file, "note": note} for file, note in result.notes],
            }
        )
        return
    for file, note in result.notes:
        console.print(f"{file}: {note}", markup=False, soft_wrap=True)
    console.print(
        f"{number_of(len(result.added), 'new version')}, {len(result.unchanged)} unchanged."
    )


@app.command()
def export(
    out: Annotated[
        Path | None,
        typer.Option(help="A file (a folder for --format versions); else standard output."),
    ] = None,
    on: Day = None,
    format: Annotated[
        Shape, typer.Option(help="hapi: objects of one day; versions: every version; fhir: R4.")
    ] = Shape.hapi,
) -> None:
    """Write the guideline: as of a day (today), or every version as content files."""
    import sys

    from varde.guidelines import export_objects, export_versions, read_library

    library = read_library(*folders())
    day = on.date() if on else today()
    if format is Shape.versions and out:
        files = list(export_versions(library, on.date() if on else None))
        for name, content in files:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
        console.print(f"{number_of(len(files), 'version')} written to {out}.", markup=False)
        return
    if format is Shape.versions:
        parts = [content for _, content in export_versions(library, on.date() if on else None)]
        content = b"[\n" + b",\n".join(part.rstrip() for part in parts) + b"\n]\n"
    elif format is Shape.fhir:
        from varde.guidelines.fhir import export_bundle

        content = export_bundle(library, day, _terminology())
    else:
        content = export_objects(library, day)
    if out:
        if not out.parent.is_dir():
            fail(f"there is no folder {out.parent}")
        out.write_bytes(content)
        console.print(f"Written to {out}.", markup=False)
    else:
        sys.stdout.buffer.write(content)
