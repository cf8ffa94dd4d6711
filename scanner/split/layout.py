"""Where every resource goes: its own evidence first, then couplings, then what the account says of itself.

Workload and environment are two questions. A resource that answers one of them itself keeps that answer; the other is guessed.
Environments are guessed among the resources of one workload: what ties two workloads says nothing about environments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush

from scanner.classify import Words, tokens
from scanner.split.facts import Account
from scanner.split.kinds import ACCOUNT_PULL, WEAK
from scanner.split.model import SHARED, UNKNOWN, Basis, Coupling, Placement, Resource
from scanner.split.partition import partition

Label = tuple[str, ...]
Offer = tuple[int, str, str, str, str, Coupling]
"""Strength (the strongest first), where it leads, from where, and what keeps equals in order."""
ACCOUNT = "@account"
"""Stands among the resources for what the account's own name and tags say."""
_PLATFORM = frozenset(("platform", "common", SHARED))


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered: `value` None means nothing leads to an answer, `coupling` None that none decided."""

    value: str | None
    guessed: bool
    because: str
    coupling: Coupling | None = None

    @property
    def confidence(self) -> str:
        if not self.guessed:
            return "high" if self.because.startswith("tag ") else "medium"
        one = self.coupling
        firm = one is not None and one.certain and (one.weight > WEAK or one.kind == "copy")
        return "medium" if firm else "low"


@dataclass
class Layout:
    """The questions about one account; `placements` answers all of them."""

    account: Account
    resources: Mapping[str, Resource]
    couplings: Iterable[Coupling]
    words: Words
    _around: dict[str, list[Coupling]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for one in self.couplings:
            self._around[one.source].append(one)
            self._around[one.target].append(one)

    def placements(self) -> list[Placement]:
        workloads, shared = self._workloads()
        environments = self._environments({arn: one.value for arn, one in workloads.items()})
        return [self._placement(one, workloads, environments, shared) for _, one in sorted(self.resources.items())]

    # ------------------------------------------------------------------ workloads

    def says_shared(self, one: Resource) -> bool:
        """Whether its own tags call it shared, or name a platform where a product is meant.

        Where nothing in the account is for a product, a platform is the workload.
        """
        platform = bool(self._products) and self._names_platform(one.own_workload)
        return one.own_environment == SHARED or platform

    def _names_platform(self, workload: str | None) -> bool:
        words = set(tokens(workload or ""))
        return bool(words and (words <= self._shared_words or words & _PLATFORM))

    @cached_property
    def _shared_words(self) -> frozenset[str]:
        return frozenset(self.words.settings.shared_words) | _PLATFORM

    @cached_property
    def _products(self) -> set[str]:
        named = {one.own_workload for one in self.resources.values()} | {self.account.workload}
        return {name for name in named if name and not self._names_platform(name)}

    def _workloads(self) -> tuple[dict[str, Answer], dict[str, str]]:
        """The answer for every resource, and for those that go with what several workloads use: with which of it."""
        fixed: dict[str, Label] = {arn: (SHARED, group) for arn, group in self._groups.items()}
        for arn, one in self.resources.items():
            if one.own_workload and arn not in fixed:
                fixed[arn] = ("workload", one.own_workload)
        own = {label[1] for label in fixed.values() if label[0] == "workload"}
        pull = self.account.workload
        labels = fixed | self._parts(self.resources, fixed, ("workload", pull) if pull else None)
        because = self._reasons(fixed, labels)
        users = self._users(labels)
        found: dict[str, Answer] = {}
        shared: dict[str, str] = {}
        for arn, one in self.resources.items():
            label = labels.get(arn)
            if label is None:
                found[arn] = self._else(one, pull, own, "workload", "of this account")
            elif label[0] == "workload":
                found[arn] = self._answer(arn, label[1], one.own_workload, one.workload_evidence, because)
            else:
                found[arn] = self._of_group(one, label[1], users[label[1]], because)
                if len(users[label[1]]) > 1:
                    shared[arn] = self._host(arn, because)
        return found, shared

    @cached_property
    def _groups(self) -> dict[str, str]:
        """Resources that call themselves shared and hang together are used together: each with the first of its group."""
        mine = {arn for arn, one in self.resources.items() if self.says_shared(one)}
        group: dict[str, str] = {}
        for start in sorted(mine):
            left = [start] if start not in group else []
            while left:
                arn = left.pop()
                if arn not in group:
                    group[arn] = start
                    left += [far for one in self._around[arn] if (far := one.other(arn)) in mine]
        return group

    def _users(self, labels: Mapping[str, Label]) -> dict[str, list[str]]:
        """By group: the workloads that are coupled with it, and those its own tags name."""
        found: dict[str, set[str]] = {group: set() for group in self._groups.values()}
        for arn, label in labels.items():
            if label[0] == SHARED:
                near = (labels.get(one.other(arn)) for one in self._around.get(arn, ()))
                found[label[1]].update(one[1] for one in near if one and one[0] == "workload")
                own = self.resources[arn].own_workload
                if own and not self._names_platform(own):
                    found[label[1]].add(own)
        return {group: sorted(users) for group, users in found.items()}

    def _of_group(self, one: Resource, group: str, users: list[str], because: Mapping[str, Coupling | None]) -> Answer:
        arn, itself = one.arn, self.says_shared(one)
        told = one.workload_evidence or one.environment_evidence or ""
        coupling = because.get(arn)
        if len(users) > 1:
            value = self._said(self._host(arn, because), "own_workload")
            if itself:
                return Answer(value, False, f"{told}, and {', '.join(users)} use it")
            return Answer(value, True, coupling.evidence if coupling else told, coupling)
        if users:
            (user,) = users
            if user == one.own_workload:
                return Answer(user, False, told)
            said = (
                f"{told} calls it shared, but only {user} uses it" if itself else f"it goes with what only {user} uses"
            )
            return Answer(user, True, said, coupling or self._nearest(arn))
        return Answer(
            None, True, f"{told} calls it shared, but nothing was seen that uses it" if itself else "nothing decides"
        )

    def _host(self, arn: str, because: Mapping[str, Coupling | None]) -> str:
        """The resource that calls itself shared and that couplings lead to from here."""
        while arn not in self._groups and (coupling := because.get(arn)):
            arn = coupling.other(arn)
        return arn

    def _said(self, host: str, question: str) -> str:
        """What a resource that calls itself shared answers, else the first of its group that answers at all."""
        own = getattr(self.resources[host], question)
        return own or self._said_first.get((self._groups.get(host, ""), question), SHARED)

    @cached_property
    def _said_first(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for arn, group in sorted(self._groups.items()):
            for question in ("own_workload", "own_environment"):
                if value := getattr(self.resources[arn], question):
                    found.setdefault((group, question), value)
        return found

    def _nearest(self, arn: str) -> Coupling | None:
        return max(
            self._around.get(arn, ()), key=lambda one: (one.weight, one.source, one.target, one.kind), default=None
        )

    # ------------------------------------------------------------------ environments

    def _environments(self, workloads: Mapping[str, str | None]) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for workload in sorted({value or "" for value in workloads.values()}):
            mine = {arn: self.resources[arn] for arn, value in workloads.items() if (value or "") == workload}
            fixed: dict[str, Label] = {
                arn: (one.own_environment,) for arn, one in mine.items() if one.own_environment not in (None, SHARED)
            }  # fmt: skip
            pull = (self.account.environment,) if self.account.environment else None
            labels = fixed | self._parts(mine, fixed, pull)
            because = self._reasons(fixed, labels)
            own = {label[0] for label in fixed.values()}
            for arn, one in mine.items():
                label = labels.get(arn)
                found[arn] = (
                    self._answer(arn, label[0], one.own_environment, one.environment_evidence, because)
                    if label
                    else self._else(
                        one, self.account.environment, own, "environment", f"of {workload or 'what has no workload'}"
                    )
                )
        return found

    # ------------------------------------------------------------------ both

    def _parts(self, among: Mapping[str, Resource], fixed: Mapping[str, Label], pull: Label | None) -> dict[str, Label]:
        """Labels for what is not fixed. To use what everybody shares says little about whose something is."""
        nodes = set(among) | ({ACCOUNT} if pull else set())
        edges = [
            (one.source, one.target, 1 if self._groups.keys() & {one.source, one.target} else one.weight)
            for one in self.couplings
            if one.source in nodes and one.target in nodes
        ]
        if pull:
            # A network or a role is for what stands in it or uses it, whatever the account is called.
            told = (arn for arn, one in among.items() if not one.untold and one.nature != "ground")
            edges += [(arn, ACCOUNT, ACCOUNT_PULL) for arn in told]
        return partition(nodes, {**fixed, **({ACCOUNT: pull} if pull else {})}, edges)

    def _reasons(self, fixed: Mapping[str, Label], labels: Mapping[str, Label]) -> dict[str, Coupling | None]:
        """For every guess the coupling that led to it, starting from what is known; None where the account alone decided.

        The strongest couplings are followed first, so that no two guesses explain each other.
        """
        found: dict[str, Coupling | None] = {}
        heap: list[Offer] = []
        for arn in fixed:
            self._offer(arn, heap)
        while heap:
            _, arn, start, _, _, coupling = heappop(heap)
            if arn in found or arn in fixed or labels.get(arn) != labels.get(start):
                continue
            found[arn] = coupling
            self._offer(arn, heap)
        return found

    def _offer(self, arn: str, heap: list[Offer]) -> None:
        for one in self._around.get(arn, ()):
            heappush(heap, (-one.weight, one.other(arn), arn, one.kind, one.source, one))

    def _answer(
        self, arn: str, value: str, own: str | None, evidence: str | None, because: Mapping[str, Coupling | None]
    ) -> Answer:
        if own == value:
            return Answer(value, False, evidence or "")
        coupling = because.get(arn)
        return Answer(value, True, coupling.evidence if coupling else f"the account is {self.account.name}", coupling)

    def _else(self, one: Resource, said: str | None, known: set[str], question: str, where: str) -> Answer:
        """The answer for what no coupling leads anywhere: what the account is for, else the only thing there is."""
        if said and not one.untold:
            return Answer(said, True, f"the account is {self.account.name}")
        if len(known) == 1:
            (value,) = known
            return Answer(value, True, f"it is the only {question} {where} that anything names")
        return Answer(None, True, f"no coupling leads to a resource whose {question} is known")

    def _placement(
        self,
        one: Resource,
        workloads: Mapping[str, Answer],
        environments: Mapping[str, Answer],
        shared: Mapping[str, str],
    ) -> Placement:
        workload, environment = workloads[one.arn], environments[one.arn]
        if one.arn in shared:
            value = one.own_environment or self._said(shared[one.arn], "own_environment")
            environment = Answer(value, False, one.environment_evidence or workload.because)
        answers = [workload, environment]
        guesses = [answer for answer in answers if answer.guessed]
        values = [answer.value or UNKNOWN for answer in answers]
        basis: Basis = "undecided" if UNKNOWN in values else "guessed" if guesses else "evidence"
        if one.arn in shared and basis != "undecided":
            basis = "guessed" if workload.guessed else "shared"
        because = "; ".join(dict.fromkeys(answer.because for answer in answers if answer.because))
        because += " (its tags were not read)" if one.untold else ""
        decided = next((answer.coupling for answer in guesses if answer.coupling), None)
        confidence = (
            "none"
            if basis == "undecided"
            else min((a.confidence for a in answers), key=("low", "medium", "high").index)
        )
        return Placement(one, values[0], values[1], basis, because, confidence, decided)
