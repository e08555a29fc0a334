"""What to do about it: goals that readers pick from their reports."""
