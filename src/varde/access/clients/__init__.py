"""Who may send: senders' machines, how they prove who they are, and how much they may send.

Input: requests with an access token or a certificate, client assertions, files with public keys. Output: the
`Client` a request comes from, or a `ClientRefused` that says what to do; access tokens; entries of the
access log.
"""

from varde.access.clients.assertions import check_assertion, make_assertion
from varde.access.clients.cds_tokens import check_cds_token
from varde.access.clients.gate import (
    allowances,
    authenticate,
    base_address,
    challenge,
    identify_certificate,
    token_key,
)
from varde.access.clients.keys import (
    KeyPair,
    make_pair,
    read_certificate,
    read_key_set,
    thumbprint_of,
)
from varde.access.clients.limits import Allowances
from varde.access.clients.proofs import check_proof
from varde.access.clients.recording import record_issued, refusal_log
from varde.access.clients.refusals import (
    ClientError,
    ClientInvalid,
    ClientRefused,
    OverLimit,
    reasons,
)
from varde.access.clients.rules import Limits, algorithms, deliveries, kinds, rules, services
from varde.access.clients.scopes import grant_scopes, known_scopes
from varde.access.clients.signatures import sign
from varde.access.clients.store import (
    Client,
    NewClient,
    add_client,
    certificates_of,
    find_client,
    list_clients,
    renew_client,
    set_active,
    trusted_certificates,
)
from varde.access.clients.tokens import issue_token

__all__ = [
    "Allowances",
    "Client",
    "ClientError",
    "ClientInvalid",
    "ClientRefused",
    "KeyPair",
    "Limits",
    "NewClient",
    "OverLimit",
    "add_client",
    "algorithms",
    "allowances",
    "authenticate",
    "base_address",
    "certificates_of",
    "challenge",
    "check_assertion",
    "check_cds_token",
    "check_proof",
    "deliveries",
    "find_client",
    "grant_scopes",
    "identify_certificate",
    "issue_token",
    "kinds",
    "known_scopes",
    "list_clients",
    "make_assertion",
    "make_pair",
    "read_certificate",
    "read_key_set",
    "reasons",
    "record_issued",
    "refusal_log",
    "renew_client",
    "rules",
    "services",
    "set_active",
    "sign",
    "thumbprint_of",
    "token_key",
    "trusted_certificates",
]
