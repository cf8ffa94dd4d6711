"""Environment, workload and owner of accounts and resources, each with source, evidence and confidence.

Evidence in order: the configuration, a tag, the name, the organizational unit, the CloudFormation stack, and, for
resources, what their account is. Evidence that disagrees lowers confidence and is kept. Team words are recognised so that
teams do not pass for workloads. What was not read is NULL; what was read and says nothing is `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from scanner.config import Classification

UNKNOWN = "unknown"
STACK_TAG = "aws:cloudformation:stack-name"
# What CloudFormation names itself is the stack, the logical id and a random part:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
MADE_NAME = r"^(.+)-[A-Za-z0-9]+-[A-Za-z0-9]{12,13}$"
CONFIDENCES = ("low", "medium", "high")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SPLIT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One conclusion: `value` (None: not read), where it came from, and what speaks against it."""

    value: str | None
    source: str | None = None
    evidence: str | None = None
    confidence: str | None = None
    against: str | None = None


@dataclass(frozen=True)
class Words:
    """The vocabulary of one configuration, compiled."""

    settings: Classification

    @cached_property
    def _environments(self) -> dict[tuple[str, ...], str]:
        return {
            tokens(word): environment
            for environment, words in self.settings.environments.items()
            for word in [environment, *words]
        }

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._environments), default=1)

    @cached_property
    def _shared(self) -> frozenset[str]:
        return frozenset(self.settings.shared_words)

    @cached_property
    def _teams(self) -> frozenset[str]:
        return frozenset(self.settings.team_words)

    def environment(self, text: str, *, edges_only: bool = False) -> str | None:
        """Return the environment a text names, None when it names none.

        Longer words win (`pre-prod` is staging, not production), then the last (`integration-prod` is production). With `edges_only`,
        only the first and the last word count and `live` does not: names of resources say much that is no environment.
        """
        words = tokens(text)
        found = dict(self._found(words))
        if edges_only:
            found = {span: env for span, env in found.items() if span[0] == 0 or span[1] == len(words)}
            found = {span: env for span, env in found.items() if words[span[0] : span[1]] != ("live",)}
        if not found:
            return None
        return found[max(found, key=lambda span: (span[1] - span[0], span[1]))]

    def _found(self, words: tuple[str, ...]) -> Iterator[tuple[tuple[int, int], str]]:
        bare = tuple(word.rstrip("0123456789") or word for word in words)  # `uat2` is one of several `uat`
        for length in range(self._longest, 0, -1):
            for start in range(len(words) - length + 1):
                environment = self._environments.get(bare[start : start + length])
                if environment:
                    yield (start, start + length), environment

    def shared(self, text: str) -> bool:
        """Whether a text names an account that serves all environments."""
        return bool(self._shared & set(tokens(text)))

    def team(self, text: str) -> bool:
        """Whether a text names people: a team, squad or department."""
        return bool(self._teams & set(tokens(text)))

    def workload(self, text: str) -> str | None:
        """Return the product a text names: what is left without environments; None for a team or nothing."""
        words = tokens(text)
        spans = sorted(span for span, _ in self._found(words))
        left = [word for place, word in enumerate(words) if not any(start <= place < end for start, end in spans)]
        name = "-".join(left)
        return None if not name or self.team(name) else name

    def stack_workload(self, stack: str, account: str | None = None) -> str | None:
        """Return the product a stack is for; None for one that a tool lays into every account. `account` is that of its account.

        What a product is made of, such as `shop-api` and `shop-data` in an account of `shop`, are no products of their own.
        """
        if any(fnmatchcase(stack.lower(), pattern.lower()) for pattern in self.settings.tool_stacks):
            return None
        found = self.workload(stack)
        return account if found and account and found.startswith(f"{account}-") else found


def tokens(text: str) -> tuple[str, ...]:
    """`CheckoutProd-2` -> `("checkout", "prod", "2")`."""
    return tuple(word for word in _SPLIT.split(_CAMEL.sub("-", text).lower()) if word)


