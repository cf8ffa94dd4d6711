"""What `checkov --external-checks-dir "$(bulkhead checkov-dir)"` loads: Bulkhead's rules as checks of Checkov.

Checkov runs every Python file of a directory that has this one, by its path and as a module of its own, and reads every YAML and
JSON file as a check of its graph: nothing else may lie here.
"""
