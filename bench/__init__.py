"""Measures collection against a replay endpoint, and judging over synthetic organizations: `python -m bench`."""