def tag_key(key: str) -> str:
    """A tag key as it is compared: without case, `-`, `_`, `:`, `.` and spaces."""
    return re.sub(r"[-_:. ]", "", key).lower()


def tag_kinds(classification: Classification) -> dict[str, str]:
    """What kind of tag a key is, by key as it is compared."""
    return {tag_key(key): kind for kind, keys in classification.tag_keys().items() for key in keys}


class Classifier:
    """Judges accounts and resources by one configuration."""

    def __init__(self, settings: Classification):
        self.settings = settings
        self.words = Words(settings)

    def account(
        self,
        account_id: str,
        name: str | None,
        tags: Mapping[str, str],
        units: Iterable[str],
        *,
        read: bool = True,
        is_management: bool = False,
    ) -> dict[str, Judgement]:
        """Judge one account. `units` are the names above it, nearest first; `read` FALSE: its name or tags were not read."""
        configured = self.settings.accounts.get(account_id) or self.settings.accounts.get(name or "")
        above = [unit for unit in units if unit.lower() != "root"]
        nothing = Judgement(UNKNOWN if read else None)
        return {
            "environment": _conclude(self._environments(configured, name, tags, above, is_management), nothing),
            "workload": _conclude(self._workloads(configured, name, tags), nothing),
            "owner": _conclude(self._owners(configured, tags), nothing),
        }

    def resource(
        self,
        name: str | None,
        tags: Mapping[str, str],
        account: Mapping[str, Any],
        stack_tags: Mapping[str, str] | None = None,
    ) -> dict[str, list[Judgement]]:
        """Gather all evidence about one resource, the strongest first; `account` is the row of `account_facts` above it.

        `stack_tags` are those of the stack that made it (`stack_of` names it); None where that is not known.
        The conclusions are those of `resource_facts`, which are drawn in SQL for all resources at once.
        """
        stack = _stack_tag(tags)
        environments = [*self._tagged_environment(tags)]
        workloads = [*self._tagged_workload(tags)]
        if stack:
            told = f"{STACK_TAG}={stack}"
            environments += _said(self.words.environment(stack), "stack", told)
            workloads += _said(self.words.stack_workload(stack, account.get("workload")), "stack", told)
        if name:
            environments += _said(self.words.environment(name, edges_only=True), "name", name)
        if stack_tags is not None:
            made = stack_of(name, tags)
            environments += _made(self._tagged_environment(stack_tags), made)
            workloads += _made(self._tagged_workload(stack_tags), made)
            if made and not stack:
                told = f"name of the stack={made}"
                environments += _said(self.words.environment(made), "stack", told)
                workloads += _said(self.words.stack_workload(made, account.get("workload")), "stack", told)
        found = {"environment": environments, "workload": workloads, "owner": list(self._owners(None, tags))}
        for question, judgements in found.items():
            value = account.get(question)
            if value and value != UNKNOWN:
                parts = (account.get(f"{question}_evidence"), account.get(f"{question}_confidence"))
                judgements.append(Judgement(value, "inherited", *parts))
        return found

    def _environments(
        self, configured: Any, name: str | None, tags: Mapping[str, str], above: list[str], is_management: bool
    ) -> Iterator[Judgement]:
        if configured and configured.environment:
            yield Judgement(configured.environment, "config", "bulkhead.yaml", "high")
        yield from self._tagged_environment(tags)
        if name and (value := self.words.environment(name)):
            yield Judgement(value, "name", name, "medium")
        for unit in above:
            if value := self.words.environment(unit):
                yield Judgement(value, "unit", unit, "medium")
                break
        if is_management:
            yield Judgement("shared", "name", "management account", "high")
        if name and self.words.shared(name):
            yield Judgement("shared", "name", name, "low")
        for unit in above:
            if self.words.shared(unit):
                yield Judgement("shared", "unit", unit, "low")
                break

    def _tagged_environment(self, tags: Mapping[str, str]) -> Iterator[Judgement]:
        for key, text in self._tagged(tags, self.settings.environment_tags):
            value = self.words.environment(text) or ("shared" if self.words.shared(text) else None)
            if value:
                yield Judgement(value, "tag", f"{key}={text}", "high")

    def _tagged_workload(self, tags: Mapping[str, str]) -> Iterator[Judgement]:
        for key, text in self._tagged(tags, self.settings.workload_tags):
            if value := self.words.workload(text):
                yield Judgement(value, "tag", f"{key}={text}", "high")

    def _workloads(self, configured: Any, name: str | None, tags: Mapping[str, str]) -> Iterator[Judgement]:
        if configured and configured.workload:
            yield Judgement(configured.workload, "config", "bulkhead.yaml", "high")
        for key, text in self._tagged(tags, self.settings.workload_tags):
            if value := self.words.workload(text):
                yield Judgement(value, "tag", f"{key}={text}", "high")
                return  # a tag beats the name without being contradicted by its wording
        if name and (value := self.words.workload(name)):
            yield Judgement(value, "name", name, "medium")

    def _owners(self, configured: Any, tags: Mapping[str, str]) -> Iterator[Judgement]:
        if configured and configured.owner:
            yield Judgement(configured.owner, "config", "bulkhead.yaml", "high")
        for key, text in self._tagged(tags, self.settings.owner_tags):
            if text.strip():
                yield Judgement(text.strip(), "tag", f"{key}={text}", "high")
                return

    def _tagged(self, tags: Mapping[str, str], keys: Iterable[str]) -> Iterator[tuple[str, str]]:
        for wanted in map(tag_key, keys):
            for key, value in tags.items():
                if tag_key(key) == wanted:
                    yield key, value

    def names_team(self, name: str | None, tags: Mapping[str, str]) -> str | None:
        """Return the name or tag that names a team where a product is meant, None without one."""
        for key, text in self._tagged(tags, self.settings.workload_tags):
            if self.words.team(text):
                return f"{key}={text}"
        return name if name and self.words.team(name) else None


