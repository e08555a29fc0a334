"""KITH svarrapport 1.3 and 1.4 in XML, as laboratories write them, from reports that never were.

Element order and codes follow the schemas ``labsvar/2008-12-01`` and ``labsvar/2012-02-15``. Every
message says in a comment and in the laboratory's name that it is invented, and the patient's street is "Syntetisk vei".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from varde.codes import antibiotics, materials, municipalities, organisms

from .callings import Calling, call_as_sent, newborn
from .chains import Delivery, Searched, Version
from .courses import organism_names
from .isolates import NEWBORN, Isolate, Patient, Report
from .knowledge import LocalCode, national_codes
from .laboratories import Laboratory

OID = "2.16.578.1.12.4.1.1."
SPACES = {
    "1.3": "http://www.kith.no/xmlstds/labsvar/2008-12-01",
    "1.4": "http://www.kith.no/xmlstds/labsvar/2012-02-15",
}
SERVICE = {"N": "Ny", "M": "Endring", "C": "Kansellering"}
STATUS = {"P": "Foreløpig rapport", "F": "Endelig rapport"}
SIR_WORDS = {
    "1.3": {"S": "Sensitiv", "I": "Intermediært følsom", "R": "Resistent"},
    "1.4": {"S": "Sensitiv, standarddose", "I": "Sensitiv, økt eksponering", "R": "Resistent"},
}
CULTURE = {"urine": ("NPU06073", "U-Bakterier dyrkning"), "blood": ("NPU58745", "Blodkultur")}
OTHER_CULTURE = ("NPU06061", "Aerob dyrkning")
ANSWERS = {
    "positive": "Påvist",
    "negative": "Ikke påvist",
    "inconclusive": "Inkonklusiv",
    "pending": "Svar følger",
}
MARK = "Syntetisk: oppdiktet melding fra Varde. Ingen person, prøve eller laboratorium finnes."
AGAIN = "Syntetisk: oppdiktet melding fra Varde, levert på nytt. Ingenting i den er virkelig."
REQUESTER_HER = 9900201


def write_message(delivery: Delivery) -> bytes:
    """The bytes of one delivered message."""
    return FAULTY.get(delivery.version.fault, _write)(delivery)


def message_id(report: Report, version: Version) -> str:
    """The message's id: unique for its laboratory, new for every version."""
    return f"{report.report_id}-{version.number}"


def local_id(patient: Patient) -> str:
    """The laboratory's own number of a patient without a national one; empty for some of them."""
    return "" if patient.number or patient.person % 2 else f"P{patient.person}"


def calling_of(report: Report) -> Calling:
    """What the laboratory has the patient written as."""
    patient = report.patient
    calling = call_as_sent(
        report.laboratory.key,
        patient.person,
        patient.sex,
        patient.born,
        patient.municipality,
        bool(patient.number),
    )
    young = (report.collected.date() - patient.born).days < NEWBORN
    return newborn(calling, patient.sex) if young and not patient.number else calling


def _write(delivery: Delivery) -> bytes:
    return _encode(_text(delivery), delivery.report.laboratory.encoding)


def _encode(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "xmlcharrefreplace")


def _text(delivery: Delivery, collected: bool = True, sex: str = "", number: str = "") -> str:
    """The whole message; the arguments replace what a faulty message says wrongly."""
    report, version = delivery.report, delivery.version
    lab, patient, calling = report.laboratory, report.patient, calling_of(report)
    issued = report.collected.date() + timedelta(days=1)
    specimen = f"{report.report_id}-S"
    return (
        f'<?xml version="1.0" encoding="{lab.encoding}"?>\n'
        f"<!-- {AGAIN if delivery.kind == 'resend' else MARK} -->\n"
        f'<Message xmlns="{SPACES[lab.version]}">\n{_type(lab.version)}'
        f'<GenDate V="{version.generated.isoformat()}"/>'
        f"<MsgId>{message_id(report, version)}</MsgId>\n"
        f'<ServReport>{_service(version.service_type)}<IssueDate V="{issued}T08:00:00"/>'
        f'<Status V="{version.status}" DN="{STATUS[version.status]}"/>'
        '<MsgDescr V="MBIO" DN="Mikrobiologi"/>'
        f"<ServProvId>{report.report_id}</ServProvId>\n"
        f'<ServReq><MsgDescr V="MBIO" DN="Mikrobiologi"/><Id>{report.report_id}-R</Id>'
        f"<IdByServProvider>{report.report_id}</IdByServProvider></ServReq>\n"
        f"<Patient>{_patient(patient, calling, sex, number)}\n{_ward(report.ward)}"
        f"{_address(patient.municipality, calling) if lab.municipality else ''}"
        f"{_specimen(report, specimen, collected)}\n"
        f"{_results(report, version, specimen)}</Patient>\n"
        f"{_provider(lab)}{_requester(report.ward)}</ServReport>\n</Message>\n"
    )


