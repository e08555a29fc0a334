"""What `varde demo` shows: an invented Norway in a register (`country`), and every door while all is killed (`doors`)."""
