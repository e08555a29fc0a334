"""Who may see what, why, and who did: keys, pseudonyms, roles × purpose × area, access log."""
