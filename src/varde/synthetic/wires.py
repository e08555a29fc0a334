"""The invented laboratories' answers in the formats of other countries: FHIR R4 bundles, HL7 v2.5.1 ORU^R01.

What an answer says is the same as in KITH; only good messages are written, for the faults of the invented
country are those of XML. Laboratories' habits (a local code beside the national one, a day without a
time) are kept where the format has a word for them.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from varde.codes import antibiotics, materials

from .chains import Delivery, Searched
from .isolates import Isolate, Report
from .kith import (
    ANSWERS,
    CULTURE,
    OID,
    OTHER_CULTURE,
    calling_of,
    local_id,
    message_id,
    organism_code,
)
from .knowledge import LocalCode, national_codes

Json = dict[str, Any]
Named = tuple[str, str, str]
"""system (OID), code, words"""

HER = "2.16.578.1.12.4.1.2"
NUMBERS = {"FNR": "2.16.578.1.12.4.1.4.1", "DNR": "2.16.578.1.12.4.1.4.2"}
MUNICIPALITY = "http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode"
FHIR_STATUS = {"N": {"P": "preliminary", "F": "final"}, "M": "amended", "C": "cancelled"}
HL7_STATUS = {"N": {"P": "P", "F": "F"}, "M": "C", "C": "X"}
SNOMED = "http://snomed.info/sct"
FOUND = {"positive": "260373001", "negative": "260415000", "inconclusive": "419984006"}
"""SNOMED CT: detected, not detected, inconclusive."""
OSLO = ZoneInfo("Europe/Oslo")
_MIC = re.compile(r"(<=|>=|<|>)?(.+)")


def write_fhir(delivery: Delivery) -> bytes:
    """The delivered answer as a transaction Bundle."""
    report, version = delivery.report, delivery.version
    lab = report.laboratory
    unit = _resource("Organization", "lab", name=lab.name, identifier=[_id(HER, str(lab.her))])
    person = _fhir_patient(report)
    when = f"{report.collected.date()}" if lab.day_only else _moment(report.collected)
    specimen = _resource(
        "Specimen",
        "specimen",
        accessionIdentifier={"value": f"{report.report_id}-S"},
        type=_concept(_material(report)),
        collection={"collectedDateTime": when},
    )
    observations = [] if version.service_type == "C" else _observations(delivery)
    answer = _resource(
        "DiagnosticReport",
        "answer",
        identifier=[{"value": report.report_id}],
        status=_status(FHIR_STATUS, delivery),
        category=[_concept((f"{OID}8202", "MBIO", "Mikrobiologi"))],
        code=_concept(_asked(delivery)),
        subject=_to(person),
        issued=_moment(version.generated),
        performer=[_to(unit)],
        specimen=[_to(specimen)],
        result=[_to(each) for each in observations if each["id"].count("-") < 2],
    )
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"value": message_id(report, version)},
        "type": "transaction",
        "entry": [
            {
                "fullUrl": f"{each['resourceType']}/{each['id']}",
                "resource": each,
                "request": {"method": "POST", "url": each["resourceType"]},
            }
            for each in (answer, person, unit, specimen, *observations)
        ],
    }
    if delivery.kind == "resend":
        bundle["meta"] = {"tag": [{"display": "levert på nytt"}]}
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()


def write_hl7v2(delivery: Delivery) -> bytes:
    """The delivered answer as an ORU^R01 of version 2.5.1."""
    report, version = delivery.report, delivery.version
    lab = report.laboratory
    made = f"{version.generated:%Y%m%d%H%M%S}"
    taken = f"{report.collected:%Y%m%d}" if lab.day_only else f"{report.collected:%Y%m%d%H%M%S}"
    said = _status(HL7_STATUS, delivery)
    system, code, words = _asked(delivery)
    lines = [
        f"MSH|^~\\&|LIS|{_text(lab.name)}^{HER}.{lab.her}^ISO|VARDE|FHI|{made}||ORU^R01^ORU_R01|"
        f"{message_id(report, version)}|P|2.5.1||||||UNICODE UTF-8",
        _pid(report),
        f"OBR|1|{report.report_id}-R|{report.report_id}|{code}^{_text(words)}^{system}|||{taken}|||||||||||||||"
        f"{made}||MB|{said}",
    ]
    for number, isolate in enumerate(version.isolates, 1):
        lines.append(_obx(number, "CWE", _culture(report), _coded(_organism(isolate)), said))
        for drug, sir, mic in _tests(isolate):
            lines.append(_test(number, drug, sir, mic, said))
    for number, searched in enumerate(version.searches, 1):
        lines.append(_answer(number, searched, said))
    if not (version.isolates or version.searches) and version.service_type != "C":
        lines.append(f"OBX|1|ST|{code}^{_text(words)}^{OID}7280||Ingen vekst||||||{said}")
    system, code, words = _material(report)
    lines.append(f"SPM|1|^{report.report_id}-S||{code}^{_text(words)}^{system}|||||||||||||{taken}")
    if delivery.kind == "resend":
        lines.append("NTE|1||levert paa nytt")
    return ("\r".join(lines) + "\r").encode()


# --- what both formats say ----------------------------------------------------------------------


def _status(words: dict[str, Any], delivery: Delivery) -> str:
    found = words[delivery.version.service_type]
    return str(found if isinstance(found, str) else found[delivery.version.status])


def _culture(report: Report) -> Named:
    group = materials()[report.material].group if report.material else ""
    code, words = CULTURE.get(group, OTHER_CULTURE)
    return f"{OID}7280", code, words


def _asked(delivery: Delivery) -> Named:
    """What the whole answer is of: its search, else a culture."""
    searches = delivery.version.searches
    return _search(searches[0]) if searches else _culture(delivery.report)


def _search(searched: Searched) -> Named:
    system = "7280" if searched.code else "8212"
    return (
        f"{OID}{system}",
        searched.code,
        searched.name if searched.code else searched.foreign_name,
    )


def _material(report: Report) -> Named:
    if report.unmapped:
        return f"{OID}8351", report.unmapped.code, report.unmapped.text
    material = materials()[report.material]
    return (f"{OID}8351" if material.kith_code else "", material.kith_code, material.name_nb)


def _organism(isolate: Isolate) -> Named:
    code, words = isolate.unmapped or organism_code(isolate.organism)
    return f"{OID}8212", code, words


def _tests(isolate: Isolate) -> list[tuple[Named, str, str]]:
    found = [(_antibiotic(each.antibiotic), each.sir, each.mic) for each in isolate.results]
    if isolate.extra:
        found.append((_own(isolate.extra), "S", ""))
    return found


def _own(code: LocalCode) -> Named:
    return f"{OID}8212", code.code, code.text


@cache
def _antibiotic(code: str) -> Named:
    national = national_codes().get(code)
    if national is None:
        return f"{OID}8212", f"{code}-D", antibiotics()[code].name_nb
    return f"{OID}7280", national.code, national.text


# --- FHIR -----------------------------------------------------------------------------------------


def _observations(delivery: Delivery) -> list[Json]:
    """One for each organism; its tests hang on it (hasMember)."""
    report, version = delivery.report, delivery.version
    common = {"status": "final", "specimen": {"reference": "Specimen/specimen"}}
    culture = _concept(_culture(report))
    if version.searches:
        return [
            _resource(
                "Observation",
                f"o-{number}",
                code=_concept(_search(searched)),
                valueCodeableConcept=_found(searched),
                **common,
            )
            for number, searched in enumerate(version.searches, 1)
        ]
    if not version.isolates:
        said = {"valueString": "Ingen vekst"}
        return [_resource("Observation", "o-1", code=culture, **common, **said)]
    found = []
    for number, isolate in enumerate(version.isolates, 1):
        tests = []
        for place, (drug, sir, mic) in enumerate(_tests(isolate), 1):
            category = {"interpretation": [_concept((f"{OID}8271", sir, ""))]} if sir else {}
            measured = {"valueQuantity": _quantity(mic)} if mic else {}
            tests.append(
                _resource(
                    "Observation",
                    f"o-{number}-{place}",
                    code=_concept(drug),
                    **common,
                    **measured,
                    **category,
                )
            )
        found.append(
            _resource(
                "Observation",
                f"o-{number}",
                code=culture,
                valueCodeableConcept=_concept(_organism(isolate)),
                hasMember=[_to(test) for test in tests],
                **common,
            )
        )
        found.extend(tests)
    return found


def _found(searched: Searched) -> Json:
    words = ANSWERS[searched.said]
    code = FOUND.get(searched.said)
    if code is None:
        return {"text": words}
    return {"coding": [{"system": SNOMED, "code": code, "display": words}]}


def _quantity(mic: str) -> Json:
    found = _MIC.fullmatch(mic)
    comparator, number = found.groups() if found else (None, mic)
    value = int(number) if number.isdigit() else float(number)
    quantity: Json = {"value": value, "unit": "mg/L"}
    return {"comparator": comparator} | quantity if comparator else quantity


def _fhir_patient(report: Report) -> Json:
    patient, calling = report.patient, calling_of(report)
    municipality = report.laboratory.municipality
    number = _id(NUMBERS[patient.kind], patient.number) if patient.number else None
    own = local_id(patient)
    home = {
        "use": "home",
        **({"line": [calling.street], "city": calling.city} if calling.street else {}),
        **({"postalCode": calling.postal_code} if calling.postal_code else {}),
        "_district": {
            "extension": [
                {
                    "url": MUNICIPALITY,
                    "valueCoding": {"system": f"urn:oid:{OID}3402", "code": patient.municipality},
                }
            ]
        },
    }
    return _resource(
        "Patient",
        "patient",
        identifier=[number] if number else [{"value": own}] if own else None,
        name=[{"use": "official", "family": calling.family, "given": [calling.given]}],
        telecom=[{"system": "phone", "value": calling.phone, "use": "mobile"}]
        if calling.phone and municipality
        else None,
        gender="female" if patient.sex == "F" else "male",
        birthDate=f"{patient.born}",
        address=[home] if municipality else None,
    )


def _resource(kind: str, own: str, **fields: Any) -> Json:
    known = {key: value for key, value in fields.items() if value}
    return {"resourceType": kind, "id": own, **known}


def _moment(local: datetime) -> str:
    return local.replace(tzinfo=OSLO).isoformat()


def _to(resource: Json) -> Json:
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def _id(system: str, value: str) -> Json:
    return {"system": f"urn:oid:{system}", "value": value}


def _concept(named: Named) -> Json:
    system, code, words = named
    if not code:
        return {"text": words}
    coding = {"system": f"urn:oid:{system}", "code": code}
    return {"coding": [coding | {"display": words} if words else coding]}


# --- HL7 version 2 --------------------------------------------------------------------------------


def _pid(report: Report) -> str:
    patient, calling = report.patient, calling_of(report)
    municipality = report.laboratory.municipality
    if patient.number:
        number = f"{patient.number}^^^NO&{NUMBERS[patient.kind]}&ISO^NNNOR"
    else:
        own = local_id(patient)
        number = f"{own}^^^LIS^MR" if own else ""
    street, city = _text(calling.street), _text(calling.city)
    place = f"{street}^^{city}^^{calling.postal_code}^NOR^H^^{patient.municipality}"
    phone = f"{_text(calling.phone)}^PRN^CP" if calling.phone else ""
    home = f"{place}||{phone}" if municipality else ""
    words = f"{_text(calling.family)}^{_text(calling.given)}^^^^^L"
    return f"PID|1||{number}||{words}||{patient.born:%Y%m%d}|{patient.sex}|||{home}"


def _obx(number: int, kind: str, asked: Named, value: str, said: str) -> str:
    return f"OBX|{number}|{kind}|{_coded(asked)}|{number}|{value}||||||{said}"


def _answer(number: int, searched: Searched, said: str) -> str:
    words, code = ANSWERS[searched.said], FOUND.get(searched.said)
    asked = _search(searched)
    if code is None:
        return _obx(number, "ST", asked, words, said)
    return _obx(number, "CWE", asked, f"{code}^{words}^SCT", said)


def _test(number: int, drug: Named, sir: str, mic: str, said: str) -> str:
    if not mic:
        return _obx(number, "CWE", drug, f"{sir}^^HL70078", said)
    found = _MIC.fullmatch(mic)
    comparator, value = found.groups() if found else ("", mic)
    written = f"{comparator or ''}^{value}"
    return f"OBX|{number}|SN|{_coded(drug)}|{number}|{written}|mg/L||{sir}|||{said}"


def _coded(named: Named) -> str:
    system, code, words = named
    return f"{code}^{_text(words)}^{system}"


def _text(words: str) -> str:
    for sign, name_ in (("\\", "E"), ("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        words = words.replace(sign, f"\\{name_}\\")
    return words
