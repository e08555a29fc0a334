"""The question "was this analysis made before", as it comes."""

from __future__ import annotations

from msgspec import Struct

from varde.messages.records import Method


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """A code with the words that it came with; at least one of code and text.

    Attributes:
        system: OID or URI, such as ``http://loinc.org``.
    """

    system: str = ""
    code: str = ""
    text: str = ""


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked.

    Attributes:
        number: of the patient: national, D, help or DUF number.
        purpose: what for: a key such as ``care``.
        analysis: the analysis that is planned, by NLK, LOINC or its name.
        organism, method, material: said by themselves: keys of Varde's lists; they count before what `analysis` says.
        specimen: the material as a code or in words.
        reason: why this patient, where a person asks; one of ``/analyser/tidligere``'s own list.
        on_behalf_of: the person whom a machine asks for.
    """

    number: str
    purpose: str
    analysis: Named = Named()
    organism: str = ""
    method: Method = ""
    material: str = ""
    specimen: Named | None = None
    reason: str = ""
    on_behalf_of: str = ""
