"""What the demo's layer knows beyond moto: plain data, filled by the builder and by the write calls the layer takes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Place = tuple[str, str]
"""(account id, region)"""
UsageMetric = tuple[str, str, tuple[tuple[str, str], ...]]
"""(namespace, name, dimensions in order)"""


@dataclass
class RecoveryPoint:
    """A recovery point in vault `vault` of `account` and `region`; `resource_arn` is the original's."""

    account: str
    region: str
    vault: str
    arn: str
    resource_arn: str
    resource_type: str
    resource_name: str = ""
    key_arn: str | None = None
    source_vault_arn: str | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    delete_after_days: int = 35
    size_bytes: int = 12_884_901_888

    @property
    def vault_arn(self) -> str:
        return f"arn:aws:backup:{self.region}:{self.account}:backup-vault:{self.vault}"


@dataclass
class CopyJob:
    """One copy of a recovery point to another vault, listed in the account that asked for it."""

    account: str
    region: str
    source: RecoveryPoint
    destination: RecoveryPoint


@dataclass
class RoleUse:
    """When a role was made and last used; no API makes either be in the past."""

    created: datetime
    used: datetime


@dataclass
class Charge:
    """What one service cost an account in one Region last month, and the tags it carries."""

    account: str
    service: str
    region: str
    amount: float
    tags: dict[str, str]


@dataclass
class Store:
    """Everything the layer answers from, beside moto's own state."""

    recovery_points: list[RecoveryPoint] = field(default_factory=list)
    copy_jobs: list[CopyJob] = field(default_factory=list)
    vault_policies: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(account, region, vault) -> policy document"""
    backup_selections: dict[tuple[str, str, str], list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """(account, region, plan id) -> selections as CreateBackupSelection received them, with SelectionId"""
    backup_global_settings: dict[str, str] = field(default_factory=lambda: {"isCrossAccountBackupEnabled": "false"})
    quotas: dict[Place, dict[str, list[dict[str, Any]]]] = field(default_factory=lambda: defaultdict(dict))
    """place -> service code -> quotas that differ from `answers.service_quotas.DEFAULTS`"""
    share_tags: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """ARN of a resource share -> its tags, which moto drops"""
    usage: dict[Place, dict[UsageMetric, float]] = field(default_factory=lambda: defaultdict(dict))
    """place -> the metrics that AWS writes there, and their value on every day"""
    iam_counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """account -> entries of IAM's account summary that differ from moto's"""
    charges: list[Charge] = field(default_factory=list)
    snapshot_sources: dict[str, str] = field(default_factory=dict)
    """ARN of a copied RDS snapshot -> ARN of the snapshot it was copied from"""
    enrolment: dict[Place, str] = field(default_factory=dict)
    """place of a delegated administrator of GuardDuty -> how it enrols members: ALL, NEW or NONE"""
    role_uses: dict[str, RoleUse] = field(default_factory=dict)
    """ARN of a role -> its past"""
