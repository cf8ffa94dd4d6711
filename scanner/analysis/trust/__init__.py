"""Trust: who can assume which role, over every layer of permission and the whole organization.

    trust = Trust.load(connection)
    trust.ask(source, role)          -> Answer(verdict, reasons, conditions)
    trust.who_can_assume(role)       -> {"role", "principals": [{"arn", "verdict", "conditions"}], "notes"}
    trust.may(principal, action, resource)   the caller's own side, for any action
    trust.grants(role), trust.roles_trusting(account)   for closures: nothing is expanded per principal

`allow` and `deny` are certain. `conditional` comes with what has to hold, and `Atom.set_by` says who decides that. `unknown`
means that a table is missing on which the answer hangs; the reasons name the call that settles it.
"""

from __future__ import annotations

from scanner.analysis.trust.decide import Answer
from scanner.analysis.trust.engine import Trust

__all__ = ["Answer", "Trust"]