@cache
def _type(version: str) -> str:
    if version == "1.3":
        return '<Type V="S" DN="Svarrapport"/><MIGversion>v1.3 2008-12-01</MIGversion>'
    return (
        '<Type V="SVAR_LAB" DN="Svarrapport-Laboratoriemedisin"/>'
        "<MIGversion>v1.4 2012-02-15</MIGversion>"
    )


@cache
def _service(letter: str) -> str:
    return f'<ServType V="{letter}" DN="{SERVICE[letter]}"/>'


def _patient(patient: Patient, calling: Calling, sex: str, number: str) -> str:
    told = sex or patient.sex
    words = '<Sex V="2" DN="Kvinne"/>' if told == "F" else '<Sex V="1" DN="Mann"/>'
    start = f'{words}<DateOfBirth V="{patient.born}"/><Name>{escape(calling.whole)}</Name>'
    if not patient.number:
        return f'{start}<OffId>{local_id(patient)}</OffId><TypeOffId V="XXX" DN="Annet"/>'
    kind = "Fødselsnummer" if patient.kind == "FNR" else "D-nummer"
    official = f"<OffId>{number or patient.number}</OffId>"
    return f'{start}{official}<TypeOffId V="{patient.kind}" DN="{kind}"/>'


@cache
def _ward(ward: str) -> str:
    return (
        '<ResponsibleHcp><Relation V="REK" DN="Rekvirent"/><HCP><Inst>'
        f"<Name>{escape(ward)}</Name></Inst></HCP></ResponsibleHcp>\n"
    )


def _address(municipality: str, calling: Calling) -> str:
    street = f"<StreetAdr>{escape(calling.street)}</StreetAdr>" if calling.street else ""
    code = f"<PostalCode>{calling.postal_code}</PostalCode>" if calling.postal_code else ""
    city = f"<City>{escape(calling.city)}</City>" if calling.city else ""
    phone = f'<TeleAddress V="tel:{calling.phone}"/>' if calling.phone else ""
    return (
        f'<Address><Type V="H" DN="Bostedsadresse"/>{street}{code}{city}{_county(municipality)}'
        f"{phone}</Address>\n"
    )


@cache
def _county(municipality: str) -> str:
    known = municipalities(date(2026, 1, 1)).get(municipality)
    words = f" DN={quoteattr(known.name)}" if known else ""
    return f'<County V="{municipality}"{words}/>'


def _specimen(report: Report, specimen: str, collected: bool) -> str:
    lab = report.laboratory
    when = report.collected.date() if lab.day_only else report.collected.isoformat()
    taken = f'<CollectedSample><CollectedDate V="{when}"/></CollectedSample>'
    return (
        f"<AnalysedSubject>{taken if collected else ''}"
        f"{_material(lab.materials, report.material, report.unmapped)}"
        f"<IdByServProvider>{specimen}</IdByServProvider></AnalysedSubject>"
    )


@cache
def _material(style: str, key: str, unmapped: LocalCode | None) -> str:
    if unmapped:
        return f'<TypeCoded V="{unmapped.code}" S="{OID}8351" DN={quoteattr(unmapped.text)}/>'
    material = materials()[key]
    words = material.name_nb[0].upper() + material.name_nb[1:]
    text = f"<Type>{escape(words)}</Type>"
    if style == "text" or not material.kith_code:
        return text
    coded = f'<TypeCoded V="{material.kith_code}" S="{OID}8351" DN={quoteattr(words)}/>'
    return text + coded if style == "both" else coded


