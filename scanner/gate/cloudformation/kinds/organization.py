"""AWS Organizations, RAM and budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from scanner.gate.cloudformation.kinds import Block, Part, attributes_of, declare, dig, listed, plain, without_none
from scanner.gate.cloudformation.leaves import Unknown


@declare("AWS::Organizations::Account", "aws_organizations_account", attributes={"AccountId": "id"})
def account(block: Block) -> Iterator[Part]:
    made = attributes_of(block, {"AccountName": "name"})
    parents = listed(made.pop("parent_ids", None))
    yield "aws_organizations_account", {**made, "parent_id": parents[0]} if parents else made


plain("AWS::Organizations::OrganizationalUnit", "aws_organizations_organizational_unit")
plain("AWS::Organizations::Organization", "aws_organizations_organization")


@declare("AWS::Organizations::Policy", "aws_organizations_policy")
def policy(block: Block) -> Iterator[Part]:
    made = attributes_of(block, documents=("Content",))
    made.pop("target_ids", None)
    yield "aws_organizations_policy", made
    for target in listed(block.get("TargetIds")):
        yield "aws_organizations_policy_attachment", {"policy_id": block.me("id"), "target_id": target}


plain("AWS::Organizations::ResourcePolicy", "aws_organizations_resource_policy", documents=("Content",))


@declare("AWS::RAM::ResourceShare", "aws_ram_resource_share", ref="arn")
def share(block: Block) -> Iterator[Part]:
    """A share. Whoever does not say otherwise lets it leave the organization.

    https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html
    """
    yield "aws_ram_resource_share", {"allow_external_principals": True, **attributes_of(block)}
    for arn in listed(block.get("ResourceArns")):
        yield "aws_ram_resource_association", {"resource_arn": arn, "resource_share_arn": block.me("arn")}
    for one in listed(block.get("Principals")):
        yield "aws_ram_principal_association", {"principal": one, "resource_share_arn": block.me("arn")}


@declare("AWS::Budgets::Budget", "aws_budgets_budget")
def budget(block: Block) -> Iterator[Part]:
    """A budget; one narrowed by an expression counts as narrowed."""
    said = block.get("Budget")
    filters = dig(said, "CostFilters")
    blocks: Any = filters
    if isinstance(filters, Mapping) or filters is None:
        blocks = [{"name": name, "values": listed(values)} for name, values in (filters or {}).items()]
        if dig(said, "FilterExpression") is not None:
            blocks.append({"name": "FilterExpression", "values": ["an expression"]})
    made = {
        "name": dig(said, "BudgetName"),
        "budget_type": dig(said, "BudgetType"),
        "time_unit": dig(said, "TimeUnit"),
        "limit_amount": dig(said, "BudgetLimit", "Amount"),
        "limit_unit": dig(said, "BudgetLimit", "Unit"),
        "time_period_end": _moment(dig(said, "TimePeriod", "End")),
        "cost_filter": blocks,
    }
    yield "aws_budgets_budget", without_none(made)


def _moment(said: Any) -> Any:
    """Seconds since 1970 as `2087-06-15_00:00`."""
    if said is None or isinstance(said, Unknown):
        return said
    if not str(said).isdigit():
        return Unknown("is no time in seconds")
    return datetime.fromtimestamp(int(str(said)), UTC).strftime("%Y-%m-%d_%H:%M")
