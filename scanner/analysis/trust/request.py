"""One request to assume a role, and what is known of its condition keys. Pure.

Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.analysis.trust.conditions import ABSENT, Fact
from scanner.analysis.trust.inventory import Holder
from scanner.analysis.trust.organization import Organization

IN_ACCOUNTS = ("user", "role", "session", "federated_session", "account", "stranger")
"""Kinds of callers that belong to an account, as opposed to services and identity providers."""

ASSUME_ROLE = "sts:assumerole"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. Kinds: those of `IN_ACCOUNTS`, `service` and `provider`.

    `account` stands for some principal of an account whose IAM is not known, `stranger` for anybody of an account that no
    trust policy names. `holder` is the user or role as the snapshot has it, None when it does not.
    """

    kind: str
    arn: str
    account: str | None = None
    partition: str = "aws"
    iam_arn: str | None = None
    holder: Holder | None = None
    unread: str = ""

    @property
    def action(self) -> str:
        if self.kind != "provider":
            return ASSUME_ROLE
        return ASSUME_ROLE + ("withsaml" if ":saml-provider/" in self.arn else "withwebidentity")

    @property
    def by(self) -> str:
        """Who decides what is not known of this caller."""
        return "unread" if self.unread else "owner"

    @property
    def session(self) -> str | None:
        return self.arn.split("/", 2)[2] if self.kind == "session" else None


