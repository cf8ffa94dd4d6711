"""`python -m scanner` is `bulkhead`."""

from scanner.cli import entry

entry()
