"""Whether a scan could see something at all. What was not seen is not fixed, not gone, and not new either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.findings import Finding, Gap, RuleResult

LISTING = ("organizations.describe_organization", "organizations.list_accounts")
EVERYWHERE = (None, "*", "global")


@dataclass(frozen=True, slots=True)
class Spot:
    """One subject under one rule."""

    rule_id: str
    account_id: str | None
    region: str | None


def spot(finding: Finding) -> Spot:
    return Spot(finding.rule_id, finding.account_id, finding.region)


class Sight:
    """What one scan could see.

    `accounts` are those some rule applied to; not `all_listed` where an account that is not among them may exist all the same.
    """

    def __init__(
        self,
        findings: Iterable[Finding],
        rules: Iterable[RuleResult],
        gaps: Iterable[Gap],
        accounts: Iterable[str],
        all_listed: bool = True,
    ):
        self._rules = {rule.rule_id for rule in rules}
        self._accounts = frozenset(accounts)
        self._hidden: dict[str, list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.hides_many:
                self._hidden[finding.rule_id].append(finding)
        self._shut: dict[str, dict[str, str]] = defaultdict(dict)
        self._unlisted = not all_listed
        self._partial = False
        for gap in gaps:
            if gap.call == "*":
                self._shut[gap.account_id][gap.region] = gap.reason or gap.status
                self._partial = self._partial or (gap.region == "*" and gap.status != "suspended")
            self._unlisted = self._unlisted or gap.call in LISTING

    def obstacle(self, at: Spot) -> tuple[str, str] | None:
        """Say why a subject could not be judged, in a word and a sentence; None where it could be."""
        if at.rule_id not in self._rules:
            return "rule_not_run", "the rule was not run"
        shut = self._shut.get(at.account_id or "", {})
        if "*" in shut:
            return "account_not_read", f"its account was not read: {shut['*']}"
        if at.region in shut:
            return "region_not_read", f"its Region was not read: {shut[at.region]}"
        if at.account_id is not None and at.account_id not in self._accounts and self._unlisted:
            return "account_not_read", "the accounts of the organization could not be listed"
        if at.account_id is None and self._partial:
            return "account_not_read", "some accounts were not read, and it may lie in them"
        for hidden in self._hidden.get(at.rule_id, ()):
            here = at.account_id in (None, hidden.account_id)
            if here and (at.region in EVERYWHERE or hidden.region in EVERYWHERE or at.region == hidden.region):
                return "not_listed", f"subjects of its kind could not be listed: {hidden.message}"
        return None
