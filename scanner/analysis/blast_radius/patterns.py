"""Which resources a policy names for an action: each pattern stands for what it matches. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.analysis.policies import Statement, glob
from scanner.analysis.trust.conditions import resolve
from scanner.analysis.trust.organization import Held
from scanner.analysis.trust.request import Request

OF_OTHERS = {
    "ssm": ("ssm", "ec2"),
    "ec2-instance-connect": ("ec2",),
    "backup": ("*",),
}
"""Services whose calls are about resources of other services, too: instances, and recovery points, whose ARNs are those of what was
copied (https://docs.aws.amazon.com/service-authorization/latest/reference/)."""


def named(held: Held, request: Request) -> Iterator[str]:
    """Yield what a policy cut down to one action allows it on, and what its denies of everything else spare."""
    if held.document is None:
        yield "*"
        return
    for statement in held.document.statements:
        for pattern in _patterns(statement):
            value = resolve(pattern, request.fact, held.document.variables)
            if value is not None:
                shown = value if isinstance(value, str) else "*"
                if _meant(shown, request.action):
                    yield shown


def _patterns(statement: Statement) -> tuple[str, ...]:
    if statement.effect == "Allow":
        return ("any",) if statement.resources_negated else statement.resources
    return statement.resources if statement.resources_negated else ()


def _meant(pattern: str, action: str) -> bool:
    """Whether a pattern can be a resource of the service that an action (lower case) belongs to."""
    parts = pattern.split(":")
    if len(parts) < 3 or "*" in parts[1]:
        return True
    service = action.partition(":")[0]
    others = OF_OTHERS.get(service, (service,))
    return "*" in others or any(glob(parts[2], one) for one in others)
