"""Living with findings: waivers, the baseline, the history of scans, comparing two results, and what to change first."""
