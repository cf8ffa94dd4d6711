"""Roles that accounts have by name: who is trusted, what they may do, and in what share of the accounts they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RoleKind:
    """One named role. `partner` says whose account is trusted; `only` and `but` name purposes of accounts."""

    kind: str
    name: str
    trust: str
    managed: tuple[str, ...] = ()
    inline: str | None = None
    partner: str | None = None
    share: float = 1.0
    only: str | None = None
    but: str | None = None
    path: str = "/"


_SSO = "/aws-reserved/sso.amazonaws.com/"
_LINKED = "/aws-service-role/{}.amazonaws.com/"

ROLE_KINDS = (
    RoleKind("organization_access", "OrganizationAccountAccessRole", "trust_account", ("AdministratorAccess",), partner="management", but="management"),
    RoleKind("deployer", "deployer", "trust_deployer", partner="tooling", share=0.95, but="tooling"),
    RoleKind("audit", "security-audit", "trust_auditor", ("SecurityAudit",), partner="audit", but="audit"),
    RoleKind("break_glass", "break-glass", "trust_break_glass", ("AdministratorAccess",), partner="management", but="management"),
    RoleKind("pipeline", "pipeline", "trust_codebuild", ("PowerUserAccess",), "assume_deployer", only="tooling"),
    RoleKind("auditor", "security-auditor", "trust_own_account", ("ReadOnlyAccess",), "assume_audit", only="audit"),
    RoleKind("sso_admin", "AWSReservedSSO_Administrator", "trust_sso", ("AdministratorAccess",), path=_SSO),
    RoleKind("sso_reader", "AWSReservedSSO_ReadOnly", "trust_sso", ("ReadOnlyAccess",), path=_SSO, share=0.25),
    RoleKind("sso_developer", "AWSReservedSSO_Developer", "trust_sso", ("PowerUserAccess",), path=_SSO, share=0.7),
    RoleKind("partner", "partner-access", "trust_account", (), "table_access", "neighbour", 0.5),
    RoleKind("partner_data", "partner-data", "trust_digits", (), "bucket_access", "neighbour", 0.2),
    RoleKind("partner_admin", "partner-admin", "trust_account", ("AdministratorAccess",), None, "neighbour", 0.05),
    RoleKind("integration", "integration", "trust_app", (), "queue_access", "neighbour", 0.5),
    RoleKind("data_hub", "data-hub", "trust_account", (), "bucket_access", "shared", 0.4, but="shared"),
    RoleKind("mesh", "mesh-access", "trust_account", (), "assume_all", "any", 0.03),
    RoleKind("admin_own", "admin", "trust_own_account", ("AdministratorAccess",), share=0.3),
    RoleKind("organization_wide", "organization-reader", "trust_organization", (), "bucket_access", share=0.05),
    RoleKind("everyone", "open", "trust_everyone", (), "table_access", share=0.002),
    RoleKind("vendor", "vendor-monitoring", "trust_vendor", ("SecurityAudit",), share=0.3),
    RoleKind("vendor_openly", "vendor-legacy", "trust_vendor_openly", (), "bucket_access", share=0.03),
    RoleKind("dead", "former", "trust_dead", ("PowerUserAccess",), share=0.03),
    RoleKind("github", "github-deploy", "trust_github", ("PowerUserAccess",), share=0.3),
    RoleKind("github_any", "github-any", "trust_github_any", (), "deploy", share=0.01),
    RoleKind("backup", "backup", "trust_backup", ("AWSBackupServiceRolePolicyForBackup",), share=0.5),
    RoleKind("linked_rds", "AWSServiceRoleForRDS", "trust_rds", ("AmazonRDSServiceRolePolicy",), path=_LINKED.format("rds")),
    RoleKind("linked_ecs", "AWSServiceRoleForECS", "trust_ecs", ("AmazonECSServiceRolePolicy",), path=_LINKED.format("ecs"), share=0.8),
    RoleKind("linked_elb", "AWSServiceRoleForElasticLoadBalancing", "trust_elasticloadbalancing", ("AWSElasticLoadBalancingServiceRolePolicy",), path=_LINKED.format("elasticloadbalancing")),
)  # fmt: skip
