"""Commands on the terminology: `varde snomed load`, `ingredients`, `subsumes`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import to_builtins

from varde.cli.frame import AsJson, fail, home
from varde.terminal import console, number_of, print_json

if TYPE_CHECKING:
    from varde.codes.snomed import Step, Terminology

app = typer.Typer(
    help="SNOMED CT: load a release of your own, ask for ingredients and hierarchy.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

STAGES = {
    "read": "Reading",
    "close": "Working out the hierarchy",
    "choose": "Choosing terms",
    "save": "Saving",
}
"""What is told of each stage of loading."""

Code = Annotated[str, typer.Argument(help="SNOMED CT identifier of a concept.")]


def store() -> Path:
    """Where the loaded terminology lies."""
    return home() / "snomed"


def terminology() -> Terminology:
    """The terminology that was loaded."""
    from varde.codes.snomed import open_terminology

    if not store().exists():
        fail("no terminology is loaded: varde snomed load FOLDER takes an RF2 release")
    return open_terminology(store())


@app.command()
def load(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER…", help="Unpacked RF2 releases, read together.")
    ],
    as_json: AsJson = False,
) -> None:
    """Read RF2 releases (snapshot files) and keep what is asked of them under VARDE_HOME/snomed.

    Varde ships no SNOMED CT: the release is yours. An extension, such as the Norwegian one, is given
    together with the international release that it builds on.
    """
    from varde.codes.snomed import load_release

    for folder in folders:
        if not folder.is_dir():
            fail(f"there is no folder {folder}")
    with console.status("Reading SNOMED CT") as status:

        def tell(stage: str, name: str) -> None:
            status.update(f"{STAGES[stage]} {name}".rstrip())

        release = load_release(folders, store(), tell, whole=True)
    if as_json:
        print_json(to_builtins(release))
        return
    left = release.left_out
    if left.unknown_concept:
        console.print(
            f"{number_of(left.unknown_concept, 'relationship')} left out: from or to concepts that are "
            "not in the files. Is the release that it builds on missing?"
        )
    if left.malformed_identifiers:
        console.print(f"{left.malformed_identifiers} identifiers are no well-formed SCTID.")
    counts = release.counts
    if not counts.terms:
        console.print("The release holds no descriptions: concepts are shown by their codes.")
    console.print(
        f"{release.name}: {number_of(counts.concepts, 'concept')}, {counts.terms} terms, "
        f"{counts.is_a} is-a and {counts.attributes} other relationships.",
        markup=False,
    )
    if release.invented:
        console.print("This release is invented: for demonstration only.")


@app.command()
def ingredients(code: Code, as_json: AsJson = False) -> None:
    """Each active ingredient of a product, with the path that gives it."""
    known = terminology()
    found = known.active_ingredients(code)
    if as_json:
        print_json(
            [
                {
                    "code": one.code,
                    "term": known.term(one.code),
                    "path": [_step(known, step) for step in one.path],
                }
                for one in found
            ]
        )
        return
    for one in found:
        print(f"{one.code} {known.term(one.code)}")
        for step in one.path:
            print(
                f"    {known.term(step.source)} – {known.term(step.relation)} – "
                f"{known.term(step.target)}"
            )
    if not found:
        console.print(f"{code} {known.term(code)} has no active ingredient.", markup=False)


def _step(known: Terminology, step: Step) -> dict[str, str]:
    return {
        "source": step.source,
        "source_term": known.term(step.source),
        "relation": step.relation,
        "relation_term": known.term(step.relation),
        "target": step.target,
        "target_term": known.term(step.target),
    }


@app.command()
def subsumes(
    ancestor: Annotated[str, typer.Argument(metavar="A", help="The wider concept.")],
    descendant: Annotated[str, typer.Argument(metavar="B", help="The narrower concept.")],
    as_json: AsJson = False,
) -> None:
    """Whether B is A or a kind of A: prints true or false."""
    answer = terminology().subsumes(ancestor, descendant)
    if as_json:
        print_json({"ancestor": ancestor, "descendant": descendant, "subsumes": answer})
    else:
        print("true" if answer else "false")
