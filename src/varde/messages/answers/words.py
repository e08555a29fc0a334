"""The words by which answers are read, from `result_words.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from varde.codes import countries
from varde.messages.answers.known_names import words_of_names
from varde.messages.answers.search_words import WORD
from varde.messages.answers.search_words import words as search_words

Sign = Literal["+", "-", "denial", "doubt", "past", "uncertain", "exception", "nothing"]
"""What a word of an answer does: it finds, it denies by itself or denies what follows, or it puts in question."""

MARK = re.compile(
    r"(?:[A-Za-z]{0,3}-?\d{1,4}[a-z]?|[IVX]{1,4}|[A-Z]\d{0,3}|[A-Z]{1,3}\.\d{1,3})(?:[.:/-][A-Z]{0,3}\d{0,4})*"
)


class ResultWords(NamedTuple):
    """The file, shaped for looking up; all in lower case.

    Attributes:
        plain: whole answers of nothing but a word of the lists: True where it was found.
        any_answer: a word that finds or denies, anywhere.
        signs: every word that does something, the longest first.
        sign_of: what each of them does.
        no_result: what an answer begins with where nothing was examined.
        growth: positive words that are nouns.
        last: denials that may stand behind what they deny.
        doubt, spoiling: as the file says.
        links, before, behind: words before a name, and behind it, that are not of it.
        harmless: words that do nothing.
        names: words that names of organisms are made of.
    rest: words for all else that was looked for.
    resistances, kinds, properties: what tells of a property of an organism, denied without the organism.
    prefixed: denials that only deny what follows.
    adverbs: words that only lead over to another thing.
    unmade: words of what was not done.
    denials: the words that deny what stands beside them.
    telling, kinds_of_organisms, introducing, accounted: words that are harmless in a sentence, and not beside a positive word.
    so_far: words of an answer that is not the last.
    toxins: an organism that is found all the same where its toxin is denied → the words for that.
    leads: the end of a text with an abbreviation that leads over to a name.
    neither: whole answers that came to nothing.
    letters: letters in place of an answer, which may mean either.
    devices: names of instruments and methods.
    remarks, endings: words of remarks, whole and by how they end.
    places: words of names of countries and other places of the world.
    substances: what may be found itself, and is a specimen behind a word of place.
    vaccine: words by which what was found may be of a vaccine.
    asides: words that do something elsewhere and nothing in a part that is an aside.
    mistrusted: what makes an aside none.
    asking: words by which an analysis asks for a kind of organism.
    identifying: words by which it asks for its species, or for a kind as a rule.
    untypable: words of an organism whose kind could not be told.
    unusual: organisms of which one whose kind cannot be told may be of a kind that is an alarm.
    mark: what tells kinds of one organism apart: B, W135, GII.4, O157:H7, t008.
    abbreviations: long ones, behind whose full stop no sentence ends.
    kinded: the end of a text with the mark of a kind, behind whose full stop one does (gruppe B., type 2a.).
    """

    plain: Mapping[str, bool]
    any_answer: re.Pattern[str]
    signs: re.Pattern[str]
    sign_of: Mapping[str, Sign]
    no_result: re.Pattern[str]
    growth: frozenset[str]
    last: frozenset[str]
    doubt: frozenset[str]
    spoiling: frozenset[str]
    spoils: re.Pattern[str]
    links: frozenset[str]
    before: frozenset[str]
    behind: frozenset[str]
    beside: frozenset[str]
    unnamed: tuple[str, ...]
    joiners: re.Pattern[str]
    harmless: frozenset[str]
    names: frozenset[str]
    rest: re.Pattern[str]
    resistances: re.Pattern[str]
    kinds: re.Pattern[str]
    properties: re.Pattern[str]
    prefixed: re.Pattern[str]
    adverbs: re.Pattern[str]
    unmade: re.Pattern[str]
    denials: re.Pattern[str]
    so_far: re.Pattern[str]
    toxins: Mapping[str, frozenset[str]]
    leads: re.Pattern[str]
    letters: frozenset[str]
    telling: frozenset[str]
    substances: frozenset[str]
    vaccine: re.Pattern[str]
    kinds_of_organisms: Mapping[str, str]
    introducing: frozenset[str]
    accounted: frozenset[str]
    neither: frozenset[str]
    devices: frozenset[str]
    remarks: frozenset[str]
    endings: re.Pattern[str]
    places: frozenset[str]
    asides: frozenset[str]
    mistrusted: re.Pattern[str]
    asking: frozenset[str]
    identifying: frozenset[str]
    untypable: re.Pattern[str]
    unusual: frozenset[str]
    mark: re.Pattern[str]
    abbreviations: frozenset[str]
    kinded: re.Pattern[str]

    def is_remark(self, low: str) -> bool:
        """Whether a word in lower case is one of remarks: harmless, of a device or a method, of people and places, a number."""
        return (
            low in self.harmless
            or low in self.remarks
            or low in self.devices
            or len(low) < 2
            or not any(map(str.isalpha, low))
            or self.endings.search(low) is not None
        )


@cache
def result_words() -> ResultWords:
    """The words, read once."""
    raw: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("result_words.json").read_text("utf-8")
    )
    asides: dict[str, Any] = json.loads(
        files("varde.messages.answers").joinpath("asides.json").read_text("utf-8")
    )
    positive, negative, judging = raw["positive"], raw["negative"], raw["judging"]
    found = (*positive["begins"], *positive["ends"])
    denied = (*negative["begins"], *negative["ends"])
    doubt, spoiling = frozenset(raw["doubt"]["words"]), frozenset(raw["doubt"]["spoiling"])
    sign_of: dict[str, Sign] = dict.fromkeys(judging["exceptions"], "exception")
    sign_of |= dict.fromkeys(doubt, "doubt")
    sign_of |= dict.fromkeys(judging["past"], "past")
    uncertain = (*judging["uncertain"], *raw["telling"]["untypable"])
    sign_of |= dict.fromkeys(uncertain, "uncertain")
    sign_of |= dict.fromkeys(judging["denials"], "denial")
    sign_of |= dict.fromkeys(judging["nothing"], "nothing")
    sign_of |= dict.fromkeys(found, "+")
    sign_of |= dict.fromkeys(denied, "-")
    return ResultWords(
        plain=dict.fromkeys(found, True) | dict.fromkeys((*denied, *negative["whole"]), False),
        any_answer=_anywhere((*found, *denied, *uncertain)),
        signs=_anywhere(sign_of),
        sign_of=sign_of,
        no_result=re.compile(rf"\s*(?:{_any_of(raw['no_result']['begins'])})(?![\w-])", re.I),
        growth=frozenset(judging["growth"]),
        last=frozenset(judging["last"]),
        doubt=doubt,
        spoiling=spoiling,
        spoils=_anywhere(spoiling),
        links=frozenset(raw["beside"]["links"]),
        before=frozenset((*raw["beside"]["links"], *raw["beside"]["before"])),
        behind=frozenset((*raw["beside"]["begins"], *raw["beside"]["behind"]))
        - frozenset(search_words().method_of),
        beside=frozenset(raw["beside"]["begins"]),
        unnamed=tuple(raw["never_names"]["contains"]),
        joiners=re.compile(
            rf"\s*,\s+(?:(?:{_any_of(raw['joiners']['words'])})\s+)?"
            rf"|\s+(?:{_any_of(raw['joiners']['words'])}|[&+])\s+|\s+[-–—/]\s+|,(?=[^\W\d_])",
            re.I,
        ),
        harmless=_harmless(raw),
        names=words_of_names(),
        rest=_anywhere(raw["scope"]["rest"]),
        resistances=re.compile(_any_of(raw["scope"]["resistances"]), re.I),
        properties=re.compile(_any_of(raw["scope"]["properties"]), re.I),
        kinds=re.compile(raw["scope"]["kinds"], re.I),
        prefixed=_anywhere(raw["scope"]["prefixed"]),
        adverbs=_anywhere(raw["scope"]["adverbs"]),
        denials=_anywhere(judging["denials"]),
        unmade=_anywhere(raw["scope"]["unmade"]),
        so_far=_anywhere(raw["scope"]["so_far"]),
        toxins={key: frozenset(words) for key, words in raw["scope"]["toxins"].items()},
        leads=re.compile(rf"(?<!\w)(?:{_any_of(raw['scope']['leads'])})\Z", re.I),
        letters=frozenset(raw["scope"]["letters"]),
        telling=frozenset(raw["telling"]["words"]),
        substances=frozenset(raw["telling"]["substances"]),
        vaccine=_anywhere(raw["vaccine"]["words"]),
        kinds_of_organisms={
            word: kind for kind, listed in raw["telling"]["kinds"].items() for word in listed
        },
        accounted=frozenset(raw["telling"]["accounted"]),
        introducing=frozenset(raw["telling"]["introducing"]),
        neither=frozenset(raw["neither"]["texts"]),
        devices=_words_of(asides["devices"]["words"]),
        remarks=_words_of(asides["remarks"]["words"])
        | _words_of(
            (*asides["keys"]["following"], *asides["keys"]["sent"], *asides["keys"]["others"])
        ),
        places=_words_of(asides["places"]["words"]) | _countries(),
        endings=re.compile(rf"(?<=\w\w)(?:{_any_of(asides['remarks']['endings'])})\Z"),
        asides=frozenset(raw["scope"]["asides"]),
        mistrusted=_anywhere(raw["scope"]["mistrusted"]),
        asking=frozenset((*raw["telling"]["introducing"], *raw["telling"]["asking"])),
        identifying=frozenset(raw["telling"]["identifying"]),
        untypable=_anywhere(raw["telling"]["untypable"]),
        unusual=frozenset(raw["telling"]["unusual"]),
        mark=MARK,
        abbreviations=frozenset(raw["scope"]["abbreviations"]),
        kinded=re.compile(
            rf"(?<!\w)(?:{_any_of(raw['telling']['introducing'])})\s+(?:[A-Za-z]|\d{{1,3}}[A-Za-z]|[IVX]{{1,4}})\Z",
            re.I,
        ),
    )


def _words_of(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(part for text in texts for part in text.casefold().split())


def _countries() -> frozenset[str]:
    """The words of the names of countries that are written with a capital letter, in lower case."""
    names = " ".join(f"{each.name_nb} {each.name_en}" for each in countries().values())
    return frozenset(word.casefold() for word in WORD.findall(names) if word[0].isupper())


def _harmless(raw: dict[str, Any]) -> frozenset[str]:
    """Words that do nothing: of the file, and of the names of analyses."""
    known = search_words()
    # A rise is what was found itself, and only of antibodies.
    methods = (word for word, method in known.method_of.items() if method != "antibody-rise")
    texts = (
        *raw["harmless"]["words"], *raw["beside"]["begins"], *raw["beside"]["links"],
        *raw["joiners"]["words"], *raw["judging"]["past"], *raw["judging"]["exceptions"],
        *raw["doubt"]["words"], *methods, *known.links, *known.groups, *known.cultures,
        *known.remarks, *known.fillers_of, *known.specimens_of,
    )  # fmt: skip
    return frozenset(part for text in texts for part in WORD.findall(text.casefold()))


def _any_of(texts: Iterable[str]) -> str:
    return "|".join(
        re.escape(text).replace(r"\ ", r"\s+")
        for text in sorted(set(texts), key=lambda text: (-len(text), text))
    )


def _anywhere(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{_any_of(texts)})(?![\w-])", re.I)