def _results(report: Report, version: Version, specimen: str) -> str:
    lab, service = report.laboratory, version.service_type
    group = materials()[report.material].group if report.material else ""
    reference = f"<RefAnalysedSubject>{specimen}</RefAnalysedSubject>"
    if version.searches:
        searches = (_search(each, lab, service) for each in version.searches)
        return "".join(f"{item}{reference}</ResultItem>\n" for item in searches)
    grown = "Vekst" if version.isolates else "Ingen vekst"
    items = [f"{_culture(group, grown, lab.version, service)}{reference}</ResultItem>\n"]
    for number, isolate in enumerate(version.isolates, 1):
        tests = _tests(lab, isolate, service, number)
        start = _identification(lab, isolate.organism, isolate.unmapped, service, number)
        amount = _quantity(lab.version, service) if group == "urine" else ""
        nested = lab.linkage == "nested"
        inside, after = (tests, "") if nested else ("", tests)
        items.append(f"{start}{reference}{amount}\n{inside}</ResultItem>\n{after}")
    return "".join(items)


def _search(searched: Searched, lab: Laboratory, service: str) -> str:
    """The answer in words, or under code list 8340, as the laboratory writes its findings."""
    words = ANSWERS[searched.said]
    text = f"<TextResultValue>{words}</TextResultValue>"
    coded = f'<TextCode V="{searched.said[:3].upper()}" S="{OID}8340" DN="{words}"/>'
    shown = {"text": text, "code": coded, "both": text + coded}[lab.organisms]
    system = "7280" if searched.code else "8212"
    code = f'V="{searched.code}" ' if searched.code else ""
    return (
        f'<ResultItem><TextResult><Heading V="LR" DN="Laboratorieresultat"/>{shown}</TextResult>'
        f"{_item_service(lab.version, service)}"
        f'<Investigation><Id {code}S="{OID}{system}" DN={quoteattr(searched.name)}/></Investigation>'
    )


def _item_service(version: str, service: str) -> str:
    """Version 1.4 says of every result whether it is new; the older one leaves it out."""
    return _service(service) if version == "1.4" else ""


@cache
def _culture(group: str, grown: str, version: str, service: str) -> str:
    code, words = CULTURE.get(group, OTHER_CULTURE)
    return (
        '<ResultItem><TextResult><Heading V="LR" DN="Laboratorieresultat"/>'
        f"<TextResultValue>{grown}</TextResultValue></TextResult>{_item_service(version, service)}"
        f'<Investigation><Id V="{code}" S="{OID}7280" DN={quoteattr(words)}/></Investigation>'
        "<IdResultItem>D1</IdResultItem>"
    )


@cache
def _identification(
    lab: Laboratory, key: str, unmapped: LocalCode | None, service: str, number: int
) -> str:
    code, words = (unmapped.code, unmapped.text) if unmapped else organism_code(key)
    text = f"<TextResultValue>{escape(words)}</TextResultValue>"
    # Laboratories send organism codes of their own under the OID of the resistance code list.
    coded = f'<TextCode V="{code}" S="{OID}8271" DN={quoteattr(words)}/>'
    shown = {"text": text, "code": coded, "both": text + coded}[lab.organisms]
    return (
        f'<ResultItem><TextResult><Heading V="LR" DN="Laboratorieresultat"/>{shown}</TextResult>'
        f"{_item_service(lab.version, service)}"
        f'<Investigation><Id V="IDENT" S="{OID}8212" DN="Identifikasjon"/></Investigation>'
        f"<IdResultItem>F{number}</IdResultItem><RefIdResultItem>D1</RefIdResultItem>"
    )


@cache
def organism_code(key: str) -> tuple[str, str]:
    """A laboratory's own code for an organism in the style of ESCOLI, and its name."""
    return _organism_codes()[key], organisms()[key].name


@cache
def _organism_codes() -> dict[str, str]:
    """A code for every organism that is drawn, no two alike (faecalis and faecium begin alike)."""
    short = {key: _shorten(key, 4, 0) for key in organism_names()}
    taken = Counter(short.values())
    return {key: code if taken[code] == 1 else _shorten(key, 3, 1) for key, code in short.items()}


def _shorten(key: str, first: int, last: int) -> str:
    organism = organisms()[key]
    end = organism.species[len(organism.species) - last :]
    return (organism.genus[:2] + organism.species[:first] + end).upper()


@cache
def _quantity(version: str, service: str) -> str:
    return (
        "<ResultItem><TextResult><TextResultValue>&gt;100.000 kolonier pr.ml</TextResultValue>"
        f"</TextResult>{_item_service(version, service)}"
        f'<Investigation><Id V="KVANT" S="{OID}8212" DN="Mengde"/></Investigation></ResultItem>'
    )


