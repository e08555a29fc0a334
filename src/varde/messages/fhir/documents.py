"""Bytes to one FHIR Bundle, safely: size, encoding, depth and forbidden signs before any content.

Only the bundle's own fields are decoded here; its resources stay bytes. An object that holds a key twice
is refused: nearly all who read JSON take the last one without a word, and it may be the one that cancels.
So is a text with a NUL or half a surrogate pair. Either is a fault of the entry that it stands in; of the
whole only where it stands beside the entries. An Immunization may come alone, as servers post it: it is
taken as the only entry of a bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from varde.messages.errors import InvalidContent, UnreadableMessage
from varde.messages.fhir.damage import Damage, describe_fault, open_entries, sort_damage
from varde.messages.fhir.resources import (
    Bundle,
    Element,
    Entry,
    LooseBundle,
    VersionedMeta,
)
from varde.messages.fhir.words import fhir_words
from varde.messages.json_documents import (
    Marked,
    as_utf8,
    check_characters,
    check_depth,
    find_control,
    find_faults,
    mark_characters,
    may_hold_duplicates,
    refuse_duplicates,
    show_path,
    syntax_error,
)
from varde.messages.xml_documents import MAX_BYTES

MAX_ENTRIES = 100_000
"""Most resources of one bundle; so many useful ones are larger than `MAX_BYTES`."""

ALONE = frozenset({"Immunization"})
"""What may come without a bundle. An answer never does: its results are resources of their own."""


class Single(Element, frozen=True, kw_only=True):
    """The fields of a resource without bundle that name the message."""

    resource_type: str = ""
    id: str = ""
    meta: VersionedMeta = VersionedMeta()


class Kind(Element, frozen=True, kw_only=True):
    """What a resource is, and no more."""

    resource_type: str = ""


class Document(NamedTuple):
    """A bundle, and those of its entries that are damaged, by their number."""

    bundle: Bundle
    damaged: Mapping[int, Damage] = MappingProxyType({})


_BUNDLE = msgspec.json.Decoder(Bundle)
_LOOSE = msgspec.json.Decoder(LooseBundle)
_ANYTHING = msgspec.json.Decoder()
_KIND = msgspec.json.Decoder(Kind)
_SINGLE = msgspec.json.Decoder(Single)


def parse_bundle(data: bytes) -> Document:
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
    if find_control(text) is not None:
        return _parse_damaged(text)
    try:
        bundle = _BUNDLE.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return _parse_damaged(text)
    if bundle.resource_type != "Bundle":
        single = _single_entry(text)
        if single is not None:
            return Document(single)
    _check_bundle(bundle)
    if _is_doubted(text):
        return _parse_damaged(text)
    return Document(bundle)


def _is_doubted(text: bytes) -> bool:
    """Whether an exact look is needed for keys that stand twice."""
    try:
        return may_hold_duplicates(text, _ANYTHING.decode(text))
    except msgspec.DecodeError:  # a number that no type holds
        return True


def _check_bundle(bundle: Bundle | LooseBundle) -> None:
    if bundle.resource_type != "Bundle":
        raise UnreadableMessage("wrong-bundle", "resourceType", bundle.resource_type)
    if bundle.type not in fhir_words().bundle_types:
        raise UnreadableMessage("wrong-bundle", "Bundle.type", bundle.type)
    if len(bundle.entry) > MAX_ENTRIES:
        raise UnreadableMessage("too-large", "Bundle.entry", f"{len(bundle.entry)} > {MAX_ENTRIES}")


def _parse_damaged(text: bytes) -> Document:
    """The bundle in a text in which something is, or may be, wrong; as `parse_bundle`."""
    marked = mark_characters(text)
    try:
        loose = _LOOSE.decode(marked.text)
    except msgspec.ValidationError as error:
        wrong = _kind_error(marked.text) or _bundle_error(error, marked.text)
        return Document(_sole_entry(text, marked, wrong))
    except (msgspec.DecodeError, RecursionError) as error:
        raise syntax_error(error, text) from None
    if loose.resource_type in ALONE:
        return Document(_sole_entry(text, marked, UnreadableMessage("wrong-bundle")))
    entries, damaged = open_entries(loose.entry)
    damaged |= sort_damage(marked)
    # After the faults of the whole: which of two types counts, nobody can say.
    _check_bundle(loose)
    bundle = Bundle(
        resource_type=loose.resource_type,
        id=loose.id,
        type=loose.type,
        identifier=loose.identifier,
        timestamp=loose.timestamp,
        entry=tuple(entries),
    )
    return Document(bundle, damaged)


def _sole_entry(text: bytes, marked: Marked, error: Exception) -> Bundle:
    """A bundle around a resource without one; what is wrong in it is wrong with the whole."""
    single = _single_entry(marked.text)
    if single is None:
        raise error
    check_characters(text)
    for fault in find_faults(marked):  # half a surrogate pair
        raise UnreadableMessage("malformed-json", show_path(fault.path)[1:], fault.said)
    return single


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


def _kind_error(text: bytes) -> UnreadableMessage | None:
    """That it is a resource of another kind, whose fields are none of a bundle; None where it is not."""
    try:
        kind = _KIND.decode(text).resource_type
    except (msgspec.DecodeError, RecursionError):
        return None
    return UnreadableMessage("wrong-bundle", "resourceType", kind) if kind != "Bundle" else None


def _bundle_error(error: msgspec.ValidationError, text: bytes) -> Exception:
    if not text.lstrip(b" \t\r\n").startswith(b"{"):
        return UnreadableMessage(
            "wrong-bundle", detail=text.lstrip()[:1].decode("utf-8", "replace")
        )
    path, detail = describe_fault(error)
    return InvalidContent("bad-field", f"Bundle{path}", detail)
