"""`python -m scanner` is `bulkhead`."""

from scanner.cli import entry

if __name__ == "__main__":
    entry()
