"""The gate: what a planned change makes of the organization.

plan (Terraform plan JSON, directory, template) -> planned resources -> account of each -> rows -> laid over a snapshot
-> the same analyses and rules, before and after -> new, worse, resolved, unchanged but touched
"""