def _made(found: Iterable[Judgement], stack: str | None) -> list[Judgement]:
    """What the tags of a stack say of what it made."""
    return [
        replace(one, source="stack", evidence=f"stack {stack} with {one.evidence}", confidence="medium")
        for one in found
    ]


def _stack_tag(tags: Mapping[str, str]) -> str | None:
    return next((value for key, value in tags.items() if tag_key(key) == tag_key(STACK_TAG)), None)


def stack_of(name: str | None, tags: Mapping[str, str]) -> str | None:
    """Return the name of the stack that made a resource: its tag, else what CloudFormation put first in its name."""
    found = re.match(MADE_NAME, name or "")
    return _stack_tag(tags) or (found.group(1) if found else None)


def _said(value: str | None, source: str, text: str) -> list[Judgement]:
    return [Judgement(value, source, text, "medium")] if value else []


def against(evidence: Iterable[Judgement], value: str | None) -> str | None:
    """Say what speaks against a value; None when nothing does."""
    others = [f"{other.source} {other.evidence} says {other.value}" for other in evidence if other.value != value]
    return "; ".join(dict.fromkeys(others)) or None


def _conclude(evidence: Iterable[Judgement], nothing: Judgement) -> Judgement:
    """The first piece of evidence decides; any that says otherwise lowers the confidence and is kept."""
    found = list(evidence)
    if not found:
        return nothing
    first = found[0]
    if not any(other.value != first.value and other.confidence != "low" for other in found[1:]):
        return first
    lower = CONFIDENCES[max(0, CONFIDENCES.index(first.confidence or "low") - 1)]
    return replace(first, confidence=lower, against=against(found, first.value))
