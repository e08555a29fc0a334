"""Writes small FHIR bundles with laboratory answers for the tests. All persons are invented.

Two levels: plain functions for single resources (dictionaries, to be changed at will), and an
`Answer` in no format's words that `as_fhir` writes in several shapes and `as_kith` as a KITH message.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, replace
from typing import Any

from messages import kith_builder as kith

Json = dict[str, Any]
URN = "urn:oid:"
NLK, LOCAL, SIR, MATERIAL = kith.NLK, kith.LOCAL, kith.SIR, kith.MATERIAL
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
V3 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
HER = "urn:oid:2.16.578.1.12.4.1.2"
ENH = "urn:oid:2.16.578.1.12.4.1.4.101"
MUNICIPALITY = "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode"


def clean(**fields: Any) -> Json:
    """The fields that say something; a name's last underscore is dropped."""
    return {key.rstrip("_"): value for key, value in fields.items() if value not in (None, "", [])}


def uri(system: str) -> str:
    return URN + system if system[:2].isdigit() or system.startswith("2.16") else system


def coding(system: str, code: str, display: str = "") -> Json:
    return clean(system=uri(system), code=code, display=display)


def concept(*codings: tuple[str, str, str], text: str = "") -> Json:
    return clean(coding=[coding(*each) for each in codings], text=text)


def ref(target: str | Json) -> Json:
    """A reference to a resource made here, or to an address."""
    return {"reference": target if isinstance(target, str) else address(target)}


