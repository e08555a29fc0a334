"""FHIR R4 bundles with diagnostic reports and vaccinations.

Documents: bytes to a bundle; resources: the profile that is read; references: who is meant; reports, items and
results: one report each; immunizations: one vaccination each; salvage: whose a damaged bundle is.
"""
