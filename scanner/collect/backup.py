"""AWS Backup vaults: locks, access policies, and the recovery points in them; and copy jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call, Unread, moment
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("backup.list_backup_vaults", ("backup_vaults",)),
    Call("backup.get_backup_vault_access_policy", ("backup_vaults", "policy_documents", "policy_statements")),
    Call("backup.list_recovery_points_by_backup_vault", ("recovery_points",)),
    Call("backup.list_copy_jobs", ("backup_copy_jobs",)),
)

AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


def fetch(api: Api) -> Iterator[Row]:
    for vault in _vaults(api).values():
        yield from _vault(api, vault)
    for job in api.list("backup.list_copy_jobs", "CopyJobs"):
        yield "backup_copy_jobs", copy_job_row(job)


def _vaults(api: Api) -> dict[str, dict[str, Any]]:
    """Return the vaults by ARN.

    Air-gapped ones are asked for by type too: AWS does not document that a plain listing has them.
    """
    found: dict[str, dict[str, Any]] = {}
    searches: tuple[dict[str, Any], ...] = ({}, {"ByVaultType": AIR_GAPPED})
    for params in searches:
        for vault in api.list("backup.list_backup_vaults", "BackupVaultList", **params):
            found.setdefault(vault["BackupVaultArn"], {"VaultType": params.get("ByVaultType"), **vault})
    return found


def _vault(api: Api, vault: dict[str, Any]) -> Iterator[Row]:
    arn, name = vault["BackupVaultArn"], vault["BackupVaultName"]
    none = ("ResourceNotFoundException",)
    answer = api.get("backup.get_backup_vault_access_policy", absent=none, BackupVaultName=name)
    yield "backup_vaults", {**vault_row(vault), "policy_read": not isinstance(answer, Unread)}
    document = (known(answer) or {}).get("Policy")
    if document:
        yield from policy.rows(arn, "resource", "", document)
    listing = api.list("backup.list_recovery_points_by_backup_vault", "RecoveryPoints", BackupVaultName=name)
    for point in listing:
        yield "recovery_points", recovery_point_row(point, arn)


def vault_row(vault: dict[str, Any]) -> dict[str, Any]:
    return {
        "arn": vault["BackupVaultArn"],
        "name": vault["BackupVaultName"],
        "type": vault.get("VaultType") or "BACKUP_VAULT",
        "kms_key_arn": key_arn(vault),
        "recovery_points": vault.get("NumberOfRecoveryPoints"),
        "locked": vault.get("Locked"),
        "lock_date": moment(vault.get("LockDate")),
        "min_retention_days": vault.get("MinRetentionDays"),
        "max_retention_days": vault.get("MaxRetentionDays"),
    }


def key_arn(encrypted: dict[str, Any]) -> str | None:
    """The key; None for one that belongs to AWS and to no account, as air-gapped vaults have unless told otherwise.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupVaultListMember.html
    """
    owned = encrypted.get("EncryptionKeyType") == "AWS_OWNED_KMS_KEY"
    return None if owned else encrypted.get("EncryptionKeyArn")


def recovery_point_row(point: dict[str, Any], vault_arn: str) -> dict[str, Any]:
    return {
        "arn": point["RecoveryPointArn"],
        "vault_arn": point.get("BackupVaultArn") or vault_arn,
        "source_arn": point.get("ResourceArn"),
        "resource_type": point.get("ResourceType"),
        "status": point.get("Status"),
        "created_at": moment(point.get("CreationDate")),
        "completed_at": moment(point.get("CompletionDate")),
        "kms_key_arn": key_arn(point),
        "encrypted": point.get("IsEncrypted"),
        "source_vault_arn": point.get("SourceBackupVaultArn") or None,
        "parent_arn": point.get("ParentRecoveryPointArn") or None,
        "delete_at": moment((point.get("CalculatedLifecycle") or {}).get("DeleteAt")),
    }


def copy_job_row(job: dict[str, Any]) -> dict[str, Any]:
    return {
        "job_id": job["CopyJobId"],
        "source_arn": job.get("ResourceArn"),
        "source_vault_arn": job.get("SourceBackupVaultArn"),
        "destination_vault_arn": job.get("DestinationBackupVaultArn"),
        "state": job.get("State"),
        "created_at": moment(job.get("CreationDate")),
    }
