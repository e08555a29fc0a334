"""FHIR R4 bundles with diagnostic reports.

Documents: bytes to a bundle; resources: the profile that is read; references: who is meant; reports, items and
results: one report each; salvage: whose a damaged bundle is.
"""
