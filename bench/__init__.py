"""Measures collection against a replay endpoint: `python -m bench`."""
