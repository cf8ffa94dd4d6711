"""AWS Backup plans: their rules, where they copy to, and what they select."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("backup.list_backup_plans", ("backup_plans",)),
    Call("backup.get_backup_plan", ("backup_plans",)),
    Call("backup.list_backup_selections", ("backup_selections",)),
    Call("backup.get_backup_selection", ("backup_selections",)),
)

# Conditions are AND, the older ListOfTags is OR; both are shown as pairs, with the operator between key and value.
OPERATORS = (("StringEquals", "="), ("StringLike", "="), ("StringNotEquals", "!="), ("StringNotLike", "!="))
TAG_KEY = "aws:ResourceTag/"


def fetch(api: Api) -> Iterator[Row]:
    for plan in api.list("backup.list_backup_plans", "BackupPlansList"):
        plan_id = plan["BackupPlanId"]
        answer = known(api.get("backup.get_backup_plan", BackupPlanId=plan_id))
        yield from plan_rows(plan, None if answer is None else answer.get("BackupPlan") or {})
        for selection in api.list("backup.list_backup_selections", "BackupSelectionsList", BackupPlanId=plan_id):
            yield from _selection(api, plan_id, selection)


def _selection(api: Api, plan_id: str, selection: dict[str, Any]) -> Iterator[Row]:
    selection_id = selection["SelectionId"]
    answer = known(api.get("backup.get_backup_selection", BackupPlanId=plan_id, SelectionId=selection_id))
    row = {"plan_id": plan_id, "selection_id": selection_id, "name": selection.get("SelectionName")}
    if answer is None:
        yield "backup_selections", {**row, "resources": None, "not_resources": None, "tag_conditions": None}
    else:
        yield "backup_selections", {**row, **selection_columns(answer.get("BackupSelection") or {})}


def plan_rows(plan: dict[str, Any], content: Mapping[str, Any] | None) -> Iterator[Row]:
    """Yield one row a rule; one row without a rule when the plan could not be read (None)."""
    row = {"arn": plan["BackupPlanArn"], "plan_id": plan["BackupPlanId"], "name": plan.get("BackupPlanName")}
    if content is None:
        yield "backup_plans", {**row, "rule_name": None, "vault_name": None, "schedule": None, "copies_to": None}
        return
    for rule in content.get("Rules") or ():
        copies = [copy["DestinationBackupVaultArn"] for copy in rule.get("CopyActions") or ()]
        columns = {
            "rule_name": rule.get("RuleName"),
            "vault_name": rule.get("TargetBackupVaultName"),
            "schedule": rule.get("ScheduleExpression"),
            "copies_to": copies,
        }
        yield "backup_plans", {**row, **columns}


def selection_columns(selection: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resources": list(selection.get("Resources") or ()),
        "not_resources": list(selection.get("NotResources") or ()),
        "tag_conditions": tag_conditions(selection),
    }


def tag_conditions(selection: Mapping[str, Any]) -> list[str]:
    """Return `key=value` for what selects by tag, `key!=value` for what excludes; values may be patterns."""
    pairs = [f"{tag['ConditionKey']}={tag['ConditionValue']}" for tag in selection.get("ListOfTags") or ()]
    conditions = selection.get("Conditions") or {}
    for name, sign in OPERATORS:
        for item in conditions.get(name) or ():
            pairs.append(f"{item['ConditionKey'].removeprefix(TAG_KEY)}{sign}{item['ConditionValue']}")
    return pairs