@dataclass
class Request:
    """A caller, an action and the resource it is for: a role, or anything else an ARN names."""

    caller: Caller
    action: str
    resource: str
    resource_account: str | None
    resource_tags: Mapping[str, str] | None
    organization: Organization
    _facts: dict[str, Fact] = field(default_factory=dict)

    def fact(self, key: str) -> Fact:
        """Return what is known of a condition key (lower case)."""
        found = self._facts.get(key)
        if found is None:
            found = self._facts[key] = self._look_up(key)
        return found

    def _look_up(self, key: str) -> Fact:
        caller = self.caller
        if key.startswith(("aws:resource", "iam:resourcetag/")):
            return self._of_resource(key)
        if key in _BY_CALLER or key.startswith(("aws:requesttag/", "sts:")):
            return Fact(by="caller", optional=key not in _ALWAYS)
        if key in _CONSTANT:
            return _CONSTANT[key]
        if key == "aws:principalisawsservice":
            return Fact(("true",) if caller.kind == "service" else ("false",))
        if key.startswith(_OF_SERVICES):
            return self._of_service(key)
        if key.startswith("aws:") and key not in _ENVIRONMENT:
            return self._of_principal(key)
        return Fact(optional=key not in _ALWAYS) if key.startswith("aws:") else self._of_token(key)

    # ------------------------------------------------------------------ the resource

    def _of_resource(self, key: str) -> Fact:
        account = self.resource_account
        if key.partition("/")[0] in ("aws:resourcetag", "iam:resourcetag"):
            if self.resource_tags is None:
                return Fact()
            return _tag(self.resource_tags, key)
        if account is None:
            return Fact(by="environment")
        if key == "aws:resourceaccount":
            return Fact((account,))
        if key == "aws:resourceorgid":
            return self._organization_id(account, "owner")
        return self._paths(account, "owner") if key == "aws:resourceorgpaths" else Fact()

    # ------------------------------------------------------------------ the principal

    def _of_principal(self, key: str) -> Fact:
        caller = self.caller
        if caller.kind in ("service", "provider"):
            return self._of_anonymous(key)
        tag = key.startswith("aws:principaltag/")
        if key == "aws:principalarn":
            return self._principal_arn()
        if key == "aws:principalaccount":
            return Fact((caller.account,)) if caller.account else self._elsewhere(key)
        if key == "aws:principalorgid":
            return self._organization_id(caller.account, caller.by)
        if key == "aws:principalorgpaths":
            return self._paths(caller.account, caller.by)
        if key == "aws:principaltype":
            return _TYPES.get(caller.kind) or Fact(by=caller.by, optional=False, settle=caller.unread)
        if key in ("aws:userid", "aws:username"):
            return self._user(key)
        if tag and caller.holder is not None:
            return self._principal_tag(caller.holder, key)
        if key in ("aws:sourceidentity", "aws:federatedprovider"):
            return ABSENT if caller.kind == "user" else Fact(by="environment")
        return Fact(by=caller.by, settle=caller.unread) if tag else Fact()

    def _of_anonymous(self, key: str) -> Fact:
        """Services, and people with a token, who have no identity in AWS yet."""
        if key in ("aws:principalorgid", "aws:principalorgpaths", "aws:username"):
            return ABSENT
        return Fact(by="token" if self.caller.kind == "provider" else "service")

    def _principal_tag(self, holder: Holder, key: str) -> Fact:
        """Tags of the user or role. Those of a session win over its role's, and whoever starts it sets them, where the role's
        trust policy lets it (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html)."""
        own = _tag(holder.tags, key)
        if holder.tags_sessions is False:
            return own
        by = "unread" if holder.tags_sessions is None else "caller"
        settle = f"the trust policy of {holder.arn}" if by == "unread" else ""
        return Fact(by=by, optional=own is ABSENT, settle=settle)

    def _principal_arn(self) -> Fact:
        caller = self.caller
        if caller.iam_arn:
            return Fact((caller.iam_arn,))
        starts = f"arn:{caller.partition}:iam::{caller.account or ''}" + (":" if caller.account else "")
        known = () if caller.account else self.organization.accounts
        return Fact(by=caller.by, optional=False, starts=starts, never_of=known, settle=caller.unread)

    def _user(self, key: str) -> Fact:
        caller = self.caller
        named = caller.kind == "user"
        if key == "aws:username":
            if caller.kind in ("role", "session", "federated_session"):
                return ABSENT
            return Fact((caller.arn.rsplit("/", 1)[1],)) if named else Fact(by=caller.by, settle=caller.unread)
        identity = caller.holder.unique_id if caller.holder else None
        if identity is None:
            return Fact(by=caller.by, optional=False, settle=caller.unread)
        if named or caller.session:
            return Fact((f"{identity}:{caller.session}" if caller.session else identity,))
        return Fact(by="caller", optional=False, starts=f"{identity}:")

    def _elsewhere(self, key: str) -> Fact:
        """The account of a stranger is none that this snapshot knows."""
        return Fact(by="owner", optional=False, never=self.organization.accounts)

    # ------------------------------------------------------------------ the organization

    def _organization_id(self, account: str | None, by: str) -> Fact:
        organization = self.organization
        member = organization.member(account) if account else False
        if member is None:
            return Fact(by="unread", settle=organization.settles_membership)
        if member:
            return Fact((organization.id,)) if organization.id else ABSENT
        if organization.exists is False and account in organization.accounts:
            return ABSENT  # it was read, and said that it is in no organization
        return Fact(by="owner", never=(organization.id,) if organization.id else ())

    def _paths(self, account: str | None, by: str) -> Fact:
        organization = self.organization
        member = organization.member(account) if account else False
        if member and account:
            path = organization.path(account)
            if path:
                return Fact((path,))
            starts = f"{organization.id}/"
            return Fact(by="unread", optional=False, starts=starts, settle=organization.settles_tree)
        if member is None:
            return Fact(by="unread", settle=organization.settles_membership)
        return Fact(by="owner", never_starts=f"{organization.id}/" if organization.id else "")

    # ------------------------------------------------------------------ services and identity providers

    def _of_service(self, key: str) -> Fact:
        caller = self.caller
        if caller.kind != "service":
            return ABSENT
        return Fact((caller.arn,)) if key.startswith("aws:principalservicename") else Fact(by="service")

    def _of_token(self, key: str) -> Fact:
        """Claims of an identity provider's token; `saml:...` and `HOST/PATH:claim`."""
        caller = self.caller
        issuer, colon, _ = key.rpartition(":")
        if not colon or (issuer not in _TOKENS and "." not in issuer):
            return Fact()
        if caller.kind != "provider":
            return ABSENT
        own = caller.arn.partition(":oidc-provider/")[2] or caller.arn
        if ":saml-provider/" in own:
            return Fact(by="token") if issuer in _TOKENS else ABSENT
        return Fact(by="token") if issuer == own.lower() else ABSENT


def _tag(tags: Mapping[str, str], key: str) -> Fact:
    value = tags.get(key.partition("/")[2])
    return ABSENT if value is None else Fact((value,))


_TOKENS = ("saml",)
_BY_CALLER = frozenset(["aws:tagkeys", "aws:requestedregion", "aws:useragent", "aws:referer"])
_ENVIRONMENT = frozenset(
    ["aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:currenttime", "aws:epochtime"]
)
_ALWAYS = frozenset(["aws:currenttime", "aws:epochtime", "aws:requestedregion", "sts:rolesessionname"])
_OF_SERVICES = ("aws:principalservicename", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorg")
# Direct calls over TLS, the only transport of STS (https://docs.aws.amazon.com/general/latest/gr/sts.html).
_CONSTANT = {"aws:securetransport": Fact(("true",)), "aws:viaawsservice": Fact(("false",)), "aws:calledvia": ABSENT}
_TYPES = {
    "user": Fact(("User",)),
    "role": Fact(("AssumedRole",)),
    "session": Fact(("AssumedRole",)),
    "federated_session": Fact(("FederatedUser",)),
}
