"""The snapshot: one immutable directory of Parquet tables, its journal while it is made, and its coverage ledger."""
