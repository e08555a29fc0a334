"""A verifier of the access log as plain as docs/audit.md: all of it in memory, one rule after the other.

It shares no code with Varde's, and says only whether the log is whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZEROS = "0" * 64
FIELDS = [
    "version", "number", "kind", "sequence", "hash", "at", "count", "since", "previous", "public_key",
    "key_id", "signature",
]  # fmt: skip
SIGNED = FIELDS[1:11]


def plain_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def entry_hash(previous: str, fields: Sequence[Any]) -> str:
    return hashlib.sha256(plain_json(["varde.audit/1", previous, *fields])).hexdigest()


def read_heads(content: bytes) -> list[tuple[dict[str, Any], str]] | None:
    """(head, hash of what is between the head before and it); None when the end is no head."""
    found: list[tuple[dict[str, Any], str]] = []
    since = b""
    *lines, rest = content.split(b"\n")
    for line in [*(line + b"\n" for line in lines), *([rest] if rest else [])]:
        head = as_head(line)
        if head is not None:
            found.append((head, hashlib.sha256(since).hexdigest() if since else ZEROS))
            since = b""
        since += line
    if found and since != plain_json(found[-1][0]) + b"\n":
        return None
    if not found and content:
        return None
    return found


def as_head(line: bytes) -> dict[str, Any] | None:
    try:
        head = json.loads(line)
    except ValueError:
        return None
    if not isinstance(head, dict) or list(head) != FIELDS or plain_json(head) + b"\n" != line:
        return None
    texts = [
        name for name in FIELDS if name not in ("version", "number", "sequence", "count", "since")
    ]
    if not all(isinstance(head[name], str) for name in texts):
        return None
    if any(type(head[name]) is not int for name in FIELDS if name not in texts):
        return None
    if head["version"] != 1 or head["kind"] not in ("key", "entries", "restored"):
        return None
    key = head["public_key"]
    return head if key == "" or (len(key) == 64 and set(key) <= set("0123456789abcdef")) else None


def key_id(public: str) -> str:
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def signed_by(head: dict[str, Any], public: str) -> bool:
    content = plain_json(["varde.audit.head/1", *(head[name] for name in SIGNED)])
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(
            bytes.fromhex(head["signature"]), content
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def heads_are_whole(heads: list[tuple[dict[str, Any], str]], trusted: Mapping[str, bytes]) -> bool:
    keys = {name: public.hex() for name, public in trusted.items()}
    believed = False
    last: dict[str, Any] | None = None
    valid: list[dict[str, Any]] = []
    next_key = ""
    for place, (head, link) in enumerate(heads, 1):
        if head["number"] != place or head["previous"] != link:
            return False
        if head["public_key"]:
            keys.setdefault(key_id(head["public_key"]), head["public_key"])
        own_word = bool(head["public_key"]) and head["key_id"] == key_id(head["public_key"])
        if head["key_id"] not in keys or not signed_by(head, keys[head["key_id"]]):
            return False
        begins = last is None or (own_word and head["key_id"] in trusted)
        if not begins and head["key_id"] != next_key:
            return False
        believed = head["key_id"] in trusted or (believed and not begins)
        before = (last["sequence"], last["hash"]) if last else (0, ZEROS)
        this = (head["sequence"], head["hash"])
        if head["kind"] == "restored":
            valid = [each for each in valid if each["sequence"] <= head["since"]]
            reached = valid[-1]["sequence"] if valid else 0
            if head["since"] != reached or head["sequence"] <= reached or head["public_key"]:
                return False
            if head["count"] != head["sequence"] - head["since"]:
                return False
        else:
            if head["since"] != 0 or head["count"] != head["sequence"] - before[0]:
                return False
            if valid and head["sequence"] < valid[-1]["sequence"]:
                return False
            if head["kind"] == "key" and (this != before or not head["public_key"]):
                return False
            after_key = last is not None and last["kind"] == "key"
            if head["kind"] == "entries" and (
                head["public_key"] or (this == before and not after_key)
            ):
                return False
            if this[0] == 0 and this[1] != ZEROS:
                return False
        if head["kind"] != "key":
            valid.append(head)
        next_key = key_id(head["public_key"]) if head["public_key"] else head["key_id"]
        last = head
    return believed or not heads


def is_whole(
    rows: Sequence[Sequence[Any]],
    heads: bytes,
    known: Sequence[tuple[int, bytes]],
    trusted: Mapping[str, bytes],
) -> bool:
    """Whether nothing is wrong: entries (12 hashed fields, version, hash), the file of heads, those that the database
    remembers, and public keys."""
    previous = ZEROS
    for place, row in enumerate(rows, 1):
        if row[0] != place or row[12] != 1 or row[13] != entry_hash(previous, row[:12]):
            return False
        previous = row[13]
    found = read_heads(heads)
    if found is None or not heads_are_whole(found, trusted):
        return False
    lines = {head["number"]: plain_json(head) + b"\n" for head, _ in found}
    if any(lines.get(number) != line for number, line in known):
        return False
    remembered = {number for number, _ in known}
    for place, (head, _) in enumerate(found):
        later = [each for each, _ in found[place + 1 :] if each["kind"] == "restored"]
        explained = any(head["sequence"] >= each["since"] for each in later)
        newest = head["number"] > max(remembered, default=0)
        on_its_way = newest and head["sequence"] >= len(rows)
        if head["number"] not in remembered and not explained and not on_its_way:
            return False
    valid: list[dict[str, Any]] = []
    for head, _ in found:
        if head["kind"] == "restored":
            valid = [each for each in valid if each["sequence"] <= head["since"]]
        if head["kind"] != "key":
            valid.append(head)
    for head in valid:
        if head["sequence"] == 0:
            continue
        if head["sequence"] > len(rows) or rows[head["sequence"] - 1][13] != head["hash"]:
            return False
        if head["kind"] == "restored" and rows[head["sequence"] - 1][5] != "restored":
            return False
    return len(rows) - (valid[-1]["sequence"] if valid else 0) <= 2000
