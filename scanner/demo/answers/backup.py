"""AWS Backup: what lies in the vaults, their policies, selections of plans, copies, settings.

moto keeps vaults, locks, plans and tags; recovery points come from the store.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Operations.html
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from moto.backup.models import Vault, backup_backends

from scanner.demo.store import CopyJob, RecoveryPoint, Store
from scanner.demo.wire import Call, Refusal

SERVICE = "backup"

SERVICE_ROLE = "aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
LOCKED_FOR = timedelta(days=30)
OPTED_IN = dict.fromkeys(("Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "S3"), True)


def list_recovery_points_by_backup_vault(call: Call, store: Store) -> dict[str, Any]:
    vault = _vault(call)
    wanted = call.params.get("ByResourceArn")
    points = [point for point in _points(call, store) if point.vault == vault.backup_vault_name]
    return {"RecoveryPoints": [_describe(point) for point in points if wanted in (None, point.resource_arn)]}


def describe_recovery_point(call: Call, store: Store) -> dict[str, Any]:
    for point in _points(call, store):
        if point.arn == call.params["RecoveryPointArn"]:
            return _describe(point)
    raise Refusal("ResourceNotFoundException", "Recovery point not found", 400)


def list_recovery_points_by_resource(call: Call, store: Store) -> dict[str, Any]:
    named = [point for point in _points(call, store) if point.resource_arn == call.params["ResourceArn"]]
    return {
        "RecoveryPoints": [
            {
                "RecoveryPointArn": point.arn,
                "CreationDate": point.created,
                "Status": "COMPLETED",
                "EncryptionKeyArn": point.key_arn,
                "BackupSizeBytes": point.size_bytes,
                "BackupVaultName": point.vault,
            }
            for point in named
        ]
    }


def list_protected_resources(call: Call, store: Store) -> dict[str, Any]:
    newest: dict[str, RecoveryPoint] = {}
    for point in sorted(_points(call, store), key=lambda point: point.created):
        newest[point.resource_arn] = point
    return {
        "Results": [
            {
                "ResourceArn": arn,
                "ResourceType": point.resource_type,
                "LastBackupTime": point.created,
                "ResourceName": point.resource_name,
                "LastBackupVaultArn": point.vault_arn,
                "LastRecoveryPointArn": point.arn,
            }
            for arn, point in sorted(newest.items())
        ]
    }


def list_backup_vaults(call: Call, store: Store) -> dict[str, Any]:
    """moto leaves out VaultType and counts no recovery points."""
    vaults = call.ask_moto()["BackupVaultList"]
    return {"BackupVaultList": [_with_counts(vault, call, store) for vault in vaults]}


def describe_backup_vault(call: Call, store: Store) -> dict[str, Any]:
    """moto leaves out VaultType and counts no recovery points."""
    return _with_counts(call.ask_moto(), call, store)


def get_backup_vault_access_policy(call: Call, store: Store) -> dict[str, Any]:
    vault = _vault(call)
    policy = store.vault_policies.get((call.account, call.region, vault.backup_vault_name))
    if policy is None:
        raise Refusal("ResourceNotFoundException", "Access policy not found for backup vault", 400)
    return {
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "Policy": policy,
    }


def put_backup_vault_access_policy(call: Call, store: Store) -> dict[str, Any]:
    vault = _vault(call)
    store.vault_policies[call.account, call.region, vault.backup_vault_name] = call.params["Policy"]
    return {}


def delete_backup_vault_access_policy(call: Call, store: Store) -> dict[str, Any]:
    store.vault_policies.pop((call.account, call.region, _vault(call).backup_vault_name), None)
    return {}


def get_backup_vault_notifications(call: Call, store: Store) -> dict[str, Any]:
    raise Refusal("ResourceNotFoundException", f"No notifications for {_vault(call).backup_vault_name}", 400)


def create_backup_selection(call: Call, store: Store) -> dict[str, Any]:
    plan = call.params["BackupPlanId"]
    selections = store.backup_selections[call.account, call.region, plan]
    identifier = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{plan}/{len(selections)}"))
    selections.append({"SelectionId": identifier, "BackupSelection": call.params["BackupSelection"]})
    return {"SelectionId": identifier, "BackupPlanId": plan}


def list_backup_selections(call: Call, store: Store) -> dict[str, Any]:
    plan = call.params["BackupPlanId"]
    selections = store.backup_selections.get((call.account, call.region, plan), [])
    return {
        "BackupSelectionsList": [
            {
                "SelectionId": selection["SelectionId"],
                "SelectionName": selection["BackupSelection"]["SelectionName"],
                "IamRoleArn": selection["BackupSelection"]["IamRoleArn"],
                "BackupPlanId": plan,
            }
            for selection in selections
        ]
    }


def get_backup_selection(call: Call, store: Store) -> dict[str, Any]:
    plan = call.params["BackupPlanId"]
    for selection in store.backup_selections.get((call.account, call.region, plan), []):
        if selection["SelectionId"] == call.params["SelectionId"]:
            return {**selection, "BackupPlanId": plan}
    raise Refusal("ResourceNotFoundException", "Backup selection not found", 400)


def list_copy_jobs(call: Call, store: Store) -> dict[str, Any]:
    jobs = [job for job in store.copy_jobs if (job.account, job.region) == (call.account, call.region)]
    return {"CopyJobs": [_describe_copy(job) for job in jobs]}


def describe_global_settings(call: Call, store: Store) -> dict[str, Any]:
    return {"GlobalSettings": store.backup_global_settings}


def update_global_settings(call: Call, store: Store) -> dict[str, Any]:
    store.backup_global_settings.update(call.params.get("GlobalSettings", {}))
    return {}


def describe_region_settings(call: Call, store: Store) -> dict[str, Any]:
    return {
        "ResourceTypeOptInPreference": OPTED_IN,
        "ResourceTypeManagementPreference": {"DynamoDB": True, "EFS": True},
    }


def _points(call: Call, store: Store) -> list[RecoveryPoint]:
    return [point for point in store.recovery_points if (point.account, point.region) == (call.account, call.region)]


def _vault(call: Call) -> Vault:
    name = call.params["BackupVaultName"]
    vault = backup_backends[call.account][call.region].vaults.get(name)
    if vault is None:
        # AWS answers AccessDenied, not NotFound, for vaults that do not exist.
        raise Refusal("AccessDeniedException", f"Insufficient privileges to perform this action on {name}.", 403)
    return vault


def _with_counts(vault: dict[str, Any], call: Call, store: Store) -> dict[str, Any]:
    held = [point for point in _points(call, store) if point.vault == vault["BackupVaultName"]]
    counted = {**vault, "VaultType": "BACKUP_VAULT", "NumberOfRecoveryPoints": len(held)}
    if vault.get("LockDate"):
        # AWS grants at least three days in which a lock can be taken back. These locks look older than that.
        counted["LockDate"] = vault["LockDate"] - LOCKED_FOR
    return counted


def _describe(point: RecoveryPoint) -> dict[str, Any]:
    return {
        "RecoveryPointArn": point.arn,
        "BackupVaultName": point.vault,
        "BackupVaultArn": point.vault_arn,
        "SourceBackupVaultArn": point.source_vault_arn,
        "ResourceArn": point.resource_arn,
        "ResourceType": point.resource_type,
        "ResourceName": point.resource_name,
        "IamRoleArn": f"arn:aws:iam::{point.account}:role/{SERVICE_ROLE}",
        "Status": "COMPLETED",
        "CreationDate": point.created,
        "CompletionDate": point.created,
        "BackupSizeInBytes": point.size_bytes,
        "Lifecycle": {"DeleteAfterDays": point.delete_after_days},
        "EncryptionKeyArn": point.key_arn,
        "IsEncrypted": point.key_arn is not None,
        "IsParent": False,
        "VaultType": "BACKUP_VAULT",
    }


def _describe_copy(job: CopyJob) -> dict[str, Any]:
    return {
        "AccountId": job.account,
        "CopyJobId": str(uuid.uuid5(uuid.NAMESPACE_OID, job.destination.arn)),
        "SourceBackupVaultArn": job.source.vault_arn,
        "SourceRecoveryPointArn": job.source.arn,
        "DestinationBackupVaultArn": job.destination.vault_arn,
        "DestinationRecoveryPointArn": job.destination.arn,
        "ResourceArn": job.source.resource_arn,
        "ResourceType": job.source.resource_type,
        "ResourceName": job.source.resource_name,
        "CreationDate": job.destination.created,
        "CompletionDate": job.destination.created,
        "State": "COMPLETED",
        "BackupSizeInBytes": job.destination.size_bytes,
    }
