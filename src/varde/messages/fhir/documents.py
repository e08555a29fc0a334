"""Bytes to one FHIR Bundle, safely: size, encoding, depth and forbidden signs before any content.

Only the bundle's own fields are decoded here; its resources stay bytes. A document in which an object
holds a key twice is refused: nearly all who read JSON take the last one without a word, and it may be
the one that cancels. An Immunization may come alone, as servers post it: it is taken as the only entry
of a bundle.
"""

from __future__ import annotations

import re

import msgspec

from varde.messages.errors import InvalidContent, UnreadableMessage
from varde.messages.fhir.resources import Bundle, Element, Entry, VersionedMeta
from varde.messages.fhir.words import fhir_words
from varde.messages.json_documents import (
    as_utf8,
    check_characters,
    check_depth,
    refuse_duplicates,
    syntax_error,
)
from varde.messages.xml_documents import MAX_BYTES

MAX_ENTRIES = 100_000
"""Most resources of one bundle; so many useful ones are larger than `MAX_BYTES`."""

PLACE = re.compile(r"(?P<said>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
TYPES = re.compile(r"Expected `(?P<wanted>[^`]*)`(?:, got `(?P<found>[^`]*)`)?")

ALONE = frozenset({"Immunization"})
"""What may come without a bundle. An answer never does: its results are resources of their own."""


class Single(Element, frozen=True, kw_only=True):
    """The fields of a resource without bundle that name the message."""

    resource_type: str = ""
    id: str = ""
    meta: VersionedMeta = VersionedMeta()


_BUNDLE = msgspec.json.Decoder(Bundle)
_SINGLE = msgspec.json.Decoder(Single)


def parse_bundle(data: bytes) -> Bundle:
    """The bundle in some bytes.

    Raises:
        UnreadableMessage: ``empty``, ``too-large``, ``unsupported-encoding``, ``wrong-encoding``,
            ``too-deep``, ``truncated``, ``malformed-json``, ``several-documents``,
            ``wrong-bundle`` or ``duplicate-key``.
        InvalidContent: ``bad-field`` when one of the bundle's own fields has the wrong type.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableMessage("too-large", detail=f"{len(data) / 1e6:.0f} MB")
    text = as_utf8(data)
    if not text.strip(b"\x00 \t\r\n"):
        raise UnreadableMessage("empty")
    check_depth(text)
    check_characters(text)
    try:
        bundle = _BUNDLE.decode(text)
    except msgspec.ValidationError as error:
        single = _single_entry(text)
        if single is None:
            raise _bundle_error(error, text) from None
        return single
    except (msgspec.DecodeError, RecursionError) as error:
        raise syntax_error(error, text) from None
    if bundle.resource_type != "Bundle":
        single = _single_entry(text)
        if single is not None:
            return single
        raise UnreadableMessage("wrong-bundle", "resourceType", bundle.resource_type)
    if bundle.type not in fhir_words().bundle_types:
        raise UnreadableMessage("wrong-bundle", "Bundle.type", bundle.type)
    if len(bundle.entry) > MAX_ENTRIES:
        raise UnreadableMessage("too-large", "Bundle.entry", f"{len(bundle.entry)} > {MAX_ENTRIES}")
    refuse_duplicates(text, "Bundle")
    return bundle


def _single_entry(text: bytes) -> Bundle | None:
    """A bundle around a resource of `ALONE`; None for all others.

    Its id with its version stands for the message's: the same version sent again is the same message.

    Raises:
        UnreadableMessage: ``truncated``, ``malformed-json`` or ``duplicate-key``.
    """
    try:
        single = _SINGLE.decode(text)
    except msgspec.ValidationError:
        return None
    except (
        msgspec.DecodeError,
        RecursionError,
    ) as error:  # broken behind the field of a wrong type
        raise syntax_error(error, text) from None
    if single.resource_type not in ALONE:
        return None
    refuse_duplicates(text, single.resource_type)
    own, version = single.id.strip(), single.meta.version_id or single.meta.last_updated
    return Bundle(
        resource_type="Bundle",
        id=f"{own}/_history/{version.strip()}" if own and version.strip() else own,
        type="collection",
        entry=(Entry(resource=msgspec.Raw(text)),),
    )


def describe_fault(error: msgspec.ValidationError) -> tuple[str, str]:
    """Where in its object a field is wrong, and how, as ``.code.coding[0].code`` and ``int ≠ str``."""
    said = PLACE.fullmatch(str(error))
    path = (said["path"] or "") if said else ""
    types = TYPES.search(said["said"]) if said else None
    if types is None:
        return path, ""
    return path, f"{types['found']} ≠ {types['wanted']}" if types[
        "found"
    ] else f"≠ {types['wanted']}"


def _bundle_error(error: msgspec.ValidationError, text: bytes) -> Exception:
    if not text.lstrip(b" \t\r\n").startswith(b"{"):
        return UnreadableMessage(
            "wrong-bundle", detail=text.lstrip()[:1].decode("utf-8", "replace")
        )
    path, detail = describe_fault(error)
    return InvalidContent("bad-field", f"Bundle{path}", detail)
