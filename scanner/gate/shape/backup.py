"""AWS Backup: vaults, locks, policies, plans, selections, settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from scanner.gate.shape import patch, shapes
from scanner.gate.shape.resource_policies import attached
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values, rows_of
from scanner.policy import Row

VAULTS = "backup.list_backup_vaults"
PLANS = "backup.get_backup_plan"
SELECTIONS = "backup.get_backup_selection"
OPERATORS = (("string_equals", "="), ("string_like", "="), ("string_not_equals", "!="), ("string_not_like", "!="))
TAG_KEY = "aws:ResourceTag/"


@shapes("aws_backup_vault", call=VAULTS)
def vault(v: Values) -> Iterator[Row]:
    fresh: dict[str, Any] = {"recovery_points": 0, "locked": False, "lock_date": None, "policy_read": True}
    row = {
        "arn": v.arn,
        "name": v.text("name"),
        "type": "BACKUP_VAULT",
        "kms_key_arn": v.key("kms_key_arn"),
    }
    yield "backup_vaults", {**row, **(fresh if v.is_new else {})}
    yield from tags(v)


@shapes("aws_backup_logically_air_gapped_vault", call=VAULTS)
def air_gapped_vault(v: Values) -> Iterator[Row]:
    fresh: dict[str, Any] = {"recovery_points": 0, "locked": True, "policy_read": True}
    kept = {"min_retention_days": v.get("min_retention_days"), "max_retention_days": v.get("max_retention_days")}
    row = {"arn": v.arn, "name": v.text("name"), "type": "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "kms_key_arn": None}
    yield "backup_vaults", {**row, **kept, **(fresh if v.is_new else {})}
    yield from tags(v)


@shapes("aws_backup_vault_lock_configuration", call=VAULTS)
def lock(v: Values) -> Iterator[Row]:
    """Locks a vault. With `changeable_for_days` in compliance mode, for good once that time has passed; else in governance mode."""
    name = v.ref("backup_vault_name")
    if name is None:
        return
    row: dict[str, Any] = {"arn": v.arn_of("backup", f"backup-vault:{name}")}
    if v.gone:
        cleared = dict.fromkeys(("lock_date", "min_retention_days", "max_retention_days"))
        yield patch("backup_vaults", {**row, "locked": False, **cleared})
        return
    grace = v.get("changeable_for_days")
    yield patch(
        "backup_vaults",
        {
            **row,
            "locked": True,
            "lock_date": None if grace is None else timedelta(days=int(grace)),
            "min_retention_days": v.get("min_retention_days"),
            "max_retention_days": v.get("max_retention_days"),
        },
    )


@shapes("aws_backup_vault_policy", call="backup.get_backup_vault_access_policy")
def vault_policy(v: Values) -> Iterator[Row]:
    name = v.ref("backup_vault_name")
    yield from attached(v, "backup_vaults", name and v.arn_of("backup", f"backup-vault:{name}"))


@shapes("aws_backup_plan", call=PLANS)
def plan(v: Values) -> Iterator[Row]:
    for rule in rows_of(v.blocks("rule")):
        actions = rule.blocks("copy_action")
        copies = [one.ref("destination_vault_arn") for one in actions or ()]
        yield (
            "backup_plans",
            {
                "arn": v.arn,
                "plan_id": v.id,
                "name": v.text("name"),
                "rule_name": rule.text("rule_name"),
                "vault_name": rule.ref("target_vault_name"),
                "schedule": rule.text("schedule"),
                "copies_to": None if actions is None or None in copies else copies,
            },
        )
    yield from tags(v)


@shapes("aws_backup_selection", call=SELECTIONS)
def selection(v: Values) -> Iterator[Row]:
    # What a pair of which a part is not known selects is not known: the selections as a whole are not then.
    pairs = [
        f"{one.text('key', whole=True)}={one.text('value', whole=True)}" for one in rows_of(v.blocks("selection_tag"))
    ]
    for block in rows_of(v.blocks("condition")):
        for name, sign in OPERATORS:
            for one in rows_of(block.blocks(name)):
                key = str(one.text("key", whole=True)).removeprefix(TAG_KEY)
                pairs.append(f"{key}{sign}{one.text('value', whole=True)}")
    yield (
        "backup_selections",
        {
            "plan_id": v.ref("plan_id"),
            "selection_id": v.id,
            "name": v.text("name"),
            "resources": v.refs("resources"),
            "not_resources": v.refs("not_resources"),
            "tag_conditions": pairs,
        },
    )


@shapes("aws_backup_global_settings", call="backup.describe_global_settings")
def settings(v: Values) -> Iterator[Row]:
    for name, value in sorted((v.get("global_settings", whole=True) or {}).items()):
        yield "backup_settings", {"name": name, "value": str(value), "region": "global"}
