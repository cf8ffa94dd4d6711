"""Whether somebody who holds the lost account reaches a copy and may destroy it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scanner.analysis.recovery.keys import Keys
from scanner.analysis.recovery.model import DIES, SURVIVES, UNKNOWN, Fate, Held, RadiusOf, StoreCopy
from scanner.analysis.recovery.scopes import Scopes
from scanner.analysis.recovery.vaults import Policy, Vault
from scanner.analysis.recovery.ways import DELETE_MATERIAL, Way, key_ways, ways

KEPT = 20
"""Lost accounts of which answers are remembered: copies come account by account."""
OPENS_BUCKET = ("s3:DeleteObjectVersion", "s3:PutLifecycleConfiguration", "s3:PutBucketPolicy")
LOOSEST = ("allow", "conditional", "unknown", "deny")
Reached = frozenset[tuple[str, str]] | None
"""Pairs of accounts of which the first reaches the second; None when that was not worked out beforehand."""


@dataclass(frozen=True, slots=True)
class Threat:
    """How far somebody gets: allow, conditional, unknown or deny, and how."""

    verdict: str
    text: str
    chain: tuple[str, ...] = ()


NONE = Threat("deny", "")


def loosest(threats: list[Threat]) -> Threat:
    return min(threats, key=lambda one: LOOSEST.index(one.verdict), default=NONE)


def _weakest(verdicts: list[str]) -> str:
    return max(verdicts, key=LOOSEST.index)


class Threats:
    """Asks the blast radius, and remembers what it said: a vault holds many copies."""

    def __init__(self, radius: RadiusOf, keys: Keys, scopes: Scopes, reached: Reached = None):
        self._radius = radius
        self._keys = keys
        self._scopes = scopes
        self._reached = reached
        self._of_account: dict[str, Mapping[str, Held]] = {}
        self._judged: dict[tuple[object, ...], Threat] = {}

    def fates(
        self,
        copy: StoreCopy,
        lost: str,
        immutable: bool,
        vaults: Mapping[str, Vault],
        policies: Mapping[str, Policy],
    ) -> Iterator[Fate]:
        """Yield how the copy can be destroyed, or that it is not known whether it can."""
        if immutable:
            yield from self._locked(copy, lost)
            return
        guard = policies.get(copy.vault_arn or copy.arn)
        found = [self._of_copy(copy, lost, vaults.get(copy.vault_arn or ""), guard), self._of_key(copy, lost)]
        if copy.kind == "replication" and copy.account != lost:
            found += self._through_policy(copy, lost, guard)
        threat = loosest(found)
        if threat.verdict == "allow":
            yield Fate(DIES, "radius", f"Whoever holds the lost account {threat.text}.", threat.chain)
        elif threat.verdict != "deny":
            yield Fate(UNKNOWN, "radius", f"Whoever holds the lost account perhaps {threat.text}.", threat.chain)

    def _locked(self, copy: StoreCopy, lost: str) -> Iterator[Fate]:
        """Nobody deletes it, but its key may be within reach.

        Disabling a key, shutting everybody out and scheduling its deletion can be taken back, deletion for at least seven days
        (https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html); the deletion of imported material cannot.
        """
        threat = self._of_key(copy, lost)
        if threat.verdict == "deny":
            return
        perhaps = "" if threat.verdict == "allow" else "perhaps "
        text = f"It is immutable, but hangs on its key {copy.key_arn}: whoever holds the lost account {perhaps}{threat.text}"
        if DELETE_MATERIAL in threat.text:
            yield Fate(UNKNOWN, "radius", f"{text}, and who has a copy of the material is not known.", threat.chain)
        else:
            yield Fate(SURVIVES, "elsewhere", f"{text}, which has to be taken back within seven days.", threat.chain)

    def _of_copy(self, copy: StoreCopy, lost: str, vault: Vault | None, guard: Policy | None) -> Threat:
        if self._held(lost, copy.account) is None:
            return NONE
        inside = self._scopes.inside(copy.account, copy.arn) if copy.kind == "replication" else ()
        return self._of_ways(lost, copy.account, ways(copy, vault, guard, inside))

    def _of_key(self, copy: StoreCopy, lost: str) -> Threat:
        account = copy.key_account
        if copy.key_arn is None or account is None or account == lost or self._keys.managed_by_aws(copy.key_arn):
            return NONE
        possible = key_ways(copy.key_arn, self._keys.imported(copy.key_arn))
        return self._of_ways(lost, account, possible)

    def _held(self, lost: str, account: str) -> Held | None:
        if self._reached is not None and (lost, account) not in self._reached:
            return None
        if lost not in self._of_account:
            if len(self._of_account) >= KEPT:
                self._of_account.clear()
                self._judged.clear()
            self._of_account[lost] = self._radius.of_account(lost)
        return self._of_account[lost].get(account)

    def _of_ways(self, lost: str, account: str, possible: tuple[Way, ...]) -> Threat:
        held = self._held(lost, account)
        if held is None:
            return NONE
        return loosest([self._of_way(lost, account, held, way) for way in possible])

    def _of_way(self, lost: str, account: str, held: Held, way: Way) -> Threat:
        steps = tuple((action, self._scopes.standing_for(account, resource)) for action, resource in way.steps)
        way = replace(way, steps=steps)
        key = (lost, account, way.steps, way.doubt, id(way.guard), way.opens)
        if key not in self._judged:
            self._judged[key] = self._weigh(held, way)
        return self._judged[key]

    def _weigh(self, held: Held, way: Way) -> Threat:
        answers = [self._radius.may(held, action, resource) for action, resource in way.steps]
        verdicts = [held.verdict, *(answer.verdict for answer in answers)]
        doubts = [way.doubt] if way.doubt else []
        if _weakest(verdicts) != "deny" and way.guard is not None:
            verdict, doubt = self._past_guard(held, way)
            verdicts.append(verdict)
            doubts += [doubt] if doubt else []
        if way.doubt:
            verdicts.append("unknown")
        verdict = _weakest(verdicts)
        if verdict == "deny":
            return NONE
        action, resource = way.steps[0]
        text = f"may call {' and '.join(step for step, _ in way.steps)}" + (f" ({'; '.join(doubts)})" if doubts else "")
        # The reasons begin with the way to whoever may do it.
        reasons = (reason for answer in answers for reason in answer.reasons)
        return Threat(verdict, text, tuple(dict.fromkeys((*reasons, f"{action} on {resource}"))))

    def _past_guard(self, held: Held, way: Way) -> tuple[str, str | None]:
        """Whether the policy of the vault or bucket lets them, or they may take it away.

        Whoever holds all of an account gets past what its own policies say, but not past service control policies.
        """
        guard, (action, _) = way.guard, way.steps[0]
        if guard is None:
            return "allow", None
        denied = guard.denies(action.lower())
        if denied is False:
            return "allow", None
        opened = [
            self._radius.may(held, step, resource).verdict
            for step, resource in way.opens
            if held.administers or guard.denies(step.lower()) is not True
        ]
        best = min(opened, key=LOOSEST.index, default="deny")
        if denied:
            return best, "after changing its policy"
        return ("allow", None) if best == "allow" else ("unknown", "the policy of what it lies in decides")

    def _through_policy(self, copy: StoreCopy, lost: str, policy: Policy | None) -> Iterator[Threat]:
        """A bucket may let the account of the original delete in it, or another one that is got hold of."""
        if policy is None or not policy.read:
            yield Threat("unknown", f"may delete in it: its policy was not read (s3.get_bucket_policy of {copy.arn})")
            return
        for action in OPENS_BUCKET:
            denied = policy.denies(action.lower())
            if denied is True:
                continue
            admitted = policy.admits(action.lower(), frozenset([lost]))
            if admitted is not False:
                certain = admitted is True and denied is False
                yield _let_in(copy, action, lost, "allow" if certain else "conditional", ())
            for account in sorted(policy.named(action.lower()) - {lost, copy.account}):
                held = self._held(lost, account)
                if held is not None:
                    yield self._from_elsewhere(copy, action, account, held, policy)

    def _from_elsewhere(self, copy: StoreCopy, action: str, account: str, held: Held, policy: Policy) -> Threat:
        """Somebody of a third account does it: its own side has to allow that as well."""
        resource = f"{copy.arn}/any" if "Object" in action else copy.arn
        may = self._radius.may(held, action, resource)
        certain = policy.admits(action.lower(), frozenset([account])) is True and policy.denies(action.lower()) is False
        verdicts = [held.verdict, may.verdict, "allow" if certain else "conditional"]
        if not held.administers and not policy.names_whole(action.lower(), account):
            verdicts.append("unknown")  # one of its principals is named, and perhaps not the one that is got hold of
        verdict = _weakest(verdicts)
        return NONE if verdict == "deny" else _let_in(copy, action, account, verdict, tuple(may.reasons))


def _let_in(copy: StoreCopy, action: str, account: str, verdict: str, chain: tuple[str, ...]) -> Threat:
    text = f"is let in by the policy of {copy.arn}: {action}"
    return Threat(verdict, text, (*chain, f"the policy of {copy.arn} allows {action} to account {account}"))
