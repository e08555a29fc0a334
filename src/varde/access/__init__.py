"""Who may see what, why, and who did: keys, pseudonyms, roles × purpose × area, access log.

Input: the roles in ``data/``, the secrets beside the database, the users' table. Output: decisions
(may this user open this page, and whose messages are theirs), pseudonyms, sealed bytes, log entries.

The door is the modules below, each one subject; they are not imported here, because some of them
hold tables, and Django asks for this package before it can have any.
"""

__all__ = [
    "areas",
    "audit",
    "clients",
    "decisions",
    "demo_users",
    "gate",
    "key_files",
    "keys",
    "models",
    "oidc",
    "pseudonyms",
    "purposes",
    "roles",
    "sealing",
    "throttle",
]
