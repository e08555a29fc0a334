"""Vaccinations: what every format must say of one, and the table that they can be sent as.

Rules: for all formats; reading: the rows of the table. FHIR's Immunization is read in `fhir.immunizations`.
"""