def _tests(lab: Laboratory, isolate: Isolate, service: str, number: int) -> str:
    made = [
        _test(lab, result.antibiotic, result.sir, result.mic, service, number)
        for result in isolate.results
    ]
    if isolate.extra:
        made.append(_strange_test(lab, isolate.extra, service, number))
    return "".join(made)


@cache
def _test(lab: Laboratory, antibiotic: str, sir: str, mic: str, service: str, number: int) -> str:
    return _test_item(lab, _antibiotic_ids(lab.antibiotics, antibiotic), sir, mic, service, number)


@cache
def _strange_test(lab: Laboratory, code: LocalCode, service: str, number: int) -> str:
    ids = f'<Id V="{code.code}" S="{OID}8212" DN={quoteattr(code.text)}/>'
    return _test_item(lab, ids, "S", "", service, number)


def _test_item(lab: Laboratory, ids: str, sir: str, mic: str, service: str, number: int) -> str:
    shown = escape(mic.replace(".", lab.decimal))
    value = f"<TextResultValue>{shown}</TextResultValue>" if mic else ""
    return (
        f'<ResultItem><TextResult><Heading V="RSB" DN="Resistensbestemmelse"/>{value}'
        f'<TextCode V="{sir}" S="{OID}8271" DN="{SIR_WORDS[lab.version][sir]}"/></TextResult>'
        f"{_item_service(lab.version, service)}<Investigation>{ids}</Investigation>"
        f"<RefIdResultItem>F{number}</RefIdResultItem></ResultItem>\n"
    )


@cache
def _antibiotic_ids(style: str, code: str) -> str:
    """One or two Investigation/Id: the national code where there is one, the laboratory's own."""
    national = national_codes().get(code)
    words = antibiotics()[code].name_nb
    own = f'<Id V="{code}-D" S="{OID}8212" DN={quoteattr(words)}/>'
    if style == "local" or national is None:
        return own
    first = f'<Id V="{national.code}" S="{OID}7280" DN={quoteattr(national.text)}/>'
    return first + own if style == "both" else first


@cache
def _provider(lab: Laboratory) -> str:
    return (
        f"<ServProvider><HCP><Inst><Name>{escape(lab.name)}</Name><Id>{lab.her}</Id>"
        '<TypeId V="HER" DN="HER-id"/></Inst></HCP></ServProvider>\n'
    )


@cache
def _requester(ward: str) -> str:
    return (
        f"<Requester><HCP><Inst><Name>{escape(ward)}</Name><Id>{REQUESTER_HER}</Id>"
        '<TypeId V="HER" DN="HER-id"/></Inst></HCP></Requester>\n'
    )


def _truncated(delivery: Delivery) -> bytes:
    data = _write(delivery)
    return data[: len(data) * 3 // 5]


def _wrongly_declared(delivery: Delivery) -> bytes:
    """Latin letters of one byte in a document that declares UTF-8."""
    encoding = delivery.report.laboratory.encoding
    text = _text(delivery).replace(f'encoding="{encoding}"', 'encoding="UTF-8"', 1)
    return _encode(text, "ISO-8859-1")


def _with_entity(delivery: Delivery) -> bytes:
    text = _text(delivery).replace(
        "<Message ", '<!DOCTYPE Message [<!ENTITY syntetisk "SYNTETISK">]>\n<Message ', 1
    )
    return _encode(
        text.replace("<Name>", "<Name>&syntetisk;", 1),
        delivery.report.laboratory.encoding,
    )


def _without_date(delivery: Delivery) -> bytes:
    return _encode(_text(delivery, collected=False), delivery.report.laboratory.encoding)


def _of_other_sex(delivery: Delivery) -> bytes:
    other = "M" if delivery.report.patient.sex == "F" else "F"
    return _encode(_text(delivery, sex=other), delivery.report.laboratory.encoding)


def _with_wrong_digit(delivery: Delivery) -> bytes:
    number = wrong_digit(delivery.report.patient.number)
    return _encode(_text(delivery, number=number), delivery.report.laboratory.encoding)


def wrong_digit(number: str) -> str:
    """The number with another last digit: its control fails."""
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


FAULTY: dict[str, Callable[[Delivery], bytes]] = {
    "": _write,
    "truncated": _truncated,
    "wrong-encoding": _wrongly_declared,
    "missing-collected": _without_date,
    "contradictory-sex": _of_other_sex,
    "forbidden-xml": _with_entity,
    "invalid-identity-number": _with_wrong_digit,
}
