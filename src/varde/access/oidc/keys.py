"""Our own keys, with which we say to the provider who we are: a file of private keys, the first of which signs.

The provider knows the public ones. A new key is added, published, and taken into use afterwards.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, import_key
from msgspec import DecodeError
from msgspec.json import decode, encode, format

from varde.access.keys import KeyProblem

ALGORITHM = "ES256"
"""The one that every provider knows which knows any but RSA."""


def make_key() -> dict[str, Any]:
    """A new private key: JWK on P-256, its id the thumbprint."""
    key = ECKey.generate_key("P-256", {"alg": ALGORITHM, "use": "sig"}, auto_kid=True)
    return dict(key.as_dict(private=True))


def read_keys(path: Path) -> tuple[dict[str, Any], ...]:
    """The private keys of the file, the one that signs first.

    Raises:
        KeyProblem: there is no such file, or it holds no such keys.
    """
    try:
        found = decode(path.read_bytes(), type=dict[str, list[dict[str, Any]]])["keys"]
        for jwk in found:
            fits = (jwk.get("kty"), jwk.get("alg")) == ("EC", ALGORITHM)
            if not fits or not import_key(dict(jwk)).is_private:
                raise ValueError
    except FileNotFoundError:
        raise KeyProblem(
            f"there is no key {path.name} to sign in with: make one with varde oidc keygen"
        ) from None
    except OSError as error:
        raise KeyProblem(f"cannot read the key file {path.name}: {error.strerror}") from None
    except (DecodeError, JoseError, KeyError, ValueError, TypeError):
        raise KeyProblem(f"the key file {path.name} holds no private {ALGORITHM} keys") from None
    if not found:
        raise KeyProblem(f"the key file {path.name} is empty")
    return tuple(found)


def write_keys(path: Path, keys: Sequence[dict[str, Any]]) -> None:
    """Replace the file in one step, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(format(encode({"keys": list(keys)})) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def public_set(keys: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The public halves, as the provider is given them: a JWK Set."""
    return {
        "keys": [import_key(dict(jwk)).as_dict(private=False, key_ops=["verify"]) for jwk in keys]
    }
