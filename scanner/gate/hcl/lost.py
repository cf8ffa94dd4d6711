"""What cannot be worked out."""


class Lost(Exception):
    """An expression of which nobody can tell for certain what it will be."""
