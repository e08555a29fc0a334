"""HL7 version 2: ORU^R01 messages, and the acknowledgement of one.

Segments: bytes to segments and fields; orders, observations, results, specimens, patients: parts of a report;
reports: all of it; answers: acknowledgements.
"""