def address(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def organization(
    her: str | None = "91843", enh: str | None = None, name: str = "Mikrobiologi", **more: Any
) -> Json:
    numbers = [(HER, her), (ENH, enh)]
    identifiers = [{"system": system, "value": value} for system, value in numbers if value]
    fields = {"id": "org", "identifier": identifiers, "name": name} | more
    return clean(resourceType="Organization", **fields)


def patient(number: str | None = None, **more: Any) -> Json:
    identifiers = [{"system": FNR, "value": number}] if number else []
    return clean(resourceType="Patient", **({"id": "pat", "identifier": identifiers} | more))


def specimen(
    id_: str = "spm", collected: str | None = "2026-01-05T10:00:00+01:00", **more: Any
) -> Json:
    fields = {
        "id": id_,
        "accessionIdentifier": {"value": "S1"},
        "type": concept((MATERIAL, "U", "Urin")),
        "collection": {"collectedDateTime": collected} if collected else None,
    } | more
    return clean(resourceType="Specimen", **fields)


def observation(id_: str, code: Json, value: Any = None, **more: Any) -> Json:
    """`value` is a concept (dictionary with coding or text), a quantity, a text or nothing."""
    fields: Json = {"id": id_, "status": "final", "code": code}
    if isinstance(value, str):
        fields["valueString"] = value
    elif isinstance(value, dict):
        fields["valueQuantity" if "value" in value else "valueCodeableConcept"] = value
    return clean(resourceType="Observation", **(fields | more))


CULTURE = concept((NLK, "NPU06073", "U-Bakterier dyrkning"))
IDENTIFICATION = concept((LOCAL, "", "Identifikasjon"))
QUANTITY = concept((LOCAL, "KVANT", "Mengde"))
CIPRO = concept((NLK, "NPU06049", "Us-Ciprofloksacin"))
MEASLES = concept((NLK, "", "P-Meslingvirus IgM"))
AMPICILLIN = concept((NLK, "NPU06045", "Us-Ampicillin"))


def culture(id_: str = "cul", said: str | None = "Vekst", **more: Any) -> Json:
    return observation(id_, CULTURE, {"text": said} if said else None, **more)


def organism(id_: str = "org1", name: str = "Escherichia coli", **more: Any) -> Json:
    return observation(id_, IDENTIFICATION, {"text": name}, **more)


def search(
    id_: str = "sea", said: str | None = "Påvist", code: Json = MEASLES, **more: Any
) -> Json:
    return observation(id_, code, {"text": said} if said else None, **more)


def susceptibility(
    id_: str = "ast", sir: str | None = "S", code: Json = CIPRO, **more: Any
) -> Json:
    found = [concept((V3, sir, ""))] if sir else None
    return observation(id_, code, **({"interpretation": found} | more))


def report(*results: Json, **more: Any) -> Json:
    fields = {
        "id": "rep",
        "identifier": [{"system": "urn:lab:rapport", "value": "R1"}],
        "status": "final",
        "category": [concept((kith.OID + "8202", "MBIO", ""))],
        "code": {"text": "Mikrobiologi"},
        "subject": {"reference": "Patient/pat"},
        "issued": "2026-01-07T12:00:00+01:00",
        "performer": [{"reference": "Organization/org"}],
        "specimen": [{"reference": "Specimen/spm"}],
        "result": [ref(result) for result in results],
    } | more
    return clean(resourceType="DiagnosticReport", **fields)


def copied(value: Any) -> Any:
    """A tree of JSON of its own: several times faster than `copy.deepcopy`, which remembers every object."""
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def bundle(*resources: Json, **more: Any) -> Json:
    fields = {
        "type": "collection",
        "identifier": {"system": "urn:lab:melding", "value": "M1"},
        "timestamp": "2026-01-07T12:00:05+01:00",
        "entry": [{"resource": copied(resource)} for resource in resources],
    } | more
    return clean(resourceType="Bundle", **fields)


def write(value: Json) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    return re.sub(r'"<number ([^"]*)>"', r"\1", text).encode("utf-8", "surrogatepass")


def simple(*observations: Json, listed: int | None = None, **more: Any) -> Json:
    """One report with one urine specimen; `listed`: how many results the report names."""
    head = report(*observations[:listed], **more)
    return bundle(head, patient(), organization(), specimen(), *observations)


# What an answer says, in no format's words.


@dataclass(frozen=True)
class Drug:
    """One antibiotic: the names of the test, and what came out."""

    names: tuple[tuple[str, str, str], ...]
    sir: str = ""
    mic: str = ""
    zone: int = 0


@dataclass(frozen=True)
class Isolate:
    """One organism, in the specimen of that number (from 0)."""

    name: str
    codes: tuple[tuple[str, str, str], ...] = ()
    quantity: str = ""
    specimen: int = 0
    drugs: tuple[Drug, ...] = ()


@dataclass(frozen=True)
class Taken:
    """One specimen."""

    number: str
    collected: str
    material: str = "U"
    words: str = "Urin"


@dataclass(frozen=True)
class Answer:
    """One answer of one laboratory. `status` is FHIR's; the KITH letters are worked out."""

    message_id: str = "M1"
    report_id: str = "R1"
    status: str = "final"
    generated: str = "2026-01-07T12:00:00+01:00"
    her: str = "91843"
    number: str | None = None
    sex: str = ""
    born: str | None = None
    municipality: str | None = None
    notifiable: str = ""
    ward: str = ""
    specimens: tuple[Taken, ...] = (Taken("S1", "2026-01-05T10:00:00+01:00"),)
    isolates: tuple[Isolate, ...] = ()


@dataclass(frozen=True)
class Shape:
    """How a bundle is written: its type, how its resources are named, and how results hang together.

    Attributes:
        kind: Bundle.type.
        names: urn, relative, absolute, contained (the patient and the laboratory inside the report).
        links: member (of the organism), derived (from it), both, component (of it), group (organism and
            results are members of one group), or urn and so on with all listed in the report.
        listed: whether the report lists all results or only the outermost.
        bare: whether OIDs are written without ``urn:oid:``.
    """

    kind: str = "collection"
    names: str = "relative"
    links: str = "member"
    listed: bool = True
    bare: bool = False


LETTERS = {
    "final": ("N", "F"), "preliminary": ("N", "P"), "amended": ("M", "F"), "corrected": ("M", "F"),
    "appended": ("A", "F"), "cancelled": ("C", "F"), "entered-in-error": ("C", "F"),
}  # fmt: skip


def as_kith(answer: Answer) -> bytes:
    """The answer as a KITH message of version 1.4."""
    items: list[str] = []
    for index, isolate in enumerate(answer.isolates):
        own = f"F{index}"
        nested = [_kith_drug(drug, own) for drug in isolate.drugs]
        if isolate.quantity:
            nested.insert(0, kith.quantity(isolate.quantity))
        number = answer.specimens[isolate.specimen].number
        items.append(
            kith.identification(
                isolate.name, codes=isolate.codes, item=own, specimen=number, nested=nested
            )
        )
    if not answer.isolates:
        items.append(kith.culture("Ingen vekst"))
    taken = [_kith_specimen(each) for each in answer.specimens]
    ward = kith.element("Inst", kith.text("Name", answer.ward))
    more = kith.element("AdmLocation", kith.element("Location", ward)) if answer.ward else ""
    person = kith.patient(
        *taken, *items, number=answer.number, sex={"male": "1", "female": "2"}.get(answer.sex),
        born=answer.born, municipality=answer.municipality, more=more,
    )  # fmt: skip
    service, status = LETTERS[answer.status]
    written = kith.report(
        person, service=service, status=status, own=answer.report_id,
        comments=filter(None, [answer.notifiable]), sender=kith.provider(answer.her),
    )  # fmt: skip
    return kith.message(written, message_id=answer.message_id, generated=answer.generated)


def _kith_specimen(taken: Taken) -> str:
    coded = kith.element("TypeCoded", V=taken.material, S=MATERIAL, DN=taken.words)
    date = kith.element("CollectedSample", kith.coded("CollectedDate", taken.collected))
    return kith.element("AnalysedSubject", date, coded, kith.text("IdByServProvider", taken.number))


def _kith_drug(drug: Drug, refers: str) -> str:
    if drug.zone:
        number = ("", str(drug.zone), "mm")
        return kith.result(*drug.names, number=number, heading=None, refers=refers)
    codes = [(SIR, drug.sir, "")] if drug.sir else []
    return kith.result(
        *drug.names, codes=codes, said=drug.mic or None, heading="RSB", refers=refers
    )


def as_fhir(answer: Answer, shape: Shape = Shape()) -> bytes:
    """The answer as a bundle of that shape."""
    return write(as_bundle(answer, shape))


def as_bundle(answer: Answer, shape: Shape = Shape()) -> Json:
    """The same, still to be changed."""
    units, lab = _laboratory(answer)
    person = _person(answer)
    taken = [
        specimen(f"spm{index}", each.collected, accessionIdentifier={"value": each.number},
                 type=concept((MATERIAL, each.material, each.words)))
        for index, each in enumerate(answer.specimens)
    ]  # fmt: skip
    top, others = _results(answer, shape, taken)
    listed = [*top, *others] if shape.listed else top
    head = report(
        *listed,
        identifier=[
            {"use": "secondary", "value": answer.message_id}, {"value": answer.report_id},
        ],
        status=answer.status, issued=answer.generated, subject=ref(person), performer=[ref(lab)],
        specimen=[ref(each) for each in taken],
    )  # fmt: skip
    if answer.notifiable:
        head["conclusionCode"] = [concept((kith.OID + "8269", answer.notifiable, ""))]
    stay: list[Json] = []
    if answer.ward:
        ward = clean(resourceType="Location", id="loc", name=answer.ward)
        stay = [clean(resourceType="Encounter", id="enc", location=[{"location": ref(ward)}]), ward]
        head["encounter"] = ref(stay[0])
    resources = [head, person, *units, *taken, *stay, *top, *others]
    whole = bundle(*resources, type=shape.kind, identifier={"value": answer.message_id})
    return rename(bare(whole) if shape.bare else whole, shape.names)


def _laboratory(answer: Answer) -> tuple[list[Json], Json]:
    whole = organization("13", name="Fjordby sykehus", id="hospital")
    lab = organization(answer.her, name="Mikrobiologi", id="lab", partOf=ref(whole))
    return [whole, lab], lab


def _person(answer: Answer) -> Json:
    home = None
    if answer.municipality:
        code = coding(kith.OID + "3402", answer.municipality)
        extension = [{"url": MUNICIPALITY, "valueCoding": code}]
        home = [{"use": "home", "_district": {"extension": extension}}]
    name = [{"family": "Prøve", "given": ["Paula"]}]
    return patient(answer.number, name=name, gender=answer.sex, birthDate=answer.born, address=home)


def _results(answer: Answer, shape: Shape, taken: list[Json]) -> tuple[list[Json], list[Json]]:
    """The outermost Observations, and those that hang on them."""
    top: list[Json] = []
    others: list[Json] = []
    if not answer.isolates:
        return [culture("c0", "Ingen vekst")], []
    for index, isolate in enumerate(answer.isolates):
        where = ref(taken[isolate.specimen])
        found = observation(
            f"o{index}", IDENTIFICATION, concept(*isolate.codes, text=isolate.name), specimen=where
        )
        drugs = [_drug(f"o{index}d{number}", drug) for number, drug in enumerate(isolate.drugs)]
        if isolate.quantity:
            drugs.insert(0, observation(f"o{index}q", QUANTITY, isolate.quantity))
        if shape.links == "component":
            for drug in drugs:
                for name in ("resourceType", "id", "status"):
                    del drug[name]
            found |= clean(component=drugs)
            top.append(found)
            continue
        if shape.links in ("member", "both"):
            found |= clean(hasMember=[ref(drug) for drug in drugs])
        if shape.links in ("derived", "both"):
            for drug in drugs:
                drug["derivedFrom"] = [ref(found)]
        if shape.links == "group":
            if isolate.quantity:
                drugs[0]["derivedFrom"] = [ref(found)]
            members = [ref(each) for each in (found, *drugs)]
            top.append(observation(f"g{index}", {"text": "Isolat"}, hasMember=members))
            others += [found, *drugs]
        else:
            top.append(found)
            others += drugs
    return top, others


def _drug(id_: str, drug: Drug) -> Json:
    value: Any = None
    if drug.zone:
        value = {"value": drug.zone, "unit": "mm"}
    elif drug.mic:
        number = drug.mic.lstrip("<>=")
        sign = drug.mic[: len(drug.mic) - len(number)]
        value = clean(value=exactly(number), comparator=sign, unit="mg/L")
    return susceptibility(id_, drug.sir, concept(*drug.names)) | (
        {"valueQuantity": value} if value else {}
    )


def exactly(number: str) -> str:
    """A number that `write` puts into the JSON as its text says, zeros and all."""
    return f"<number {number}>"


def bare(value: Any) -> Any:
    """The same with OIDs written without ``urn:oid:``."""
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items()}
    if isinstance(value, list):
        return [bare(each) for each in value]
    return value.removeprefix(URN) if isinstance(value, str) else value


