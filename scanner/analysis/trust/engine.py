"""The question itself: can this principal assume that role, and who can.

Rules within an account, across accounts and for service-linked roles:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-request-context.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis.policies import CERTAIN, Atom, Principal, Statement
from scanner.analysis.trust import notes
from scanner.analysis.trust.candidates import admitted, candidates
from scanner.analysis.trust.decide import Answer, Case, decide
from scanner.analysis.trust.gaps import DETAILS, Gap
from scanner.analysis.trust.inventory import Holder, Inventory
from scanner.analysis.trust.layers import Clause, Grant, Layer, of_policies, of_rcps, of_scps, of_trust, unread
from scanner.analysis.trust.organization import RCP, SCP, Organization
from scanner.analysis.trust.request import IN_ACCOUNTS, Caller, Request
from scanner.analysis.trust.sources import Sources
from scanner.analysis.vendors import names as vendor_names
from scanner.analysis.vendors import shown
from scanner.errors import UsageError

LOOSEST = ("allow", "conditional", "unknown", "deny")

# Within an account, what a grant leaves to the caller's own side (REACH.md 1.6): a user, a session and `*` need nothing more and
# are not limited by a boundary's silence; a role is; naming the account only delegates to it.
NEEDS_WITHIN_ACCOUNT = {"account": ("identity", "boundary"), "role": ("boundary",)}


class Trust:
    """Answers questions about one snapshot. Reads what a question needs, when it is asked."""

    def __init__(self, inventory: Inventory, organization: Organization):
        self.inventory = inventory
        self.organization = organization
        self.sources = Sources(inventory, organization)

    @classmethod
    def load(cls, connection: Any) -> Trust:
        """Open the questions on a connection with the tables of a snapshot."""
        return cls(Inventory(connection), Organization(connection))

    # ------------------------------------------------------------------ questions

    def ask(self, source: str, role: str) -> Answer:
        """Whether `source` can assume `role`. Raises UsageError for what is unknown or ambiguous.

        An account as source means: some principal of it.
        """
        arn, account, holder = self.sources.role(role)
        caller = self.sources.caller(source, arn.split(":")[1])
        if caller.kind == "account" and caller.account:
            return self._anyone(caller, arn, account, holder)
        return self.answer(caller, arn, account, holder)

    def who_can_assume(self, role: str) -> dict[str, Any]:
        """Return `{"role", "principals": [{"arn", "verdict", "conditions"}], "notes"}`; who cannot is left out.

        Principals of a well-known vendor also have its name as `vendor`.

        Where principals are not known one by one, `...:root` stands for an account and `*` for all other accounts.
        """
        arn, account, holder = self.sources.role(role)
        found = {}
        for caller in candidates(holder, self.inventory, self.organization, self.sources):
            answer = self.answer(caller, arn, account, holder)
            if answer.verdict != "deny":
                found[caller.arn] = _listed(caller, answer)
        said = notes.of_role(arn, holder)
        if holder is None or holder.trust is None:
            said = [f"the trust policy of {arn} was not read; {self._settle(account)} settles it", *said]
        return {"role": arn, "principals": [found[key] for key in sorted(found)], "notes": said}

    def may(self, principal: str, action: str, resource: str) -> Answer:
        """Whether a user's or role's own side (identity policies, boundary, SCPs) lets it do something.

        Policies of the resource are not looked at. Raises UsageError.
        """
        caller = self.sources.caller(principal, resource.split(":")[1] if resource.startswith("arn:") else "aws")
        if caller.kind not in ("user", "role", "session"):
            raise UsageError(f"{principal} is no user or role")
        parts = resource.split(":")
        account = parts[4] if len(parts) > 5 and parts[4] else caller.account
        request = Request(caller, action.lower(), resource, account, None, self.organization)
        identity, others = self.own_side(request)
        first = [(clause, others) for clause in identity.allows]
        denies = [clause for layer in (identity, *others) for clause in layer.denies]
        return decide(
            Case(first, denies, [], f"no statement of {identity.name} allows {action}"), f"{action} on {resource}"
        )

    def grants(self, role: str) -> list[tuple[Principal, Statement]]:
        """Return the principals that a role's trust policy admits, as written, each with its statement.

        For closures: `:root` and `*` stay one entry, and conditions are not evaluated.
        """
        _, _, holder = self.sources.role(role)
        return list(admitted(holder.trust)) if holder and holder.trust else []

    def roles_trusting(self, account: str | None) -> list[str]:
        """Return the roles whose trust policy names an account or somebody in it; with None, everybody (`*`)."""
        return self.inventory.trusting(account)

    # ------------------------------------------------------------------ one caller, one role

    def answer(self, caller: Caller, arn: str, account: str, holder: Holder | None) -> Answer:
        """Decide about a caller that is known already; `holder` is the role, None when it was not read."""
        found = self.case(caller, arn, account, holder)
        return found if isinstance(found, Answer) else decide(found, f"{_shown(caller.action)} on {arn}")

    def case(self, caller: Caller, arn: str, account: str, holder: Holder | None) -> Case | Answer:
        """Return all that bears on a question, undecided; an answer where no policy can allow it."""
        early = _barred(caller, arn, holder) or self._provider_gone(caller)
        if early:
            return Answer("deny", (early,))
        request = Request(caller, caller.action, arn, account, holder.tags if holder else None, self.organization)
        grants, denies = self._trust(request, holder)
        denies += self._provider_unread(caller)
        identity, others = self.own_side(request)
        exempt = _is_service_linked(arn, holder) or _serves(caller)
        denies += [clause for layer in (identity, *others) for clause in layer.denies]
        denies += [] if exempt else of_rcps(self.organization.controls(account, RCP), request)
        first = [(grant.clause, _needed(grant, caller, account, identity, others)) for grant in grants]
        otherwise = f"no statement of the trust policy of {arn} admits {caller.arn}"
        said = notes.of_answer(caller, holder, [grant.statement for grant in grants if grant.statement])
        return Case(first, denies, said, otherwise)

    def _trust(self, request: Request, holder: Holder | None) -> tuple[list[Grant], list[Clause]]:
        if holder is not None and holder.trust is not None:
            return of_trust(holder.trust, request.resource, request)
        what, settle = f"the trust policy of {request.resource}", self._settle(request.resource_account or "")
        kinds = ("user",) if request.caller.account == request.resource_account else ("account",)
        return [Grant(unread("allows", what, settle), kind, None) for kind in kinds], [unread("denies", what, settle)]

    def _provider_gone(self, caller: Caller) -> str | None:
        """Roles that trust a deleted provider cannot be assumed through it (id_roles_providers_create_oidc.html)."""
        if caller.kind == "provider" and self.inventory.provider_gone(caller.arn) is True:
            return f"{caller.arn} does not exist any more"
        return None

    def _provider_unread(self, caller: Caller) -> list[Clause]:
        """That a provider might be gone is one more condition, beside the claims of its tokens."""
        gap = self.inventory.provider_gone(caller.arn) if caller.kind == "provider" else False
        if not isinstance(gap, Gap):
            return []
        return [
            Clause(
                frozenset([Atom(f"{caller.arn} was deleted ({gap.text} was not read)", "token", "gone", caller.arn)]),
                caller.arn,
            )
        ]

    def _settle(self, account: str) -> str:
        return f"{DETAILS} of account {account}"

    def own_side(self, request: Request) -> tuple[Layer, list[Layer]]:
        """Identity policies, and all that must allow beside them: boundary (its name says so) and every level of SCPs."""
        caller = request.caller
        identity = self._identity(request)
        others: list[Layer] = []
        if caller.holder is not None:
            boundary = self.inventory.boundary(caller.holder)
            others = [of_policies(boundary.label, [boundary], request)] if boundary else []
        if caller.kind in IN_ACCOUNTS and caller.account and not _serves(caller):
            others += of_scps(self.organization.controls(caller.account, SCP), request)
        return identity, others

    def _identity(self, request: Request) -> Layer:
        caller = request.caller
        layer = Layer(f"the identity policies of {caller.arn}")
        if caller.kind not in IN_ACCOUNTS:
            return Layer(layer.name, [Clause(CERTAIN, "it needs no permission of its own, which")])
        if caller.holder is not None:
            return of_policies(layer.name, self.inventory.identity_policies(caller.holder), request)
        if caller.unread:
            layer.unknown(layer.name, caller.unread)
            return layer
        whose = f"account {shown(caller.account)}" if caller.account else "the caller's account"
        text = f"{whose} lets {caller.arn} call {_shown(request.action)} on {request.resource}"
        return Layer(
            layer.name, [Clause(frozenset([Atom(text, "owner", "lets", text)]), f"{whose}, if it so decides,")]
        )

    def _anyone(self, caller: Caller, arn: str, account: str, holder: Holder | None) -> Answer:
        """The loosest answer that somebody of the account gets."""
        best: tuple[int, str, Answer] | None = None
        for one in self._principals(caller):
            answer = self.answer(one, arn, account, holder)
            rank = (LOOSEST.index(answer.verdict), one.arn, answer)
            if best is None or rank[:2] < best[:2]:
                best = rank
        if best is None:
            return Answer("deny", (f"account {caller.account} was read and has no user and no role",))
        _, who, answer = best
        if answer.verdict == "deny":
            return Answer("deny", (f"nobody of account {caller.account} can; for {who}: {answer.reasons[0]}",))
        through = () if who == caller.arn else (f"through {who}",)
        return Answer(answer.verdict, (*through, *answer.reasons), answer.residual)

    def _principals(self, caller: Caller) -> Iterator[Caller]:
        home = self.inventory.account(caller.account or "")
        yield from (self.sources.holder(holder) for holder in home.callers())
        if home.gap:
            yield caller


def _listed(caller: Caller, answer: Answer) -> dict[str, Any]:
    vendor = vendor_names().get(caller.account or "")
    found = {"arn": caller.arn, "verdict": answer.verdict, "conditions": answer.conditions}
    return {**found, "vendor": vendor} if vendor else found


def _needed(grant: Grant, caller: Caller, account: str, identity: Layer, others: list[Layer]) -> list[Layer]:
    """The layers that have to allow beside a grant of the trust policy."""
    if caller.kind not in IN_ACCOUNTS:
        return []
    bounded = caller.holder is not None and caller.holder.boundary is not None
    boundary, scps = (others[:1], others[1:]) if bounded else ([], others)
    if caller.account != account:
        return [identity, *boundary, *scps]
    needs = NEEDS_WITHIN_ACCOUNT.get(grant.kind, ())
    return [*([identity] if "identity" in needs else []), *(boundary if "boundary" in needs else []), *scps]


def _barred(caller: Caller, arn: str, holder: Holder | None) -> str | None:
    """What no policy can allow."""
    partition = arn.split(":")[1]
    if caller.partition != partition:
        return f"{caller.arn} is in partition {caller.partition}, {arn} in {partition}: no role is assumed across partitions"
    if _is_service_linked(arn, holder) and caller.kind != "service":
        return f"{arn} is a service-linked role: only its own service can assume it"
    if caller.kind == "federated_session":
        return f"{caller.arn} is a session of GetFederationToken, which cannot call sts:AssumeRole"
    return None


def _is_service_linked(arn: str, holder: Holder | None) -> bool:
    return _service_linked(holder) or ":role/aws-service-role/" in arn


def _serves(caller: Caller) -> bool:
    """Whether the caller is a service-linked role, read or not: their names and path are reserved
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html)."""
    if caller.holder is None and caller.kind == "session":
        return caller.arn.split("/")[1].startswith("AWSServiceRoleFor")
    return _is_service_linked(caller.arn, caller.holder)


def _service_linked(holder: Holder | None) -> bool:
    return holder is not None and holder.service_linked


def _shown(action: str) -> str:
    names = {
        "sts:assumerolewithsaml": "sts:AssumeRoleWithSAML",
        "sts:assumerolewithwebidentity": "sts:AssumeRoleWithWebIdentity",
    }
    return names.get(action, "sts:AssumeRole")
