"""Bulkhead: does an AWS Organization contain damage?"""

__version__ = "0.1.0"
