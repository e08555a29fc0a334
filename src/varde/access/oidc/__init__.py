"""Signing in through an OpenID provider in the shape of HelseID: from a click to a user with a role and an area.

Input: the provider's answers, the site's settings (`configuration`) and grants. Output: an `identity.Identity` (a
pseudonym; the number that names a person is kept and logged nowhere), the `grants` that fit it, or a
`refusals.SignInRefused` that says what to do.

The door is the modules below; they are not imported here, because Django's settings read `configuration` before
there can be any tables.
"""

__all__ = [
    "configuration",
    "flow",
    "grants",
    "identity",
    "keys",
    "provider",
    "refusals",
    "rules",
    "sessions",
]
