"""`bulkhead.yaml` and its defaults. Every key is validated; a message names file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scanner import yaml_file
from scanner.errors import ConfigError

FILE_NAME = "bulkhead.yaml"
WAIVERS_NAME = "bulkhead-waivers.yaml"
Severity = Literal["critical", "high", "medium", "low"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(_Strict):
    """Limits and thresholds that rules name as `{settings.NAME}`."""

    min_tag_coverage: float = Field(0.8, ge=0, le=1, description="Share of taggable resources with all required tags.")
    max_administrators: int = Field(3, ge=0, description="Administrators an account may have in any case.")
    max_administrator_share: float = Field(0.2, ge=0, le=1, description="Share of its principals that may administer.")
    whole_network_prefix: int = Field(16, ge=0, le=32, description="An IPv4 range this wide is a whole network.")
    organization_limit_share: float = Field(0.8, gt=0, le=1, description="Share of a quota that counts as near.")
    quota_limit_share: float = Field(0.8, gt=0, le=1, description="Share of a quota of an account that counts as near.")
    contended_quota_share: float = Field(
        0.5, gt=0, le=1, description="Share of a quota above which workloads that share it are in each other's way."
    )
    max_peerings: int = Field(5, ge=0, description="VPCs that one VPC may be peered with.")
    flat_network_attachments: int = Field(
        3, ge=2, description="VPCs that one transit gateway route table has to join to make a flat network."
    )
    max_reachable_accounts: int = Field(10, ge=0, description="Accounts that the compromise of another one may reach.")
    max_reachable_production_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of the accounts of production that the compromise of another account may reach.",
    )
    unused_role_days: int = Field(
        90, ge=1, le=400, description="Days without use after which a role is unused; IAM keeps track of 400."
    )
    idle_days: int = Field(90, ge=1, description="Days without use after which an account counts as idle.")
    max_unallocated_spend_share: float = Field(
        0.2, ge=0, le=1, description="Share of what an account costs that may belong to nobody."
    )
    recovery_point_objective_hours: int = Field(48, ge=1, description="Oldest acceptable newest copy elsewhere.")


class ClassifiedAs(_Strict):
    """What the configuration says of one account; beats every other evidence."""

    environment: str | None = None
    workload: str | None = None
    owner: str | None = None
    business_unit: str | None = None


class Classification(_Strict):
    """How environment, workload and owner are recognised. Tag keys are compared without case, `-`, `_`, `:` and spaces."""

    environments: dict[str, list[str]] = Field(
        default_factory=lambda: {
            "staging": (
                "staging stage stg preprod preproduction pre-prod pre-production preprd pre-prd prelive pre-live"
                " uat acceptance acc int integration"
            ).split(),
            "test": (
                "test testing tst qa sit ci nonprod non-prod non-production nonproduction nonprd non-prd nonlive non-live"
            ).split(),
            "development": "development dev develop".split(),
            "sandbox": "sandbox sbx playground lab experiments".split(),
            "production": "production prod prd live".split(),
        },
        description="Words of each environment. Of several in one text the longest counts, then the last.",
    )
    shared_words: list[str] = Field(
        default_factory=lambda: [
            "shared",
            "management",
            "root",
            "security",
            "audit",
            "log",
            "logs",
            "logging",
            "archive",
            "network",
            "networking",
            "transit",
            "infrastructure",
            "infra",
            "backup",
            "backups",
            "identity",
            "tooling",
            "tools",
            "dns",
            "hub",
        ],
        description="Words of accounts that serve all environments; weaker than the words of an environment.",
    )
    environment_tags: list[str] = Field(default_factory=lambda: ["environment", "env", "stage"])
    workload_tags: list[str] = Field(
        default_factory=lambda: ["product", "workload", "application", "app", "service", "system", "project"]
    )
    owner_tags: list[str] = Field(default_factory=lambda: ["owner", "owner-email", "team", "contact"])
    cost_tags: list[str] = Field(default_factory=lambda: ["cost-centre", "cost-center"])
    business_unit_tags: list[str] = Field(
        default_factory=lambda: ["business-unit", "bu", "division", "line-of-business", "cost-centre", "cost-center"],
        description="Keys of tags that name a business unit; the first one that is there decides.",
    )
    team_words: list[str] = Field(
        default_factory=lambda: ["team", "squad", "tribe", "department", "dept", "crew", "chapter", "guild"],
        description="Words that name people, not products.",
    )
    tool_stacks: list[str] = Field(
        default_factory=lambda: [
            "CDKToolkit*",
            "StackSet-*",
            "aws-sam-cli-managed-*",
            "aws-cloud9-*",
            "AWS-QuickSetup-*",
            "awseb-*",
            "SC-*-pp-*",
        ],
        description="Names of CloudFormation stacks that tools make, which say nothing of products; `*` stands for anything.",
    )
    accounts: dict[str, ClassifiedAs] = Field(default_factory=dict, description="By account id or name.")

    def tag_keys(self) -> dict[str, list[str]]:
        """Return the tag keys of each kind of tag that can be required."""
        return {
            "owner": self.owner_tags,
            "workload": self.workload_tags,
            "cost": self.cost_tags,
            "environment": self.environment_tags,
        }


class Gate(_Strict):
    """What `bulkhead gate` cannot see in a plan."""

    accounts: dict[str, str] = Field(
        default_factory=dict,
        description="Account, or account/Region, that a provider configuration leads to, by its name.",
    )


class Config(_Strict):
    """Everything `bulkhead.yaml` may say. The command line beats it."""

    profile: str | None = None
    role_names: list[str] = Field(default_factory=list)
    external_id: str | None = None
    accounts: list[str] = Field(default_factory=list)
    exclude_accounts: list[str] = Field(default_factory=list)
    units: list[str] = Field(default_factory=list)
    regions: list[str] = Field(default_factory=list)
    source: Literal["aws", "config-aggregator"] = Field(
        "aws", description="Where resources are read: AWS itself, or first what an aggregator of AWS Config holds."
    )
    aggregator: str | None = Field(
        None, description="ARN of the aggregator to read; without it, the organization's is looked for."
    )
    max_api_share: float = Field(0.25, gt=0, le=1)
    select: list[str] = Field(default_factory=list)
    ignore: list[str] = Field(default_factory=list)
    severity: dict[str, Severity] = Field(default_factory=dict)
    rules: list[Path] = Field(default_factory=list)
    rule_settings: dict[str, dict[str, bool | int | float | str]] = Field(
        default_factory=dict, description="Other values for settings that a rule brings along, by rule id."
    )
    fail_on: Literal["critical", "high", "medium", "low", "never"] = "high"
    min_coverage: float = Field(0.95, ge=0, le=1)
    formats: list[str] = Field(default_factory=lambda: ["html", "markdown", "json"])
    templates: list[Path] = Field(
        default_factory=list, description="Own templates of reports (Jinja); `x.html.j2` writes OUT/x.html."
    )
    out: Path = Path("out")
    waivers: Path | None = Field(None, description="Accepted risks; bulkhead-waivers.yaml beside this file by default.")
    baseline: Path | None = Field(None, description="Failures that were known at adoption; they do not fail a run.")
    history: Path | None = Field(
        None, description="Where scores of every scan are kept; OUT/bulkhead.history by default."
    )
    required_account_tags: list[str] = Field(
        default_factory=lambda: ["owner", "workload", "cost", "environment"],
        description="Which of owner, workload, cost and environment every account is tagged with.",
    )
    quota_services: list[str] = Field(
        default_factory=lambda: (
            "vpc ec2 rds dynamodb lambda elasticloadbalancing cloudformation ecs fargate kms".split()
        ),
        description="Services whose quotas are read, as Service Quotas names them; IAM's are read in any case.",
    )
    required_resource_tags: list[str] = Field(default_factory=lambda: ["owner", "workload", "environment"])
    expected_environments: list[str] = Field(
        default_factory=lambda: ["staging|test|development"],
        description="Environments that every workload in production has as well; `|` stands between alternatives.",
    )
    break_glass: list[str] = Field(
        default_factory=lambda: [
            "OrganizationAccountAccessRole",
            "AWSControlTowerExecution",
            "AWSReservedSSO_AdministratorAccess_*",
            "break-glass*",
        ],
        description="Names of principals that may administer; `*` stands for anything.",
    )
    gate: Gate = Field(default_factory=lambda: Gate())
    settings: Settings = Field(default_factory=lambda: Settings())
    classification: Classification = Field(default_factory=lambda: Classification())


def find(start: Path, name: str = FILE_NAME) -> Path | None:
    """Return the nearest `bulkhead.yaml` in `start` or a folder above it."""
    return next((path for folder in (start, *start.parents) if (path := folder / name).is_file()), None)


def find_waivers(config_file: Path | None, start: Path) -> Path | None:
    """Return the `bulkhead-waivers.yaml` beside the configuration; without one, the nearest in `start` or above it."""
    if config_file is None:
        return find(start, WAIVERS_NAME)
    beside = config_file.parent / WAIVERS_NAME
    return beside if beside.is_file() else None


def load(path: Path | None) -> Config:
    """Read the configuration; defaults without a file. Raises ConfigError naming file and line."""
    if path is None:
        return Config()
    config, _ = yaml_file.read(path, Config, ConfigError, "the configuration")
    folder = path.parent
    files = {name: folder / value for name in ("waivers", "baseline", "history") if (value := getattr(config, name))}
    lists = {name: [folder / path for path in getattr(config, name)] for name in ("rules", "templates")}
    return config.model_copy(update={**lists, **files})
