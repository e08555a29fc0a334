"""The element order of KITH svarrapport, for those elements the invented laboratories write.

From the schemas ``labsvar/2008-12-01`` and ``labsvar/2012-02-15``: the children an element may have,
in their order; ``!`` marks those that must be there, ``*`` those that may be repeated. Where the two
versions differ the later rule stands in `ONLY_14`.
"""

import re

ORDER = {
    "Message": "Type! MsgVersion MIGversion! GenDate! MsgId! Status ServReport!",
    "ServReport": "ServType! IssueDate! ApprDate Status! CancellationCode Ack MsgDescr! ServProvId "
    "Comment CodedComment* RefDoc* ServReq* Patient ServProvider! Requester! PaymentResponsible "
    "CopyDest* RelServProv",
    "ServReq": "ServType IssueDate PaymentCat ReqComment Ack MsgDescr Id! RequestedPrioReport "
    "ReceiptDate IdByServProvider Reservation* ReasonAsText* Comment*",
    "Patient": "BasisForHealthServices Sex DateOfBirth DateOfDeath Name IdByServProvider "
    "IdByRequester OffId! TypeOffId! Relation ResponsibleHcp AdmLocation AdditionalId* Address "
    "InfItem* AnalysedSubject* ResultItem* Patient",
    "ResponsibleHcp": "Role Relation HCP!",
    "HCP": "Inst MedSpeciality Address",
    "Inst": "Name Id TypeId Dept* HCPerson* AdditionalId*",
    "Address": "Type! StreetAdr PostalCode City County Country CityDistr TeleAddress*",
    "AnalysedSubject": "CollectedSample ServType Type TypeCoded IdByRequester PreservMaterial Comment "
    "AnatomicalOrigin Number SampleCollInd SampleCollProc SampleHandling* IdByServProvider! "
    "Accredited AnalysedSubject Pretreatment RelServProv",
    "CollectedSample": "CollectedDate CollectorComment CollectorCommentCoded* Logistics",
    "ResultItem": "TextResult ServType RefInterval* Investigation* InvDate Comment DevResultInd "
    "IdResultItem RefIdResultItem StatusInvestigation StatusChangeDate DescrDate CounterSignDate "
    "MedicalValidationDate RefAnalysedSubject* Accredited RelServProv* DiagComment StructuredInfo* "
    "ResultItem*",
    "TextResult": "Heading TextResultValue TextCode* Unit",
    "Investigation": "Id* Spec* Comment",
    "ServProvider": "Role ComMethod HCP!",
    "Requester": "Role ComMethod HCP!",
}
ONLY_14 = {"ServReport": "ServProvId"}

TIMES = {"GenDate", "IssueDate", "DateOfBirth", "CollectedDate"}
SIMPLE = {
    *("Type", "ServType", "Status", "MsgDescr", "Sex", "TypeOffId"),
    *("Relation", "Heading", "TypeId", "County", "TeleAddress"),
}
CODED = {"TypeCoded", "TextCode", "Id"}
TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
OID = re.compile(r"(\d+\.?)*\d+")


def faults(element):
    """What the schema would refuse below this element, as sentences."""
    name = element.tag.rpartition("}")[2]
    children = [child.tag.rpartition("}")[2] for child in element]
    yield from _attributes(name, element)
    if name not in ORDER:
        if children:
            yield f"{name} may not have {children}"
        return
    yield from _order(name, children)
    for child in element:
        yield from faults(child)


def _order(name, children):
    steps = [re.fullmatch(r"(\w+)([!*]?)", step).groups() for step in ORDER[name].split()]
    left = list(children)
    for step, mark in steps:
        count = 0
        while left and left[0] == step and (mark == "*" or not count):
            left.pop(0)
            count += 1
        if mark == "!" and not count:
            yield f"{name} lacks {step}"
    if left:
        yield f"{name} has {left[0]} out of place in {children}"


def _attributes(name, element):
    extra = set(element.attrib) - _allowed(name)
    if extra:
        yield f"{name} may not have attributes {extra}"
    if name in TIMES and not TIME.fullmatch(element.get("V", "")):
        yield f"{name} has no time: {element.get('V')}"
    if "S" in element.attrib and not OID.fullmatch(element.get("S")):
        yield f"{name} has no OID: {element.get('S')}"


def _allowed(name):
    if name in TIMES:
        return {"V"}
    if name in CODED:
        return {"V", "S", "DN", "OT"}
    return {"V", "DN"} if name in SIMPLE else set()
