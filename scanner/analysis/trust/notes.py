"""What is worth saying beside a verdict: malformed statements, dead principals, risks of federation and of services."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.analysis.policies import Statement
from scanner.analysis.trust.inventory import Holder
from scanner.analysis.trust.layers import trust_fault
from scanner.analysis.trust.request import Caller

GITHUB = "token.actions.githubusercontent.com"
DEPUTY_KEYS = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
ANY_REPOSITORY = ("*", "repo:*", "repo:*/*", "repo:*:*", "repo:*/*:*")


def of_role(arn: str, holder: Holder | None) -> list[str]:
    """What a role's trust policy has that grants nothing."""
    if holder is None or holder.trust is None:
        return []
    if not holder.trust.readable:
        return [f"the trust policy of {arn} is malformed and grants nothing"]
    found = []
    for statement in holder.trust.statements:
        where = f"{statement.label} of the trust policy of {arn}"
        fault = trust_fault(statement)
        if fault:
            found.append(f"{where} is malformed and grants nothing: {fault}")
            continue
        for principal in statement.principals:
            if principal.kind == "deleted":
                found.append(f"{where} names {principal.value}, a principal that was deleted: the trust is dead")
            elif principal.kind == "invalid":
                found.append(f"{where} names {principal.value}, which matches nobody")
    return found


def of_answer(caller: Caller, holder: Holder | None, admitting: Sequence[Statement]) -> list[str]:
    """Notes on one answer; `admitting` are the statements of the trust policy that let the caller in."""
    found = of_role(caller.arn if holder is None else holder.arn, holder)
    if caller.kind == "service" and holder is not None and not holder.service_linked:
        found += [
            f"{caller.arn} can be made to assume it for anybody (confused deputy): {_open(one)}"
            for one in admitting
            if _lax(one)
        ]
    if caller.kind == "provider":
        found += [
            f"{one.label} admits any repository on GitHub: it does not limit {GITHUB}:sub"
            for one in admitting
            if _any_repository(caller, one)
        ]
    return found


def _open(statement: Statement) -> str:
    return (
        f"{statement.label} limits neither aws:SourceArn nor aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths"
    )


def _lax(statement: Statement) -> bool:
    return not any(condition.key in DEPUTY_KEYS for condition in statement.conditions)


def _any_repository(caller: Caller, statement: Statement) -> bool:
    if not caller.arn.endswith(f":oidc-provider/{GITHUB}"):
        return False
    subjects = [condition for condition in statement.conditions if condition.key == f"{GITHUB}:sub"]
    return all(set(condition.values) & set(ANY_REPOSITORY) for condition in subjects)
