"""Where machines hand in: who they are, and what they bring."""
