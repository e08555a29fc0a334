"""Forms in which people state what machines send otherwise; what they fill in goes through the same door."""
