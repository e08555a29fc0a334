"""What comes in bulk: files of prescribing kept sealed, accepted rows as columns, rejected ones with reasons.

Input: CSV and Parquet files whose columns `varde.prescribing` publishes, and bundles of administered drugs, by any number of
deliveries in any order.
Output: a receipt for each; Ibis tables over one state of all of them; rejected rows to be corrected.
Files below ``VARDE_HOME/deliveries`` (`folder`) and a manifest that is replaced in one step; no database.
"""

from __future__ import annotations

from varde.deliveries.bundles import validate_bundle
from varde.deliveries.errors import (
    DeliveriesError,
    FilesMissing,
    ManifestUnreadable,
    NoDelivery,
)
from varde.deliveries.folder import NAME, folder_of, hold, keep_still
from varde.deliveries.manifest import (
    Count,
    Delivery,
    Manifest,
    Refusal,
    YearFile,
    read_manifest,
)
from varde.deliveries.rejections import (
    RejectedRow,
    RowError,
    count_waiting,
    list_rejected,
    write_rejected,
)
from varde.deliveries.removing import (
    drop_years,
    list_deliveries,
    remove,
    seal_anew,
    storage_keys_used,
)
from varde.deliveries.tables import OpenTables, open_tables
from varde.deliveries.taking import FORMATS, Receipt, resume, take
from varde.deliveries.taking_bundles import BundleReceipt, take_bundle

__all__ = [
    "FORMATS",
    "NAME",
    "BundleReceipt",
    "Count",
    "DeliveriesError",
    "Delivery",
    "FilesMissing",
    "Manifest",
    "ManifestUnreadable",
    "NoDelivery",
    "OpenTables",
    "Receipt",
    "Refusal",
    "RejectedRow",
    "RowError",
    "YearFile",
    "count_waiting",
    "drop_years",
    "folder_of",
    "hold",
    "keep_still",
    "list_deliveries",
    "list_rejected",
    "open_tables",
    "read_manifest",
    "remove",
    "resume",
    "seal_anew",
    "storage_keys_used",
    "take",
    "take_bundle",
    "validate_bundle",
    "write_rejected",
]