def rename(whole: Json, names: str) -> Json:
    """The bundle with other addresses: urn, absolute, contained, or relative as it is."""
    if names == "relative":
        return whole
    if names == "contained":
        return _contain(whole)
    base = "https://lab.example/fhir/"
    new: dict[str, str] = {}
    for entry in whole["entry"]:
        own = address(entry["resource"])
        new[own] = (
            f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, own)}" if names == "urn" else base + own
        )
        entry["fullUrl"] = new[own]
        if names == "urn":
            del entry["resource"]["id"]
    return _readdress(whole, new)


def _readdress(value: Any, new: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: new.get(each, each) if key == "reference" else _readdress(each, new)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_readdress(each, new) for each in value]
    return value


def _contain(whole: Json) -> Json:
    """Everything but the Observations inside the report."""
    resources = [entry["resource"] for entry in whole["entry"]]
    kept = [r for r in resources if r["resourceType"] in ("DiagnosticReport", "Observation")]
    inner = [r for r in resources if r["resourceType"] not in ("DiagnosticReport", "Observation")]
    new = {address(resource): f"#{resource['id']}" for resource in inner}
    for resource in kept:
        if resource["resourceType"] == "Observation":
            resource.pop("specimen", None)
    whole["entry"] = [{"resource": _readdress(resource, new)} for resource in kept]
    whole["entry"][0]["resource"]["contained"] = _readdress(inner, new)
    return whole


