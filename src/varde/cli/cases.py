"""Commands on cases: `cases`, `case` and `reclassify`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer
from msgspec import to_builtins
from rich.table import Table

from varde.cli.disease_names import chosen_disease
from varde.cli.frame import AsJson, fail, home, open_home, today
from varde.terminal import console, number_of, print_json, print_rows, progress_bar

if TYPE_CHECKING:
    from varde.cases import Catalogue
    from varde.register import Changed, KnownCase, Reclassified

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, as 2026-01-31.")]


class Class(StrEnum):
    """How sure a case is."""

    confirmed = "confirmed"
    probable = "probable"
    suspected = "suspected"
    discarded = "discarded"


def cases(
    of: Annotated[
        str,
        typer.Option("--disease", help="Only this disease (its key or name); all for every one."),
    ] = "all",
    classification: Annotated[
        Class | None, typer.Option("--class", help="Only cases of this class.")
    ] = None,
    date_from: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Earliest first day.")
    ] = None,
    date_to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Latest first day.")
    ] = None,
    area: Annotated[
        str, typer.Option(help="Only residents of this municipality (0301) or county (03).")
    ] = "",
    limit: Annotated[int, typer.Option(help="At most this many in the table: the newest.")] = 50,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV on standard output.")] = False,
) -> None:
    """List cases, never persons: for those who run the register. Discarded ones are among them, and are in no figure.

    What leaves it goes through the pages' disclosure control instead.
    """
    open_home(make=False)
    from varde.register import list_cases
    from varde.statistics import check_chosen

    wanted = "" if of == "all" else chosen_disease(of)
    check_chosen({"disease": wanted or None, "area": area or None}, "msis", today())
    found = list_cases(
        disease=wanted,
        classification=classification.value if classification else None,
        first=date_from.date() if date_from else None,
        last=date_to.date() if date_to else None,
        area=area,
        on=today(),
        limit=None if as_json or as_csv else limit + 1,
    )
    rows = [to_builtins(one) for one in found]
    if as_json:
        print_json(rows)
        return
    columns = [
        *("number", "disease", "class", "presentation", "first_day", "onset", "imported"),
        *("form_missing", "residence", "stay", "infected_in", "sex", "age"),
    ]
    if as_csv:
        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    table = Table(*(name.replace("_", " ") for name in columns), highlight=False)
    for row in rows[-limit:] if limit else []:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    print_rows(table)
    if len(rows) > limit:
        console.print(f"The newest {number_of(limit, 'case')}; all of them with --json or --csv.")
    else:
        console.print(f"{number_of(len(rows), 'case')}.")


def case(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The case's number.")],
    as_json: AsJson = False,
) -> None:
    """Show one case with its reasons: which criteria were met, and by what. The look is logged."""
    open_home(make=False)
    from varde.cases import catalogue
    from varde.register import KnownCase, read_case

    found = read_case(number)
    if not isinstance(found, KnownCase):
        if found is None:
            fail(f"there is no case {number}")
        if found.merged_into is None:
            fail(f"nothing is left of case {number}: its evidence was withdrawn or is no case now")
        fail(f"case {number} is one with another now: varde case {found.merged_into}")
    _log_look(number)
    known = catalogue()
    if as_json:
        print_json(_tell_case(found, known))
    else:
        _show_case(found, known)


def _log_look(number: int) -> None:
    """Whoever looks at a case looks at a person."""
    from varde.access import audit
    from varde.access.purposes import purpose_of
    from varde.operation import this_operator
    from varde.register import pseudonym_of

    about = pseudonym_of(number)
    said = (this_operator(), "view", "command-line", "case", 1)
    if about is None:
        audit.record(*said)
    else:
        audit.record(*said, purpose=purpose_of("operation"), about=about)


def _tell_case(found: KnownCase, known: Catalogue) -> dict[str, Any]:
    """The case as JSON; each reason with its words."""
    told: dict[str, Any] = to_builtins(found.listed)
    kept = to_builtins(found.case)
    words = _words(known, found.case.disease, found.case.definition)
    return told | {
        "known_as": list(found.known_as),
        "episode": found.case.number,
        "definition": kept["definition"],
        "rule": kept["rule"],
        "reasons": [reason | words(reason["criterion"]) for reason in kept["reasons"]],
        "evidence": kept["evidence"],
        "set_aside": kept["set_aside"],
        "sources": to_builtins(found.sources),
        "residences": _residences(found.listed.number),
    }


def _residences(number: int) -> list[str]:
    """All municipalities that the reports of a case say the person lives in."""
    from varde.register import current_cases

    found = current_cases([number]).get(number)
    return list(found.residences) if found else []


def _show_case(found: KnownCase, known: Catalogue) -> None:
    listed, made = found.listed, found.case
    name = known.diseases[made.disease].en if made.disease in known.diseases else made.disease
    said = [f"{name}, {made.classification}", f"first day {made.first_day}"]
    said += [f"onset {made.onset}"] if made.onset else []
    said += [f"lives in {listed.residence}"] if listed.residence else []
    others = [home for home in _residences(listed.number) if home != listed.residence]
    said += [f"other reports say {', '.join(others)}: find out which"] if others else []
    said += [f"infected in {listed.infected_in}"] if listed.infected_in else []
    said += ["imported"] if made.imported == "yes" else []
    said += ["the clinician's form is missing"] if made.form_missing else []
    said += [f"known as {', '.join(map(str, found.known_as))} too"] if found.known_as else []
    console.print(f"Case {listed.number}: {'; '.join(said)}.", markup=False, soft_wrap=True)
    console.print(f"By the definition of {made.definition}: {' + '.join(made.rule)}.", markup=False)
    words = _words(known, made.disease, made.definition)
    table = Table("Criterion", "State", "By", "Words", highlight=False)
    for reason in made.reasons:
        by = ", ".join(reason.evidence)
        table.add_row(reason.criterion, reason.state, by, words(reason.criterion).get("en", ""))
    for one in made.set_aside:
        table.add_row("", f"set aside: {one.why}", one.evidence, "")
    print_rows(table)
    table = Table("Evidence", "Kind", "Sender", "Number", "Onset", "One with", highlight=False)
    for source in found.sources:
        onset = str(source.onset or "")
        table.add_row(
            source.key, source.kind, source.sender, source.number, onset, source.joined_to
        )
    print_rows(table)


Words = Callable[[str], dict[str, str]]


def _words(known: Catalogue, disease: str, valid_from: date) -> Words:
    """What criteria of a definition are called; nothing when the definition is not there any more."""
    from varde.cases import words_of

    found = known.diseases.get(disease)
    rows = [row for row in found.definition if row.valid_from == valid_from] if found else []

    def say(criterion: str) -> dict[str, str]:
        try:
            text = words_of(rows[0], criterion)
        except (IndexError, KeyError):
            return {}
        return {"nb": text.nb, "en": text.en}

    return say


# --- re-classification ----------------------------------------------------------------------------


def reclassify(
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Only persons of whom something is known from this day on."
        ),
    ] = None,
    of: Annotated[
        list[str] | None, typer.Option("--disease", help="Only these diseases (keys).")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of each changed case why it changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Work out all cases anew under today's disease files, and say which changed.

    All in one step: interrupted, it changes nothing.
    """
    register = open_home(make=False)
    from varde.register import count_to_reclassify
    from varde.register import reclassify as work_out

    known = register.context.definitions()
    for key in of or []:
        if key not in known.diseases:
            fail(f"there is no disease {key!r}: see varde disease list")
    # What changed is kept in a file without a name until it is certain: there may be very much of it.
    with TemporaryFile("w+", encoding="utf-8", dir=home()) as told:

        def tell(one: Changed) -> None:
            told.write(json.dumps(_tell_change(one, known, explain), ensure_ascii=False) + "\n")

        with progress_bar("Working out", count_to_reclassify()) as advance:
            result = work_out(register, advance, tell, since.date() if since else None, of or None)
        told.seek(0)
        if as_json:
            _print_changes(result, told)
        else:
            _show_changes(result, told)


