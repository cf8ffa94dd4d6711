"""From what somebody types to a caller or a role: ARNs, account numbers, names, services, identity providers."""

from __future__ import annotations

import re

from scanner.analysis.policies import SESSION, arn_kind
from scanner.analysis.trust.inventory import Holder, Inventory
from scanner.analysis.trust.organization import Organization
from scanner.analysis.trust.request import Caller
from scanner.errors import UsageError

# Providers without an ARN (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
WEB_IDENTITY = ("cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|aws\.internal|api\.aws)")
_ACCOUNT = re.compile(r"\d{12}")
_ACCOUNT_ARN = re.compile(r"arn:[^:]+:organizations::\d{12}:account/[^/]+/(\d{12})")
_PROVIDER = re.compile(r"arn:[^:]+:iam::\d{12}:(saml|oidc)-provider/.+")
_PRINCIPAL = re.compile(r"arn:([^:]+):(iam|sts)::(\d{12}):(.+)")
SHOWN = 3


class Sources:
    """Looks callers and roles up."""

    def __init__(self, inventory: Inventory, organization: Organization):
        self._inventory = inventory
        self._organization = organization

    # ------------------------------------------------------------------ callers

    def caller(self, text: str, partition: str) -> Caller:
        """Return who `text` is; `partition` is that of the role asked about. Raises UsageError."""
        text = text.strip()
        if account := _ACCOUNT.fullmatch(text) or _ACCOUNT_ARN.fullmatch(text):
            return self.account(account[account.lastindex or 0], partition)
        if text == "*":
            return stranger(partition)
        if _PROVIDER.fullmatch(text) or text in WEB_IDENTITY:
            return provider(text, partition)
        if _SERVICE.fullmatch(text):
            return service(text, partition)
        if text.startswith("arn:"):
            return self._by_arn(text, partition)
        return self._by_name(text, partition)

    def account(self, account: str, partition: str) -> Caller:
        """Return "some principal of this account", for accounts whose principals are not (all) known."""
        return Caller(
            "account", f"arn:{partition}:iam::{account}:root", account, partition, unread=self._unread(account)
        )

    def holder(self, holder: Holder) -> Caller:
        return Caller(holder.kind, holder.arn, holder.account, holder.arn.split(":")[1], holder.arn, holder)

    def named(self, arn: str, account: str, kind: str) -> Caller | None:
        """Return a user, role or session that a policy names; None when its account was read and has no such principal."""
        partition = arn.split(":")[1]
        home = self._inventory.account(account)
        if kind == "session":
            role = home.role_named(arn.split("/", 2)[1])
            found = Caller(kind, arn, account, partition, role.arn if role else None, role, self._unread(account))
            return found if role or self._hidden(account) else None
        if kind == "federated_session":
            return Caller(kind, arn, account, partition, arn)
        holder = home.holders.get(arn)
        if holder:
            return self.holder(holder)
        return (
            Caller(kind, arn, account, partition, arn, None, self._unread(account)) if self._hidden(account) else None
        )

    def _hidden(self, account: str) -> bool:
        """Whether an account may have principals that the snapshot lacks."""
        return self._inventory.account(account).gap is not None

    def _unread(self, account: str) -> str:
        """The call that would tell about principals of an account; empty for one that is not ours to read."""
        gap = self._inventory.account(account).gap
        if gap is None or (self._organization.member(account) is False and gap.status == "not read"):
            return ""
        return f"{gap.text} of account {account}"

    def _by_arn(self, arn: str, wanted: str) -> Caller:
        match = _PRINCIPAL.fullmatch(arn)
        if not match:
            raise UsageError(f"{arn} is no user, role, session, account or identity provider")
        partition, _, account, rest = match.groups()
        if rest == "root":
            return self.account(account, partition)
        kind = arn_kind(arn)
        if kind == "invalid" or "*" in arn:
            raise UsageError(f"{arn} is no user, role, session, account or identity provider")
        if partition != wanted:
            return Caller(kind, arn, account, partition, arn)
        found = self.named(arn, account, kind)
        if found is None:
            raise UsageError(f"account {account} was read and has no {_wanted(arn, kind)}")
        return found

    def _by_name(self, name: str, partition: str) -> Caller:
        arns = self._inventory.named(name, ("user", "role"))
        accounts = [account for account, known in self._organization.names.items() if known == name]
        if len(arns) + len(accounts) != 1:
            raise UsageError(_none_or_many(name, "user, role or account", [*arns, *sorted(accounts)]))
        return self._by_arn(arns[0], arns[0].split(":")[1]) if arns else self.account(accounts[0], partition)

    # ------------------------------------------------------------------ roles

    def role(self, text: str) -> tuple[str, str, Holder | None]:
        """Return ARN, account and, where it was read, the role itself. Raises UsageError."""
        text = text.strip()
        arn = text if text.startswith("arn:") else self._role_arn(text)
        if session := SESSION.fullmatch(arn):
            account, name = session[1], session[2]
            role = self._inventory.account(account).role_named(name)
            arn = role.arn if role else f"arn:{arn.split(':')[1]}:iam::{account}:role/{name}"
        match = _PRINCIPAL.fullmatch(arn)
        if not match or arn_kind(arn) != "role" or "*" in arn:
            raise UsageError(f"{text} is no role; name a role or give its ARN")
        account = match[3]
        holder = self._inventory.find(arn, account)
        if holder is None and self._inventory.account(account).gap is None:
            raise UsageError(f"account {account} was read and has no {_wanted(arn, 'role')}")
        return arn, account, holder

    def _role_arn(self, name: str) -> str:
        arns = self._inventory.named(name, ("role",))
        if len(arns) != 1:
            raise UsageError(_none_or_many(name, "role", arns))
        return arns[0]


def service(name: str, partition: str) -> Caller:
    return Caller("service", name, None, partition)


def provider(arn: str, partition: str) -> Caller:
    return Caller("provider", arn, None, arn.split(":")[1] if arn.startswith("arn:") else partition)


def stranger(partition: str) -> Caller:
    return Caller("stranger", "*", None, partition)


def _wanted(arn: str, kind: str) -> str:
    return f"role for session {arn}" if kind == "session" else f"{kind} {arn.split(':', 5)[5].split('/', 1)[1]}"


def _none_or_many(name: str, what: str, found: list[str]) -> str:
    if not found:
        return f"there is no {what} {name} in this snapshot"
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"{name} is ambiguous: {', '.join(found[:SHOWN])}{more}; give the ARN"
