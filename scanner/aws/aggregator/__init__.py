"""What an aggregator of AWS Config holds of a whole organization, answered as AWS's own calls would be.

One query per type of resource reads it from one account and Region; `Aggregator` then stands before another estate and answers the
calls that collectors make from it, so that collectors, tables, ledger and rules are the same. What AWS Config does not hold, or
does not record in an account and Region, is passed on and read directly, or is a gap with the reason.
"""

from __future__ import annotations

from scanner.aws.aggregator.calls import CALLS
from scanner.aws.aggregator.estate import Aggregator

__all__ = ["CALLS", "Aggregator"]
