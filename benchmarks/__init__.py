"""Measured claims, as ratios in one run: `python -m benchmarks`."""