FULL = Answer(
    sex="female", born="1984-03-17", municipality="4601", notifiable="MSIS-M",
    isolates=(
        Isolate(
            "Escherichia coli", ((SIR, "ESCOLI", "Escherichia coli"),), ">100.000 pr.ml.",
            drugs=(
                Drug(((NLK, "NPU06049", "Us-Ciprofloksacin"),), "R", "0.250"),
                Drug(((LOCAL, "AM-D", "Ampicillin"), (NLK, "NPU06045", "Us-Ampicillin")), "S", "<=0.5"),
                Drug(((LOCAL, "GM", "Gentamicin"),), "I"),
                Drug(((LOCAL, "FU", "Fusidinsyre"),), zone=23),
            ),
        ),
        Isolate("Klebsiella pneumoniae", drugs=(Drug(((NLK, "NPU06049", "Us-Ciprofloksacin"),), "S"),)),
    ),
)  # fmt: skip
"""An answer with everything that both formats can say."""


def numbered(number: str) -> Answer:
    """The full answer about someone with that identity number."""
    return replace(FULL, number=number)


def find_patients(value: Any) -> list[Json]:
    """Every Patient in something, however deep."""
    if isinstance(value, list):
        return [found for each in value for found in find_patients(each)]
    if not isinstance(value, dict):
        return []
    own = [value] if value.get("resourceType") == "Patient" else []
    return own + find_patients(list(value.values()))
