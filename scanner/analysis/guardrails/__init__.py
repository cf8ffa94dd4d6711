"""Guardrails: whether the service control policies in effect on an account hold back what nobody in it should do.

Asked of somebody of the account about whom nothing is known, so that an exemption of one role stays an exemption and is shown.
"""

from scanner.analysis.guardrails.judge import TABLES, USES, run

__all__ = ["TABLES", "USES", "run"]
