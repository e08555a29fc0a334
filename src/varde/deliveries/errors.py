"""What can be wrong with deliveries.

The whole tree::

    DeliveriesError
    ├── ManifestUnreadable   manifest.json is not what this version writes
    ├── FilesMissing         files that the manifest names are not there
    └── NoDelivery           there is no delivery of that id
"""

from __future__ import annotations


class DeliveriesError(Exception):
    """Anything wrong with the folder of deliveries; the message says what, where, and what to do."""


class ManifestUnreadable(DeliveriesError):
    """The manifest is not readable, or is of a newer Varde: restore the folder from a backup."""


class FilesMissing(DeliveriesError):
    """Files that the manifest names are missing: restore the folder from a backup."""


class NoDelivery(DeliveriesError):
    """No delivery has that id: ``varde deliveries list`` shows them."""