def _print_changes(result: Reclassified, told: IO[str]) -> None:
    sys.stdout.write(json.dumps(to_builtins(result), ensure_ascii=False)[:-1] + ', "cases": [')
    for number, line in enumerate(told):
        sys.stdout.write((",\n  " if number else "\n  ") + line.rstrip("\n"))
    sys.stdout.write("\n]}\n")


def _show_changes(result: Reclassified, told: IO[str]) -> None:
    for line in told:
        for said in _say_change(json.loads(line)):
            sys.stdout.write(f"{said}\n")
    why = ", ".join(result.why[:10]) + (" …" if len(result.why) > 10 else "")
    console.print(f"Changed since the cases were made: {why or 'nothing'}.")
    console.print(
        f"{number_of(result.worked_out, 'person')} worked out. Cases: {result.added} added, "
        f"{result.removed} removed, {result.changed} changed."
    )


def _tell_change(one: Changed, known: Catalogue, explain: bool) -> dict[str, Any]:
    """One change as JSON: what the case was, what it is, and with `explain` why."""
    difference = one.difference
    told: dict[str, Any] = {
        "number": one.number,
        "kind": difference.kind,
        "disease": difference.disease,
        "before": _brief(difference.before),
        "after": _brief(difference.after),
    }
    for name in ("merged_into", "split_from"):
        if getattr(one, name) is not None:
            told[name] = getattr(one, name)
    if not explain:
        return told
    made = difference.after or difference.before
    words = _words(known, difference.disease, made.definition) if made else None
    before, after = difference.rules
    return told | {
        "changes": to_builtins(difference.changes),
        "rules": {"before": list(before), "after": list(after)},
        "because": [
            to_builtins(one) | (words(one.criterion) if words else {}) for one in difference.because
        ],
        "lacks": to_builtins(difference.lacks),
    }


def _brief(made: Any) -> dict[str, Any] | None:
    if made is None:
        return None
    whole = to_builtins(made)
    names = ("class", "presentation", "first_day", "imported", "form_missing", "definition")
    return {name: whole[name] for name in names}


def _say_change(told: dict[str, Any]) -> Iterator[str]:
    before, after = (
        told[side]["class"] if told[side] else "no case" for side in ("before", "after")
    )
    day = (told["after"] or told["before"])["first_day"]
    said = f"{told['disease']} {told['number']} ({day}): {before} → {after}"
    said += f", one with {told['merged_into']} now" if "merged_into" in told else ""
    said += f", was part of {told['split_from']}" if "split_from" in told else ""
    yield said
    if "rules" not in told:
        return
    rules = (" + ".join(told["rules"][side]) or "none" for side in ("before", "after"))
    yield f"    rule: {' → '.join(rules)}"
    for one in told["changes"]:
        yield f"    {one['field']}: {one['before']} → {one['after']}"
    for one in told["because"]:
        words = f" ({one['en']})" if "en" in one else ""
        yield f"    {one['criterion']}{words}: {one['before'] or '–'} → {one['after'] or '–'}"
    for one in told["lacks"]:
        yield f"    for {one['class']} by {' + '.join(one['rule'])} it lacks {', '.join(one['lacks'])}"
