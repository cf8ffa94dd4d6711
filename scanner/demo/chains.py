"""Roles that lead from one account to the next, and privilege paths, with a harmless counterpart for each."""

from __future__ import annotations

from scanner.demo.estate import Account, allow, document
from scanner.demo.roles import make_role, trust_aws, trust_service

ASSIGNS = ["sso:CreatePermissionSet", "sso:AttachManagedPolicyToPermissionSet", "sso:CreateAccountAssignment"]


def build(management: Account, tooling: Account, catalog: Account, test: Account) -> None:
    """Planted: a way from tooling into the management account, one from test through tooling into production."""
    assign = document({"Effect": "Allow", "Action": ASSIGNS, "Resource": "*"})
    make_role(management, "access-desk", trust_aws(tooling.role_arn("deployer")), inline={"assign-access": assign})
    costs = allow("ce:GetCostAndUsage", "*")
    make_role(management, "cost-reader", trust_aws(test.role_arn("test-runner")), inline={"read-costs": costs})

    onward = allow("sts:AssumeRole", catalog.role_arn("preview-data"))
    make_role(tooling, "preview-relay", trust_aws(test.role_arn("test-runner")), inline={"enter-catalog": onward})
    previews = allow("s3:GetObject", "arn:aws:s3:::harbour-catalog-previews/*")
    make_role(catalog, "preview-data", trust_aws(tooling.role_arn("preview-relay")), inline={"read-previews": previews})

    make_role(test, "fixture-function", trust_service("lambda"))
    passes = document(
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": test.role_arn("fixture-function")},
        {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"},
    )
    make_role(test, "fixture-builder", trust_service("codebuild"), inline={"pass-weaker-role": passes})
