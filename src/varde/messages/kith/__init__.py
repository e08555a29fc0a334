"""KITH svarrapport 1.3 and 1.4: the XML that Norwegian laboratories send.

Reports: envelope and reports; items and results: how result items hang together; names and words: code lists;
salvage: whose a damaged message is.
"""
