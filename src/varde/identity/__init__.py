"""The identity vault: who somebody is, sealed, in a database and under keys of its own.

In: descriptions of persons and changes of their numbers, each by a keyed hash that says nothing of it. Out: the same
again, for linking (`varde.register.identities`) and, one person at a time and logged, for people.

Nothing here knows who is the same person or what anybody has: that stands in the register, under the same hashes and
without a name. Open `varde.identity.vault` and `varde.identity.opening` by module, as in other Django rooms.
"""

DATABASE = "identity"
"""The vault's database, a key of Django's ``DATABASES``, and the name of its keys (`varde.access.key_files.KeySource`)."""

__all__ = ["DATABASE"]
