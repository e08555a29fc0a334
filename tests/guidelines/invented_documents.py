"""Hypothesis strategies for JSON documents in the shape of the published model, and small ones by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
SNOMED = "http://snomed.info/sct"

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)
terms = words.filter(lambda text: text.strip() != "")
codes = st.from_regex(r"[A-Z0-9][A-Z0-9.]{0,6}[A-Z0-9]", fullmatch=True)
numbers = st.decimals(0, 99999, allow_nan=False, places=2).map(
    lambda number: format(number, "f")
) | st.integers(1, 10_000).map(str)
positive = st.integers(1, 400).map(str)
days = st.dates().map(lambda day: day.isoformat())
moments = st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M")).filter(
    lambda text: len(text) == 16
) | st.datetimes().map(lambda at: at.strftime("%d/%m/%Y %H:%M:%S")).filter(
    lambda text: len(text) == 19
)


@st.composite
def intervals(draw: st.DrawFn, ends: st.SearchStrategy[str]) -> Json:
    from decimal import Decimal

    low, high = sorted((draw(ends), draw(ends)), key=Decimal)
    if Decimal(low) == Decimal(high):
        high = str(int(Decimal(high)) + 1)
    return {"lav": low, "hoy": high}


def amounts(ends: st.SearchStrategy[str] = numbers) -> st.SearchStrategy[Any]:
    return ends | intervals(ends)


def some(**optional: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return optional


kode = st.fixed_dictionaries({"system": st.just(SNOMED), "code": codes, "display": terms})
kodet = st.fixed_dictionaries(
    {"koder": st.lists(kode, min_size=1, max_size=2)}, optional={"tekst": words}
)
koder = st.fixed_dictionaries(
    {},
    optional={
        system: st.lists(codes, max_size=2)
        for system in ("SNOMED-CT", "ICD-10", "ICPC-2", "lis-spesialitet", "lis-laeringsmaal")
    },
)
kontraindikasjon_data = st.fixed_dictionaries({"tilstand": kodet, "virkestoff": kodet})


@st.composite
def dosering(draw: st.DrawFn) -> Json:
    found: Json = {}
    if draw(st.booleans()):
        found |= {"dose": draw(amounts()), "styrkeEnhetDosering": draw(kode)}
    if draw(st.booleans()):
        found |= {
            "eventuellLadningsdose": draw(amounts()),
            "styrkeEnhetEventuellLadningsdose": draw(kode),
        }
    return found


@st.composite
def grense(draw: st.DrawFn) -> Json:
    ends = draw(intervals(positive))
    kept = draw(st.sampled_from([("fra", "til"), ("fra",), ("til",)]))
    return {key: ends["lav" if key == "fra" else "hoy"] for key in kept}


@st.composite
def doseringsregime(draw: st.DrawFn) -> Json:
    data: Json = draw(
        st.fixed_dictionaries(
            {"legemiddeldoseringsregime": kodet},
            optional={
                "administrasjonsvei": kodet,
                "dosering": dosering(),
                "frekvensdoseringsregimePerDogn": amounts(positive),
                "varighetDoseringsregimeAntallDogn": amounts(positive),
                "kontraindikasjoner": st.lists(
                    st.fixed_dictionaries(
                        {"data": kontraindikasjon_data}, optional={"tekst": words, "tittel": words}
                    ),
                    max_size=1,
                ),
                "varde": st.fixed_dictionaries(
                    {}, optional={"virkestoff": kodet, "maksEnkeltdose": positive}
                ),
            },
        )
    )
    if "eventuellLadningsdose" in data.get("dosering", {}) and draw(st.booleans()):
        data["frekvensEventuellladningsdosePerDogn"] = draw(amounts(positive))
        data["varighetEventuellLadningsdoseAntallDogn"] = draw(amounts(positive))
    return draw(
        st.fixed_dictionaries({"data": st.just(data)}, optional={"tekst": words, "koder": koder})
    )


gjelder = st.fixed_dictionaries(
    {},
    optional={
        "alderAar": grense(),
        "vektKg": grense(),
        "kjonn": st.sampled_from(["kvinne", "mann"]),
        "tilstander": st.lists(kode, max_size=2),
        "ikkeTilstander": st.lists(kode, max_size=2),
    },
)
regimer = st.lists(
    st.fixed_dictionaries(
        {"doseringregimer": st.lists(doseringsregime(), min_size=1, max_size=2)},
        optional={
            "overskrift": words,
            "varde": st.fixed_dictionaries({}, optional={"gjelderFor": gjelder}),
        },
    ),
    max_size=2,
)
behandling_data = st.fixed_dictionaries(
    {},
    optional={
        "ledetekstVarighetBehandling": words,
        "varighetBehandlingAntallDogn": amounts(positive),
        "overskriftBehandlingsregime": words,
        "standardbehandlingsregimer": regimer,
        "alternativebehandlingsregimer": regimer,
        "overgangtiloralbehandlingsregimer": regimer,
    },
)
behandlinger = st.lists(
    st.fixed_dictionaries(
        {"behandling": st.fixed_dictionaries({"tekst": words}, optional={"data": behandling_data})},
        optional={"overskrift": words},
    ),
    max_size=2,
)
DATA = {
    "retningslinje": st.just({}),
    "kapittel": st.just({}),
    "referanse": st.just({}),
    "anbefaling": st.fixed_dictionaries(
        {},
        optional={
            "styrke": st.sampled_from(["sterk", "svak"]),
            "praktisk": words,
            "rasjonale": words,
            "nokkelInfo": st.fixed_dictionaries({}, optional={"ressurshensyn": words}),
            "behandlinger": behandlinger,
            "varde": st.fixed_dictionaries({}, optional={"sokeord": st.lists(words, max_size=2)}),
        },
    ),
    "kontraindikasjon": kontraindikasjon_data,
    "pico": st.fixed_dictionaries(
        {}, optional={"populasjon": words, "utfall": st.lists(words, max_size=2)}
    ),
}


@st.composite
def objects(draw: st.DrawFn) -> Json:
    """One object of any type, with any of its fields."""
    info_type = draw(st.sampled_from(sorted(DATA)))
    technical = {"infoType": st.just(info_type)}
    required = {
        "id": st.from_regex(r"[0-9]{4}-[0-9]{4}-[a-f0-9-]{1,36}", fullmatch=True).filter(
            lambda text: text.isascii()
        ),
        "tittel": terms,
        "status": st.sampled_from(["Gjeldende", "Utgått"]),
        "tekniskeData": st.fixed_dictionaries(
            technical, optional={"infoId": words, "subType": words, "HapiId": words}
        ),
    }
    lists = ("tema", "maalgruppe", "eier", "bidragsyter")
    texts = (
        *("gruppeId", "kortTittel", "intro", "kortIntro", "tekst", "language", "bidragsytersrolle"),
        *("arkivreferanse", "dokumentType"),
    )
    optional = {
        **dict.fromkeys(lists, st.lists(words, max_size=2)),
        **dict.fromkeys(texts, words),
        **dict.fromkeys(
            ("forstPublisert", "sistOppdatert", "sistFagligOppdatert", "sistImportertTilHapi"),
            moments,
        ),
        "koder": koder,
        "url": st.just("https://varde.example/x") | st.just("/x"),
        "attachments": st.lists(
            st.fixed_dictionaries({}, optional={"title": words, "fileUri": words}), max_size=1
        ),
        "links": st.lists(
            st.fixed_dictionaries(
                {"rel": st.sampled_from(["root", "forelder", "barn", "publikasjon"])},
                optional={"type": words, "tittel": words, "href": words, "strukturId": words},
            ),
            max_size=2,
        ),
    }
    if info_type in ("anbefaling", "kontraindikasjon"):
        required["data"] = DATA[info_type]
    else:
        optional["data"] = DATA[info_type]
    return draw(st.fixed_dictionaries(required, optional=optional))


def code(number: str, display: str) -> Json:
    return {"system": SNOMED, "code": number, "display": display}


def dose(drug: Json, amount: Any = "150", unit: str = "mg", **more: Any) -> Json:
    """A dosing regimen with the least there can be."""
    data = {
        "legemiddeldoseringsregime": {"koder": [drug]},
        "dosering": {"dose": amount, "styrkeEnhetDosering": code("1", unit)},
        "frekvensdoseringsregimePerDogn": "4",
    }
    return {"data": data | more}


def recommendation(
    number: str = "1", title: str = "Pneumoni", regimens: list[Json] | None = None, **more: Any
) -> Json:
    """A recommendation below the guideline `guideline()`."""
    inner = {"standardbehandlingsregimer": [{"doseringregimer": regimens}]}
    treatment: Json = {"tekst": "<p>Vent to til tre døgn.</p>"}
    if regimens is not None:
        treatment["data"] = inner
    return {
        "id": f"0099-0003-{number}",
        "tittel": title,
        "status": "Gjeldende",
        "data": {"behandlinger": [{"overskrift": "Behandling", "behandling": treatment}]},
        "tekniskeData": {"infoType": "anbefaling"},
        "links": [{"rel": "forelder", "href": "/innhold/0099-0041-1"}],
    } | more


def guideline() -> Json:
    return {
        "id": "0099-0016-1",
        "tittel": "Antibiotika i primærhelsetjenesten",
        "status": "Gjeldende",
        "tekniskeData": {"infoType": "retningslinje"},
    }


def chapter(number: str = "1", parent: str = "0099-0016-1", title: str = "Luftveier") -> Json:
    return {
        "id": f"0099-0041-{number}",
        "tittel": title,
        "status": "Gjeldende",
        "tekniskeData": {"infoType": "kapittel"},
        "links": [{"rel": "forelder", "href": f"/innhold/{parent}"}],
    }


def contraindication(number: str, condition: Json, ingredients: list[Json]) -> Json:
    return {
        "id": f"0099-0091-{number}",
        "tittel": f"{condition['display']} og {ingredients[0]['display']}",
        "tekst": "<p>Velg et annet middel.</p>",
        "status": "Gjeldende",
        "data": {"tilstand": {"koder": [condition]}, "virkestoff": {"koder": ingredients}},
        "tekniskeData": {"infoType": "kontraindikasjon"},
    }
