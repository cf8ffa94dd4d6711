"""How a copy can be destroyed by somebody who got hold of something in the account it lies in. Pure.

A way is a list of actions that all have to be allowed. Sources: AWS Backup, "Deleting backups"
(https://docs.aws.amazon.com/aws-backup/latest/devguide/deleting-backups.html); its guide on vault access policies says that these
control AWS Backup's API only and that EBS and RDS snapshots answer to their own services as well
(https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html). The EBS guide says that EC2 refuses to
delete what AWS Backup manages (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-deleting-snapshot.html): where pages disagree,
an unlocked copy is taken to be deletable, and a lock in compliance mode to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.analysis.recovery.model import StoreCopy
from scanner.analysis.recovery.vaults import Policy, Vault


@dataclass(frozen=True, slots=True)
class Way:
    """Actions, each with its resource. `doubt` says what is not known of it; `guard` is the policy that may forbid the first."""

    steps: tuple[tuple[str, str], ...]
    doubt: str | None = None
    guard: Policy | None = None
    opens: tuple[tuple[str, str], ...] = ()
    """Actions that take the guard away, one of them is enough."""


DELETE_MATERIAL = "kms:DeleteImportedKeyMaterial"
NOT_READ = Policy(None, False)


def ways(copy: StoreCopy, vault: Vault | None, policy: Policy | None, inside: Iterable[str] = ()) -> tuple[Way, ...]:
    """Everything that destroys a copy where it lies, its key left aside. `inside` are objects of a bucket that policies speak of."""
    if copy.kind == "recovery_point":
        return (*_through_backup(copy, vault, policy), *_through_its_service(copy))
    if copy.kind == "replication":
        return tuple(_through_s3(copy, policy, inside))
    return tuple(_through_its_service(copy))


def key_ways(key_arn: str, imported: bool) -> tuple[Way, ...]:
    """A disabled key can be enabled again, and deletion takes a week or more; until somebody notices, the copy is worth nothing.

    Imported key material can be deleted at once, and AWS cannot bring it back
    (https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-delete-key-material.html). A key policy can shut out
    everybody (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html). None of these calls works from another
    account (https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html).
    """
    actions = ("kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy")
    return tuple(Way(((action, key_arn),)) for action in ((DELETE_MATERIAL, *actions) if imported else actions))


def _through_backup(copy: StoreCopy, vault: Vault | None, policy: Policy | None) -> Iterator[Way]:
    where = copy.vault_arn or "*"
    lock = vault.lock if vault else None
    unlock = (("backup:DeleteBackupVaultLockConfiguration", where),) if lock == "governance" else ()
    doubt = (
        f"whether vault {where.rsplit(':', 1)[-1]} is locked was not read (backup.list_backup_vaults)"
        if lock is None
        else None
    )
    opens = (("backup:PutBackupVaultAccessPolicy", where), ("backup:DeleteBackupVaultAccessPolicy", where))
    for arn in filter(None, (copy.arn, copy.parent_arn)):  # a composite recovery point takes its children along
        for action in ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"):
            yield Way(((action, arn), *unlock), doubt, policy or NOT_READ, opens)


def _through_its_service(copy: StoreCopy) -> Iterator[Way]:
    arn = copy.arn.partition("#")[0]
    if copy.kind == "table_backup":
        yield Way((("dynamodb:DeleteBackup", f"{arn}/backup/any"),))
        return
    service, resource = arn.split(":")[2:3], arn.split(":", 5)[-1]
    for (kind, start), actions in _DELETED_BY.items():
        if service == [kind] and re.match(start, resource):
            yield Way(tuple((action, _whose(action, arn)) for action in actions))
            return


def _whose(action: str, arn: str) -> str:
    """What an action is on: an image consists of snapshots, which it does not name here."""
    return re.sub(r":image/.*", ":snapshot/any", arn) if action == "ec2:DeleteSnapshot" else arn


_DELETED_BY = {
    ("rds", "snapshot:"): ("rds:DeleteDBSnapshot",),
    ("rds", "cluster-snapshot:"): ("rds:DeleteDBClusterSnapshot",),
    ("rds", "auto-backup:"): ("rds:DeleteDBInstanceAutomatedBackup",),
    ("rds", "cluster-auto-backup:"): ("rds:DeleteDBClusterAutomatedBackup",),
    ("rds", "db:"): ("rds:DeleteDBInstance",),
    ("rds", "cluster:"): ("rds:DeleteDBCluster",),
    ("redshift", "snapshot:"): ("redshift:DeleteClusterSnapshot",),
    ("redshift-serverless", "snapshot/"): ("redshift-serverless:DeleteSnapshot",),
    ("elasticache", "snapshot:"): ("elasticache:DeleteSnapshot",),
    ("elasticache", "serverlesscachesnapshot:"): ("elasticache:DeleteServerlessCacheSnapshot",),
    ("memorydb", "snapshot/"): ("memorydb:DeleteSnapshot",),
    ("fsx", "backup/"): ("fsx:DeleteBackup",),
    ("elasticfilesystem", "file-system/"): ("elasticfilesystem:DeleteFileSystem",),
    ("ec2", "snapshot/"): ("ec2:DeleteSnapshot",),
    ("ec2", "image/"): ("ec2:DeregisterImage", "ec2:DeleteSnapshot"),
    ("dynamodb", "table/[^/]*/backup/"): ("dynamodb:DeleteBackup",),
    ("dynamodb", "table/"): ("dynamodb:DeleteTable",),
}


def _through_s3(copy: StoreCopy, policy: Policy | None, inside: Iterable[str]) -> Iterator[Way]:
    opens = (("s3:PutBucketPolicy", copy.arn), ("s3:DeleteBucketPolicy", copy.arn))
    guard = policy or NOT_READ
    for objects in (f"{copy.arn}/*", *inside):
        yield Way((("s3:DeleteObjectVersion", objects),), None, guard, opens)
    yield Way((("s3:PutLifecycleConfiguration", copy.arn),), None, guard, opens)
